"""The rules on timing (TIM004 to TIM009) against brute force over the same random logs in plain Python."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from plain_logs import AS_OF, DAY, HOUR, WEEK, Advertiser, random_advertisers, write

from funnelcheck import judgement, rulebook
from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.extracts import rows_at_fault
from funnelcheck.ingestion import ingest
from funnelcheck.model import Finding
from funnelcheck.reported import AdvertiserResult
from funnelcheck.store import open_store

SEEDS = range(25)
Figures = tuple[int, float | None, int, int]  # level, value, n, affected
NOTHING: Figures = (-1, None, 0, 0)


def rank(values: list[int], part: int, whole: int) -> int:
    """The nearest-rank quantile part / whole."""
    place = max(1, -(-len(values) * part // whole))
    return sorted(values)[place - 1]


def tim004(advertiser: Advertiser) -> Figures:
    horizon = advertiser.horizon()
    latest = max((event.upload for event in advertiser.current() if event.upload is not None), default=None)
    valid = [event.time for event in advertiser.valid() if event.time is not None]
    start = min(valid) - DAY if valid else None
    instants = [event.time for event in advertiser.current() if event.time is not None]
    for lead, time in advertiser.created.items():
        if lead not in advertiser.test_leads and (start is None or time >= start):
            instants.append(time)
    days: dict[dt.date, list[int]] = {}
    for time in instants:
        if horizon - 28 * DAY < time <= horizon:
            days.setdefault(dt.datetime.fromtimestamp(time, ZoneInfo(advertiser.zone)).date(), []).append(time)
    uploads = [e.upload for e in advertiser.current() if e.upload is not None and advertiser.accepted(e)]
    judged = missed = 0
    for times in days.values():
        is_satisfied = any(min(times) <= upload <= max(times) + DAY for upload in uploads)
        if is_satisfied or (latest is not None and max(times) <= latest - DAY):
            judged += 1
            missed += not is_satisfied
    return (int(missed > 0), missed, judged, missed) if judged else NOTHING


def ages_by(advertiser: Advertiser, what: str) -> dict[str, list[int]]:
    """Seconds between event and sending of recent valid events, by stage or CRM."""
    found: dict[str, list[int]] = {}
    for event in advertiser.recent():
        if event.upload is not None and event.time is not None and advertiser.is_sound(event):
            found.setdefault(getattr(event, what), []).append(max(0, event.upload - event.time))
    return found


def by_name(ages: dict[str, list[int]]) -> list[dict[str, object]]:
    """TIM005's evidence: of each stage or CRM how many events, p50, p95, and how many near the cliff."""
    return [
        {
            "name": name,
            "events": len(found),
            "p50": rank(found, 1, 2),
            "p95": rank(found, 95, 100),
            "near_cliff": sum(age > 5 * DAY for age in found),
        }
        for name, found in sorted(ages.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def tim005(advertiser: Advertiser) -> Figures:
    ages = [age for found in ages_by(advertiser, "name").values() for age in found]
    if not ages:
        return NOTHING
    p95 = rank(ages, 95, 100)
    return (2 if p95 >= DAY else int(p95 > 2 * HOUR)), p95 / DAY, len(ages), sum(age > 2 * HOUR for age in ages)


def tim006(advertiser: Advertiser) -> Figures:
    timed = [e for e in advertiser.recent() if e.upload is not None and e.time is not None]
    if not timed:
        return NOTHING
    alike = Counter((e.upload, e.time) for e in timed)
    at_fault = {i for i, e in enumerate(timed) if alike[e.upload, e.time] >= 20}
    now = [i for i, e in enumerate(timed) if abs(e.upload - e.time) <= 2]  # type: ignore[operator]
    created = advertiser.created
    listed = [timed[i] for i in now if timed[i].lead in created]
    older = [e for e in listed if e.time - created[e.lead] > DAY]  # type: ignore[operator, index]
    if 10 * len(now) > 9 * len(timed) and listed and 2 * len(older) >= len(listed):
        at_fault |= set(now)
    clamped = [i for i, e in enumerate(timed) if abs(e.time - (e.upload - WEEK)) <= HOUR]  # type: ignore[operator]
    if len(clamped) >= 20:
        at_fault |= set(clamped)
    return int(bool(at_fault)), len(at_fault) / len(timed), len(timed), len(at_fault)


def tim007(advertiser: Advertiser, raw: str | None) -> Figures:
    valid_names = {event.name for event in advertiser.valid()}
    name = raw if raw in valid_names else "Lead"
    created = advertiser.created
    shifts = [
        event.time - created[event.lead]
        for event in advertiser.recent()
        if event.name == name
        and event.time is not None
        and event.lead in created
        and advertiser.is_sound(event, before_lead_too=True)
    ]
    if not shifts:
        return NOTHING
    middle = rank(shifts, 1, 2)
    whole = abs(middle) // 900 + (abs(middle) % 900 >= 450)
    rounded = whole * 900 * (1 if middle >= 0 else -1)
    is_drift = len(shifts) >= 10 and abs(rounded) >= HOUR and rank(shifts, 3, 4) - rank(shifts, 1, 4) <= 900
    return int(is_drift), rounded / DAY, len(shifts), len(shifts) if is_drift else 0


def tim008(advertiser: Advertiser, result: AdvertiserResult) -> Figures:
    order = {stage.name: stage.order for stage in result.stages if not stage.negative}
    first: dict[str, dict[int, int]] = {}
    for event in advertiser.valid():
        if event.name in order and event.lead is not None and event.time is not None:
            times = first.setdefault(event.lead, {})
            place = order[event.name]
            times[place] = min(event.time, times.get(place, event.time))
    paths = [times for times in first.values() if len(times) > 1]
    wrong = sum(any(a < b and times[b] < times[a] for a in times for b in times) for times in paths)
    return (int(100 * wrong > len(paths)), wrong / len(paths), len(paths), wrong) if paths else NOTHING


def tim009(advertiser: Advertiser, raw: str | None) -> Figures:
    created = {lead: t for lead, t in advertiser.created.items() if lead not in advertiser.test_leads}
    seen: dict[str, list[tuple[int | None, int]]] = {}
    for event in advertiser.valid():
        if event.name == raw and event.lead in created and event.time is not None:
            seen.setdefault(event.lead, []).append((event.upload, event.time))
    delays = []
    for lead, times in seen.items():
        uploads = [upload for upload, _ in times if upload is not None]
        delays.append((min(uploads) if uploads else min(time for _, time in times)) - created[lead])
    if not delays:
        return NOTHING
    late = sum(delay > DAY for delay in delays)
    return int(10 * late > len(delays)), rank(delays, 1, 2) / DAY, len(delays), late


def told(finding: Finding, level: int) -> Figures:
    """What a finding says, in the shape of the brute force; `level` where its status agrees with it."""
    most = {"informational": 0, "recommended": 1, "required": 2}[finding.severity]
    shown = {"not_evaluable": -1, "pass": 0, "warn": 1, "fail": 2}[finding.status]
    return (level if shown == min(level, most) else shown, finding.value, finding.n, finding.affected)


@pytest.mark.parametrize("seed", SEEDS)
def test_timing_agrees_with_brute_force(seed: int, tmp_path: Path) -> None:
    advertisers = random_advertisers(seed)
    log, leads = write(tmp_path, advertisers)
    config = Config(advertisers={a.name: AdvertiserConfig(time_zone=a.zone) for a in advertisers})
    with open_store() as store:
        report = ingest(store, [str(log)], [str(leads)], config=config)
        assert not report.problems
        run = judgement.check(store, as_of=AS_OF, config=config)
        book = rulebook.load(config)
        extracts = {
            code: rows_at_fault(store, book.rule(code), judgement.parameters_of(book, AS_OF))
            for code in ("TIM004", "TIM005", "TIM006", "TIM007", "TIM008", "TIM009")
        }
    results = {result.advertiser_id: result for result in run.advertisers}
    affected: Counter[str] = Counter()
    for advertiser in advertisers:
        result = results[advertiser.name]
        right = {
            "TIM004": tim004(advertiser),
            "TIM005": tim005(advertiser),
            "TIM006": tim006(advertiser),
            "TIM007": tim007(advertiser, result.raw_stage),
            "TIM008": tim008(advertiser, result),
            "TIM009": tim009(advertiser, result.raw_stage),
        }
        for code, figures in right.items():
            assert told(result.finding(code), figures[0]) == pytest.approx(figures), (code, advertiser.name)
            affected[code] += figures[3]
        evidence = result.finding("TIM005").evidence
        assert (evidence["stages"] or []) == by_name(ages_by(advertiser, "name"))
        assert (evidence["crms"] or []) == by_name(ages_by(advertiser, "crm"))
    for code in ("TIM004", "TIM005", "TIM006", "TIM009"):
        assert extracts[code].total == affected[code], code  # type: ignore[union-attr]
    wrong = {(row["advertiser_id"], row["lead_id"]) for row in extracts["TIM008"].rows}  # type: ignore[union-attr]
    assert len(wrong) == affected["TIM008"]
