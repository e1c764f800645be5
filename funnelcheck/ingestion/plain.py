"""A source as something that DuckDB can read: UTF-8 text with plain line ends, or a Parquet or Excel file."""

from __future__ import annotations

import codecs
import errno
import glob
import gzip
import hashlib
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from funnelcheck.errors import InputError
from funnelcheck.ingestion.files import Source

CHUNK = 1 << 20
_LONGEST = 100 << 20  # bytes of one line
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # no room for what is written
_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
Container = Literal["text", "parquet", "xlsx"]
Tick = Callable[[int], None]  # hears how many bytes more were read


@dataclass(frozen=True, slots=True)
class Plain:
    """A source made readable: where it lies, what its bytes were, how it begins."""

    path: Path
    sha256: str
    container: Container
    head: str = ""  # of a text: its first chunk that is not blank
    longest_line: int = CHUNK  # of a text: an upper bound, in bytes
    encoding: str = "utf-8"
    stamp: tuple[int, int] | None = None  # size and time of change of the source, where it is read as it lies

    @property
    def pattern(self) -> str:
        """The path as DuckDB wants it: a star in it means a star."""
        return glob.escape(str(self.path))

    def first_row(self) -> str:
        """The beginning of a table: at least its first line, however long that is."""
        if "\n" in self.head.lstrip("\n"):
            return self.head
        with self.path.open(encoding="utf-8") as file:
            return next((line for line in file if line.strip()), "")

    @property
    def is_blank(self) -> bool:
        """True for a text without a word."""
        return self.container == "text" and not self.head.strip()


def plain(source: Source, workspace: Path, tick: Tick = lambda size: None, *, copy: bool = False) -> Plain:
    """Read a source once: hash its bytes and, where it is not readable as it lies, write a copy that is.

    `copy` writes one in any case: a file that grows while it is read is then read as it was at one instant.
    InputError for a file that cannot be opened, and for one that is damaged or cut short.
    """
    reader = _Reader(source, workspace, tick)
    try:
        return reader.read(copy=copy)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{source.name}: the {reader.packing} is damaged or cut short; nothing of it was loaded"
        ) from error
    except OSError as error:
        if error.errno in FULL:  # not the file's fault
            raise
        raise InputError(f"{source.name}: the file cannot be read ({error.strerror or error})") from error


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of a binary stream, a piece at a time."""
    while chunk := file.read(CHUNK):
        yield chunk


class _Reader:
    """Reads one source into the workspace."""

    def __init__(self, source: Source, workspace: Path, tick: Tick) -> None:
        self.source = source
        self.workspace = workspace
        self.tick = tick
        self.packing = "file"
        self.damage: tuple[type[Exception], ...] = ()  # what the library of the packing raises on damage

    def read(self, *, copy: bool) -> Plain:
        if self.source.path is None:
            return self._of(self._unpack(sys.stdin.buffer), None)
        with self.source.path.open("rb") as file:
            start = file.read(4) if file.seekable() else b""
            packed = start.startswith((_GZIP, _ZSTANDARD))
            if copy or packed or not file.seekable() or not str(self.source.path).isprintable():
                if file.seekable():
                    file.seek(0)
                return self._of(self._unpack(file), None)
            status = self.source.path.stat()
        return self._of((self.source.path, None), (status.st_size, status.st_mtime_ns))

    def _of(self, unpacked: tuple[Path, str | None], stamp: tuple[int, int] | None) -> Plain:
        path, sha256 = unpacked
        container = _container(self.source, path)
        if container != "text":
            return Plain(path, sha256 or self._hash(path), container, stamp=stamp)
        looked = _Looked(path, self.tick if sha256 is None else lambda size: None)
        sha256 = sha256 or looked.sha256
        if looked.lengths.longest > _LONGEST:
            raise InputError(
                f"{self.source.name}: has a line of more than {_LONGEST >> 20} MB; no log and no table has such lines"
            )
        if looked.is_plain:
            return Plain(path, sha256, "text", looked.head, looked.lengths.longest, stamp=stamp)
        return self._decoded(path, sha256)

    def _unpack(self, file: IO[bytes]) -> tuple[Path, str]:
        """A copy without packing, and the digest of the bytes as they came."""
        hashed = _Hashed(file, self.tick)
        content = self._unpacking(hashed)
        is_packed = self.packing != "file"
        target = self.workspace / "unpacked"
        try:
            with target.open("wb") as out:
                for chunk in chunks(content):
                    if not out.tell() and is_packed and chunk.startswith((_GZIP, _ZSTANDARD)):
                        raise InputError(f"{self.source.name}: a packed file inside a {self.packing}; unpack it once")
                    out.write(chunk)
        except self.damage as error:
            raise EOFError(str(error)) from error
        return target, hashed.rest()

    def _unpacking(self, hashed: _Hashed) -> IO[bytes]:
        start = hashed.peek()
        if start.startswith(_GZIP):
            self.packing = "gzip"
            unpacked: IO[bytes] = gzip.GzipFile(fileobj=hashed)  # type: ignore[call-overload]
        elif start.startswith(_ZSTANDARD):
            zstd = _zstandard()
            self.packing = "zstd file"
            self.damage = (zstd.ZstdError,)
            unpacked = zstd.ZstdFile(hashed)
        else:
            return hashed  # type: ignore[return-value]
        return unpacked

    def _hash(self, path: Path) -> str:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for chunk in chunks(file):
                digest.update(chunk)
                self.tick(len(chunk))
        return digest.hexdigest()

    def _decoded(self, path: Path, sha256: str) -> Plain:
        encoding = _encoding(path)
        target, head, lengths = self.workspace / "plain", "", _Lengths()
        with path.open("rb") as content, target.open("wb") as out:
            for text in _texts(content, encoding):
                head = head or _unless_blank(text)
                encoded = text.encode("utf-8")
                lengths.add(encoded)
                out.write(encoded)
        return Plain(target, sha256, "text", head, lengths.longest, encoding)


def _zstandard() -> Any:
    """Python's own module from 3.14 on, before it the same as a package."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _container(source: Source, path: Path) -> Container:
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{source.name}: an Excel file of the old kind (.xls); save it as .xlsx or CSV")
    return "text"


