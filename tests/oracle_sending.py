"""Rules about requests and their times, by hand; a part of `oracle_catalogue`."""

import math
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import oracle
from oracle import DAY, WINDOW, Event, Facts, Request

# level, value, n, affected; a level of None cannot be told
Found = tuple[int | None, Any, Any, Any]
MISSING: Found = (None, None, 0, 0)  # an input is missing
UNTOLD = "untold"  # a number that no definition gives

MINUTE, HOUR = 60, 3_600
MAX_EVENTS = 1_000
MAX_MEDIAN = 500
THROTTLED = {4, 17, 32, 341, 613, *range(80_000, 80_015)}
PASSING = {1, 2, 4, 17, 32, 341, 613}
LOSING_RULES = ("EVT001", "EVT002", "EVT003", "EVT004", "EVT005", "EVT006", "EVT007", "EVT010", "TIM001")
# Day of release of the versions that random logs use, as Meta's changelog dates them.
# The last day of each version, where Meta names one.
LAST_DAY = {
    (17, 0): "2025-09-12",
    (18, 0): "2026-01-26",
    (19, 0): "2026-05-21",
    (20, 0): "2026-09-24",
    (21, 0): "2027-01-21",
    (22, 0): "2027-05-20",
    (23, 0): "2027-10-08",
    (24, 0): "2028-02-18",
    (25, 0): "2028-07-29",
    (26, 0): None,
}


def rules(facts: Facts) -> dict[str, Found]:
    recent = oracle.recent_requests(facts.mine)
    events = oracle.recent_events(facts.mine)
    return {
        "REQ001": batch_sizes(recent),
        "REQ002": lost_with_others(recent),
        "REQ003": small_batches(recent),
        "REQ005": errors(facts, recent),
        "REQ006": after_throttling(facts, recent),
        "REQ007": old_versions(facts, recent),
        "REQ008": worth_a_retry(facts, recent),
        "REQ009": counted(len(recent), sum(request.token for request in recent)),
        "TIM004": daily_uploads(facts),
        "TIM005": freshness(events),
        "TIM006": false_times(facts, events),
        "TIM007": constant_offset(facts, events),
        "TIM009": raw_latency(facts),
    }


def lead_text(event: Event) -> str | None:
    return oracle.lead_id_text(event.body)


def counted(n: int, affected: int) -> Found:
    """A rule whose value is the number at fault."""
    return (1 if affected else 0, affected, n, affected) if n else MISSING


def nearest_rank(values: list[int], percent: int) -> int:
    return sorted(values)[math.ceil(Fraction(percent * len(values), 100)) - 1]


# --- requests -----------------------------------------------------------------------------------------------


def batch_sizes(recent: list[Request]) -> Found:
    """REQ001: its units are events, and requests that hold none."""
    outcomes = []
    for request in recent:
        if request.size == 0:
            outcomes.append("warn")
        # reading: the events are all those of a recent request, also one whose own time is not recent.
        outcomes += ["fail" if request.size > MAX_EVENTS else "pass"] * len(request.events)
    told = oracle.share_finding("REQ001", outcomes)
    level = {"not_evaluable": None, "pass": 0, "warn": 1, "fail": 2}[told["status"]]
    return level, told["value"], told["n"], told["affected"]


def batches(recent: list[Request]) -> list[Request]:
    return [request for request in recent if request.shape in ("request", "exchange") and request.events]


def lost_with_others(recent: list[Request]) -> Found:
    """REQ002: good events that stood beside a bad one."""
    some = batches(recent)
    lost, mixed = 0, 0
    for request in some:
        bad = sum(any(event.judged.get(code) == "fail" for code in LOSING_RULES) for event in request.events)
        if 0 < bad < len(request.events):
            mixed += 1
            lost += len(request.events) - bad
    return (1 if mixed else 0, lost, len(some), mixed) if some else MISSING


def name_of(event: Event) -> str | None:
    # reading: a name that is no string, or empty, is as a missing one.
    name = event.body.get("event_name")
    return name if isinstance(name, str) and name else None


