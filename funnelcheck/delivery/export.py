"""All findings as a table: a row an advertiser and rule, for spreadsheets and programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from funnelcheck import numbers, tables
from funnelcheck.errors import UsageError
from funnelcheck.masking import hidden
from funnelcheck.model import Finding
from funnelcheck.reported import AdvertiserResult, Run
from funnelcheck.writing import writing

COLUMNS = (
    "advertiser_id channel verdict step step_name code title severity status value unit threshold threshold_high n "
    "affected acts subject message fix"
).split()
FORMATS = (".xlsx", ".csv", ".jsonl")
_LONGEST_CELL = 32_767  # characters, as Excel has it
_MOST_ROWS = 1_048_575  # beside the head
_WIDE = {"advertiser_id": 26, "title": 34, "message": 70, "fix": 70, "summary": 70, "work": 70, "bring": 70}


def rows(run: Run, salt: str | None) -> list[dict[str, Any]]:
    """A row for each advertiser and rule; what looks like a person's id is masked with the salt (None: shown)."""
    return [_row(result, finding, salt) for result in run.advertisers for finding in result.findings]


def require_xlsx() -> None:
    """UsageError when no spreadsheet can be written here."""
    _library()


def ready(path: Path) -> None:
    """UsageError when no such file can be written here; asked before any work is done."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"--out {path}: give a name that ends in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if path.suffix.lower() == ".xlsx":
        _library()


def write(found: Sequence[Mapping[str, Any]], path: Path, as_of: int) -> None:
    """Write them as the file's name says; OutputError (exit code 3) when that cannot be done."""
    with writing(path):
        if path.suffix.lower() == ".xlsx":
            write_xlsx(found, COLUMNS, path, as_of, title="Findings", place=f"--out {path}")
        else:
            tables.write(found, COLUMNS, path)


def _row(result: AdvertiserResult, finding: Finding, salt: str | None) -> dict[str, Any]:
    known = {dataset.dataset_id for dataset in result.datasets if dataset.dataset_id}

    def told(text: str | None) -> str | None:
        return text if text is None or salt is None else hidden(text, salt, known)

    low, high = _limits(finding.threshold)
    return {
        "advertiser_id": result.advertiser_id,
        "channel": result.channel,
        "verdict": str(result.verdict),
        "step": result.step,
        "step_name": result.step_name,
        "code": finding.code,
        "title": finding.title,
        "severity": str(finding.severity),
        "status": str(finding.status),
        "value": finding.value,
        "unit": finding.unit,
        "threshold": low,
        "threshold_high": high,
        "n": finding.n,
        "affected": finding.affected,
        "acts": str(finding.acts),
        "subject": told(finding.subject),
        "message": told(finding.message),
        "fix": finding.fix,
    }


def _limits(limit: float | tuple[float, ...] | None) -> tuple[float | None, float | None]:
    """The threshold, and its upper end where it has two."""
    if isinstance(limit, tuple):
        return limit[0], limit[-1] if len(limit) > 1 else None
    return limit, None


def write_xlsx(
    found: Sequence[Mapping[str, Any]], columns: Sequence[str], path: Path, as_of: int, *, title: str, place: str
) -> None:
    """Rows as one sheet; `place` is the option that a UsageError names. OSError as it comes."""
    if len(found) > _MOST_ROWS:
        raise UsageError(f"{place}: {numbers.count(len(found), 'row')} are more than a sheet holds; write a .csv")
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    book = _library().Workbook(str(path), options)
    book.set_properties({"title": title, "created": datetime.fromtimestamp(as_of, UTC).replace(tzinfo=None)})
    sheet = book.add_worksheet(title)
    head, plain = book.add_format({"bold": True, "bottom": 1}), book.add_format({"valign": "top"})
    for place_of, name in enumerate(columns):
        sheet.set_column(place_of, place_of, _WIDE.get(name, max(8, len(name) + 2)), plain)
        sheet.write_string(0, place_of, name, head)
    for line, row in enumerate(found, 1):
        _write_cells(sheet, line, (row.get(name) for name in columns))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(found)), len(columns) - 1)
    _close(book)


def _write_cells(sheet: Any, line: int, values: Iterable[Any]) -> None:
    """Numbers as numbers, all else as text that no spreadsheet takes for a formula or a link."""
    for place, value in enumerate(values):
        if isinstance(value, int | float) and isfinite(value):
            sheet.write_number(line, place, value)
        elif value is not None:
            sheet.write_string(line, place, numbers.cut(numbers.visible(str(value)), _LONGEST_CELL))


def _close(book: Any) -> None:
    """The file is written here; the library's own errors become the system's."""
    from xlsxwriter.exceptions import FileCreateError

    try:
        book.close()
    except FileCreateError as error:
        raise (error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error))) from error


def _library() -> Any:
    try:
        import xlsxwriter
    except ImportError as error:
        raise UsageError("an .xlsx needs XlsxWriter: pip install 'funnelcheck[xlsx]'; a .csv needs nothing") from error
    return xlsxwriter
