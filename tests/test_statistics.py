"""Rates and intervals against libraries of someone else: lifelines for Kaplan-Meier, scipy for Wilson."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from lifelines import KaplanMeierFitter
from scipy.stats import binomtest

from funnelcheck.judgement import check
from funnelcheck.store import Store, open_store

WINDOW = 2_419_200
Z = 1.959964


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with open_store() as opened:
        check(opened, as_of=0)
        yield opened


FIGURES = (
    "171_funnel_step 172_target 173_target_delay 174_target_risk 175_target_curve 176_target_window 178_target_rate"
)
Reached = Mapping[str, int]  # stage -> delay in seconds


def measured(store: Store, leads: list[tuple[int, int | None]]) -> dict[str, Any]:
    """The stage_rate row of a cohort given as (follow-up, delay or None), both in seconds."""
    return rates(store, [(follow, {} if delay is None else {"Won": delay}) for follow, delay in leads], ["Won"])[0]


def rates(store: Store, leads: Sequence[tuple[int, Reached]], stages: list[str], table: str = "stage_rate") -> Any:
    """Rows of stage_rate, or of target_rate, for a cohort of (follow-up, delay by stage); stages in their order."""
    store.execute("begin")
    for number, (follow_up, reached) in enumerate(leads):
        lead = {"lead": number, "follow": follow_up, "mature": follow_up == WINDOW}
        store.execute("insert into coded_cohort_lead values (1, $lead, 0, $follow, $mature)", lead)
        for stage, delay in reached.items():
            store.execute(
                "insert into coded_stage_delay values (1, $stage, $lead, $delay, $follow, $delay <= $follow)",
                {"lead": number, "follow": follow_up, "delay": delay, "stage": stages.index(stage)},
            )
    mature = sum(follow == WINDOW for follow, _ in leads)
    for order, stage in enumerate(stages, 1):
        converted = sum(stage in reached and reached[stage] <= follow for follow, reached in leads)
        store.execute(
            "insert into stage (advertiser_id, channel, event_name, stage_order, cohort, mature, converted, "
            "is_negative, is_raw, advertiser_no, stage_no) "
            "values ('a', 'crm', $stage, $order, $cohort, $mature, $converted, false, false, 1, $order - 1)",
            {"cohort": len(leads), "mature": mature, "converted": converted, "stage": stage, "order": order},
        )
    for file in (*FIGURES.split(), "178_target_rate"):
        store.run_file(f"facts/figures/{file}.sql", {"min_rate": 1.01})  # every union is measured
    rows = store.rows(f"from {table} order by all")
    store.execute("rollback")
    return rows


def random_cohort(seed: int) -> list[tuple[int, int | None]]:
    """Leads of any age, with delays on a coarse grid so that events and censorings tie."""
    draw = random.Random(seed)
    step = draw.choice([1, 60, 3600, 86_400])
    leads: list[tuple[int, int | None]] = []
    for _ in range(draw.randint(2, 120)):
        follow_up = min(WINDOW, draw.randrange(1, draw.choice([WINDOW, 3 * WINDOW])) // step * step)
        delay = draw.randrange(WINDOW) // step * step if draw.random() < 0.5 else None
        leads.append((follow_up, delay))
    return leads


def agrees_with_libraries(row: Mapping[str, Any], leads: Sequence[tuple[int, int | None]]) -> None:
    """Kaplan-Meier and Greenwood are lifelines'; Wilson where every lead is mature is scipy's."""
    converted = [delay is not None and delay <= follow for follow, delay in leads]
    minutes = [
        math.ceil(delay / 60) if hit and delay is not None else follow // 60
        for (follow, delay), hit in zip(leads, converted, strict=True)
    ]
    fitter = KaplanMeierFitter(alpha=2 * (1 - 0.5 * (1 + math.erf(Z / math.sqrt(2)))))
    fitter.fit(minutes, converted)
    assert row["rate"] == pytest.approx(1 - fitter.predict(WINDOW // 60), abs=1e-9)
    if row["mature"] == row["cohort"]:
        right = binomtest(sum(converted), len(leads)).proportion_ci(math.erf(Z / math.sqrt(2)), method="wilson")
        assert (row["rate_low"], row["rate_high"]) == pytest.approx((right.low, right.high), abs=1e-9)
    elif 0 < row["rate"] < 1:
        low, high = fitter.confidence_interval_survival_function_.iloc[-1]
        assert (row["rate_low"], row["rate_high"]) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize("seed", range(200))
def test_the_rate_and_its_interval_are_those_of_lifelines(seed: int, store: Store) -> None:
    leads = random_cohort(seed)
    agrees_with_libraries(measured(store, leads), leads)


@pytest.mark.parametrize("seed", range(24))
def test_the_interval_along_the_curve_is_that_of_lifelines_and_ends_at_the_rates(seed: int, store: Store) -> None:
    leads = random_cohort(seed)
    if seed % 4 == 0:
        leads = [(WINDOW, delay) for _, delay in leads]
    funnel: list[tuple[int, Reached]] = [(follow, {} if delay is None else {"Won": delay}) for follow, delay in leads]
    curve = rates(store, funnel, ["Won"], "stage_curve")
    rate = rates(store, funnel, ["Won"])[0]
    converted = [delay is not None and delay <= follow for follow, delay in leads]
    assert bool(curve) == any(converted)
    if not curve:
        return
    minutes = [
        math.ceil(delay / 60) if hit and delay is not None else follow // 60
        for (follow, delay), hit in zip(leads, converted, strict=True)
    ]
    fitter = KaplanMeierFitter(alpha=2 * (1 - 0.5 * (1 + math.erf(Z / math.sqrt(2)))))
    fitter.fit(minutes, converted)
    mature = sum(follow == WINDOW for follow, _ in leads)
    for point in curve:
        assert point["share"] == pytest.approx(1 - fitter.predict(point["minute"]), abs=1e-9)
        told = (point["share_low"], point["share_high"])
        if mature == len(leads):
            hits = sum(hit and minute <= point["minute"] for hit, minute in zip(converted, minutes, strict=True))
            right = binomtest(hits, len(leads)).proportion_ci(math.erf(Z / math.sqrt(2)), method="wilson")
            assert told == pytest.approx((right.low, right.high), abs=1e-9)
        elif 0 < point["share"] < 1:
            low, high = fitter.confidence_interval_survival_function_.loc[point["minute"]]
            assert told == pytest.approx((1 - high, 1 - low), abs=1e-9)
    last = max(curve, key=lambda point: point["minute"])
    assert (last["share_low"], last["share_high"]) == pytest.approx((rate["rate_low"], rate["rate_high"]), abs=1e-9)


def random_funnel(seed: int, stages: str) -> list[tuple[int, Reached]]:
    """A random cohort whose leads reach any of the stages, in any order; at times every lead is mature."""
    draw = random.Random(seed)
    follow_ups = [follow for follow, _ in random_cohort(seed)]
    if seed % 3 == 0:
        follow_ups = [WINDOW] * len(follow_ups)
    step = draw.choice([1, 60, 86_400])
    return [
        (follow, {stage: draw.randrange(2 * WINDOW) // step * step for stage in stages if draw.random() < 0.3})
        for follow in follow_ups
    ]


@pytest.mark.parametrize("seed", range(100))
def test_several_stages_together_are_reached_with_the_first_of_them(seed: int, store: Store) -> None:
    """Unions of two to five stages in a row, and each stage with all deeper ones."""
    stages = "ABCDEFG"[: 2 + seed % 6]
    leads = random_funnel(seed, stages)
    rows = {
        (row["kind"], row["first_step"], row["last_step"]): row for row in rates(store, leads, [*stages], "target_rate")
    }
    places = range(1, len(stages) + 1)
    unions = {("union", first, last) for first in places for last in places if first < last < first + 5}
    deeper = {("deeper", first, len(stages)) for first in places}
    assert set(rows) == unions | deeper | {("stage", None, None)}
    for kind, first, last in unions | deeper:
        together = stages[first - 1 : last]
        delays = [min((reached[s] for s in together if s in reached), default=None) for _, reached in leads]
        row = rows[kind, first, last]
        agrees_with_libraries(row, [(follow, delay) for (follow, _), delay in zip(leads, delays, strict=True)])
        known = sorted(delay for delay in delays if delay is not None)
        assert row["reached"] == len(known)
        assert row["p90_seconds"] == (known[math.ceil(9 * len(known) / 10) - 1] if known else None)


@pytest.mark.parametrize(("converted", "cohort"), [(0, 1), (1, 1), (0, 40), (40, 40), (3, 10), (1, 100), (400, 1000)])
def test_with_every_window_closed_the_rate_is_the_quotient_and_the_interval_wilsons(
    converted: int, cohort: int, store: Store
) -> None:
    row = measured(store, [(WINDOW, WINDOW if i < converted else None) for i in range(cohort)])
    assert row["rate"] == converted / cohort
    right = binomtest(converted, cohort).proportion_ci(confidence_level=math.erf(Z / math.sqrt(2)), method="wilson")
    assert (row["rate_low"], row["rate_high"]) == pytest.approx((right.low, right.high), abs=1e-9)


@pytest.mark.parametrize(
    ("leads", "interval"),
    [
        ([(600, None)] * 5, (0, 1)),  # nobody converted and nobody is mature
        ([(600, 60)] * 5, (0, 1)),  # everybody converted and nobody is mature
    ],
)
def test_without_a_mature_lead_a_rate_of_0_or_1_says_nothing(
    leads: list[tuple[int, int | None]], interval: tuple[float, float], store: Store
) -> None:
    row = measured(store, leads)
    assert (row["rate_low"], row["rate_high"]) == interval


def test_a_conversion_on_the_last_second_counts_and_one_after_it_does_not(store: Store) -> None:
    inside = measured(store, [(WINDOW, WINDOW), (WINDOW, None)])
    outside = measured(store, [(WINDOW, WINDOW + 1), (WINDOW, None)])
    assert (inside["rate"], outside["rate"]) == (0.5, 0.0)


@pytest.mark.parametrize("seed", range(60))
def test_the_leads_to_settle_are_the_least_that_do(seed: int, store: Store) -> None:
    draw = random.Random(seed)
    rate, limit = draw.choice([(draw.uniform(0, 0.0095), 0.01), (draw.uniform(0.405, 1), 0.4)])
    mature = draw.randint(1, 300)
    found = store.value(
        "select leads_to_settle($rate, $mature, $limit)", {"rate": rate, "mature": mature, "limit": limit}
    )

    def settled(n: float) -> bool:
        centre, spread = rate + Z * Z / (2 * n), Z * math.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
        low, high = (centre - spread) / (1 + Z * Z / n), (centre + spread) / (1 + Z * Z / n)
        return high < limit if rate < limit else low > limit

    least = next(m for m in range(1_000_000) if settled(mature + m))
    assert found == least
