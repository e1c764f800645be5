"""Load what was sent, what a CRM recorded and what was generated into a store, and say what became of every row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from funnelcheck.config import Config
from funnelcheck.errors import InputError
from funnelcheck.ingestion import files
from funnelcheck.ingestion.meter import Meter, Progress
from funnelcheck.ingestion.report import IngestReport
from funnelcheck.store import Store

__all__ = ["IngestReport", "Progress", "ingest"]


def ingest(
    store: Store,
    sources: Sequence[str],
    lead_sources: Sequence[str] = (),
    *,
    history_sources: Sequence[str] = (),
    call_sources: Sequence[str] = (),
    attribution_sources: Sequence[str] = (),
    mmp_sources: Sequence[str] = (),
    config: Config | None = None,
    advertiser: str | None = None,
    texts: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> IngestReport:
    """Load files, folders, globs or `-` into the store; a file is loaded as a whole or not at all.

    `sources` are logs of what was sent, `history_sources` what a CRM recorded, `lead_sources` lists of leads (or of
    their number by day), `call_sources` logs of the API calls of the partner's app, `attribution_sources` tables of
    the installs that Meta attributes, `mmp_sources` those of a measurement partner. `advertiser` owns the records
    that name no owner. `texts`: the temporary table event_text (request_id, position, text) holds the events as they
    were sent, activity_text (request_id, fields, extinfo, ud, forwarded) what requests of App Events say besides, and
    repeated_event (channel, events) counts those left out as duplicates. A file that cannot be read is a line in
    `problems`; the others are loaded. StoreError when another process holds the store for too long.
    """
    from funnelcheck.ingestion.session import Session  # who only expands or unpacks files waits for less

    config = config or Config()
    report = IngestReport()
    kinds = (
        ("leads", lead_sources),
        ("history", history_sources),
        ("calls", call_sources),
        ("attributions", attribution_sources),
        ("mmp", mmp_sources),
        ("events", sources),
    )
    found = list(_expand(kinds, report))
    found = list(_without_joined(found, config, report))
    for kind, owners in (("dataset", config.datasets), ("form", config.forms), ("page", config.pages)):
        store.put_rows(f"{kind}_owner", f"{kind}_id varchar, advertiser_id varchar", list(owners.items()))
    if texts:
        store.put_rows("event_text", "request_id bigint, position integer, text varchar", [])
        store.put_rows(
            "activity_text",
            "request_id bigint, fields varchar, extinfo varchar[], ud varchar, forwarded varchar",
            [],
        )
        store.put_rows("repeated_event", "channel varchar, events bigint", [])
    store.run_file("ingest/macros.sql")
    store.run_file("ingest/table_macros.sql")
    meter = Meter(sum(source.size for _, source in found), progress)
    with tempfile.TemporaryDirectory(prefix="funnelcheck-") as workspace:
        session = Session(store, config, advertiser, Path(workspace), report, meter, texts)
        with store.apart():  # while files are read others may use the store
            for kind, source in found:
                session.offer(source, kind)
            session.end()
        session.findings.tell()
    store.run_file("ingest/done.sql")
    return report


def _without_joined(
    found: Iterable[tuple[str, files.Source]], config: Config, report: IngestReport
) -> Iterable[tuple[str, files.Source]]:
    """Not the tables that a [source.NAME.join] names: they lie in the same folder, and are no log of their own."""
    joined = {
        (config.folder / settings.join.file).resolve(): settings.name
        for settings in config.sources.values()
        if settings.join and settings.join.file
    }
    for kind, source in found:
        name = joined.get(source.path.resolve()) if source.path and kind != "leads" else None
        if name is None:
            yield kind, source
        else:
            report.hints.append(f"{source.name}: not loaded, it is the table that [source.{name}.join] names")


def _expand(kinds: Iterable[tuple[str, Sequence[str]]], report: IngestReport) -> Iterable[tuple[str, files.Source]]:
    for kind, patterns in kinds:
        for pattern in patterns:
            try:
                found, passed = files.expand([pattern])
            except InputError as error:
                report.problems.append(str(error))
                continue
            report.hints.extend(f"{name}: passed over, its ending is not that of a log" for name in passed)
            yield from ((kind, source) for source in found)
