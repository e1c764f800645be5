"""What follow-ups of any age say of a stage: its share within a limit, and what comes later; pure.

The delays of a stage have one of some sixty shapes: log-normal, exponential and Weibull, with medians from hours to
months, of which those above 20 days are the less likely the longer. A shape is judged by the delays seen and by how
long the other leads have waited in vain; but since no shape fits entirely, any number of conversions says no more of
it than 30 would. What a shape is used for is only what was not seen: how much of the share was to be expected from
leads of which the follow-up is still open, and how many come after the limit when few were followed beyond it; both
with a doubt of their own. What was seen counts for itself: with every follow-up closed the share has the plain
posterior of a proportion.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist
from typing import NamedTuple

REACH = 118  # days that a lead is followed at most: as long as one is in the cohort
MINUTES = 1_440
_MEDIANS = (0.1, 0.3, 0.8, 1.6, 3.0, 5.0, 8.0, 12.0, 17.0, 24.0, 34.0, 50.0, 80.0)  # days
_SPREADS = (0.5, 1.0, 1.7)  # of the logarithm
_POWERS = (1.0, 0.6)  # of Weibull
_CELLS = (0.25, 1.0, 3.0, 7.0, 14.0, 21.0, 28.0, 42.0, 63.0, float(REACH))  # days at which delays are parted
_AGES = (0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 13.0, 16.0, 19.0, 22.0, 25.0, 28.0, 35.0, 45.0, 60.0, 85.0, float(REACH))
_PSEUDO = (0.5, 1.0)  # converted and not: what every share is thought to have been seen as before
_LATE = 1.5  # late conversions that the shape's own expectation of them is worth, if it expects many
_MOST = 0.1  # for each conversion in time; many
_USUAL = 20.0  # days; longer medians are the rarer the longer
_TRUSTED = 30.0  # conversions that say as much of the shape as any number does, since none fits entirely
_DOUBT = 1.0  # relative error of a part that is inferred from a shape, since none fits entirely
_NEGLIGIBLE = 1e-3  # of the best shape's weight
_ALMOST = 1 - 1e-9


class Shape(NamedTuple):
    """How conversions within REACH are spread over the days since creation."""

    prior: float  # logarithm of its weight
    logs: tuple[float, ...]  # of the share in each of _CELLS
    gone: tuple[float, ...]  # the share up to each age that _ages gives
    limits: tuple[float, ...]  # the share up to each limit


class Later(NamedTuple):
    """What is known of conversions between a limit and the next one, or REACH."""

    seen: int
    in_vain: float  # leads followed through it without one, parts of a follow-up as parts of a lead
    expected: float  # for each conversion up to the limit

    def pair(self, before: float) -> tuple[float, float]:
        """The beta distribution of the share of those not converted yet, when `before` have."""
        odds = before / (1.0 - before) if before < 0.999 else 999.0
        chance = min(max(odds * self.expected, 1e-9), 0.95)
        doubtful = min(odds * max(self.expected, _MOST), 0.95)  # a shape that knows of none must not outweigh many
        worth = _LATE * min(chance / doubtful, 1.0) if doubtful > 0.0 else _LATE
        return worth + self.seen, worth * (1.0 - chance) / chance + self.in_vain


class Belief(NamedTuple):
    """One shape's weight, and what is believed if it is the one."""

    weight: float
    early: tuple[float, float]  # beta distribution of the share up to the first limit
    later: tuple[Later, ...]  # from each limit to the next, the last to REACH


def beliefs(
    waiting: Iterable[tuple[int, int]], reached: Iterable[tuple[int, int]], limits: tuple[float, ...]
) -> list[Belief]:
    """What is believed of the share up to each of `limits` (days, ascending), shape by shape, heaviest first.

    `waiting` are leads that did not convert, by minutes since creation; `reached` those that did, by minutes of delay.
    """
    ages, shapes = _ages(limits), _shapes(limits)
    cells, between = [0] * len(_CELLS), [0] * (len(limits) + 1)
    for minutes, leads in reached:
        days = minutes / MINUTES
        cells[min(bisect_left(_CELLS, days), len(_CELLS) - 1)] += leads
        between[bisect_left(limits, days)] += leads
    bins = [0] * len(ages)
    for minutes, leads in waiting:
        bins[bisect_right(ages, minutes / MINUTES) - 1] += leads
    open_ages = [(i, leads) for i, leads in enumerate(bins) if leads and i]
    trust = _TRUSTED / (_TRUSTED + sum(cells))
    weights = [shape.prior + trust * _log_weight(shape, cells, open_ages) for shape in shapes]
    best = max(weights)
    likely = [(math.exp(weight - best), shape) for weight, shape in zip(weights, shapes, strict=True)]
    kept = sorted((one for one in likely if one[0] > _NEGLIGIBLE), key=lambda one: -one[0])
    total = sum(weight for weight, _ in kept)
    return [_belief(weight / total, shape, between, open_ages) for weight, shape in kept]


