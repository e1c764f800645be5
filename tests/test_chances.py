"""Chances of keeping the selection rules, against worlds of which the truth is known."""

from __future__ import annotations

import dataclasses
import os
import random
import subprocess
import sys
import time

import pytest
from chance_worlds import ASKED, CRITERIA, KINDS, bins, judged

from funnelcheck import language
from funnelcheck.selection import delays, drawing
from funnelcheck.selection.chances import Chance, Evidence, are_level, chance, places, told, told_level

DAY = 1_440
BUSY = Evidence((10,) * 56, ((100 * DAY, 450), (12 * DAY, 280)), ((3 * DAY, 90), (9 * DAY, 20)))


def followed(closed: int, reached: int, daily: int = 12, delay: int = 3 * DAY) -> Evidence:
    """Leads with all of their follow-up behind them, of which some reached the stage after the same delay."""
    return Evidence((daily,) * 56, ((118 * DAY, closed - reached),), ((delay, reached),) if reached else ())


def asked(evidence: Evidence, **others: float) -> Chance:
    return chance(evidence, **{**ASKED, **others})


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_stated_comes_true_as_often(kind: str) -> None:
    """In every bin with enough advertisers; the long run is `python tests/chance_worlds.py 20000`."""
    found = judged(kind, 7, 500)
    told_of = [(criterion, one) for criterion in CRITERIA for one in bins(found, criterion) if one.n >= 40]
    assert len(told_of) > 14
    assert [(criterion, one) for criterion, one in told_of if not one.is_calibrated] == []


def test_with_every_follow_up_closed_the_share_has_the_posterior_of_a_proportion() -> None:
    from scipy.stats import beta

    share = asked(followed(400, 40)).share
    assert share == pytest.approx(beta(40.5, 361).ppf([0.05, 0.5, 0.95]), rel=0.02)


def test_gamma_binomial_and_poisson_are_those_of_scipy() -> None:
    from scipy import stats

    for level in (0.003, 0.05, 0.3, 0.5, 0.8, 0.97, 0.999):
        deviate = float(stats.norm.ppf(level))
        for n, share in ((3, 0.2), (40, 0.9), (300, 0.01), (300, 0.4), (2_000, 0.1)):
            right = stats.binom(n, share).ppf(level)
            assert abs(drawing.binomial(n, share, level, deviate) - right) <= (
                1 if n * min(share, 1 - share) > 10 else 0
            )
        for mean in (0.2, 4.0, 30.0, 900.0):
            right = stats.poisson(mean).ppf(level)
            assert abs(drawing.poisson(mean, level, deviate) - right) <= (1 if mean > 10 else 0)
        for shape in (5.0, 40.0, 800.0):
            assert drawing.gamma(shape, 0.5, deviate) == pytest.approx(stats.gamma(shape).ppf(level), rel=0.05)


def test_more_leads_never_lower_the_chance_of_volume() -> None:
    chances = [asked(followed(400, 40, daily)).volume for daily in range(20)]
    assert chances == sorted(chances)
    assert chances[0] == 0.0
    assert chances[6] < 0.01
    assert chances[11] > 0.99


def test_scattered_days_make_volume_less_sure_and_a_weekend_does_not() -> None:
    even, weekend = (10,) * 56, (16, 16, 16, 1, 1, 10, 10) * 8
    scattered = (0, 20) * 28
    sure, with_weekend, unsure = (
        asked(dataclasses.replace(BUSY, daily_leads=days)).volume for days in (even, weekend, scattered)
    )
    assert unsure < sure
    assert abs(sure - with_weekend) < 0.02


def test_the_threshold_is_an_argument_and_the_month_has_two_known_days() -> None:
    assert asked(BUSY, min_leads=200).volume > asked(BUSY, min_leads=300).volume
    late_rush = dataclasses.replace(BUSY, daily_leads=(*(10,) * 54, 150, 150))
    assert asked(late_rush, min_leads=300).volume > 0.99


def test_the_chance_of_the_rate_falls_on_both_sides_of_its_range() -> None:
    rates = [asked(followed(1_000, reached)).rate for reached in (0, 10, 20, 200, 395, 500)]
    assert rates[0] < 0.05
    assert 0.3 < rates[1] < 0.7
    assert rates[3] > 0.99
    assert 0.3 < rates[4] < 0.8
    assert rates[5] < 0.01


def test_later_delays_never_raise_the_chance_of_the_window() -> None:
    windows = [
        asked(Evidence((12,) * 56, ((110 * DAY, 500),), ((5 * DAY, 100 - late), (40 * DAY, late)))).window
        for late in (1, 5, 10, 20, 40)
    ]
    assert windows == sorted(windows, reverse=True)
    assert windows[0] > 0.95
    assert 0.2 < windows[2] < 0.8
    assert windows[4] < 0.01


def test_a_limit_other_than_28_days_is_one_of_the_window_only() -> None:
    shorter, longer = asked(BUSY, max_days=7), asked(BUSY, max_days=60)
    assert shorter.window < asked(BUSY).window <= longer.window
    assert shorter.rate == pytest.approx(longer.rate, abs=0.03)


