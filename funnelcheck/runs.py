"""The runs that a store keeps: put one in, find one, tell what has changed since the one before."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from funnelcheck import compare
from funnelcheck.compare import Judged, Snapshot, Standing
from funnelcheck.config import KEEP_RUNS
from funnelcheck.errors import UsageError
from funnelcheck.model import Key, Severity, Status
from funnelcheck.reported import Change, KeptRun, Run, Since, TrendPoint, Verdict
from funnelcheck.store import Store

DAY = 86_400
WEEK = 7 * DAY - DAY // 2  # a weekly run may come half a day early
_HEAD = "run_id integer, guide varchar, version varchar, as_of bigint, settings_digest varchar, settings varchar"
_ADVERTISER = (
    "run_id integer, advertiser_id varchar, channel varchar, verdict varchar, step integer, step_name varchar, "
    "blocked_by varchar, acts varchar, step_days double, is_overdue boolean, events bigint, leads bigint, "
    "eligible bigint, covered bigint, stage varchar, cohort bigint, rate double, rate_low double, rate_high double"
)
_FINDING = (
    "run_id integer, advertiser_id varchar, channel varchar, code varchar, severity varchar, status varchar, "
    "value double, threshold_low double, threshold_high double, unit varchar, n bigint, affected bigint, "
    "subject varchar"
)
_TABLES = ("run", "run_advertiser", "run_finding")


def keep(store: Store, run: Run, *, newest: int = KEEP_RUNS) -> int | None:
    """Keep a run in place of an earlier one of the same guide and instant; its number.

    Of all kept runs those of the `newest` instants stay; None where this one is older than these.
    """
    kept = compare.snapshot(run)
    with store.transaction():
        known = {"as_of": run.as_of, "guide": run.guide.key}
        number = store.value("select run_id from run where as_of = $as_of and guide = $guide", known)
        if number is None:
            number = store.value("select coalesce(max(run_id), 0) + 1 from run")
        for table in _TABLES:
            store.execute(f"delete from {table} where run_id = $number", {"number": number})
        _put(store, number, kept)
        _forget(store, newest)
        is_kept: bool = store.value("select count(*) > 0 from run where run_id = $number", {"number": number})
    return number if is_kept else None


def _put(store: Store, number: int, kept: Snapshot) -> None:
    head = kept.head
    digest, text = compare.settings_digest(head.settings), compare.settings_text(head.settings)
    rows: Mapping[str, tuple[str, list[tuple[Any, ...]]]] = {
        "run": (_HEAD, [(number, head.guide, head.version, head.as_of, digest, text)]),
        "run_advertiser": (_ADVERTISER, [_advertiser_row(number, *one) for one in kept.advertisers.items()]),
        "run_finding": (
            _FINDING,
            [
                _finding_row(number, key, code, judged)
                for key, standing in kept.advertisers.items()
                for code, judged in standing.findings.items()
            ],
        ),
    }
    for table, (columns, values) in rows.items():
        store.put_rows(f"kept_{table}", columns, values)
        store.execute(f"insert into {table} by name from kept_{table}; drop table kept_{table}")


def _advertiser_row(number: int, key: Key, one: Standing) -> tuple[Any, ...]:
    trend = one.trend
    return (
        *(number, *key, str(one.verdict), one.step, one.step_name, " ".join(one.blocked_by), one.acts),
        *(one.step_days, one.is_overdue, one.events, one.leads, trend.eligible, trend.covered),
        *(trend.stage, trend.cohort, trend.rate, trend.rate_low, trend.rate_high),
    )


def _finding_row(number: int, key: Key, code: str, one: Judged) -> tuple[Any, ...]:
    low, high = (*(one.threshold if isinstance(one.threshold, tuple) else (one.threshold,)), None)[:2]
    return (
        *(number, *key, code, str(one.severity), str(one.status), one.value, low, high),
        *(one.unit, one.n, one.affected, one.subject),
    )


def _forget(store: Store, newest: int) -> None:
    """Take out all runs but those of the newest instants."""
    old = "select run_id from run where as_of not in (select distinct as_of from run order by as_of desc limit $newest)"
    for table in reversed(_TABLES):  # the heads last: they say which are old
        store.execute(f"delete from {table} where run_id in ({old})", {"newest": newest})


def kept(store: Store) -> tuple[KeptRun, ...]:
    """The heads of all kept runs, the oldest first."""
    totals: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: {"verdicts": {}, "waiting": {}, "apps": {}})
    overdue: dict[int, int] = defaultdict(int)
    for row in store.rows(
        """
        select
            run_id, channel = 'app' as is_app, verdict, acts, count(*) as advertisers,
            count(*) filter (is_overdue) as overdue
        from run_advertiser
        group by all
        order by all
        """
    ):
        counted = totals[row["run_id"]]
        if row["is_app"]:
            _add(counted["apps"], row["verdict"], row["advertisers"])
            continue
        _add(counted["verdicts"], row["verdict"], row["advertisers"])
        if row["acts"] and row["verdict"] != Verdict.READY:
            _add(counted["waiting"], row["acts"], row["advertisers"])
        overdue[row["run_id"]] += row["overdue"]
    return tuple(
        KeptRun(
            number=row["run_id"],
            as_of=row["as_of"],
            guide=row["guide"],
            version=row["version"],
            settings=json.loads(row["settings"]),
            verdicts=totals[row["run_id"]]["verdicts"],
            waiting=totals[row["run_id"]]["waiting"],
            overdue=overdue[row["run_id"]],
            app_verdicts=totals[row["run_id"]]["apps"],
            advertisers=row["advertisers"],
        )
        for row in store.rows(
            """
            select run.*, coalesce(advertisers, 0) as advertisers
            from run
            left join (
                select run_id, count(distinct advertiser_id) as advertisers from run_advertiser group by run_id
            ) using (run_id)
            order by as_of, run_id
            """
        )
    )


def _add(counts: dict[str, int], name: str, more: int) -> None:
    counts[name] = counts.get(name, 0) + more


def baseline(heads: Iterable[KeptRun], as_of: int, guide: str) -> KeptRun | None:
    """The run that "since" means: the latest at least a week before, else the latest before; of two the same guide's.

    A week is seven days less half a day, so that a weekly run may come early. A later run is never one.
    """
    earlier = [head for head in heads if head.as_of < as_of]
    a_week_ago = [head for head in earlier if head.as_of <= as_of - WEEK]
    return max(a_week_ago or earlier, key=lambda head: (head.as_of, head.guide == guide), default=None)


def find(heads: Sequence[KeptRun], name: str) -> KeptRun:
    """The kept run that a number, a day, an instant, `last` or `previous` names; UsageError where there is none."""
    if not heads:
        raise UsageError("no run is kept in this store yet; funnelcheck run keeps one")
    last = heads[-1]
    if name == "last":
        return last
    if name == "previous":
        before = [head for head in heads if head.as_of < last.as_of]
        if not before:
            raise UsageError("only one run is kept in this store, so there is nothing to compare it with")
        return max(before, key=lambda head: (head.as_of, head.guide == last.guide))
    found = [head for head in heads if name in _names(head)]
    if not found:
        raise UsageError(f"{name}: no such run is kept; funnelcheck runs lists them by number and instant")
    return found[-1]


def _names(head: KeptRun) -> Iterator[str]:
    moment = datetime.fromtimestamp(head.as_of, UTC)
    yield str(head.number)
    yield f"{moment:%Y-%m-%d}"
    yield f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    yield f"{moment:%Y-%m-%dT%H:%M}"


def snapshot(store: Store, head: KeptRun) -> Snapshot:
    """A kept run as it was."""
    number = {"number": head.number}
    findings: dict[Key, dict[str, Judged]] = defaultdict(dict)
    for row in store.execute(
        """
        select advertiser_id, channel, code, severity, status, value, threshold_low, threshold_high, unit, n,
            affected, subject
        from run_finding where run_id = $number order by advertiser_id, channel, code
        """,
        number,
    ).fetchall():
        findings[row[0], row[1]][row[2]] = _judged(row[3:])
    rows = store.rows("from run_advertiser where run_id = $number order by advertiser_id, channel", number)
    return Snapshot(head, {_key(row): _standing(row, head.as_of, findings[_key(row)]) for row in rows})


def _judged(row: tuple[Any, ...]) -> Judged:
    severity, status, value, low, high, *rest = row
    threshold = low if high is None else (low, high)
    return Judged(Severity(severity), Status(status), value, threshold, *rest)


def _standing(row: Mapping[str, Any], as_of: int, findings: Mapping[str, Judged]) -> Standing:
    return Standing(
        verdict=Verdict(row["verdict"]),
        step=row["step"],
        step_name=row["step_name"],
        blocked_by=tuple(row["blocked_by"].split()),
        acts=row["acts"],
        step_days=row["step_days"],
        is_overdue=row["is_overdue"],
        events=row["events"],
        leads=row["leads"],
        trend=_trend_point(row, as_of),
        findings=findings,
    )


def _trend_point(row: Mapping[str, Any], as_of: int) -> TrendPoint:
    names = ("eligible", "covered", "stage", "cohort", "rate", "rate_low", "rate_high")
    return TrendPoint(as_of, *(row[name] for name in names))


def _key(row: Mapping[str, Any]) -> Key:
    return row["advertiser_id"], row["channel"]


def between(store: Store, was: KeptRun, now: KeptRun) -> Since:
    """What changed from one kept run to another."""
    return compare.compare(snapshot(store, was), snapshot(store, now))


def with_changes(store: Store, run: Run, *, newest: int = KEEP_RUNS) -> Run:
    """The run with what has changed since the kept ones before it.

    Only those count that will be there when this one is kept too, so that judging again gives the same.
    """
    earlier = [head for head in kept(store) if head.as_of < run.as_of]
    instants = sorted({head.as_of for head in earlier})[-(newest - 1) :] if newest > 1 else []
    heads = [head for head in earlier if head.as_of in instants]
    was = baseline(heads, run.as_of, run.guide.key)
    since = None if was is None else compare.compare(snapshot(store, was), compare.snapshot(run))
    changes: dict[Key, list[Change]] = defaultdict(list)
    for change in since.changes if since else ():
        changes[change.advertiser_id, change.channel].append(change)
    trends = _trends(store, heads, run)
    results = tuple(
        replace(result, changes=tuple(changes.get(result.key, ())), trend=tuple(trends.get(result.key, ())))
        for result in run.advertisers
    )
    return replace(run, advertisers=results, since=since)


def _trends(store: Store, heads: Sequence[KeptRun], run: Run) -> dict[Key, list[TrendPoint]]:
    """Of every advertiser one point an instant, of two guides that of this run's; this run's own last."""
    chosen = {head.as_of: head.number for head in sorted(heads, key=lambda head: head.guide == run.guide.key)}
    found: dict[Key, list[TrendPoint]] = defaultdict(list)
    for row in store.rows(
        """
        select run_advertiser.*, as_of
        from run_advertiser join run using (run_id)
        where run_id in (select unnest($numbers::integer[]))
        order by as_of
        """,
        {"numbers": list(chosen.values())},
    ):
        found[_key(row)].append(_trend_point(row, row["as_of"]))
    for result in run.advertisers:
        found[result.key].append(compare.trend_point(result, run.as_of))
    return found