def _log_weight(shape: Shape, cells: Sequence[int], open_ages: Sequence[tuple[int, int]]) -> float:
    """The logarithm of the probability of what was seen, the share of leads that ever convert integrated out."""
    waited = [(leads, shape.gone[i]) for i, leads in open_ages]
    pseudo, in_vain = _PSEUDO
    share, known = _peak(sum(cells) + pseudo, in_vain, waited)
    seen = sum(n * log for n, log in zip(cells, shape.logs, strict=True) if n)
    hoped = sum(leads * math.log1p(-share * gone) for leads, gone in waited)
    prior = pseudo * math.log(share) + in_vain * math.log1p(-share)
    return seen + hoped + prior + sum(cells) * math.log(share) - 0.5 * math.log(share * (1.0 - share) * known)


def _peak(converted: float, in_vain: float, waited: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """The likeliest share of leads that convert, and how many leads with all of their follow-up would say as much.

    `waited` are leads that did not convert so far, with the part of all conversions that would have come by then.
    """
    share = converted / (converted + in_vain + sum(leads * gone for leads, gone in waited))
    known = 0.0
    for _ in range(2):
        rest = 1.0 - share
        slope, bend = converted / share - in_vain / rest, converted / share**2 + in_vain / rest**2
        for leads, gone in waited:
            part = gone / (1.0 - share * gone)
            slope -= leads * part
            bend += leads * part * part
        known = share * rest * bend
        share = min(max(share + slope / bend, share * 0.3), 1.0 - rest * 0.3)
    return share, known


def _belief(weight: float, shape: Shape, between: Sequence[int], open_ages: Sequence[tuple[int, int]]) -> Belief:
    first = shape.limits[0]
    pseudo, in_vain = _PSEUDO[0], sum(_PSEUDO) / first - _PSEUDO[0]
    waited = [(leads, min(shape.gone[i] / first, 1.0)) for i, leads in open_ages]
    in_vain += sum(between[1:]) + sum(leads for leads, gone in waited if gone == 1.0)
    share, known = _peak(between[0] + pseudo, in_vain, [one for one in waited if one[1] < 1.0])
    known = 1.0 / (1.0 / known + (_DOUBT * _inferred(waited)) ** 2 * share / (1.0 - share))
    ends = (*shape.limits, 1.0)
    later = []
    for i, (start, end) in enumerate(pairwise(ends)):
        part = max(end - start, 1e-12)
        vain = sum(leads * min(max(shape.gone[age] - start, 0.0) / part, 1.0) for age, leads in open_ages)
        later.append(Later(between[i + 1], vain + sum(between[i + 2 :]), part / start))
    return Belief(weight, (share * known, (1.0 - share) * known), tuple(later))


def _inferred(waited: Sequence[tuple[int, float]]) -> float:
    """The part of the share that no lead was followed through, on average over what is known."""
    known = sum(leads * gone for leads, gone in waited)
    return sum(leads * gone * (1.0 - gone) for leads, gone in waited) / known if known else 0.0


@lru_cache(maxsize=8)
def _ages(limits: tuple[float, ...]) -> tuple[float, ...]:
    """The ages, from 0, at which follow-ups are parted."""
    return tuple(sorted({0.0, *_AGES, *limits, float(REACH)}))


@lru_cache(maxsize=8)
def _shapes(limits: tuple[float, ...]) -> tuple[Shape, ...]:
    ages = _ages(limits)
    # a follow-up counts as the middle of its part, but a closed one as closed
    middles = [(start + end) / 2 for start, end in pairwise(ages)] + [ages[-1]]
    found = []
    for median in _MEDIANS:
        for share in (*(_log_normal(median, spread) for spread in _SPREADS), *(_weibull(median, p) for p in _POWERS)):
            whole = share(REACH)
            cells = [share(end) / whole for end in _CELLS]
            parts = [cells[0], *(later - earlier for earlier, later in pairwise(cells))]
            found.append(
                Shape(
                    math.log(min(_USUAL / median, 1.0)),
                    tuple(math.log(max(part, 1e-6)) for part in parts),
                    tuple(min(share(days) / whole, _ALMOST) for days in middles),
                    tuple(max(share(days) / whole, 1e-4) for days in limits),
                )
            )
    return tuple(found)


def _log_normal(median: float, spread: float) -> Callable[[float], float]:
    normal = NormalDist(math.log(median), spread)
    return lambda days: normal.cdf(math.log(days)) if days > 0.0 else 0.0


def _weibull(median: float, power: float) -> Callable[[float], float]:
    return lambda days: -math.expm1(-math.log(2.0) * (days / median) ** power)