def test_the_more_is_known_the_narrower_the_share() -> None:
    few, many = asked(followed(20, 2)).share, asked(followed(2_000, 200)).share
    assert many[2] - many[0] < (few[2] - few[0]) / 5


def test_all_three_are_no_likelier_than_any_and_nothing_is_certain() -> None:
    draw = random.Random(3)
    for _ in range(20):
        found = asked(followed(draw.randint(1, 900), 0 if draw.random() < 0.2 else 1, draw.randint(1, 30)))
        assert found.probability <= min(found.volume, found.window, found.rate)
        assert 0.0 < found.probability < 1.0


@pytest.mark.parametrize("evidence", [Evidence((), (), ()), Evidence((0,) * 30, ((DAY, 3),), ())])
def test_without_a_lead_nothing_can_hold(evidence: Evidence) -> None:
    found = asked(evidence)
    assert (found.probability, found.volume, found.window, found.rate) == (0.0, 0.0, 0.0, 0.0)
    assert told(found, **ASKED).startswith("No ")


def test_equal_evidence_gives_equal_chances_whoever_came_before() -> None:
    first = asked(BUSY)
    asked(followed(50, 3))
    assert asked(BUSY) == first
    assert asked(dataclasses.replace(BUSY, waiting=BUSY.waiting[::-1], reached=BUSY.reached[::-1])) == first


def test_another_seed_gives_nearly_the_same() -> None:
    uncertain = followed(300, 4, 9)
    one, other = (chance(uncertain, **ASKED, seed=seed) for seed in (1, 2))
    assert one != other
    assert one.rate == pytest.approx(other.rate, abs=0.05)
    assert one.volume == pytest.approx(other.volume, abs=0.05)


def test_another_process_gives_the_same() -> None:
    script = (
        "from test_chances import BUSY, asked, followed\n"
        "print(repr([asked(BUSY), asked(followed(300, 4, 9)), asked(followed(20, 0, 8))]))"
    )
    told_by = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told_by[0] == told_by[1] == f"{[asked(BUSY), asked(followed(300, 4, 9)), asked(followed(20, 0, 8))]!r}\n"


def test_five_hundred_advertisers_take_seconds() -> None:
    asked(BUSY)
    begun = time.process_time()
    for _ in range(100):
        asked(BUSY)
    assert (time.process_time() - begun) * 5 < 6  # about 2 on an idle machine


def with_chances(probability: float, **others: object) -> Chance:
    return dataclasses.replace(asked(BUSY), probability=probability, **others)  # type: ignore[arg-type]


def test_places_are_shared_where_the_draws_do_not_tell_chances_apart() -> None:
    chances = [with_chances(p) for p in (0.31, 0.9, 0.3, 0.0, 0.91, 0.6, 0.0)]
    assert places(chances) == [4, 1, 4, 6, 1, 3, 6]
    assert are_level(chances[0], chances[2])
    assert not are_level(chances[0], chances[5])
    assert places([]) == []
    assert told_level(1).startswith("Its chance cannot be told from that of 1 other")


def test_almost_sure_is_never_told_as_certain() -> None:
    sure = told(asked(followed(2_000, 300, 40)), **ASKED)
    assert sure.startswith(
        "The chance that volume, window and rate all hold is more than 99 %: each is as good as sure."
    )
    assert "100 %" not in sure
    assert "Volume" not in sure


def test_the_hopeless_is_told_as_such_with_what_makes_it_so() -> None:
    text = told(asked(followed(2_000, 300, 3)), **ASKED)
    assert text.startswith("Hopeless as things are: the chance that volume, window and rate all hold is less than 1 %.")
    assert "Volume (less than 1 % alone): " in text
    assert "250 are asked for" in text
    assert "Rate" not in text


def test_the_least_likely_is_told_first() -> None:
    found = dataclasses.replace(asked(BUSY), probability=0.3, volume=0.6, window=0.99, rate=0.5)
    text = told(found, **ASKED)
    assert text.index("Rate (about 50 % alone)") < text.index("Volume (about 60 % alone)")
    assert "Window" not in text


def test_a_share_too_small_to_print_is_no_nought() -> None:
    found = dataclasses.replace(asked(BUSY), window=0.8, late=(1e-9, 0.03, 0.12))
    assert "up to 12.0 % seem to come later than 28 days" in told(found, **ASKED)


def test_few_leads_are_told_as_few() -> None:
    assert "This rests on little: 12 leads followed, 12 to the end, and 3 reached the stage." in told(
        asked(followed(12, 3)), **ASKED
    )
    assert "only what is assumed of any stage" in told(asked(Evidence((10,) * 56, (), ())), **ASKED)
    assert "rests on" not in told(asked(BUSY), **ASKED)


def test_a_chance_is_told_in_french() -> None:
    with language.use("fr"):
        text = told(asked(followed(12, 3, 9)), **ASKED)
    assert text.startswith("Probabilité que volume, délai et taux soient tous respectés\u00a0: environ ")
    assert "Cela repose sur peu de choses" in text


def test_shapes_are_shares_that_only_grow() -> None:
    for shape in delays._shapes((28.0,)):
        assert list(shape.gone) == sorted(shape.gone)
        assert 0.0 <= shape.gone[0] <= shape.gone[-1] < 1.0
