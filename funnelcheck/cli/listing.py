"""Rows of the quarantine, and rows at fault, as lines to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from funnelcheck.language import _
from funnelcheck.numbers import count, cut, instant, of, visible

if TYPE_CHECKING:
    from funnelcheck.extracts import Extract
    from funnelcheck.ingestion.quarantine import QuarantinedRow

_WIDEST = 160


def quarantine_lines(rows: Sequence[QuarantinedRow], texts: Mapping[tuple[int, int], str], limit: int) -> list[str]:
    """How many there are of each file, then one line a row, and what to do."""
    if not rows:
        return ["No row is in quarantine."]
    files = Counter(row.file for row in rows)
    lines = [f"{count(number, 'row')} of {visible(file)}" for file, number in files.most_common(limit or None)]
    if len(files) > len(lines):
        lines.append(f"({len(lines):,} of {len(files):,} files)")
    lines.append("")
    shown = rows[: limit or None]
    for row in shown:
        lines.append(f"{visible(row.file)}:{row.line}: {_column(row)}{visible(row.reason)}")
        text = texts.get((row.file_id, row.line))
        if text is not None:
            lines.append(f"    {visible(text)}")
        elif row.row:
            lines.append(f"    {cut(visible(row.row), _WIDEST)}")
    lines.append("")
    if len(shown) < len(rows):
        lines.append(f"{len(shown):,} of {len(rows):,} rows; --limit 0 shows all, --out FILE.csv exports them.")
    lines.append(
        "Mend the file, or its [source.NAME] in the configuration, and load it again: what then comes whole is"
    )
    lines.append("no longer listed here.")
    return lines


def _column(row: QuarantinedRow) -> str:
    if row.column is None:
        return ""
    value = "empty" if row.value is None else f'"{cut(visible(row.value), 60)}"'
    return f"column {visible(row.column)}, {value}: "


def extract_lines(extract: Extract) -> list[str]:
    """A table of the rows at fault, columns without any value left out, and how many there are in all."""
    if not extract.rows:
        return [_("No row is at fault.")]
    columns = [name for name in extract.columns if any(row[name] is not None for row in extract.rows)]
    cells = [columns, *([_cell(name, row[name]) for name in columns] for row in extract.rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    cut_off = of(len(extract.rows), extract.total)
    if not cut_off:
        return lines
    return [*lines, "", _("{cut_off} rows; --limit 0 shows all, --out FILE.csv exports them.").format(cut_off=cut_off)]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_time") and isinstance(value, int):
        return instant(value)
    return cut(visible(str(value)), 60)
