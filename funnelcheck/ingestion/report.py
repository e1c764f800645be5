"""What one load did: every row read is loaded, a duplicate or quarantined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from funnelcheck.reported import SourceFile


@dataclass(slots=True)
class IngestReport:
    """What one load did: rows read = loaded + duplicates + quarantined, over `files`."""

    files: list[SourceFile] = field(default_factory=list)
    known: list[SourceFile] = field(default_factory=list)  # same content as before: skipped
    problems: list[str] = field(default_factory=list)  # files that could not be read, a line each
    hints: list[str] = field(default_factory=list)
    healed: int = 0  # rows quarantined before that a newer version of their file brought whole

    @property
    def rows(self) -> int:
        """Rows read."""
        return sum(file.rows for file in self.files)

    @property
    def loaded(self) -> int:
        """Rows that are new in the store."""
        return sum(file.loaded for file in self.files)

    @property
    def duplicates(self) -> int:
        """Rows that another file had already brought."""
        return sum(file.duplicates for file in self.files)

    @property
    def quarantined(self) -> int:
        """Rows that could not be read."""
        return sum(file.quarantined for file in self.files)

    @property
    def passed_over(self) -> int:
        """Rows that a [source.NAME] leaves out; they are not among the rows read."""
        return sum(file.passed_over for file in self.files)

    @property
    def has_records(self) -> bool:
        """Whether a log or a history was among the files, new or known."""
        return any(file.kind in ("events", "history") for file in (*self.files, *self.known))
