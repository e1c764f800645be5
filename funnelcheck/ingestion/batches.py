"""Files of one layout as one text: what a statement costs however small its input is paid once for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from funnelcheck.config import SourceConfig
from funnelcheck.ingestion import records
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.glance import Glance
from funnelcheck.ingestion.plain import Plain, chunks

SMALL = 1 << 26  # bytes up to which files are put together
_SMALL_DOCUMENT = 1 << 18  # bytes of a JSON document up to which Python takes it apart
_MOST_BYTES = 160 << 20  # some row groups for each core, in temporary tables that fit into memory
_MOST_FILES = 2_000


@dataclass(frozen=True, slots=True)
class Layout:
    """What files must have in common to be read by the same statements."""

    kind: str  # events, history, leads, counts or calls
    form: str  # json, json table, delimited, parquet or xlsx
    delimiter: str = ""
    header: tuple[str, ...] = ()
    settings: SourceConfig | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a batch; its lines begin at `first`, counted from 0, in the text of the batch."""

    source: Source
    plain: Plain
    reading: str  # digest of the settings that say how it is read; empty: the usual ones
    first: int = 0
    rows: int = 1  # lines of it in the text of the batch
    glance: Glance | None = None  # of a file, from before it was read
    offered: str = ""  # digest of what was known of how it is to be read before anybody had looked into it

    def key(self, kind: str) -> tuple[str, str, str | None]:
        """What says that a file is known: its content, what it was read as, and the owner that its folder names."""
        return (self.plain.sha256, kind, self.source.owner())


@dataclass
class Batch:
    """Files that are read by the same statements and kept in the same transaction."""

    layout: Layout
    path: Path  # of the text of small files
    parts: list[Part] = field(default_factory=list)
    longest_line: int = 0
    _lines: int = 0
    _bytes: int = 0

    @property
    def is_alone(self) -> bool:
        """True for one file that is read as it lies."""
        return len(self.parts) == 1 and self.path == self.parts[0].plain.path

    @property
    def is_full(self) -> bool:
        """True when no more files should be added."""
        return self._bytes > _MOST_BYTES or len(self.parts) >= _MOST_FILES

    def add(self, part: Part) -> bool:
        """Append a text; False when it must be read alone: a JSON document that is large, or no single value."""
        if part.plain.is_blank:
            lines = self._append([])  # the text is there, whatever is in it
        elif not self.layout.form.startswith("json") or records.is_lines(part.source, part.plain):
            with part.plain.path.open("rb") as file:
                lines = self._append(chunks(file))
        elif part.plain.path.stat().st_size <= _SMALL_DOCUMENT:
            values = records.in_lines(part.plain.path.read_text(encoding="utf-8"))
            if values is None:
                return False
            lines = self._append(["".join(f"{value}\n" for value in values).encode("utf-8")])
        else:
            return False
        self.parts.append(replace(part, first=self._lines, rows=lines))
        self.longest_line = max(self.longest_line, part.plain.longest_line)
        self._lines += lines
        return True

    def take_back(self) -> None:
        """Without the part that was added last; its lines stay in the text, and belong to none."""
        del self.parts[-1]

    def _append(self, pieces: Iterable[bytes]) -> int:
        """Lines that were added to the text."""
        lines, last = 0, b""
        with self.path.open("ab") as out:
            for piece in pieces:
                out.write(piece)
                lines += piece.count(b"\n")
                self._bytes += len(piece)
                last = piece[-1:]
            if last not in (b"", b"\n"):
                out.write(b"\n")
                lines += 1
        return lines
