"""Which files a source means: a file, a folder, a glob or standard input."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from funnelcheck.errors import InputError
from funnelcheck.lake import is_lake

_ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".log", ".parquet", ".xlsx")
_PACKED = (".gz", ".zst")


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
        return _unpacked(self.name).endswith(endings)

    @property
    def size(self) -> int:
        """Bytes on disk; 0 where that cannot be told."""
        try:
            return self.path.stat().st_size if self.path else 0
        except OSError:
            return 0

    @property
    def location(self) -> str | None:
        """Where it lies, as an absolute path; None for standard input."""
        return _printable(self.path.absolute()) if self.path else None


def expand(patterns: Sequence[str], *, also: tuple[str, ...] = ()) -> tuple[list[Source], list[str]]:
    """The files that files, folders, globs and `-` mean, sorted and each once, and what was passed over.

    `also`: endings that a folder is searched for besides those of logs.

    InputError for a path that is not there and for a pattern that matches nothing.
    """
    found: dict[str, Source] = {}
    passed: list[str] = []
    for pattern in patterns:
        try:
            for source in _expand_one(pattern, passed, (*_ENDINGS, *also)):
                found.setdefault(str(source.path.resolve()) if source.path else "-", source)
        except OSError as error:
            raise InputError(f"{pattern}: cannot be read ({error.strerror})") from error
    return sorted(found.values(), key=lambda source: source.name), passed


def _expand_one(pattern: str, passed: list[str], wanted: tuple[str, ...]) -> list[Source]:
    path = Path(pattern)
    if pattern == "-":
        return [Source(None, "standard input")]
    if path.is_dir():
        found = _below(path, passed, wanted)
        if not found:
            endings = ", ".join(wanted)
            raise InputError(f"{pattern}: the folder holds no file that ends in {endings} (plain, .gz or .zst)")
        return found
    if path.exists():
        return [_source(path)]
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]
    found = [
        source
        for match in matches
        if match.is_dir() or match.is_file()
        for source in (_below(match, passed, wanted) if match.is_dir() else [_source(match)])
    ]
    if not found:
        raise InputError(f"{pattern}: there is no such file or folder")
    return found


def _below(folder: Path, passed: list[str], wanted: tuple[str, ...]) -> list[Source]:
    if is_lake(folder):
        raise InputError(f"{folder}: is a lake of funnelcheck export; give it as --store, it needs no loading")
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not _is_hidden(file, folder)]
    passed.extend(_printable(file) for file in files if not _is_wanted(file, wanted))
    return [_source(file) for file in files if _is_wanted(file, wanted)]


def _is_hidden(file: Path, below: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(below).parts)


def _is_wanted(file: Path, endings: tuple[str, ...]) -> bool:
    return _unpacked(file.name).endswith(endings)


def _unpacked(name: str) -> str:
    """A name in lower case without the ending of a packed file."""
    name = name.lower()
    return next((name.removesuffix(ending) for ending in _PACKED if name.endswith(ending)), name)


def _source(path: Path) -> Source:
    parts = (_printable(part).partition("=") for part in path.absolute().parts[:-1])
    return Source(path, _printable(path), tuple((key, value) for key, sign, value in parts if sign and value))


def _printable(path: Path | str) -> str:
    """A name whose bytes are no UTF-8, as text."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")
