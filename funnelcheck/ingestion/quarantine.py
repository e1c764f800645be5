"""Rows that could not be read: what the store keeps of them, and the rows as they stand in their files."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

from funnelcheck import tables
from funnelcheck.errors import InputError
from funnelcheck.ingestion import containers
from funnelcheck.ingestion.batches import Batch, Layout, Part
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.plain import plain
from funnelcheck.masking import hidden
from funnelcheck.store import Store


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """One row: its file as it was named, its line, why it was not read, and where one is at fault the column."""

    file: str
    line: int
    reason: str
    column: str | None
    value: str | None  # cut and without secrets, as `row` is
    row: str | None
    file_id: int


def quarantined(store: Store, file: str | None = None, *, show_ids: bool = False) -> list[QuarantinedRow]:
    """All of them, by file and line; of the files whose name contains `file`, where that is given.

    Ids are masked with the store's key unless `show_ids`.
    """
    rows = store.rows(
        """
        select path, line, reason, column_name, value, raw, file_id
        from quarantine join source_file using (file_id)
        where $file is null or contains(path, $file)
        order by path, file_id, line, reason
        """,
        {"file": file},
    )
    if not show_ids:
        salt = str(store.value("select key from store_key"))
        rows = [
            row | {name: row[name] and hidden(row[name], salt) for name in ("value", "raw", "reason")} for row in rows
        ]
    return [QuarantinedRow(*row.values()) for row in rows]


def exact_rows(store: Store, rows: list[QuarantinedRow]) -> tuple[dict[tuple[int, int], str], list[str]]:
    """The rows as they stand in their files, by file_id and line, secrets and all; nothing of it is kept.

    And a sentence for each file that is gone or was changed since: its rows are left out.
    """
    found: dict[tuple[int, int], str] = {}
    problems = []
    files = {row.file_id: row.file for row in rows}
    store.run_file("ingest/macros.sql")
    store.run_file("ingest/table_macros.sql")
    for file_id, name in files.items():
        lines = [row.line for row in rows if row.file_id == file_id]
        try:
            found |= {(file_id, line): text for line, text in _texts(store, file_id, name, lines).items()}
        except InputError as error:
            problems.append(str(error))
    return found, problems


def _texts(store: Store, file_id: int, name: str, lines: list[int]) -> dict[int, str]:
    known = store.rows("from source_file where file_id = $file_id", {"file_id": file_id})[0]
    if known["location"] is None:
        raise InputError(f"{name}: it was read from standard input, so its rows cannot be read again")
    path = Path(known["location"])
    if not path.exists():
        raise InputError(f"{path}: the file is gone, so its rows cannot be read again")
    with tempfile.TemporaryDirectory(prefix="funnelcheck-") as workspace:
        source = Source(path, name)
        content = plain(source, Path(workspace))
        if content.sha256 != known["sha256"]:
            raise InputError(f"{path}: the file has changed since it was loaded, so its rows cannot be read again")
        form, delimiter, header = containers.form_of(store, source, content)
        layout = Layout(known["kind"], form, delimiter, header)
        batch = Batch(layout, content.path, [Part(source, content, "")], content.longest_line)
        containers.place_parts(store, batch)
        if form == "json":
            containers.read_records(store, batch)
            select = "select line, any_value(text) as text from record_text where line in $lines group by line"
            return {row["line"]: row["text"] for row in store.rows(select, {"lines": lines})}
        containers.read_rows(store, batch, Path(workspace), lambda hint: None)
        select = "select line, cells, broken_text from table_row where line in $lines"
        return {row["line"]: row["broken_text"] or as_csv(row["cells"]) for row in store.rows(select, {"lines": lines})}


def as_csv(cells: list[str | None]) -> str:
    """Cells as one line of CSV, without the line's end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(["" if cell is None else cell for cell in cells])
    return out.getvalue()


def write(rows: list[QuarantinedRow], exact: dict[tuple[int, int], str], path: Path) -> None:
    """Export them: JSON Lines for a name in .jsonl, else CSV whose cells no spreadsheet takes for formulas."""
    table = [
        {
            "file": row.file,
            "line": row.line,
            "column": row.column,
            "value": row.value,
            "reason": row.reason,
            "row": exact.get((row.file_id, row.line), row.row),
        }
        for row in rows
    ]
    tables.write(table, ("file", "line", "column", "value", "reason", "row"), path)
