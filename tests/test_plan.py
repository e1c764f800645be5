"""The dates and figures of a launch plan, against the guide's durations and its own example."""

from __future__ import annotations

from datetime import date

import pytest

from funnelcheck.reported import Stage
from funnelcheck.rulebook import load_guide
from funnelcheck.selection.plan import Plan, events_told, plan

LAUNCH = date(2027, 1, 11)


def stage(name: str, rate: float | None, order: int, *, low: float | None = None, high: float | None = None) -> Stage:
    return Stage(
        name=name,
        order=order,
        events=0,
        leads=0,
        cohort=100,
        mature=100,
        converted=0,
        rate=rate,
        rate_low=low,
        rate_high=high,
        window_days=None,
        median_days=None,
        eligible=False,
        reason="raw" if order == 1 else None,
    )


EXAMPLE = (
    stage("Lead", None, 1),
    stage("Contacted", 0.7, 2, low=0.6, high=0.8),
    stage("Qualified", 0.3, 3, low=0.2, high=0.4),
    stage("Sold", 0.15, 4, low=0.1, high=0.2),
)


def planned(
    guide: str = "six-step", *, connected: bool = True, stages: tuple[Stage, ...] = EXAMPLE, **more: float
) -> Plan:
    return plan(
        load_guide(guide), stages, launch=LAUNCH, connected=connected, weekly_leads=100, stage="Qualified", **more
    )


def test_the_guides_example_of_a_hundred_leads_comes_to_215_events() -> None:
    found = planned()
    assert found.events_a_week == pytest.approx(215)
    assert [(one.stage, one.a_week) for one in found.events] == [
        ("Lead", 100),
        ("Contacted", pytest.approx(70)),
        ("Qualified", pytest.approx(30)),
        ("Sold", pytest.approx(15)),
    ]
    assert (found.events[1].low, found.events[1].high) == (pytest.approx(60), pytest.approx(80))
    assert events_told(found) == (
        "About 215 events a week are to be expected: Lead 100, Contacted 70, Qualified 30, Sold 15."
    )


def test_at_less_coverage_there_are_fewer_events() -> None:
    assert planned(coverage=0.6).events_a_week == pytest.approx(129)


def test_a_stage_of_unknown_share_is_told_as_such() -> None:
    found = planned(stages=(EXAMPLE[0], stage("Contacted", None, 2)))
    assert found.events_a_week is None
    assert events_told(found) == "How many events a week to expect cannot be told of all stages yet: Lead 100."
    assert "cannot be told" in events_told(planned(stages=()))


def test_few_are_not_told_as_none() -> None:
    found = planned(stages=(EXAMPLE[0], stage("Sold", 0.001, 2)))
    assert "Sold fewer than 1" in events_told(found)


@pytest.mark.parametrize(
    ("guide", "connected", "days"),
    [
        ("six-step", True, [(0, 0), (0, 0), (7, 7), (7, 7), (37, 67), (37, 67)]),
        ("six-step", False, [(21, 49), (21, 49), (21, 49), (28, 56), (28, 56), (58, 116), (58, 116)]),
        ("2026-05", True, None),
    ],
)
def test_every_step_has_its_days(guide: str, connected: bool, days: list[tuple[int, int]] | None) -> None:
    found = planned(guide, connected=connected)
    told = [
        ((date.fromisoformat(one.earliest) - LAUNCH).days, (date.fromisoformat(one.latest) - LAUNCH).days)
        for one in found.milestones
    ]
    if days is not None:
        assert told == days
    assert [one.key for one in found.milestones][int(not connected) :] == [step.key for step in load_guide(guide).steps]
    assert all(earlier <= later for earlier, later in told)
    assert told == sorted(told)


def test_the_sentence_names_both_ends() -> None:
    assert planned().told == (
        "Launched on 2027-01-11, campaigns can run fully optimised between 2027-02-17 and 2027-03-19."
    )
