"""The probability that an advertiser meets SEL002, SEL003 and SEL004 over the next 28 days, simulated; pure.

What is simulated: the leads of the 28 days after the log, at today's volume, each with all of its events sent.

- Volume (SEL002): leads of the 30 days that end with those 28, the last two of them known, at least as many as asked.
- Rate (SEL004): of the 28 days' leads, the share that reaches the stage within 28 days of its creation, both ends of the
  range included, compared in integers. Without a lead there is none, and it does not hold.
- Window (SEL003): of the delays of those that reach it within REACH days, the nearest-rank 90th percentile is at most
  the limit: at least nine of ten are. Without a delay it does not hold.

What is believed, before and after the evidence:

- Leads a day have a mean of which nothing is known before (a gamma prior of shape 1/2), a fixed pattern of weekdays,
  and come in bunches: their variance is a multiple of their mean, estimated from what is left when the weekdays are
  taken out, to which 4 days of a multiple of 1.5 are added. The last 56 days tell, whole ones, as many as are given.
- The share that converts and its delays: see `delays`. Before any evidence the share that ever converts has a beta
  distribution of 1/2 and 1, and every shape of delays the same probability.

A trend is not foretold: neither that a campaign ends, nor that the sales team grows quicker. That the list's mature
rule wants ten conversions is not simulated either: with few of them the chance speaks of the true course, not of a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeVar

from funnelcheck.selection.delays import MINUTES, Belief, beliefs
from funnelcheck.selection.drawing import Column, binomial, columns, gamma, poisson

DRAWS = 600
AHEAD = 28  # days that are simulated, and within which a lead must convert
MONTH = 30  # days that SEL002 counts
PACE_DAYS = 56  # of the past that the volume is taken from
_SPREAD_DAYS, _SPREAD = 4.0, 1.5  # what the variance of a day is thought to have been before, as a multiple of its mean
_FIGURES = 12
_OUTER = 0.05  # on each side of an interval that holds nine in ten
_Figure = TypeVar("_Figure", int, float)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one advertiser's volume and one stage, at the horizon of its log.

    Follow-ups and delays are (minutes, leads): a lead of the cohort is either in `reached`, with its delay, however
    late, or in `waiting`, with its age, not cut at 28 days. Ages may be coarser than minutes; hours are fine enough.
    """

    daily_leads: tuple[int, ...]  # counted leads (no tests, no organic) of whole days since the first, oldest first
    waiting: tuple[tuple[int, int], ...]
    reached: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Chance:
    """The probability of all three together and of each alone, and what a sentence about them needs."""

    probability: float  # never 0 or 1, but 0 where no lead came
    volume: float
    window: float
    rate: float
    draws: int
    leads: tuple[int, int, int]  # of SEL002's month: low, middle, high; nine in ten lie between
    share: tuple[float, float, float]  # of leads that convert within 28 days, likewise
    late: tuple[float, float, float]  # of conversions that come after the limit, likewise
    seen_days: int
    followed: int  # leads whose follow-up says something of the stage
    closed: int  # of these, those that reached it or have waited 28 days
    reached: int


class _Course(NamedTuple):
    """One draw of the 28 days and of what becomes of their leads."""

    leads: int
    converted: int  # within 28 days
    in_time: int  # within the limit of the window
    reached: int  # within REACH
    share: float  # the truth that the draw supposes of the first of these
    late: float  # and of conversions after the limit


def chance(
    evidence: Evidence, *, min_leads: float, lowest: float, highest: float, max_days: float, seed: int = 0
) -> Chance:
    """The chances of an advertiser: `lowest` and `highest` are shares, `max_days` is SEL003's limit.

    Equal evidence gives equal chances. Another seed gives another sample, to see how far they depend on it.
    """
    recent = evidence.daily_leads[-PACE_DAYS:]
    known = sum(recent[AHEAD - MONTH :])
    courses = list(_courses(evidence, recent, float(max_days), columns(seed, DRAWS, _FIGURES)))
    low, high = Fraction(str(lowest)), Fraction(str(highest))
    volume = [course.leads + known >= min_leads for course in courses]
    window = [course.reached > 0 and 10 * course.in_time >= 9 * course.reached for course in courses]
    rate = [
        course.leads > 0
        and course.converted * low.denominator >= low.numerator * course.leads
        and course.converted * high.denominator <= high.numerator * course.leads
        for course in courses
    ]
    is_hopeless = not any(recent)
    told = [0.0 if is_hopeless else _probability(sum(held)) for held in (volume, window, rate)]
    together = sum(map(all, zip(volume, window, rate, strict=True)))
    closed = sum(leads for minutes, leads in evidence.waiting if minutes >= AHEAD * MINUTES)
    reached = sum(leads for _, leads in evidence.reached)
    return Chance(
        0.0 if is_hopeless else _probability(together),
        *told,
        draws=DRAWS,
        leads=_middle([course.leads + known for course in courses]),
        share=_middle([course.share for course in courses]),
        late=_middle([course.late for course in courses]),
        seen_days=len(recent),
        followed=sum(leads for _, leads in evidence.waiting) + reached,
        closed=closed + reached,
        reached=reached,
    )


