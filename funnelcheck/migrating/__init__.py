"""From logs of the App Events API the events as the Conversions API takes them; nothing is ever sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from funnelcheck import outbox, rulebook
from funnelcheck.config import Config
from funnelcheck.errors import InputError, UsageError
from funnelcheck.ingestion import IngestReport, Progress, ingest
from funnelcheck.migrating.bodies import MOST_EVENTS, TEST_CODE, bodies, carried
from funnelcheck.migrating.events import Clock, Draft, Use, decision, drafted, of_request
from funnelcheck.migrating.mapping import names
from funnelcheck.migrating.outcome import (
    Carried,
    EventRow,
    Lost,
    MigratedBody,
    Migration,
    Origin,
    ParameterRow,
)
from funnelcheck.repairing import unreadable
from funnelcheck.store import Store, open_store

__all__ = [
    "Carried",
    "EventRow",
    "Lost",
    "MigratedBody",
    "Migration",
    "Origin",
    "ParameterRow",
    "migrate_app_events",
]
NAMELESS = "(no readable event)"


def migrate_app_events(
    sources: Sequence[str],
    *,
    as_of: int,
    config: Config | None = None,
    advertiser: str | None = None,
    batch: int = MOST_EVENTS,
    test_event_code: str | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Migration:
    """Every App Event of the logs as one of the Conversions API as of an instant (Unix seconds), or why it is lost.

    `advertiser` owns records that name no owner; `test_event_code` stands in every request, so that Meta shows its
    events and counts none. Nothing is kept: the logs are read into memory. InputError when no log can be read,
    UsageError for a batch or a code that Meta does not take.
    """
    if not 1 <= batch <= MOST_EVENTS:
        raise UsageError(f"batch {batch}: a request holds 1 to {MOST_EVENTS:,} events")
    if test_event_code is not None and not TEST_CODE.fullmatch(test_event_code):
        raise UsageError("test_event_code: give the code that Events Manager shows under Test Events, like TEST12345")
    config = config or Config()
    clock = _clock(config, as_of)
    with open_store(memory_limit=config.memory_limit) as store:
        report = ingest(store, sources, config=config, advertiser=advertiser, texts=True, progress=progress)
        if report.problems and not report.has_records:
            raise InputError(f"no log could be read: {report.problems[0]}")
        store.run_file("migrate/sent_app_event.sql")
        drafts, uses, later = _drafts(store, clock)
        ready = carried([draft for draft in drafts if not draft.losses], clock.max_age)
        return Migration(
            as_of=as_of,
            salt=outbox.salt((file.sha256 for file in report.files), as_of),
            test_event_code=test_event_code,
            bodies=bodies(ready, batch, as_of),
            lost=tuple(_lost(draft) for draft in drafts if draft.losses),
            unreadable=unreadable(store),
            later=later,
            repeated=_repeated(store, report),
            others=int(store.value("select count(*) from event")),
            events=_event_rows(drafts),
            parameters=_parameter_rows(uses),
            without_id=sum(_lacks_id(draft) for draft in drafts if not draft.losses),
            problems=tuple(report.problems),
            hints=tuple(report.hints),
        )


def _clock(config: Config, as_of: int) -> Clock:
    """How old an event may be is what rules know of the Conversions API."""
    book = rulebook.load(config, only=lambda path: path.stem[:6].upper() in ("TIM001", "TIM003"))
    age, ahead = book.rule("TIM001").thresholds, book.rule("TIM003").thresholds
    zone = ZoneInfo(config.time_zone) if config.time_zone != "UTC" else None
    return Clock(as_of, int(age["max_age_seconds"]), int(ahead["max_ahead_seconds"]), zone)


def _drafts(store: Store, clock: Clock) -> tuple[list[Draft], Counter[Use], int]:
    """Every App Event sent up to the instant, how many carried ones have which parameter, and how many came later."""
    found: list[Draft] = []
    uses: Counter[Use] = Counter()
    known, later, request = names(), 0, None
    for row in _rows(store):
        if row["upload_time"] is not None and row["upload_time"] > clock.as_of:
            later += 1
            continue
        if request is None or row["request_id"] != request[0].row["request_id"]:
            request = of_request(row, known, clock)
        draft = drafted(row, *request)
        if not draft.losses:
            uses.update(dict.fromkeys(draft.uses).keys())
        draft.uses, draft.row = [], {name: row[name] for name in _KEPT}  # a log of a million events is held in memory
        found.append(draft)
    return found, uses, later


_KEPT = "request_id position path line advertiser_id app_id accepted kind event_time".split()


def _rows(store: Store) -> Iterator[dict[str, Any]]:
    result = store.execute("from sent_app_event order by path, line, request_id, position")
    columns = [column[0] for column in result.description or []]
    while rows := result.fetchmany(10_000):
        yield from (dict(zip(columns, row, strict=True)) for row in rows)


def _lacks_id(draft: Draft) -> bool:
    return draft.row["kind"] != "install" and "event_id" not in draft.event


def _lost(draft: Draft) -> Lost:
    row = draft.row
    position = None if row["kind"] == "unreadable" else row["position"]
    moment = draft.event.get("event_time", row["event_time"])
    return Lost(
        origin=Origin(row["path"], row["line"], position, row["advertiser_id"], row["app_id"]),
        codes=(),
        why=tuple(dict.fromkeys(draft.losses)),
        event_name=draft.app_event,
        event_time=moment if moment is not None and abs(moment) < 10**15 else None,
    )


def _repeated(store: Store, report: IngestReport) -> int:
    """App Events of records, or of whole files, that another file had already brought."""
    again = {
        row["sha256"]: row["events"]
        for row in store.rows(
            """
            select sha256, count(*) as events
            from app_event
            join request using (request_id)
            join source_file using (file_id)
            group by sha256
            """
        )
    }
    known = sum(int(again.get(file.sha256, 0)) for file in report.known if file.kind == "events")
    return known + int(store.value("select coalesce(sum(events), 0)::bigint from repeated_event where channel = 'app'"))


def _event_rows(drafts: Sequence[Draft]) -> tuple[EventRow, ...]:
    """Every name of every app, the most frequent first."""
    counts: Counter[tuple[str, str, str, bool]] = Counter()
    known: dict[tuple[str, str, str], Draft] = {}
    for draft in drafts:
        owner = (draft.row["advertiser_id"], draft.row["app_id"] or "", draft.app_event or NAMELESS)
        counts[(*owner, not draft.losses)] += 1
        known.setdefault(owner, draft)
    rows = []
    for (advertiser, app, name), draft in known.items():
        entry = draft.known
        kind = "install" if draft.row["kind"] == "install" else "standard" if entry else "own"
        is_named = draft.app_event is not None
        rows.append(
            EventRow(
                advertiser_id=advertiser,
                app_id=app or None,
                app_event=name,
                becomes=draft.becomes or "",
                kind=kind if is_named else "none",
                carried=counts[advertiser, app, name, True],
                lost=counts[advertiser, app, name, False],
                source=entry.source if entry else None,
                decide=decision(name, entry) if is_named else None,
            )
        )
    rows.sort(key=lambda row: (row.advertiser_id, row.app_id or "", -row.carried - row.lost, row.app_event))
    return tuple(rows)


def _parameter_rows(uses: Counter[Use]) -> tuple[ParameterRow, ...]:
    """Every parameter of carried events: what is left out last."""
    rows = [
        ParameterRow(use.of, use.parameter, use.becomes, events, use.why, use.source) for use, events in uses.items()
    ]
    rows.sort(
        key=lambda row: (row.becomes is None, row.of, -row.events, row.parameter, row.why or "", row.becomes or "")
    )
    return tuple(rows)