def content_of(event: Event) -> tuple:
    # reading: of two events that lack the same part, or whose times cannot be read, these parts are equal.
    return lead_text(event), name_of(event), event.time


def never_arrived(request: Request, recent: list[Request]) -> bool:
    """True where an event with a lead_id is in no accepted request that was sent later."""
    later = set()
    for other in recent:
        # reading: later is strictly later, and nothing is later than a request without a time of sending.
        if other.accepted and None not in (request.sent, other.sent) and other.sent > request.sent:
            later |= {content_of(event) for event in other.events}
    return any(lead_text(event) is not None and content_of(event) not in later for event in request.events)


def small_batches(recent: list[Request]) -> Found:
    """REQ003."""
    some = batches(recent)
    if not some:
        return MISSING
    median = oracle.lower_median([len(request.events) for request in some])
    given_up = sum(not request.accepted and never_arrived(request, recent) for request in some)
    return 1 if median > MAX_MEDIAN or given_up else 0, median, len(some), given_up


def errors(facts: Facts, recent: list[Request]) -> Found:
    """REQ005."""
    # reading: where any request of the advertiser has a response, one without is a failure.
    answered = recent if facts.responses else []
    if not answered:
        return MISSING
    failed = sum(request.error_code is not None or not request.accepted for request in answered)
    return 1 if failed else 0, Fraction(failed, len(answered)), len(answered), failed


def after_throttling(facts: Facts, recent: list[Request]) -> Found:
    """REQ006."""
    # reading: responses are known where any request of the advertiser has one, of whatever day or dataset.
    dated = [request for request in recent if request.sent is not None]
    if not facts.responses or not dated:
        return MISSING
    throttled = [request for request in recent if request.error_code in THROTTLED and request.sent is not None]
    hasty = 0
    for request in recent:
        # reading: a request that names no dataset went to the current one, like every other of these.
        if request.sent is not None and any(0 < request.sent - first.sent <= MINUTE for first in throttled):
            hasty += 1
    return 2 if hasty >= 5 else 1 if hasty else 0, hasty, len(dated), hasty


def old_versions(facts: Facts, recent: list[Request]) -> Found:
    """REQ007."""
    versions = [request.api_version for request in recent if request.api_version is not None]
    if not versions:
        return MISSING
    old = 0
    for version in versions:
        if version in LAST_DAY:
            # reading: the newest version, of which no last day is named, is not past its time in these logs.
            last = LAST_DAY[version]
            old += last is not None and datetime.fromtimestamp(facts.as_of, UTC).date().isoformat() > last
        else:
            # reading: an unknown version between two known ones is as an older one.
            old += version < max(LAST_DAY)
    return 1 if old else 0, Fraction(old, len(versions)), len(versions), old


def worth_a_retry(facts: Facts, recent: list[Request]) -> Found:
    """REQ008."""
    passing = []
    for request in recent:
        status = request.status
        server = status is not None and (500 <= status <= 599 or status in (408, 429))
        # reading: unanswered are those without a response where others have one; else all count as accepted.
        if not request.accepted and (server or request.error_code in PASSING or not request.has_response):
            passing.append(request)
    if not facts.responses or not recent:
        return MISSING
    return counted(len(recent), sum(never_arrived(request, recent) for request in passing))


# --- times --------------------------------------------------------------------------------------------------


def daily_uploads(facts: Facts) -> Found:
    """TIM004."""
    # reading: what is sent, and where, is of the current dataset; events count whether accepted or not.
    uploads = [request.sent for request in facts.mine if request.sent is not None]
    accepted = [request.sent for request in facts.mine if request.sent is not None and request.accepted]
    if not uploads:
        return MISSING
    moments = [lead.created for lead in facts.listed.values() if facts.start is None or lead.created >= facts.start]
    # reading: an event_time that only warns (digits in a string, a fraction) is read like any other.
    moments += [event.time for event in facts.events if event.time is not None]
    days: dict[Any, list[int]] = {}
    for moment in moments:
        if facts.horizon - WINDOW < moment <= facts.horizon:
            days.setdefault(oracle.day_of(moment, facts.zone), []).append(moment)
    judged = missed = 0
    for activity in days.values():
        satisfied = any(min(activity) <= upload <= max(activity) + DAY for upload in accepted)
        if satisfied or max(activity) <= max(uploads) - DAY:
            judged += 1
            missed += not satisfied
    return counted(judged, missed)