class _Looked:
    """One look at a whole file: its digest, and whether it is UTF-8 with plain line ends, without NUL and \\x01."""

    def __init__(self, path: Path, tick: Tick) -> None:
        digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
        self.head, self.lengths, self.is_plain = "", _Lengths(), True
        with path.open("rb") as file:
            for chunk in chunks(file):
                digest.update(chunk)
                tick(len(chunk))
                self.is_plain = self.is_plain and self._look(chunk, decoder)
        self.is_plain = self.is_plain and not decoder.getstate()[0]
        self.sha256 = digest.hexdigest()

    def _look(self, chunk: bytes, decoder: codecs.IncrementalDecoder) -> bool:
        if any(mark in chunk for mark in (b"\r", b"\0", b"\x01")):
            return False
        if not self.head and chunk.startswith(tuple(bom for bom, _ in _BOMS)):
            return False
        self.lengths.add(chunk)
        if chunk.isascii() and not decoder.getstate()[0]:
            self.head = self.head or _unless_blank(chunk.decode("ascii"))
            return True
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
        self.head = self.head or _unless_blank(text)
        return True


def _unless_blank(text: str) -> str:
    return text if text.strip() else ""


def _texts(content: IO[bytes], encoding: str) -> Iterator[str]:
    """Decoded chunks with line ends made plain; bytes that are no text stand out as \\xNN, as do NUL and \\x01."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="backslashreplace")
    held = ""
    for chunk in chunks(content):
        text = held + decoder.decode(chunk)
        held = "\r" if text.endswith("\r") else ""
        yield _plain_ends(text.removesuffix("\r"))
    yield _plain_ends(held + decoder.decode(b"", final=True))


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\\x00").replace("\x01", "\\x01")


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        first = file.read(4096)
        for bom, encoding in _BOMS:
            if first.startswith(bom):
                return encoding
        if first.count(b"\0") * 3 > len(first):  # UTF-16 without a mark: every other byte of ASCII is NUL
            return "utf-16-le" if first[1:2] == b"\0" else "utf-16-be"
        if first.lstrip()[:1] in (b"{", b"["):  # JSON is UTF-8; a byte that is not costs its own record
            return "utf-8"
        file.seek(0)
        return "cp1252" if _is_of_single_bytes(file) else "utf-8"


def _is_of_single_bytes(file: IO[bytes]) -> bool:
    """True when the bytes beyond ASCII are more often no UTF-8 than they are: a table that Windows wrote."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    broken = whole = 0
    for chunk in chunks(file):
        text = decoder.decode(chunk)
        if text.isascii():
            continue
        odd = sum("\udc80" <= mark <= "\udcff" for mark in text)
        broken += odd
        whole += sum(mark > "\x7f" for mark in text) - odd
    return broken > whole


class _Hashed:
    """A binary stream that hashes what is read through it."""

    def __init__(self, file: IO[bytes], tick: Tick) -> None:
        self._file = file
        self._tick = tick
        self._digest = hashlib.sha256()
        self._held = b""

    def peek(self) -> bytes:
        self._held = self._next(CHUNK)
        return self._held

    def read(self, size: int = -1) -> bytes:
        if self._held:
            held, self._held = (self._held, b"") if size < 0 else (self._held[:size], self._held[size:])
            return held
        return self._next(size)

    def rest(self) -> str:
        """Read to the end and give the digest of all bytes, in hex."""
        while self.read(CHUNK):
            pass
        return self._digest.hexdigest()

    def _next(self, size: int) -> bytes:
        chunk = self._file.read(size)
        self._digest.update(chunk)
        self._tick(len(chunk))
        return chunk


class _Lengths:
    """The length of the longest line so far, at most one chunk too large."""

    def __init__(self) -> None:
        self.longest = CHUNK
        self._open = 0

    def add(self, chunk: bytes) -> None:
        first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
        self.longest = max(self.longest, self._open + (first if first >= 0 else len(chunk)))
        self._open = len(chunk) - last - 1 if last >= 0 else self._open + len(chunk)
