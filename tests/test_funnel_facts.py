"""What the funnel and coverage rules count, against plain Python on random histories, logs and lead lists."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import oracle
import pytest

from funnelcheck import extracts, rulebook
from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.extracts import Extract
from funnelcheck.judgement import check
from funnelcheck.reported import AdvertiserResult, Stage
from funnelcheck.store import Store, open_store

DAY = 86_400
AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC
WINDOW = 28 * DAY
SEEDS = range(12)
NAMES = ("Lead", "Qualified", "qualified ", "Offer", "Won", "WON", "Lost", "Signed", "Paid")
Event = tuple[str, str, int]  # lead, stage, time


@dataclass
class World:
    """One advertiser's records by channel, its list, and what is configured."""

    events: dict[str, list[Event]]
    created: dict[str, int]
    tests: set[str]
    stage_order: tuple[str, ...]
    optimise: str | None
    zone: str
    results: dict[str, AdvertiserResult] = field(default_factory=dict)
    extracts: dict[str, Extract] = field(default_factory=dict)

    def valid(self, channel: str) -> list[Event]:
        """Distinct events up to as_of, of no test lead, none before its lead was created."""
        return sorted(
            {
                (lead, name, time)
                for lead, name, time in self.events[channel]
                if time <= AS_OF and lead not in self.tests and time >= self.created.get(lead, 0)
            }
        )

    def times(self, channel: str) -> dict[str, dict[str, list[int]]]:
        """lead -> stage -> its times in order."""
        found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for lead, name, time in sorted(self.valid(channel), key=lambda event: event[2]):
            found[lead][name].append(time)
        return found

    def steps(self, channel: str) -> list[Stage]:
        """Stages in order, without negative ones."""
        return [stage for stage in self.results[channel].stages if not stage.negative]


