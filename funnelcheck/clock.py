"""When time alone will have settled something: days of data at the present pace, leads as they come of age; pure.

No simulation: chances are exact under a plain model. Each weekday has its own chance of a day with events, from the
last four weeks; to what was seen one more day of that weekday is added, at the average of all days, so that a weekday
never seen yet counts as an average one. That average is taken with one day with events and one without added.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

SEEN_DAYS = 28  # of the past that the pace is taken from
REACH = 90  # days; a forecast goes no further
FOLLOW_UP_DAYS = 28
_TAIL = 0.05  # on each side of the range in which the date lies nine times in ten


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day by which it is as likely as not to be there, and the range; None: later than a forecast reaches."""

    earliest: date | None
    likely: date | None
    latest: date | None


def weekday_chances(days: Collection[date], until: date) -> tuple[float, ...]:
    """The chance of a day with events, Monday first, from the days with events among the last SEEN_DAYS.

    `until` is the day on which the log ends: whether events came on that day is only known where some did. Days before
    the first one with events are not held against anybody.
    """
    seen = _seen(days, until)
    active = [day for day in seen if day in days]
    average = (len(active) + 1) / (len(seen) + 2)
    return tuple(
        (sum(day.weekday() == weekday for day in active) + average)
        / (sum(day.weekday() == weekday for day in seen) + 1)
        for weekday in range(7)
    )


def _seen(days: Collection[date], until: date) -> list[date]:
    """The days that tell about the pace."""
    if not days:
        return []
    last = until if until in days else until - timedelta(1)
    first = max(min(days), last - timedelta(SEEN_DAYS - 1))
    return [first + timedelta(i) for i in range((last - first).days + 1)]


def arrival(chances: Sequence[float], have: Collection[date], needed: int, start: date, kept: float) -> list[float]:
    """The probability that on `start` + i, and not before, `needed` days with events lie within `kept` days.

    `have` are the days with events so far, `chances` those of a new one by weekday. Days are independent; the rest to 1
    is the probability that it takes longer than REACH, or than the first of the new days is kept.
    """
    waiting = [1.0] + [0.0] * max(needed, 1)  # by number of new days, among the courses that are not there yet
    arrived = []
    for i in range(int(min(REACH, kept))):
        day = start + timedelta(i)
        chance = chances[day.weekday()]
        still = sum(day - timedelta(kept) < old < day for old in have)
        moved = [here * (1 - chance) + (waiting[new - 1] * chance if new else 0.0) for new, here in enumerate(waiting)]
        there = max(needed - still, 0)
        arrived.append(sum(moved[there:]))
        waiting = [share if new < there else 0.0 for new, share in enumerate(moved)]
    return arrived


def forecast(days: Collection[date], needed: int, until: date, start: date, kept: float = REACH) -> Forecast:
    """When `needed` days will have events, at the pace of the days up to `until`; `start` is the next that may."""
    arrived = arrival(weekday_chances(days, until), days, needed, start, kept)
    early, middle, late = (_quantile(arrived, share) for share in (_TAIL, 0.5, 1 - _TAIL))
    return Forecast(*(None if i is None else start + timedelta(i) for i in (early, middle, late)))


def _quantile(arrived: Sequence[float], share: float) -> int | None:
    total = 0.0
    for i, chance in enumerate(arrived):
        total += chance
        if total >= share - 1e-12:
            return i
    return None


def quiet_weekdays(days: Collection[date], until: date) -> tuple[int, ...]:
    """Weekdays (0 is Monday) of which two or more passed without an event since the first day with one."""
    seen = _seen(days, until)
    busy = {day.weekday() for day in seen if day in days}
    return tuple(
        weekday for weekday in range(7) if weekday not in busy and sum(d.weekday() == weekday for d in seen) > 1
    )


def coming_of_age(closing: Iterable[tuple[date, int]], more: int, until: date) -> date | None:
    """The day on which `more` further leads have had their follow-up.

    `closing` is how many leads have theirs on which day after `until`, the end of the log. Beyond these, leads go on
    being generated at the pace at which they came. None where no lead is on its way.
    """
    total, first = 0, None
    for day, leads in sorted(closing):
        first = first or day
        total += leads
        if total >= more:
            return day
    if first is None:
        return None
    came_in_days = max((until + timedelta(FOLLOW_UP_DAYS) - first).days + 1, 1)
    further = math.ceil((more - total) * came_in_days / total)
    return until + timedelta(FOLLOW_UP_DAYS + further) if further < 3_660 else None
