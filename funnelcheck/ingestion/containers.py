"""What a file is by its content, and its rows or records as temporary tables, whatever holds them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from funnelcheck.ingestion import records, tables
from funnelcheck.ingestion.batches import Batch
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.plain import Plain
from funnelcheck.store import Store


def form_of(store: Store, source: Source, content: Plain) -> tuple[str, str, tuple[str, ...]]:
    """The form of a file (json, delimited, parquet or xlsx), its delimiter, and the names of its columns.

    InputError where the file is damaged.
    """
    if content.container == "parquet":
        return "parquet", "", tuple(name for name, _ in tables.parquet_header(store, source, content))
    if content.container == "xlsx":
        return "xlsx", "", tuple(tables.xlsx_header(source, content))
    if records.looks_like_json(content.head, says_so=source.is_named(".jsonl", ".ndjson")):
        return "json", "", ()
    first = content.first_row()
    delimiter = tables.delimiter_of(first)
    return "delimited", delimiter, tuple(tables.header_of(first, delimiter))


def place_parts(store: Store, batch: Batch) -> None:
    """The temporary table `part (part, first, rows, folder_owner, sha256)` of a batch."""
    store.put_rows(
        "part",
        "part integer, first bigint, rows bigint, folder_owner varchar, sha256 varchar",
        [(i, part.first, part.rows, part.source.owner(), part.plain.sha256) for i, part in enumerate(batch.parts)],
    )


def read_records(store: Store, batch: Batch) -> None:
    """The view `record_text` of a batch of JSON."""
    part = batch.parts[0]
    if not batch.is_alone:
        records.read_lines(store, str(batch.path), batch.longest_line, single=False)
    elif records.is_lines(part.source, part.plain):
        records.read_lines(store, part.plain.pattern, batch.longest_line, single=True)
    else:
        records.read_document(store, part.source, part.plain)
    records.number(store)


def read_rows(store: Store, batch: Batch, workspace: Path, hint: Callable[[str], None]) -> list[str]:
    """The table `table_row` of a batch of tables (a batch of JSON too), and the names of its columns."""
    part, layout = batch.parts[0], batch.layout
    if layout.form == "parquet":
        columns = tables.parquet_header(store, part.source, part.plain)
        tables.read_parquet(store, part.source, part.plain, columns)
    elif layout.form == "xlsx":
        others = tables.read_xlsx(store, part.source, part.plain, workspace)
        if others:
            hint(f"{part.source.name}: only the first sheet was read, not {', '.join(others)}")
    elif layout.form == "delimited":
        pattern = part.plain.pattern if batch.is_alone else str(batch.path)
        records.read_lines(store, pattern, batch.longest_line, single=batch.is_alone)
        store.run_file("ingest/delimited.sql", {"delimiter": layout.delimiter})
    else:
        read_records(store, batch)
        return tables.read_json_table(store, layout.settings)
    return list(layout.header)