def freshness(events: list[Event]) -> Found:
    """TIM005."""
    # reading: every valid copy counts, not each event once.
    ages = [
        max(0, event.request.sent - event.time) for event in events if event.valid and event.request.sent is not None
    ]
    if not ages:
        return MISSING
    p95 = nearest_rank(ages, 95)
    # reading: "affected" is said by nothing.
    return 2 if p95 >= DAY else 1 if p95 > 2 * HOUR else 0, Fraction(p95, DAY), len(ages), UNTOLD


def false_times(facts: Facts, events: list[Event]) -> Found:
    """TIM006."""
    timed = [event for event in events if event.time is not None and event.request.sent is not None]
    if not timed:
        return MISSING
    false: set[Event] = set()

    together: dict[tuple, list[Event]] = {}
    for event in timed:
        together.setdefault((event.request.sent, event.time), []).append(event)
    for same in together.values():
        if len(same) >= 20:
            false |= set(same)

    now = [event for event in timed if abs(event.time - event.request.sent) <= 2]
    # reading: half of the listed leads is counted by event, each beside its own lead; with none listed it is unknown.
    listed = [event for event in now if facts.has_list and event.lead in facts.leads]
    late = [event for event in listed if event.time - facts.leads[event.lead].created > DAY]
    if 10 * len(now) > 9 * len(timed) and listed and 2 * len(late) >= len(listed):
        false |= set(now)

    clamped = [event for event in timed if abs(event.time - (event.request.sent - 7 * DAY)) <= HOUR]
    if len(clamped) >= 20:
        false |= set(clamped)
    return 1 if false else 0, Fraction(len(false), len(timed)), len(timed), len(false)


def but_for_tim002(event: Event) -> bool:
    """Valid, or invalid for nothing but being earlier than its lead."""
    faults = {code for code, outcome in event.judged.items() if outcome == "fail"}
    return event.request.accepted and not event.test and faults <= {"TIM002"}


def constant_offset(facts: Facts, events: list[Event]) -> Found:
    """TIM007."""
    if not facts.has_list:
        return MISSING
    # reading: the raw stage's name is compared as it was sent; each copy of an event counts.
    offsets = [
        event.time - facts.listed[event.lead].created
        for event in events
        if event.lead in facts.listed and event.body.get("event_name") == facts.raw and but_for_tim002(event)
    ]
    if not offsets:
        return MISSING
    median = oracle.lower_median(offsets)
    # reading: half a quarter of an hour is rounded away from zero.
    rounded = (abs(median) + 450) // 900 * 900 * (1 if median >= 0 else -1)
    spread = nearest_rank(offsets, 75) - nearest_rank(offsets, 25)
    n = len(offsets)
    fault = n >= oracle.MIN_UNITS and abs(rounded) >= HOUR and spread <= 900
    return 1 if fault else 0, Fraction(rounded, DAY), n, n if fault else 0


def raw_latency(facts: Facts) -> Found:
    """TIM009."""
    if not facts.has_list:
        return MISSING
    copies: dict[str, list[Event]] = {}
    for event in facts.events:
        if event.valid and event.lead in facts.listed and event.body["event_name"] == facts.raw:
            copies.setdefault(event.lead, []).append(event)
    waits = []
    for lead, some in copies.items():
        # reading: of all valid copies of all raw events of a lead the first upload; without any, the first event time.
        uploads = [event.request.sent for event in some if event.request.sent is not None]
        waits.append(min(uploads or [event.time for event in some]) - facts.listed[lead].created)
    if not waits:
        return MISSING
    slow = sum(wait > DAY for wait in waits)
    return 1 if slow > Fraction(len(waits), 10) else 0, Fraction(oracle.lower_median(waits), DAY), len(waits), slow
