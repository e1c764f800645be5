"""Rates and intervals against libraries of someone else: lifelines for Kaplan-Meier, scipy for Wilson."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
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


def measured(store: Store, leads: list[tuple[int, int | None]]) -> dict[str, Any]:
    """The stage_rate row of a cohort given as (follow-up, delay or None), both in seconds."""
    store.execute("begin")
    for number, (follow_up, delay) in enumerate(leads):
        lead = {"lead": str(number), "follow": follow_up, "mature": follow_up == WINDOW}
        store.execute("insert into cohort_lead values ('a', 'crm', $lead, 0, $follow, $mature)", lead)
        if delay is not None:
            reached = {"lead": str(number), "follow": follow_up, "delay": delay}
            store.execute(
                "insert into stage_delay values ('a', 'crm', 'Won', $lead, $delay, $follow, $delay <= $follow)", reached
            )
    mature = sum(follow == WINDOW for follow, _ in leads)
    converted = sum(delay is not None and delay <= follow for follow, delay in leads)
    store.execute(
        "insert into stage (advertiser_id, channel, event_name, cohort, mature, converted) "
        "values ('a', 'crm', 'Won', $cohort, $mature, $converted)",
        {"cohort": len(leads), "mature": mature, "converted": converted},
    )
    for file in ("150_stage_risk", "175_stage_curve", "178_stage_rate"):
        store.run_file(f"facts/figures/{file}.sql")
    row = store.rows("from stage_rate")[0]
    store.execute("rollback")
    return row


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


@pytest.mark.parametrize("seed", range(200))
def test_the_rate_and_its_interval_are_those_of_lifelines(seed: int, store: Store) -> None:
    leads = random_cohort(seed)
    row = measured(store, leads)
    converted = [delay is not None and delay <= follow for follow, delay in leads]
    minutes = [
        math.ceil(delay / 60) if hit and delay is not None else follow // 60
        for (follow, delay), hit in zip(leads, converted, strict=True)
    ]
    fitter = KaplanMeierFitter(alpha=2 * (1 - 0.5 * (1 + math.erf(Z / math.sqrt(2)))))
    fitter.fit(minutes, converted)
    assert row["rate"] == pytest.approx(1 - fitter.predict(WINDOW // 60), abs=1e-9)
    if row["mature"] < row["cohort"] and 0 < row["rate"] < 1:
        low, high = fitter.confidence_interval_survival_function_.iloc[-1]
        assert (row["rate_low"], row["rate_high"]) == pytest.approx((1 - high, 1 - low), abs=1e-9)


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
