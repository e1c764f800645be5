"""A SQL file of ours: an optional TOML header in its first comment, then statements."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from funnelcheck.errors import RuleError

_OPEN, _CLOSE = "/*---", "---*/"


@dataclass(frozen=True, slots=True)
class SqlFile:
    """Header (empty when there is none) and SQL of one file; `name` is the file's stem."""

    path: Path
    header: dict[str, Any]
    sql: str

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


def read(path: Path, *, before: str | None = None) -> SqlFile:
    """Read one file; RuleError names the file when it cannot be read, or its header is not TOML or never closes.

    `before`: a line of the header from which on it is not read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if not text.startswith(_OPEN):
        return SqlFile(path, {}, text.strip())
    head, closed, sql = text.removeprefix(_OPEN).partition(_CLOSE)
    if not closed:
        raise RuleError(f"{path}: the header opens with {_OPEN} and never closes with {_CLOSE}")
    if before is not None:
        head = head.partition(f"\n{before}\n")[0]
    try:
        header = tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path}: the header is not TOML: {error}") from error
    return SqlFile(path, header, sql.strip())


def read_folder(folder: Path) -> Iterator[SqlFile]:
    """Every .sql file below `folder`, in the order of its path."""
    for path in sorted(folder.rglob("*.sql")):
        yield read(path)
