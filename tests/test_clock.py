"""The readiness clock against every course that the coming days can take, and against chance itself."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Sequence
from datetime import date, timedelta

import pytest

from funnelcheck import clock

MONDAY = date(2026, 11, 16)


def days(*offsets: int, start: date = MONDAY) -> set[date]:
    return {start + timedelta(offset) for offset in offsets}


def first_day_there(new: Collection[date], have: Collection[date], needed: int, start: date, kept: int) -> int | None:
    """By counting: the first day on which enough days with events are at most `kept` days old."""
    for i in range(kept):
        today = start + timedelta(i)
        young = [day for day in {*new, *have} if day <= today and (today - day).days < kept]
        if len(young) >= needed:
            return i
    return None


def every_course(
    chances: Sequence[float], have: Collection[date], needed: int, start: date, kept: int
) -> dict[int | None, float]:
    """The probability of each first day, summed over all courses of `kept` days."""
    ahead = [start + timedelta(i) for i in range(kept)]
    found: dict[int | None, float] = {}
    for course in itertools.product((False, True), repeat=kept):
        share = 1.0
        for day, comes in zip(ahead, course, strict=True):
            share *= chances[day.weekday()] if comes else 1 - chances[day.weekday()]
        new = [day for day, comes in zip(ahead, course, strict=True) if comes]
        first = first_day_there(new, have, needed, start, kept)
        found[first] = found.get(first, 0.0) + share
    return found


@pytest.mark.parametrize("seed", range(12))
def test_arrival_is_the_sum_over_every_course_of_the_coming_days(seed: int) -> None:
    chance = random.Random(seed)
    kept, needed = 11, chance.randint(1, 7)
    chances = [chance.choice((0.0, 0.2, 0.7, 1.0)) for _ in range(7)]
    have = {MONDAY - timedelta(chance.randint(1, 14)) for _ in range(chance.randint(0, 6))}
    told = clock.arrival(chances, have, needed, MONDAY, kept)
    right = every_course(chances, have, needed, MONDAY, kept)
    assert told == pytest.approx([right.get(i, 0.0) for i in range(kept)], abs=1e-12)


def test_a_forecast_agrees_with_a_hundred_thousand_throws() -> None:
    """Events on weekdays mostly, five days so far of which two are old."""
    have = days(-80, -60, -7, -5, -3)
    chances = (0.5, 0.3, 0.3, 0.4, 0.2, 0.02, 0.02)
    told = clock.arrival(chances, have, 7, MONDAY, 90)
    throw, runs = random.Random(1), 100_000
    counted = [0] * 90
    for _ in range(runs):
        new: list[int] = []
        for i in range(90):
            if throw.random() < chances[i % 7]:
                new.append(i)
                if len(new) + sum((MONDAY + timedelta(i) - day).days < 90 for day in have) >= 7:
                    counted[i] += 1
                    break
    for i, share in enumerate(told):
        spread = (share * (1 - share) / runs) ** 0.5
        assert abs(counted[i] / runs - share) < 5 * spread + 1e-6, i


def test_the_pace_is_taken_by_weekday_with_one_average_day_added() -> None:
    """Four whole weeks, events from Monday to Friday: 20 of 28 days, and 21 of 30 with one of each kind added."""
    worked = days(*(week * 7 + day for week in range(4) for day in range(5)))
    sunday = MONDAY + timedelta(27)
    average = 21 / 30
    chances = clock.weekday_chances(worked, sunday + timedelta(1))  # a Monday of which nothing is known yet
    assert chances[1:5] == pytest.approx([(4 + average) / 5] * 4)
    assert chances[5:] == pytest.approx([(0 + average) / 5] * 2)
    assert clock.quiet_weekdays(worked, sunday + timedelta(1)) == (5, 6)


def test_the_day_on_which_the_log_ends_counts_only_where_events_came() -> None:
    assert clock.weekday_chances(days(0), MONDAY)[0] == pytest.approx((1 + 2 / 3) / 2)
    assert clock.weekday_chances(days(0), MONDAY + timedelta(1))[1] == pytest.approx(2 / 3)
    assert clock.weekday_chances(days(0), MONDAY + timedelta(2))[1] == pytest.approx((0 + 2 / 4) / 2)


def test_days_older_than_four_weeks_say_nothing_about_the_pace() -> None:
    busy_once = days(*range(-40, -30))
    assert max(clock.weekday_chances(busy_once, MONDAY)) < 0.04


@pytest.mark.parametrize(("needed", "offset"), [(7, 0), (8, 1), (10, 3)])
def test_with_events_every_day_the_rest_takes_as_many_days(needed: int, offset: int) -> None:
    told = clock.arrival([1.0] * 7, days(*range(-6, 0)), needed, MONDAY, 90)
    assert told[offset] == 1.0


def test_what_is_there_already_is_there_on_the_first_day() -> None:
    assert clock.arrival([0.0] * 7, days(-1, -2), 2, MONDAY, 90)[0] == 1.0


def test_a_day_that_grows_too_old_is_missed() -> None:
    """Of two days needed one is 89 days old: it still counts today, and tomorrow no more."""
    chances = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert clock.arrival(chances, days(-89), 2, MONDAY, 90)[0] == 1.0
    late = clock.arrival(chances, days(-89), 2, MONDAY + timedelta(1), 90)
    assert late[6] == 0.0  # the next Monday is the first of two new ones
    assert late[13] == 1.0


def test_without_a_day_there_is_still_a_forecast_and_without_hope_there_is_none() -> None:
    assert clock.forecast(set(), 1, MONDAY, MONDAY).likely == MONDAY
    assert clock.forecast(days(-60), 7, MONDAY, MONDAY) == clock.Forecast(None, None, None)


def test_leads_come_of_age_one_after_the_other_and_then_at_their_pace() -> None:
    closing = [(MONDAY + timedelta(i), 2) for i in (1, 3, 28)]
    assert clock.coming_of_age(closing, 1, MONDAY) == MONDAY + timedelta(1)
    assert clock.coming_of_age(closing, 2, MONDAY) == MONDAY + timedelta(1)
    assert clock.coming_of_age(closing, 3, MONDAY) == MONDAY + timedelta(3)
    assert clock.coming_of_age(closing, 6, MONDAY) == MONDAY + timedelta(28)
    # six leads in 28 days: three more take 14 days
    assert clock.coming_of_age(closing, 9, MONDAY) == MONDAY + timedelta(28 + 14)
    assert clock.coming_of_age([], 1, MONDAY) is None
    assert clock.coming_of_age(closing, 100_000, MONDAY) is None