def _probability(held: int) -> float:
    """As of a proportion with half a draw of either kind added: draws alone make nothing impossible or certain."""
    return (held + 0.5) / (DRAWS + 1)


def _middle(figures: list[_Figure]) -> tuple[_Figure, _Figure, _Figure]:
    figures.sort()
    n = len(figures)
    return figures[int(_OUTER * n)], figures[n // 2], figures[int((1 - _OUTER) * n)]


def _courses(
    evidence: Evidence, recent: Sequence[int], max_days: float, dice: Sequence[Column]
) -> Iterator[_Course]:
    limits = tuple(sorted({float(AHEAD), max_days}))
    converted_at, in_time_at = limits.index(AHEAD), limits.index(max_days)
    comings = _comings(recent, dice[:4])
    pairs = list(zip(*(zip(*column, strict=True) for column in dice[4:]), strict=True))
    for i, belief in enumerate(_dealt(beliefs(evidence.waiting, evidence.reached, limits))):
        leads, figures = comings[i], pairs[i]
        share = _beta(*belief.early, figures[0], figures[1])
        count = binomial(leads, share, *figures[2])
        shares, counts = [share], [count]
        for place, later in enumerate(belief.later):
            hazard = _beta(*later.pair(share), figures[3 + place], figures[4 - place])
            count += binomial(leads - count, hazard, *figures[5 + place])
            share += (1.0 - share) * hazard
            shares.append(share)
            counts.append(count)
        yield _Course(
            leads,
            counts[converted_at],
            counts[in_time_at],
            counts[-1],
            shares[converted_at],
            1.0 - shares[in_time_at] / shares[-1],
        )


def _dealt(believed: Sequence[Belief]) -> Iterator[Belief]:
    """Each belief as often as its weight says, DRAWS in all."""
    i, total = 0, 0.0
    for belief in believed:
        total += belief.weight
        while (i + 0.5) / DRAWS <= total and i < DRAWS:
            yield belief
            i += 1
    yield from [believed[-1]] * (DRAWS - i)  # for the last digits of the sum


def _beta(a: float, b: float, first: tuple[float, float], second: tuple[float, float]) -> float:
    """Two gammas; the level of one serves the power of the other where one is needed."""
    one = gamma(a, second[0], first[1])
    other = gamma(b, first[0], second[1])
    return one / (one + other) if one + other > 0.0 else float(a > b)


def _comings(recent: Sequence[int], dice: Sequence[Column]) -> list[int]:
    """Leads of the 28 days, one figure a draw."""
    days = len(recent)
    if not any(recent):
        return [0] * DRAWS
    pace, scatter, freedom = _pace(recent)
    bunching, level, noise, count = dice
    shape, scale = pace * days, AHEAD / days
    comings = []
    for i in range(DRAWS):
        chi = 2.0 * gamma(freedom / 2.0, level.levels[i], bunching.deviates[i])
        spread = max(scatter / chi, 1.0) if chi > 0.0 else 1.0
        mean = gamma(shape / spread + 0.5, bunching.levels[i], level.deviates[i]) * spread * scale
        if spread > 1.0:
            mean = gamma(mean / (spread - 1.0), level.levels[i], noise.deviates[i]) * (spread - 1.0)
        comings.append(poisson(mean, count.levels[i], count.deviates[i]))
    return comings


def _pace(recent: Sequence[int]) -> tuple[float, float, float]:
    """Leads a day; the squares that tell how they scatter, in units of the mean; and the days that these are worth.

    From a fortnight on weekdays are told apart, so that a weekend is no scatter, nor a part of a week a change of pace.
    """
    week = 7 if len(recent) >= 14 else 1
    kinds = [recent[start::week] for start in range(week)]
    means = [sum(kind) / len(kind) for kind in kinds]
    pace = sum(means) / week
    squares = sum((leads - mean) ** 2 for kind, mean in zip(kinds, means, strict=True) for leads in kind)
    return pace, _SPREAD_DAYS * _SPREAD + squares / pace, _SPREAD_DAYS + len(recent) - week