def random_world(seed: int) -> World:
    draw = random.Random(seed)
    leads = [f"00Q{i}" for i in range(draw.choice([3, 40, 90]))]
    grid = draw.choice([1, 3_600, DAY // 4])
    created = {lead: AS_OF - draw.randrange(70 * DAY) for lead in leads if draw.random() < 0.8}
    if seed % 7 == 0:
        created = {}
    names = ["Lead", *draw.sample(NAMES[1:], draw.randint(0, len(NAMES) - 1))]
    recorded = []
    for lead in leads:
        time = created.get(lead, AS_OF - draw.randrange(70 * DAY))
        for name in names:
            while draw.random() < draw.choice([0.3, 0.7]):
                shift = 0 if draw.random() < 0.3 else draw.randrange(-DAY, 12 * DAY)
                recorded.append((lead, name, (time + shift) // grid * grid))
    sent = [(lead, draw.choice([name, name, name.upper(), f" {name}"]), time) for lead, name, time in recorded]
    sent = [event for event in sent if draw.random() < 0.8]
    declared = draw.sample(NAMES, draw.randint(1, 4)) if draw.random() < 0.7 else []
    return World(
        events={"history": recorded, "crm": sent + [(f"9{lead}", "Lead", AS_OF - 3 * DAY) for lead in leads[:3]]},
        created=created,
        tests={lead for lead in created if draw.random() < 0.05},
        stage_order=tuple(declared),
        optimise=draw.choice([None, None, "lost", "Won"]),
        zone=draw.choice(["UTC", "Asia/Kolkata", "America/Los_Angeles"]),
    )


CODES = ("COV001", "COV002", "COV003", "COV004", "FUN004", "FUN005", "FUN015")


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest) -> World:
    made = random_world(request.param)
    config = Config(
        advertisers={
            "a": AdvertiserConfig(
                time_zone=made.zone, stage_order=made.stage_order, optimisation_stage=made.optimise, raw_stage="Lead"
            )
        }
    )
    book = rulebook.load(config)
    with open_store() as store:
        fill(store, made)
        run = check(store, as_of=AS_OF, config=config)
        made.results = {result.channel: result for result in run.advertisers}
        for code in CODES:
            extract = extracts.rows_at_fault(
                store, book.rule(code), dict(book.thresholds) | {"as_of": AS_OF}, show_ids=True
            )
            assert extract is not None
            made.extracts[code] = extract
    return made


def fill(store: Store, world: World) -> None:
    store.execute(
        "insert into source_file select i, 'f' || i, 'events', null, '', 0, 0, 0, 0, 0, '', '' from range(1, 3) t(i)"
    )
    for channel, events in world.events.items():
        put(store, events, world.created if channel == "crm" else {}, channel)
    for lead in world.tests:
        store.execute("update lead set is_test = true where lead_id = $lead", {"lead": lead})


def put(store: Store, events: list[Event], created: dict[str, int], channel: str = "history") -> None:
    """Rows of a table that read one event each, and of a lead list."""
    columns = "place bigint, lead varchar, stage varchar, time bigint"
    first = store.value("select coalesce(max(request_id), 0) from request")
    store.put_rows("given", columns, [(first + i, *event) for i, event in enumerate(events, 1)])
    store.execute(
        "insert into request (request_id, file_id, line, record_digest, shape, channel, advertiser_id, event_count) "
        "select place, 1, place, place, 'row', $channel, 'a', 1 from given",
        {"channel": channel},
    )
    store.execute(
        "insert into event (request_id, position, channel, advertiser_id, test_traffic, event_name, event_time, "
        "event_time_form, lead_id, customer_parameters, payload_fields) "
        "select place, 0, $channel, 'a', false, stage, time, 'table', lead, 0, '' from given",
        {"channel": channel},
    )
    store.put_rows("given", columns, [(i, lead, "", time) for i, (lead, time) in enumerate(created.items(), 1)])
    store.execute(
        "insert into lead (file_id, line, record_digest, advertiser_id, lead_id, created_time, is_test) "
        "select 2, place, place, 'a', lead, time, false from given"
    )


def figures(result: AdvertiserResult, code: str) -> tuple[float | None, int, int]:
    finding = result.finding(code)
    return finding.value, finding.n, finding.affected


def folded(name: str) -> str:
    return name.strip().casefold()


def warned(result: AdvertiserResult, code: str) -> bool:
    return result.finding(code).status == "warn"


# --- the path of each lead ------------------------------------------------------------------------------------


def test_jumps_and_steps_back_are_counted_lead_by_lead(world: World) -> None:
    for channel, result in world.results.items():
        order = {stage.name: i for i, stage in enumerate(world.steps(channel))}
        beyond, jumping, several, back = set(), set(), set(), set()
        for lead, all_times in world.times(channel).items():
            times = {order[name]: moments for name, moments in all_times.items() if name in order}
            if times and max(times) > 0:
                beyond.add(lead)
                at_once = len(times) > 1 and len({moments[0] for moments in times.values()}) == 1
                if len(times) <= max(times) or at_once:
                    jumping.add(lead)
            if len(times) > 1:
                several.add(lead)
            if any(late < early and times[late][-1] > times[early][0] for late in times for early in times):
                back.add(lead)
        share = len(jumping) / len(beyond) if beyond else None
        assert figures(result, "FUN005") == (share, len(beyond), len(jumping))
        assert warned(result, "FUN005") == bool(beyond and 10 * len(jumping) > len(beyond))
        assert figures(result, "FUN015") == (len(back), len(several), len(back))
        told = {row["lead_id"] for row in world.extracts["FUN005"].rows if row["channel"] == channel}
        assert told == jumping
        told = {row["lead_id"] for row in world.extracts["FUN015"].rows if row["channel"] == channel}
        assert told == back


def test_leads_without_an_earlier_stage_are_listed(world: World) -> None:
    for channel, result in world.results.items():
        names = [stage.name for stage in world.steps(channel)]
        missing = {}
        for lead, times in world.times(channel).items():
            reached = [i for i, name in enumerate(names) if name in times]
            before = [name for name in names[: max(reached, default=0)] if name not in times]
            if not any(stage.name == "Lead" for stage in result.stages):
                before = ["Lead", *before] if reached else []
            if before:
                missing[lead] = ", ".join(before)
        rows = [row for row in world.extracts["FUN004"].rows if row["channel"] == channel]
        assert {row["lead_id"]: row["missing"] for row in rows} == missing


def test_stages_are_counted_as_they_stand_in_the_funnel(world: World) -> None:
    for channel, result in world.results.items():
        steps, events = world.steps(channel), Counter(name for _, name, _ in world.valid(channel))
        widening = sum(b.leads > a.leads for a, b in pairwise(steps))
        assert figures(result, "FUN009") == (widening, max(len(steps) - 1, 0), widening)
        assert warned(result, "FUN009") == (widening > 0)
        candidates = [stage for stage in steps if stage.reason != "raw"]
        assert figures(result, "FUN008") == (sum(stage.eligible for stage in candidates), len(candidates), 0)
        negative = {stage.name for stage in result.stages if stage.negative}
        declared = {folded(name) for name in (*world.stage_order, world.optimise or "")}
        named = sum(folded(name) in declared for name in negative)
        assert figures(result, "FUN012") == (named, len(negative), named)
        total, most = sum(events.values()), max(events.values(), default=0)
        alone = len(events) > 1 and total >= 10 and 100 * most > 99 * total
        assert figures(result, "FUN013") == (most / total if total else None, total, most if alone else 0)


def test_the_span_of_events_is_compared_with_the_way_to_the_stage(world: World) -> None:
    for channel, result in world.results.items():
        times = [time for *_, time in world.valid(channel)]
        stage = next((s for s in result.stages if s.name == result.finding("FUN007").subject), None)
        span = (max(times) - min(times)) / DAY if times else None
        assert figures(result, "FUN014") == (span, stage.reached if stage else 0, 0)
        short = span is not None and stage is not None and stage.window_days is not None and span < stage.window_days
        assert warned(result, "FUN014") == short


def test_declared_stages_are_looked_for_on_the_latest_active_days(world: World) -> None:
    zone = ZoneInfo(world.zone)
    for channel, result in world.results.items():
        days: dict[str, set[date]] = defaultdict(set)
        for _, name, time in world.valid(channel):
            days[folded(name)].add(datetime.fromtimestamp(time, zone).date())
        active = sorted(set().union(*days.values()), reverse=True)[:7]
        declared = {folded(name) for name in world.stage_order}
        unseen = {name for name in declared if not days[name]}
        silent = {name for name in declared - unseen if not days[name] & set(active)}
        found = len(unseen or silent) if active else 0
        assert figures(result, "FUN010") == (found, len(declared), found)
        status = "fail" if unseen and active else "warn" if silent and active else "pass"
        assert result.finding("FUN010").status == status


# --- history, log and list -------------------------------------------------------------------------------------


def test_what_the_history_records_is_looked_for_among_what_was_sent(world: World) -> None:
    if "crm" not in world.results:
        return
    recorded = {(lead, folded(name)) for lead, name, _ in world.valid("history")}
    sent = {(lead, folded(name)) for lead, name, _ in world.valid("crm")}
    lost = recorded - sent
    finding = world.results["crm"].finding("COV003")
    if "history" not in world.results:
        assert finding.status == "not_evaluable"
        return
    assert finding.status == "pass"
    assert figures(world.results["crm"], "COV003") == (
        len(lost) / len(recorded) if recorded else None,
        len(recorded),
        len(lost),
    )
    rows = world.extracts["COV003"].rows
    assert sorted((row["lead_id"], folded(row["event_name"])) for row in rows) == sorted(lost)
    first = {(lead, folded(name)): time for lead, name, time in sorted(world.valid("history"), key=lambda e: -e[2])}
    assert all(row["event_time"] == first[row["lead_id"], folded(row["event_name"])] for row in rows)
    assert {row["file"] for row in rows} <= {"f1"}


def test_list_and_history_are_reconciled_lead_by_lead(world: World) -> None:
    crm = world.results.get("crm")
    if crm is None:
        return
    known = {lead for lead, created in world.created.items() if created <= AS_OF}
    recorded = {lead for lead, _, time in world.events["history"] if time <= AS_OF} - world.tests
    if not known or "history" not in world.results:
        assert crm.finding("COV004").status == "not_evaluable"
        return
    apart = (known - world.tests) ^ recorded
    assert figures(crm, "COV004") == (len(apart), len((known - world.tests) | recorded), len(apart))
    assert {row["lead_id"] for row in world.extracts["COV004"].rows} == apart


def test_leads_without_an_event_are_listed_as_many_as_coverage_lacks(world: World) -> None:
    if "crm" not in world.results:
        return
    crm, times = world.results["crm"], world.times("crm")
    for code, lacks in (
        ("COV001", lambda lead: lead not in times),
        ("COV002", lambda lead: "Lead" not in times.get(lead, {})),
    ):
        start = min((t for *_, t in world.valid("crm")), default=DAY) - DAY
        until = crm.list_end if crm.list_is_stale else crm.horizon
        due = {
            lead
            for lead, created in world.created.items()
            if lead not in world.tests and created >= start and until - WINDOW < created <= until - DAY
        }
        missing = {lead for lead in due if lacks(lead)}
        assert {row["lead_id"] for row in world.extracts[code].rows} == missing
        assert crm.finding(code).affected == len(missing)
        for row in world.extracts[code].rows:
            assert row["created_time"] == world.created[row["lead_id"]]
            assert str(row["day"]) == str(datetime.fromtimestamp(row["created_time"], ZoneInfo(world.zone)).date())
            assert row["file"] == "f2"


# --- renames ---------------------------------------------------------------------------------------------------


def random_spans(draw: random.Random) -> list[Event]:
    """Stages that end about when others begin, with ten events more or less, now and then with a lead in common."""
    middle = AS_OF - 30 * DAY
    events = []
    for i, name in enumerate("ABCDE"):
        count, days = draw.choice([9, 10, 10, 20, 25]), draw.choice([0, 1, 10, 20])
        before = i % 2 == 0
        edge = middle + (0 if before else draw.choice([0, DAY, 2 * DAY, 2 * DAY + 1, -1]))
        for j in range(count):
            shift = days * DAY * j // (count - 1)
            lead = f"{name}{j}" if draw.random() < 0.97 else f"shared{j}"
            events.append((lead, name, edge - shift if before else edge + shift))
    return events


@pytest.mark.parametrize("seed", range(20))
def test_a_name_that_begins_where_another_ends_is_a_rename(seed: int) -> None:
    draw = random.Random(seed)
    events = random_spans(draw)
    if draw.random() < 0.3:  # a log that ends less than a day after the old names is too young to tell
        events = [event for event in events if event[2] <= AS_OF - 30 * DAY + DAY - 1]
    with open_store() as store:
        put(store, events, {})
        (result,) = check(store, as_of=AS_OF).advertisers
        rows = store.rows("from stage_rename")
    distinct = set(events)
    horizon = max(time for *_, time in distinct)
    found = set()
    for a in "ABCDE":
        for b in "ABCDE":
            times = {n: sorted(t for _, name, t in distinct if name == n) for n in (a, b)}
            if a == b or min(map(len, times.values())) < 10:
                continue
            pace = {n: Fraction(len(t)) / max(1, Fraction(t[-1] - t[0], DAY)) for n, t in times.items()}
            leads = [{lead for lead, name, _ in distinct if name == n} for n in (a, b)]
            if (
                0 <= times[b][0] - times[a][-1] <= 2 * DAY
                and Fraction(1, 2) <= pace[b] / pace[a] <= 2
                and not leads[0] & leads[1]
                and horizon - times[a][-1] >= DAY
            ):
                found.add((a, b))
    assert {(row["former_name"], row["event_name"]) for row in rows} == found
    assert figures(result, "FUN011") == (len(found), len({name for _, name, _ in distinct}), len(found))
    assert warned(result, "FUN011") == bool(found)


# --- rates of several stages, and when an undecided one is settled -------------------------------------------------


@dataclass
class Followed:
    """A judged funnel of rare late stages, with the cohort worked out again."""

    result: AdvertiserResult
    cohort: dict[str, int]
    first: dict[str, dict[str, int]]
    window_end: int
    start: int

    def measured(self, names: list[str]) -> tuple[Fraction, tuple[float, float], int, list[int]]:
        """Rate, interval, conversions and delays of the cohort's leads towards any of the stages."""
        leads, delays, converted = [], [], 0
        for lead, created in self.cohort.items():
            times = [self.first[lead][name] for name in names if name in self.first[lead]]
            delay = max(min(times) - created, 0) if times else None
            follow = min(self.result.horizon - created, WINDOW)
            leads.append((delay if delay is not None and delay <= follow else None, follow))
            delays += [] if delay is None else [delay]
            converted += delay is not None and delay <= follow
        mature = sum(self.result.horizon - created >= WINDOW for created in self.cohort.values())
        rate, greenwood = oracle.kaplan_meier(leads)
        if mature == len(leads):
            rate = Fraction(converted, len(leads))
        return rate, oracle.interval(rate, greenwood, converted, len(leads), mature), converted, sorted(delays)

    @property
    def mature(self) -> int:
        return sum(self.result.horizon - created >= WINDOW for created in self.cohort.values())


RARE_SEEDS = range(8)


@pytest.fixture(scope="module", params=RARE_SEEDS)
def followed(request: pytest.FixtureRequest) -> Followed:
    draw = random.Random(request.param)
    size = draw.choice([700, 1_300, 2_000])
    span = draw.choice([20, 80, 110])
    names = [
        "Lead",
        "Contacted",
        *draw.sample(["Sold", "Signed", "Paid", "Closed", "Lost", "Delivered"], draw.randint(2, 6)),
    ]
    created = {f"00Q{i}": AS_OF - draw.randrange(span * DAY) for i in range(size)}
    chances = [0.99, 0.1, *(draw.choice([0.003, 0.007, 0.008, 0.009, 0.009, 0.02]) for _ in names[2:])]
    slow = draw.choice([3, 3, 20, 40])
    events = [
        (lead, name, time + (0 if place == 0 else draw.randrange(1, (place if place < 2 else slow) * DAY)))
        for lead, time in created.items()
        for place, (name, chance) in enumerate(zip(names, chances, strict=True))
        if draw.random() < chance
    ]
    events = [event for event in events if event[2] <= AS_OF]
    order = tuple(names) if draw.random() < 0.7 else ()
    with open_store() as store:
        put(store, events, created)
        config = Config(advertisers={"a": AdvertiserConfig(stage_order=order)})
        (result,) = check(store, as_of=AS_OF, config=config).advertisers
    assert not result.list_is_stale
    start = min(time for *_, time in events) - DAY
    cohort = {
        lead: time
        for lead, time in created.items()
        if start <= time <= result.horizon and time > result.horizon - 118 * DAY
    }
    first: dict[str, dict[str, int]] = defaultdict(dict)
    for lead, name, time in events:
        first[lead][name] = min(time, first[lead].get(name, time))
    return Followed(result, cohort, first, result.horizon, start)


def test_a_stage_with_all_deeper_ones_is_measured_like_a_stage(followed: Followed) -> None:
    steps = [stage for stage in followed.result.stages if not stage.negative]
    for place, stage in enumerate(steps):
        if stage.reason == "raw":
            assert (stage.deeper_rate, stage.deeper_low, stage.deeper_high) == (None, None, None)
            continue
        rate, interval, *_ = followed.measured([one.name for one in steps[place:]])
        told = (stage.deeper_rate, stage.deeper_low, stage.deeper_high)
        assert told == pytest.approx((float(rate), *interval), abs=1e-9)
    judged = followed.result.finding("FUN006")
    stage = next(one for one in followed.result.stages if one.name == judged.subject)
    assert judged.evidence["deeper_rate"] == stage.deeper_rate


def test_rare_stages_in_a_row_that_qualify_together_are_offered(followed: Followed) -> None:
    steps = [stage for stage in followed.result.stages if not stage.negative]
    rare = [s.reason == "too-rare" or (s.reason == "undecided" and s.rate is not None and s.rate < 0.01) for s in steps]
    offered = {}
    for length in range(5, 1, -1):
        for place in range(len(steps) - length, -1, -1):
            if all(rare[place : place + length]) and qualifies(followed, steps[place : place + length]):
                run = max((i for i in range(place) if not rare[i]), default=-1)
                offered[run] = [one.name for one in steps[place : place + length]]
    beginnings = [f"{', '.join(names[:-1])} and {names[-1]} together: " for _, names in sorted(offered.items())]
    told = [note for note in followed.result.notes if " together: " in note]
    assert len(told) == len(beginnings)
    assert all(note.startswith(beginning) for note, beginning in zip(told, beginnings, strict=True))


def qualifies(followed: Followed, stages: list[Stage]) -> bool:
    rate, (low, high), converted, delays = followed.measured([stage.name for stage in stages])
    in_range = Fraction(1, 100) <= rate <= Fraction(2, 5) and (converted >= 10 or (low >= 0.01 and high <= 0.4))
    fast = len(delays) >= 10 and delays[math.ceil(Fraction(9 * len(delays), 10)) - 1] <= WINDOW
    return followed.mature > 0 and in_range and fast


def test_volume_counts_first_reaches_of_four_weeks(followed: Followed) -> None:
    horizon = followed.result.horizon
    for stage in followed.result.stages:
        times = [times[stage.name] for times in followed.first.values() if stage.name in times]
        assert stage.weekly_leads == sum(horizon - WINDOW < time <= horizon for time in times) / 4


def test_an_undecided_stage_says_when_enough_leads_have_their_28_days(followed: Followed) -> None:
    young = sorted(created for created in followed.cohort.values() if followed.result.horizon - created < WINDOW)
    begin = max(followed.start, followed.window_end - 118 * DAY)
    for stage in followed.result.stages:
        more = stage.leads_to_settle
        rate = followed.measured([stage.name])[0]
        is_open = stage.reason == "undecided" and followed.mature and not Fraction(1, 100) <= rate <= Fraction(2, 5)
        assert more == (oracle.leads_to_settle(rate, followed.mature) if is_open else None)
        if more is None or more >= 10 * len(followed.cohort):
            assert stage.settles_on is None
            continue
        if more == 0:
            moment = followed.result.horizon
        elif more <= len(young):
            moment = young[more - 1] + WINDOW
        else:
            wait = Fraction(more - len(young)) * (followed.window_end - begin) / len(followed.cohort)
            moment = followed.window_end + WINDOW + math.ceil(wait)
        assert stage.settles_on == str((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)).date())
