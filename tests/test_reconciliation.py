"""Leads on their way, by day, form and campaign, and the age of events, against plain Python on random logs."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.judgement import check
from funnelcheck.render.json import document
from funnelcheck.reported import AdvertiserResult, CoverageForm
from funnelcheck.store import Store, open_store

DAY = 86_400
AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC
WINDOW = 28 * DAY
HOSTILE = '"><script>alert(1)</script>\u202e{{ 7*7 }}'


@dataclass(frozen=True)
class Sent:
    """One event, in a request of its own."""

    lead: str
    name: str
    time: int
    upload: int
    accepted: bool | None
    crm: str | None = None
    test: bool = False


@dataclass
class World:
    """One advertiser: what was sent, and the rows of its list: lead, creation, form, campaign, owner known, test."""

    sent: list[Sent]
    rows: list[tuple[str, int, str | None, str | None, bool, bool]]
    zone: str = "UTC"
    result: AdvertiserResult = field(init=False)

    @property
    def created(self) -> dict[str, int]:
        times: dict[str, int] = {}
        for lead, time, *_ in self.counted:
            times[lead] = min(time, times.get(lead, time))
        return times

    @property
    def counted(self) -> list[tuple[str, int, str | None, str | None, bool, bool]]:
        """Rows of leads of the advertiser: its own, or carried by one of its events."""
        ours = {row[0] for row in self.rows if row[4] and row[1] <= AS_OF} | {one.lead for one in self.sent}
        return [row for row in self.rows if row[0] in ours and row[1] <= AS_OF]

    @property
    def tests(self) -> set[str]:
        return {lead for lead, *_, test in self.counted if test}

    def valid(self) -> set[Sent]:
        has_response = any(one.accepted is not None for one in self.sent)
        created, tests = self.created, self.tests
        return {
            one
            for one in self.sent
            if (one.accepted if has_response else True)
            and not one.test
            and one.lead not in tests
            and one.time >= created.get(one.lead, 0)
            and one.upload - 7 * DAY <= one.time <= one.upload + 300
        }

    def due(self) -> dict[str, int]:
        start = min((one.time for one in self.valid()), default=DAY) - DAY
        until = self.result.list_end if self.result.list_is_stale else self.result.horizon
        assert until is not None
        return {
            lead: time
            for lead, time in self.created.items()
            if lead not in self.tests and time >= start and until - WINDOW < time <= until - DAY
        }

    def way(self, leads: set[str]) -> tuple[int, ...]:
        """Generated, covered, valid raw, raw sent, accepted, unanswered, later."""
        raws: dict[str, list[bool | None]] = defaultdict(list)
        for one in self.sent:
            if one.name == "Lead" and not one.test and one.lead not in self.tests:
                raws[one.lead].append(one.accepted)
        valid: dict[str, set[str]] = defaultdict(set)
        for one in self.valid():
            valid[one.lead].add(one.name)
        return (
            len(leads),
            sum(bool(valid[lead]) for lead in leads),
            sum("Lead" in valid[lead] for lead in leads),
            sum(bool(raws[lead]) for lead in leads),
            sum(True in raws[lead] for lead in leads),
            sum(bool(raws[lead]) and set(raws[lead]) == {None} for lead in leads),
            sum(bool(valid[lead] - {"Lead"}) for lead in leads),
        )


def judged(worlds: dict[str, World]) -> dict[str, World]:
    """All of them in one store, each an advertiser."""
    settings = {name: AdvertiserConfig(time_zone=one.zone, raw_stage="Lead") for name, one in worlds.items()}
    with open_store() as store:
        fill(store, worlds)
        for result in check(store, as_of=AS_OF, config=Config(advertisers=settings)).advertisers:
            worlds[result.advertiser_id].result = result
    return worlds


def fill(store: Store, worlds: dict[str, World]) -> None:
    sent = [(name, e) for name, world in worlds.items() for e in world.sent]
    store.put_rows(
        "given",
        "id bigint, owner varchar, lead varchar, name varchar, time bigint, upload bigint, accepted boolean, "
        "crm varchar, test boolean",
        [(i, n, e.lead, e.name, e.time, e.upload, e.accepted, e.crm, e.test) for i, (n, e) in enumerate(sent)],
    )
    store.execute(
        "insert into request (request_id, file_id, line, record_digest, shape, channel, advertiser_id, upload_time, "
        "event_count, accepted, http_status) "
        "select id, 1, id, id, 'row', 'crm', owner, upload, 1, accepted, if(accepted, 200, 400) from given"
    )
    store.execute(
        "insert into event (request_id, position, channel, advertiser_id, upload_time, accepted, test_traffic, "
        "event_name, event_time, event_time_form, lead_id, customer_parameters, payload_fields, lead_event_source) "
        "select id, 0, 'crm', owner, upload, accepted, test, name, time, 'table', lead, 0, '', crm from given"
    )
    store.put_rows(
        "listed",
        "owner varchar, lead varchar, time bigint, form varchar, campaign varchar, owned boolean, test boolean",
        [(name, *row) for name, world in worlds.items() for row in world.rows],
    )
    store.execute(
        "insert into lead (file_id, line, record_digest, advertiser_id, lead_id, created_time, form_id, campaign_id, "
        "is_test) select 2, 1, 1, if(owned, owner, null), lead, time, form, campaign, test from listed"
    )


def random_world(seed: int) -> World:
    draw = random.Random(seed)
    zone = draw.choice(["UTC", "Asia/Kolkata", "America/Los_Angeles"])
    forms = [None, HOSTILE, *(f"f{i}" for i in range(draw.choice([1, 3, 30])))]
    answers: list[bool | None] = draw.choice([[None], [True, True, False], [True, None, False]])
    grid = draw.choice([1, DAY // 2])
    rows = []
    for i in range(draw.choice([4, 60, 150])):
        time = (AS_OF - draw.randrange(36 * DAY)) // grid * grid
        campaign = draw.choice([None, "c1", "c2"]) if seed % 3 else None
        for _ in range(draw.choice([1, 1, 1, 2])):
            owned, test = draw.random() < 0.8, draw.random() < 0.04
            rows.append(
                (
                    f"{10**15 + 1_000 * seed + i}",
                    time + draw.choice([0, 0, 60]),
                    draw.choice(forms),
                    campaign,
                    owned,
                    test,
                )
            )
    sent = []
    for lead in {row[0] for row in rows} | {f"{2 * 10**15 + 1_000 * seed + i}" for i in range(12)}:
        created = min((row[1] for row in rows if row[0] == lead), default=AS_OF - draw.randrange(36 * DAY))
        for name in ("Lead", "Qualified", "Lost"):
            while draw.random() < 0.45:
                time = created + draw.choice([0, draw.randrange(5 * DAY), -60])
                upload = time + draw.choice([0, 60, DAY, 7 * DAY, 7 * DAY + 1])
                crm = draw.choice(["HubSpot", None])
                if upload <= AS_OF:
                    sent.append(Sent(lead, name, time, upload, draw.choice(answers), crm, draw.random() < 0.05))
    sent.append(Sent(f"{3 * 10**15 + seed}", "Lead", AS_OF - 3 * DAY, AS_OF - 3 * DAY, answers[0]))
    return World(sent, rows, zone)


SEEDS = range(10)
SHIFTS = [(DAY, 1), (DAY - 1, 0), (WINDOW - 1, 1), (WINDOW, 0), (10 * DAY, 1), (0, 0)]
AGES = [(3_600, 0), (3_601, 1), (7_200, 1), (7_201, 2), (DAY, 2), (DAY + 1, 3), (5 * DAY, 3), (5 * DAY + 1, 4)]
AGES += [(7 * DAY, 4), (7 * DAY + 1, 5), (-30, 0)]


@pytest.fixture(scope="module")
def worlds() -> dict[str, World]:
    made = {f"seed {seed}": random_world(seed) for seed in SEEDS}
    made |= {f"shift {shift}": lonely(shift, place) for place, (shift, _) in enumerate(SHIFTS)}
    made |= {f"age {age}": World([aged(age, place)], []) for place, (age, _) in enumerate(AGES)}
    made["no list"] = World([Sent("7" * 16, "Lead", AS_OF - DAY, AS_OF - DAY, None)], [])
    made["no log"] = World([], [("8" * 16, AS_OF - 9 * DAY, None, None, True, False)])
    return judged(made)


@pytest.fixture(params=SEEDS)
def world(request: pytest.FixtureRequest, worlds: dict[str, World]) -> World:
    return worlds[f"seed {request.param}"]


def told(form: CoverageForm) -> tuple[int, ...]:
    return (
        form.eligible,
        form.covered,
        form.raw_covered,
        form.raw_sent,
        form.raw_accepted,
        form.raw_unanswered,
        form.later,
    )


def test_the_way_of_the_leads_is_counted_day_by_day(world: World) -> None:
    zone, due = ZoneInfo(world.zone), world.due()
    days: dict[str, set[str]] = defaultdict(set)
    for lead, time in due.items():
        days[str(datetime.fromtimestamp(time, zone).date())].add(lead)
    right = {day: world.way(leads) for day, leads in days.items()}
    coverage = world.result.coverage
    assert {day.day: told(day) for day in coverage.days if day.eligible} == right  # type: ignore[arg-type]
    assert [day.day for day in coverage.days] == sorted(day.day for day in coverage.days)
    assert (coverage.eligible, coverage.covered, coverage.raw_covered) == world.way(set(due))[:3]
    assert sum(day.missing for day in coverage.days) == world.result.finding("COV001").affected


def test_leads_that_the_list_lacks_are_counted_on_the_day_of_their_first_event(world: World) -> None:
    zone, first, events = ZoneInfo(world.zone), {}, Counter()
    until = world.result.list_end if world.result.list_is_stale else world.result.horizon
    assert until is not None
    known = set(world.created)
    for lead, _, time in {(one.lead, one.name, one.time) for one in world.valid()}:
        if lead not in known:
            first[lead] = min(time, first.get(lead, time))
            events[lead] += 1
    if not known:
        assert world.result.coverage.days == ()
        return
    inside = {lead: time for lead, time in first.items() if until - WINDOW < time <= until - DAY}
    right = Counter(str(datetime.fromtimestamp(time, zone).date()) for time in inside.values())
    coverage = world.result.coverage
    assert {day.day: day.unlisted for day in coverage.days if day.unlisted} == dict(right)
    assert coverage.unlisted_events == sum(events[lead] for lead in inside)


@pytest.mark.parametrize(("kind", "column"), [("form", 2), ("campaign", 3)])
def test_forms_and_campaigns_with_most_missing_leads_come_first(world: World, kind: str, column: int) -> None:
    names: dict[str, str] = {}
    for row in world.counted:
        name = row[column]
        if isinstance(name, str):
            names[row[0]] = min(name, names.get(row[0], name))
    groups: dict[str | None, set[str]] = defaultdict(set)
    for lead in world.due():
        groups[names.get(lead)].add(lead)
    right = {name: world.way(leads) for name, leads in groups.items()}
    coverage = world.result.coverage
    found = coverage.forms if kind == "form" else coverage.campaigns
    if set(right) <= {None}:
        assert found == ()
        return
    assert (coverage.form_count if kind == "form" else coverage.campaign_count) == len(right)
    assert len(found) == min(20, len(right))
    assert {form.name: told(form) for form in found} == {form.name: right[form.name] for form in found}
    missing = sorted((way[0] - way[1] for way in right.values()), reverse=True)
    assert [form.missing for form in found] == missing[: len(found)]


def test_results_json_tells_the_same_and_only_inside_coverage(world: World) -> None:
    from funnelcheck.reported import Inputs, Run
    from funnelcheck.rulebook import load

    run = Run("0", load(Config()).guide, AS_OF, Inputs(0, 0, 0, 0, 0, 0, 0), (world.result,))
    text = json.loads(json.dumps(document(run)))["advertisers"][0]["coverage"]
    assert {"eligible", "covered", "raw_covered", "rate", "raw_rate"} <= set(text)
    assert [form["form_id"] for form in text["forms"]] == [form.name for form in world.result.coverage.forms]
    assert sum(day["eligible"] for day in text["days"]) == text["eligible"]
    assert text["unlisted_leads"] == sum(day["unlisted"] for day in text["days"])


def test_events_are_counted_by_their_age_when_they_were_sent(world: World) -> None:
    latest = max(one.upload for one in world.sent)
    recent = [
        one for one in world.sent if one.upload > latest - WINDOW and not one.test and one.lead not in world.tests
    ]
    fresh = world.result.freshness
    assert (fresh is not None) == bool(recent)
    if fresh is None:
        return
    edges = (3_600, 7_200, DAY, 5 * DAY, 7 * DAY)

    def bands(key: Callable[[Sent], object]) -> dict[object, tuple[int, ...]]:
        groups: dict[object, list[int]] = defaultdict(list)
        for one in recent:
            groups[key(one)].append(one.upload - one.time)
        return {name: (len(ages), *(sum(a <= e for a in ages) for e in edges)) for name, ages in groups.items()}

    for key, found in (
        (lambda one: None, (fresh.total,)),
        (lambda one: one.name, fresh.stages),
        (lambda one: one.crm, fresh.crms),
    ):
        right = bands(key)  # type: ignore[arg-type]
        assert len(found) == len(right)
        for band in found:
            within = (band.within_hour, band.within_two_hours, band.within_day, band.within_five_days)
            assert right[band.name] == (band.events, *within, band.within_seven_days)


def lonely(shift: int, place: int) -> World:
    """One listed lead created so long before the horizon, beside one whose events make the horizon."""
    horizon, first, other = AS_OF - DAY, f"{4 * 10**15 + place}", f"{5 * 10**15 + place}"
    sent = [
        Sent(first, "Lead", horizon - 40 * DAY, horizon - 40 * DAY, True),
        Sent(first, "Won", horizon, horizon, True),
    ]
    rows = [(first, horizon - 40 * DAY, None, None, True, False), (other, horizon - shift, "f", "c", True, False)]
    return World(sent, rows)  # type: ignore[arg-type]


def aged(age: int, place: int) -> Sent:
    return Sent(f"{6 * 10**15 + place}", "Lead", AS_OF - 9 * DAY, AS_OF - 9 * DAY + age, True)


@pytest.mark.parametrize(("shift", "due"), SHIFTS)
def test_both_edges_of_the_four_weeks_hold_for_forms_as_well(shift: int, due: int, worlds: dict[str, World]) -> None:
    coverage = worlds[f"shift {shift}"].result.coverage
    assert coverage.eligible == due
    assert [(form.name, form.missing) for form in coverage.forms] == [("f", 1)] * due
    assert [(form.name, form.missing) for form in coverage.campaigns] == [("c", 1)] * due


@pytest.mark.parametrize(("age", "place"), AGES)
def test_both_sides_of_every_age(age: int, place: int, worlds: dict[str, World]) -> None:
    fresh = worlds[f"age {age}"].result.freshness
    assert fresh is not None
    band = fresh.total
    within = [band.within_hour, band.within_two_hours, band.within_day, band.within_five_days, band.within_seven_days]
    assert [*within, band.events] == [0] * place + [1] * (6 - place)


def test_without_anything_sent_or_listed_there_is_nothing_to_reconcile(worlds: dict[str, World]) -> None:
    alone = worlds["no list"].result
    assert (alone.coverage.eligible, alone.coverage.days, alone.coverage.forms) == (None, (), ())
    listed = worlds["no log"].result
    assert listed.freshness is None
    assert [(day.eligible, day.raw_sent, day.missing) for day in listed.coverage.days] == [(1, 0, 1)]
    assert (listed.coverage.forms, listed.coverage.campaigns) == ((), ())
