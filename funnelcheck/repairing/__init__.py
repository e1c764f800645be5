"""From logs the requests that should be sent again, put right and in time; nothing is ever sent."""

from __future__ import annotations

from collections.abc import Sequence

from funnelcheck import eventrules, outbox, rulebook, settings
from funnelcheck.config import Config
from funnelcheck.errors import InputError
from funnelcheck.ingestion import IngestReport, Progress, ingest
from funnelcheck.ingestion.quarantine import quarantined
from funnelcheck.repairing.bodies import bodies
from funnelcheck.repairing.outcome import Body, Lost, Origin, Outcome, Ready
from funnelcheck.repairing.sorting import Settings, sorted_events
from funnelcheck.rulebook import VALIDITY, Rulebook
from funnelcheck.store import Store, open_store

__all__ = ["Body", "Lost", "Origin", "Outcome", "Ready", "repair"]


def repair(
    sources: Sequence[str],
    lead_sources: Sequence[str] = (),
    *,
    as_of: int,
    config: Config | None = None,
    guide: str | None = None,
    advertiser: str | None = None,
    crm: str | None = None,
    from_crm: bool = False,
    batch: int = 100,
    progress: Progress = lambda done, total, what: None,
) -> Outcome:
    """What of the logs is to be sent again as of an instant (Unix seconds), and what is lost.

    Events that were refused, or accepted without being valid, are put right where that is certain; those that were
    accepted and valid never come back, nor do copies of such. `advertiser` owns records that name no owner, `crm` is
    the CRM of events that name none, and with `from_crm` every event with a lead id is a CRM's. With lead lists an
    event before its lead, or of a rounded lead id, is lost. Nothing is kept: the logs are read into memory. InputError
    when no log can be read.
    """
    config = config or Config()
    book = rulebook.load(config, guide, only=lambda path: path.stem[:6].upper() in VALIDITY)
    with open_store(memory_limit=config.memory_limit) as store:
        report = ingest(
            store, sources, lead_sources, config=config, advertiser=advertiser, texts=True, progress=progress
        )
        if report.problems and not report.has_records:
            raise InputError(f"no log could be read: {report.problems[0]}")
        _judge(store, book, config, as_of)
        found = sorted_events(store, Settings.of(config, book, as_of, crm, from_crm=from_crm))
        standing = {row["standing"]: row["events"] for row in store.rows(_STANDING)}
        return Outcome(
            as_of=as_of,
            salt=outbox.salt((file.sha256 for file in report.files), as_of),
            bodies=bodies(found.ready, batch, as_of),
            lost=tuple(found.lost),
            unreadable=unreadable(store),
            right=standing.get("right", 0),
            later=standing.get("later", 0),
            test=standing.get("test", 0) + found.test,
            copies=found.copies,
            repeated=_repeated(store, report),
            refusals=tuple((row["said"], row["events"]) for row in store.rows(_REFUSALS)),
            problems=tuple(report.problems),
            hints=tuple(report.hints),
        )


_STANDING = "select standing, count(*) as events from event_standing group by standing"
_REFUSALS = """
select
    concat_ws(
        ' ', nullif(concat_ws('/', error_code, error_subcode), ''), coalesce(error_title, 'HTTP ' || http_status)
    ) as said,
    count(*) as events
from event_standing
join (select request_id, error_code, error_subcode, error_title, http_status from request) using (request_id)
where standing = 'wanting' and not is_accepted and coalesce(error_code, http_status) is not null
group by said
order by events desc, said
"""


def _judge(store: Store, book: Rulebook, config: Config, as_of: int) -> None:
    """event_standing: what became of each event, by the rules that make one valid."""
    parameters = eventrules.own_thresholds(book) | dict(book.thresholds)
    parameters |= {"as_of": as_of, "validity": eventrules.bits(book, VALIDITY)}
    settings.put(store, config, book)
    store.run_folder("facts/input", parameters)
    eventrules.judge(store, book, parameters)
    store.run_file("repair/standing.sql", parameters)


def unreadable(store: Store) -> tuple[Lost, ...]:
    """Records of the logs that stand in quarantine."""
    kinds = {row["file_id"]: row["kind"] for row in store.rows("select file_id, kind from source_file")}
    return tuple(
        Lost(Origin(row.file, row.line, None), (), (row.reason,))
        for row in quarantined(store)
        if kinds[row.file_id] == "events"
    )


def _repeated(store: Store, report: IngestReport) -> int:
    """Events of records, or of whole files, that another file had already brought."""
    again = {
        row["sha256"]: row["events"]
        for row in store.rows(
            """
            select sha256, sum(event_count)::bigint as events
            from request
            join source_file using (file_id)
            where channel = 'crm'
            group by sha256
            """
        )
    }
    known = sum(int(again.get(file.sha256, 0)) for file in report.known if file.kind == "events")
    return known + int(store.value("select coalesce(sum(events), 0)::bigint from repeated_event where channel = 'crm'"))
