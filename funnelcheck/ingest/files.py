"""Which files a source means, and each of them as plain UTF-8 text that DuckDB can read."""

from __future__ import annotations

import codecs
import glob
import gzip
import hashlib
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from funnelcheck.errors import InputError

CHUNK = 1 << 20
_ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".log")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read; `path` is None for standard input."""

    path: Path | None
    name: str  # as people call it, in reports and messages
    folders: tuple[tuple[str, str], ...] = ()  # hive-style folders above it: advertiser_id=acme

    def owner(self) -> str | None:
        """The advertiser that a hive-style folder names."""
        return dict(self.folders).get("advertiser_id")

    def is_named(self, *endings: str) -> bool:
        """True when the name ends so, packed or not."""
        return self.name.lower().removesuffix(".gz").endswith(endings)


@dataclass(frozen=True, slots=True)
class Plain:
    """A source as UTF-8 text with \\n line ends: where it lies, what its bytes were, how it begins."""

    path: Path
    sha256: str
    head: str
    longest_line: int  # an upper bound, in bytes

    @property
    def pattern(self) -> str:
        """The path as DuckDB wants it: a star in it means a star."""
        return glob.escape(str(self.path))


def expand(patterns: Sequence[str]) -> tuple[list[Source], list[str]]:
    """The files that files, folders, globs and `-` mean, sorted and each once, and what was passed over.

    InputError for a path that is not there and for a pattern that matches nothing.
    """
    found: dict[str, Source] = {}
    passed: list[str] = []
    for pattern in patterns:
        for source in _expand_one(pattern, passed):
            found.setdefault(str(source.path.resolve()) if source.path else "-", source)
    return sorted(found.values(), key=lambda source: source.name), passed


def _expand_one(pattern: str, passed: list[str]) -> Iterator[Source]:
    path = Path(pattern)
    if pattern == "-":
        yield Source(None, "standard input")
    elif path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if file.is_file()]
        wanted = [file for file in files if _is_wanted(file, path)]
        passed.extend(str(file) for file in files if file not in set(wanted) and not _is_hidden(file, path))
        if not wanted:
            raise InputError(f"{pattern}: the folder holds no file that ends in {', '.join(_ENDINGS)} (or .gz)")
        yield from (_source(file) for file in wanted)
    elif path.exists():
        yield _source(path)
    else:
        matches = sorted(glob.glob(pattern, recursive=True))
        if not matches:
            raise InputError(f"{pattern}: there is no such file or folder")
        for match in matches:
            yield from _expand_one(match, passed) if Path(match).exists() else ()


def _is_hidden(file: Path, below: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(below).parts)


def _is_wanted(file: Path, below: Path) -> bool:
    name = file.name.lower().removesuffix(".gz")
    return name.endswith(_ENDINGS) and not _is_hidden(file, below)


def _source(path: Path) -> Source:
    folders = tuple(
        (key, value) for key, sign, value in (part.partition("=") for part in path.parts[:-1]) if sign and value
    )
    return Source(path, str(path), folders)


def plain(source: Source, workspace: Path) -> Plain:
    """Read a source once: hash its bytes and, where they are not plain text already, write a copy that is.

    InputError for a file that cannot be opened and for a damaged gzip.
    """
    try:
        return _plain(source, workspace)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{source.name}: the gzip is damaged or cut short; nothing of it was loaded") from error
    except OSError as error:
        raise InputError(f"{source.name}: the file cannot be read ({error.strerror or error})") from error


def _plain(source: Source, workspace: Path) -> Plain:
    if source.path is None:
        return _copied(source, sys.stdin.buffer, workspace)
    with source.path.open("rb") as file:
        if not file.seekable() or not str(source.path).isprintable():
            return _copied(source, file, workspace)
        start = file.read(4)
        file.seek(0)
        if start.startswith((b"\x1f\x8b", *(bom for bom, _ in _BOMS))) or b"\0" in start:
            return _copied(source, file, workspace)
        return _as_it_is(source.path, file) or _copied(source, _rewound(file), workspace)


def _rewound(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _as_it_is(path: Path, file: BinaryIO) -> Plain | None:
    """The file itself when it is valid UTF-8 with plain line ends and without NUL; else None."""
    digest, decoder, head, lengths = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), "", _Lengths()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        if b"\r" in chunk or b"\0" in chunk:
            return None
        lengths.add(chunk)
        if chunk.isascii() and not decoder.getstate()[0]:
            head = head or chunk.decode("ascii")
            continue
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            return None
        head = head or text
    return Plain(path, digest.hexdigest(), head, lengths.longest) if not decoder.getstate()[0] else None


def _copied(source: Source, file: BinaryIO, workspace: Path) -> Plain:
    hashed = _Hashed(file)
    start = hashed.peek()
    content: BinaryIO = gzip.GzipFile(fileobj=hashed) if start.startswith(b"\x1f\x8b") else hashed  # type: ignore[arg-type,assignment]
    target = workspace / "plain"
    head, lengths = "", _Lengths()
    with target.open("wb") as out:
        for text in _texts(content):
            head = head or text
            encoded = text.encode("utf-8")
            lengths.add(encoded)
            out.write(encoded)
    return Plain(target, hashed.rest(), head, lengths.longest)


def _texts(content: BinaryIO) -> Iterator[str]:
    """Decoded chunks with line ends made plain; bytes that are no text stand out as \\xNN, NUL as \\x00."""
    first = content.read(CHUNK)
    encoding = _encoding(first)
    decoder = codecs.getincrementaldecoder(encoding)(errors="backslashreplace")
    held = ""
    chunk = first
    while chunk:
        text = held + decoder.decode(chunk)
        held = "\r" if text.endswith("\r") else ""
        yield _plain_ends(text.removesuffix("\r"))
        chunk = content.read(CHUNK)
    yield _plain_ends(held + decoder.decode(b"", final=True))


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\\x00")


def _encoding(first: bytes) -> str:
    for bom, encoding in _BOMS:
        if first.startswith(bom):
            return encoding
    sample = first[:4096]
    if sample.count(b"\0") * 3 > len(sample):  # UTF-16 without a mark: every other byte of ASCII is NUL
        return "utf-16-le" if sample[1:2] == b"\0" else "utf-16-be"
    return "utf-8"


class _Hashed:
    """A binary stream that hashes what is read through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._held = b""

    def peek(self) -> bytes:
        self._held = self._file.read(CHUNK)
        self._digest.update(self._held)
        return self._held

    def read(self, size: int = -1) -> bytes:
        if self._held:
            held, self._held = (self._held, b"") if size < 0 else (self._held[:size], self._held[size:])
            return held
        chunk = self._file.read(size)
        self._digest.update(chunk)
        return chunk

    def rest(self) -> str:
        """Read to the end and give the digest of all bytes, in hex."""
        while self.read(CHUNK):
            pass
        return self._digest.hexdigest()


class _Lengths:
    """The length of the longest line so far, at most one chunk too large."""

    def __init__(self) -> None:
        self.longest = CHUNK
        self._open = 0

    def add(self, chunk: bytes) -> None:
        first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
        self.longest = max(self.longest, self._open + (first if first >= 0 else len(chunk)))
        self._open = len(chunk) - last - 1 if last >= 0 else self._open + len(chunk)
