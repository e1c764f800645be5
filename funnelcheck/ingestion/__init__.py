"""Load what was sent and what was generated into a store, and say what became of every row."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb

from funnelcheck.config import Config
from funnelcheck.errors import FunnelcheckError, InputError
from funnelcheck.ingestion import files, leads, records
from funnelcheck.model import SourceFile
from funnelcheck.store import Store

Kind = Literal["events", "leads"]


@dataclass(slots=True)
class IngestReport:
    """What one load did: rows read = loaded + duplicates + quarantined, over `files`."""

    files: list[SourceFile] = field(default_factory=list)
    known: list[SourceFile] = field(default_factory=list)  # same content as before: skipped
    problems: list[str] = field(default_factory=list)  # files that could not be read, a line each
    hints: list[str] = field(default_factory=list)

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
    def has_events(self) -> bool:
        """Whether a log was among the files, new or known."""
        return any(file.kind == "events" for file in (*self.files, *self.known))


def ingest(
    store: Store,
    sources: Sequence[str],
    lead_sources: Sequence[str] = (),
    *,
    config: Config | None = None,
    advertiser: str | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> IngestReport:
    """Load files, folders, globs or `-` into the store, one transaction a file.

    `advertiser` owns the records that name no owner. A file that cannot be read is a line in
    `problems`; the others are loaded.
    """
    config = config or Config()
    report = IngestReport()
    _put_owners(store, config)
    store.run_file("ingest/macros.sql")
    with tempfile.TemporaryDirectory(prefix="funnelcheck-") as workspace:
        for kind, source in _sources(sources, lead_sources, report):
            progress(f"reading {source.name}")
            try:
                _load(store, source, kind, config, advertiser, Path(workspace), report)
            except InputError as error:
                report.problems.append(str(error))
            except duckdb.Error as error:
                raise _full_or_broken(store, source, error) from error
    return report


def _sources(
    sources: Sequence[str], lead_sources: Sequence[str], report: IngestReport
) -> Iterable[tuple[Kind, files.Source]]:
    kinds: tuple[tuple[Kind, Sequence[str]], ...] = (("leads", lead_sources), ("events", sources))
    for kind, patterns in kinds:
        for pattern in patterns:
            try:
                found, passed = files.expand([pattern])
            except InputError as error:
                report.problems.append(str(error))
                continue
            report.hints.extend(f"{name}: passed over, its ending is not that of a log" for name in passed)
            yield from ((kind, source) for source in found)


def _load(
    store: Store,
    source: files.Source,
    kind: Kind,
    config: Config,
    advertiser: str | None,
    workspace: Path,
    report: IngestReport,
) -> None:
    plain = files.plain(source, workspace)
    if kind == "events" and not records.looks_like_json(plain.head) and leads.is_lead_table(plain.head):
        kind = "leads"
        report.hints.append(f"{source.name}: is a lead list, and was read as one though it stands among the logs")
    known = store.rows(
        """
        from source_file
        where sha256 = $sha256 and kind = $kind and folder_owner is not distinct from $owner
        """,
        {"sha256": plain.sha256, "kind": kind, "owner": source.owner()},
    )
    if known:
        report.known.append(_source_file(known[0] | {"path": source.name}))
        return
    if plain.head.strip():
        reader = leads.read_leads if kind == "leads" else _read_events
        reader(store, source, plain)
    with store.transaction():
        report.files.append(_load_new(store, source, kind, plain, config, advertiser))
    store.run_file("ingest/done.sql")


def _load_new(
    store: Store, source: files.Source, kind: Kind, plain: files.Plain, config: Config, advertiser: str | None
) -> SourceFile:
    parameters = {
        "file_id": store.value("select coalesce(max(file_id), 0) + 1 from source_file"),
        "first_request": store.value("select coalesce(max(request_id), 0) from request"),
        "folder_owner": source.owner(),
        "owner": advertiser,
        "time_zone": config.time_zone,
    }
    if not plain.head.strip():
        counts = {"rows_read": 0, "duplicates": 0, "quarantined": 0}
    elif kind == "leads":
        store.run_file("ingest/leads.sql", parameters)
        counts = _counts(store, "read_lead")
    else:
        store.run_file("ingest/events.sql", parameters)
        counts = _counts(store, "read_record")
    counts["loaded"] = counts["rows_read"] - counts["duplicates"] - counts["quarantined"]
    row = {"file_id": parameters["file_id"], "path": source.name, "kind": kind, "sha256": plain.sha256} | counts
    row["folder_owner"] = source.owner()
    store.execute(
        """
        insert into source_file
        values ($file_id, $path, $kind, $folder_owner, $sha256, $rows_read, $loaded, $duplicates, $quarantined)
        """,
        row,
    )
    return _source_file(row)


def _read_events(store: Store, source: files.Source, plain: files.Plain) -> None:
    if not records.looks_like_json(plain.head) and not source.is_named(".jsonl", ".ndjson"):
        raise InputError(
            f"{source.name}: neither JSON nor a lead list; logs are read as JSON Lines or JSON, lead lists also as CSV"
        )
    records.read_json(store, source, plain)


def _counts(store: Store, table: str) -> dict[str, int]:
    return store.rows(
        f"""
        select count(*) as rows_read, count(*) filter (is_duplicate) as duplicates,
            count(*) filter (reason is not null) as quarantined
        from {table}
        """
    )[0]


def _source_file(row: dict[str, object]) -> SourceFile:
    return SourceFile(
        path=str(row["path"]),
        kind=str(row["kind"]),
        sha256=str(row["sha256"]),
        rows=int(str(row["rows_read"])),
        loaded=int(str(row["loaded"])),
        duplicates=int(str(row["duplicates"])),
        quarantined=int(str(row["quarantined"])),
    )


def _put_owners(store: Store, config: Config) -> None:
    for kind, owners in (("dataset", config.datasets), ("form", config.forms), ("page", config.pages)):
        store.put_rows(f"{kind}_owner", f"{kind}_id varchar, advertiser_id varchar", list(owners.items()))


def _full_or_broken(store: Store, source: files.Source, error: duckdb.Error) -> FunnelcheckError:
    text = str(error).splitlines()[0]
    return InputError(
        f"{source.name}: loading stopped ({text}); nothing of this file is in {store.path}, the files before it are"
    )
