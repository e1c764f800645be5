"""Logs and lead lists as senders write them, with invented ids, and what of a store the tests look at."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from funnelcheck.config import Config
from funnelcheck.ingestion import IngestReport, ingest
from funnelcheck.store import Store, open_store

TIME = 1790000000  # 2026-09-21 14:13:20 UTC
LEAD = "1234567890123456"
DATASET = "900000000000007"
URL = f"https://graph.facebook.com/v26.0/{DATASET}/events"
DIGEST = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"


def event(**changes: Any) -> dict[str, Any]:
    """A faultless CRM event; a change to None leaves the key out."""
    whole = {
        "event_name": "Qualified",
        "event_time": TIME,
        "action_source": "system_generated",
        "user_data": {"lead_id": int(LEAD)},
        "custom_data": {"event_source": "crm", "lead_event_source": "My CRM"},
    } | changes
    return {key: value for key, value in whole.items() if value is not None}


def enveloped(number: int = 0, **changes: Any) -> dict[str, Any]:
    """An event with the log's own columns around it, the `number`-th of a series."""
    return {
        "advertiser_id": "acme",
        "dataset_id": DATASET,
        "upload_time": TIME + 600 + number,
        "http_status": 200,
        "event": event(event_time=TIME + number),
    } | changes


def form_body(events: Sequence[dict[str, Any]], **fields: str) -> str:
    """The body as the SDK posts it: form-urlencoded, `data` an array of JSON strings."""
    return urlencode({"data": json.dumps([json.dumps(one) for one in events])} | fields)


def lines(*records: Any) -> str:
    """JSON Lines; a record that is text already stands as it is."""
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)


LEAD_HEADER = ["id", "created_time", "ad_id", "campaign_id", "form_id", "is_organic", "your question?", "email"]


def lead_cells(number: int = 0, **changes: str) -> list[str]:
    """A row of a page-admin download under LEAD_HEADER."""
    cells = {
        "id": f"l:{int(LEAD) + number}",
        "created_time": "2026-09-21T19:43:20+05:30",
        "ad_id": "ag:120000001",
        "campaign_id": "c:120000002",
        "form_id": "f:120000003",
        "is_organic": "false",
        "your question?": "yes",
        "email": "jane@example.com",
    } | changes
    return [cells[name] for name in LEAD_HEADER]


def table(*rows: Sequence[str], delimiter: str = ",") -> str:
    """Rows of cells as CSV; cells that need quotes get them."""

    def quoted(cell: str) -> str:
        needs = any(mark in cell for mark in (delimiter, '"', "\n", "\r"))
        return '"' + cell.replace('"', '""') + '"' if needs else cell

    return "".join(delimiter.join(map(quoted, row)) + "\n" for row in rows)


def lead_list(*rows: Sequence[str], delimiter: str = ",") -> str:
    """A lead list with LEAD_HEADER."""
    return table(LEAD_HEADER, *rows, delimiter=delimiter)


@dataclass
class Loaded:
    """A store after one or more loads, with the questions that the tests ask."""

    store: Store
    folder: Path
    reports: list[IngestReport] = field(default_factory=list)

    @property
    def report(self) -> IngestReport:
        """The last load's report."""
        return self.reports[-1]

    def load(
        self,
        files: dict[str, Any] | Iterable[str] = (),
        leads: dict[str, Any] | Iterable[str] = (),
        *,
        config: Config | None = None,
        advertiser: str | None = None,
    ) -> IngestReport:
        """Write the files (name to text, bytes or list of records) and load them; names alone are loaded as given."""
        report = ingest(self.store, self._put(files), self._put(leads), config=config, advertiser=advertiser)
        self.reports.append(report)
        self._counts_agree()
        return report

    def _put(self, files: dict[str, Any] | Iterable[str]) -> list[str]:
        if not isinstance(files, dict):
            return list(files)
        return [str(write(self.folder / name, content)) for name, content in files.items()]

    def _counts_agree(self) -> None:
        """Every load of every test: nothing read is lost, and the report says what stands in the tables."""
        for report in self.reports:
            assert report.rows == report.loaded + report.duplicates + report.quarantined
            for file in report.files:
                assert file.rows == file.loaded + file.duplicates + file.quarantined, file
                kept = "request" if file.kind == "events" else "lead"
                where = "where file_id = (select file_id from source_file where sha256 = $sha256 and kind = $kind)"
                key = {"sha256": file.sha256, "kind": file.kind}
                assert self.store.value(f"select count(*) from {kept} {where}", key) == file.loaded, file
                assert self.store.value(f"select count(*) from quarantine {where}", key) == file.quarantined, file
        in_tables = "select (select count(*) from request) + (select count(*) from lead)"
        assert self.store.value(in_tables) == sum(report.loaded for report in self.reports)
        quarantined = sum(report.quarantined for report in self.reports)
        assert self.store.value("select count(*) from quarantine") == quarantined
        elements = self.store.value("select coalesce(sum(event_count), 0) from request")
        kept = "select (select count(*) from event) + (select count(*) from app_event where kind <> 'unreadable')"
        assert self.store.value(kept) == elements

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        return self.store.rows(sql)

    def column(self, what: str, table: str, order: str = "all") -> list[Any]:
        """One column of a table."""
        return [row["it"] for row in self.rows(f"select {what} as it from {table} order by {order}")]

    def events(self, what: str) -> list[Any]:
        """One column of the events, in the order of the log."""
        return self.column(what, "event", "request_id, position")

    def requests(self, what: str) -> list[Any]:
        """One column of the requests, in the order of the log."""
        return self.column(what, "request", "request_id")

    def leads(self, what: str) -> list[Any]:
        """One column of the leads, in the order of the list."""
        return self.column(what, "lead", "file_id, line, lead_id")

    def quarantine(self) -> list[tuple[int, str]]:
        """Line and reason of what was not read."""
        return [(row["line"], row["reason"]) for row in self.rows("from quarantine order by file_id, line, reason")]

    def texts(self) -> str:
        """All that the tables hold, as text: nothing secret may be in it."""
        found: list[str] = []
        tables = self.rows("select table_name from duckdb_tables() where not internal and not temporary")
        for name in (row["table_name"] for row in tables):
            found.extend(str(row) for row in self.rows(f"from {name}"))
        return "\n".join(found)


def write(path: Path, content: Any) -> Path:
    """Write text, bytes or a list of records (as JSON Lines); a name in .gz is packed unless bytes are given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else lines(*content)).encode()
        content = gzip.compress(content, mtime=0) if path.name.endswith(".gz") else content
    path.write_bytes(content)
    return path


def fresh(folder: Path) -> Loaded:
    """An empty store in memory, and a folder for its files."""
    return Loaded(open_store(), folder)


Load = Callable[..., Loaded]
