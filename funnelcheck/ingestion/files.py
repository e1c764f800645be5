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
_GZIP = b"\x1f\x8b"
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
        try:
            for source in _expand_one(pattern, passed):
                found.setdefault(str(source.path.resolve()) if source.path else "-", source)
        except OSError as error:
            raise InputError(f"{pattern}: cannot be read ({error.strerror})") from error
    return sorted(found.values(), key=lambda source: source.name), passed


def _expand_one(pattern: str, passed: list[str]) -> list[Source]:
    path = Path(pattern)
    if pattern == "-":
        return [Source(None, "standard input")]
    if path.is_dir():
        found = _below(path, passed)
        if not found:
            raise InputError(f"{pattern}: the folder holds no file that ends in {', '.join(_ENDINGS)} (or .gz)")
        return found
    if path.exists():
        return [_source(path)]
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]
    found = [
        source
        for match in matches
        if match.exists()
        for source in (_below(match, passed) if match.is_dir() else [_source(match)])
    ]
    if not found:
        raise InputError(f"{pattern}: there is no such file or folder")
    return found


def _below(folder: Path, passed: list[str]) -> list[Source]:
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not _is_hidden(file, folder)]
    passed.extend(_printable(file) for file in files if not _is_wanted(file))
    return [_source(file) for file in files if _is_wanted(file)]


def _is_hidden(file: Path, below: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(below).parts)


def _is_wanted(file: Path) -> bool:
    return file.name.lower().removesuffix(".gz").endswith(_ENDINGS)


def _source(path: Path) -> Source:
    parts = (_printable(part).partition("=") for part in path.parts[:-1])
    return Source(path, _printable(path), tuple((key, value) for key, sign, value in parts if sign and value))


def _printable(path: Path | str) -> str:
    """A name whose bytes are no UTF-8, as text."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


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
        if start.startswith((_GZIP, *(bom for bom, _ in _BOMS))) or b"\0" in start:
            return _copied(source, file, workspace)
        return _as_it_is(source.path, file) or _copied(source, _rewound(file), workspace)


def _rewound(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _as_it_is(path: Path, file: BinaryIO) -> Plain | None:
    """The file itself when it is valid UTF-8 with plain line ends, without NUL and \\x01; else None."""
    digest, decoder, head, lengths = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), "", _Lengths()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        if any(mark in chunk for mark in (b"\r", b"\0", b"\x01")):
            return None
        lengths.add(chunk)
        if chunk.isascii() and not decoder.getstate()[0]:
            head = head or _unless_blank(chunk.decode("ascii"))
            continue
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            return None
        head = head or _unless_blank(text)
    return Plain(path, digest.hexdigest(), head, lengths.longest) if not decoder.getstate()[0] else None


def _unless_blank(text: str) -> str:
    return text if text.strip() else ""


def _copied(source: Source, file: BinaryIO, workspace: Path) -> Plain:
    hashed = _Hashed(file)
    start = hashed.peek()
    content: BinaryIO = hashed  # type: ignore[assignment]
    if start.startswith(_GZIP):
        unpacked = gzip.GzipFile(fileobj=hashed)  # type: ignore[call-overload]
        if unpacked.peek(2).startswith(_GZIP):
            raise InputError(f"{source.name}: a gzip inside a gzip; unpack it once")
        content = unpacked
    target = workspace / "plain"
    head, lengths = "", _Lengths()
    with target.open("wb") as out:
        for text in _texts(content):
            head = head or _unless_blank(text)
            encoded = text.encode("utf-8")
            lengths.add(encoded)
            out.write(encoded)
    return Plain(target, hashed.rest(), head, lengths.longest)


def _texts(content: BinaryIO) -> Iterator[str]:
    """Decoded chunks with line ends made plain; bytes that are no text stand out as \\xNN, as do NUL and \\x01."""
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
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\\x00").replace("\x01", "\\x01")


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
