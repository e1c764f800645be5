"""The probability that an advertiser meets SEL002, SEL003 and SEL004 over the next 28 days, simulated; pure.

What is simulated: the leads of the 28 days after the log, at today's volume, each with all of its events sent.

- Volume (SEL002): leads of the 30 days that end with those 28, the last two of them known: at least as many as asked.
- Rate (SEL004): of the 28 days' leads, the share that reaches the stage within 28 days of its creation; both ends of
  the range included, compared in integers. Without a lead there is none, and it does not hold.
- Window (SEL003): of the delays of those that reach it within 118 days, as long as a cohort holds a lead, the
  nearest-rank 90th percentile is at most the limit: nine of ten are. Without a delay it does not hold.

What is believed, before and after the evidence:

- Leads a day have a mean of which nothing is known before (a gamma prior of shape 1/2), a fixed pattern of weekdays,
  and come in bunches: their variance is a multiple of their mean, estimated from what is left when the weekdays are
  taken out, to which 4 days of a multiple of 1.5 are added. The last 56 days tell, whole ones, as many as are given.
- The share that converts and its delays: see `delays`. Before any evidence the share that ever converts has a beta
  distribution of 1/2 and 1.

A trend is not foretold: neither that a campaign ends, nor that the sales team grows quicker. That FUN006
and FUN007 want ten conversions is not simulated either: with fewer the chance is of the course, not of the verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeVar

from funnelcheck import language, numbers
from funnelcheck.language import _, ngettext
from funnelcheck.selection.delays import MINUTES, Belief, beliefs
from funnelcheck.selection.drawing import beta, binomial, gamma, levels, poisson

DRAWS = 500
AHEAD = 28  # days that are simulated, and within which a lead must convert
MONTH = 30  # days that SEL002 counts
PACE_DAYS = 56  # of the past that the volume is taken from
_SPREAD_DAYS, _SPREAD = 4.0, 1.5  # what the variance of a day is thought to have been before, as a multiple of its mean
_FIGURES = 11
_OUTER = 0.05  # on each side of an interval that holds nine in ten
_SURE = 0.95  # a criterion above it is not spoken of
_HOPELESS = 0.05
_TINY = 0.0005  # as a share
_FEW_REACHED, _FEW_CLOSED = 10, 30
_Figure = TypeVar("_Figure", int, float)
_Dice = Sequence[Sequence[tuple[float, float]]]


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

    probability: float  # 0 where no lead came; else neither 0 nor 1
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


@dataclass(frozen=True, slots=True)
class _Criterion:
    """One of the three: its chance, and how it is told."""

    chance: float
    sentence: str


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
    courses = list(_courses(evidence, recent, float(max_days), levels(seed, DRAWS, _FIGURES)))
    (low, per_low), (high, per_high) = (Fraction(str(share)).as_integer_ratio() for share in (lowest, highest))
    volume = [course.leads + known >= min_leads for course in courses]
    window = [course.reached > 0 and 10 * course.in_time >= 9 * course.reached for course in courses]
    rate = [
        course.leads > 0
        and course.converted * per_low >= low * course.leads
        and course.converted * per_high <= high * course.leads
        for course in courses
    ]
    is_empty = not any(recent)
    together = list(map(all, zip(volume, window, rate, strict=True)))
    closed = sum(leads for minutes, leads in evidence.waiting if minutes >= AHEAD * MINUTES)
    reached = sum(leads for _, leads in evidence.reached)
    return Chance(
        probability=0.0 if is_empty else _probability(together),
        volume=0.0 if is_empty else _probability(volume),
        window=0.0 if is_empty else _probability(window),
        rate=0.0 if is_empty else _probability(rate),
        draws=DRAWS,
        leads=_middle([course.leads + known for course in courses]),
        share=_middle([course.share for course in courses]),
        late=_middle([course.late for course in courses]),
        seen_days=len(recent),
        followed=sum(leads for _, leads in evidence.waiting) + reached,
        closed=closed + reached,
        reached=reached,
    )


def _probability(held: list[bool]) -> float:
    """As of a proportion with half a draw of either kind added: draws alone make nothing impossible or certain."""
    return (sum(held) + 0.5) / (DRAWS + 1)


def _middle(figures: list[_Figure]) -> tuple[_Figure, _Figure, _Figure]:
    figures.sort()
    n = len(figures)
    return figures[int(_OUTER * n)], figures[n // 2], figures[int((1 - _OUTER) * n)]


def _courses(evidence: Evidence, recent: Sequence[int], max_days: float, dice: _Dice) -> Iterator[_Course]:
    limits = tuple(sorted({float(AHEAD), max_days}))
    converted_at, in_time_at = limits.index(AHEAD), limits.index(max_days)
    comings = _comings(recent, dice)
    for i, belief in enumerate(_dealt(beliefs(evidence.waiting, evidence.reached, limits))):
        leads, figures = comings[i], dice[i]
        share = beta(*belief.early, figures[4], figures[5])
        count = binomial(leads, share, *figures[6])
        shares, counts = [share], [count]
        for place, later in enumerate(belief.later):
            hazard = beta(*later.pair(share), figures[7 + place], figures[8 - place])
            count += binomial(leads - count, hazard, *figures[9 + place])
            share += (1.0 - share) * hazard
            shares.append(share)
            counts.append(count)
        yield _Course(
            leads,
            counts[converted_at],
            counts[in_time_at],
            count,
            shares[converted_at],
            1.0 - shares[in_time_at] / share,
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


def _comings(recent: Sequence[int], dice: _Dice) -> list[int]:
    """Leads of the 28 days, one figure a draw."""
    if not any(recent):
        return [0] * DRAWS
    pace, scatter, freedom = _pace(recent)
    shape, scale = pace * len(recent), AHEAD / len(recent)
    comings = []
    for bunching, level, noise, count, *__ in dice:
        chi = 2.0 * gamma(freedom / 2.0, level[0], bunching[1])
        spread = max(scatter / chi, 1.0) if chi > 0.0 else 1.0
        mean = gamma(shape / spread + 0.5, bunching[0], level[1]) * spread * scale
        if spread > 1.0:
            mean = gamma(mean / (spread - 1.0), level[0], noise[1]) * (spread - 1.0)
        comings.append(poisson(mean, *count))
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


def places(chances: Sequence[Chance]) -> list[int]:
    """The place of each, from 1; those that the draws do not tell from the best of their place share it."""
    order = sorted(range(len(chances)), key=lambda i: -chances[i].probability)
    found, best, place = [0] * len(chances), -1, 0
    for n, i in enumerate(order, 1):
        if best < 0 or not are_level(chances[best], chances[i]):
            best, place = i, n
        found[i] = place
    return found


def are_level(one: Chance, other: Chance) -> bool:
    """True where two probabilities lie no further apart than two standard errors of their difference."""
    if 0.0 in (one.probability, other.probability):
        return one.probability == other.probability
    variance = sum(chance.probability * (1.0 - chance.probability) / chance.draws for chance in (one, other))
    return abs(one.probability - other.probability) <= 2.0 * math.sqrt(variance)


def told_level(others: int) -> str:
    """What is said of an advertiser that shares its place."""
    return ngettext(
        "Its chance cannot be told from that of {n} other: they share the place.",
        "Its chance cannot be told from those of {n} others: they share the place.",
        others,
    ).format(n=numbers.count(others))


def told(chance: Chance, *, min_leads: float, lowest: float, highest: float, max_days: float) -> str:
    """The sentences that explain a chance: how high, what makes it so, and on how little it rests."""
    if chance.probability == 0.0:
        return _no_leads(chance)
    criteria = _criteria(chance, min_leads, (lowest, highest), max_days)
    doubtful = sorted((one for one in criteria if one.chance < _SURE), key=lambda one: one.chance)
    parts = [_verdict(chance.probability, bool(doubtful)), *(one.sentence for one in doubtful), _foundation(chance)]
    return " ".join(part for part in parts if part)


def told_probability(probability: float) -> str:
    """In whole per cent, since the draws tell no more: "about 63 %", never 0 % or 100 %."""
    if probability == 0.0:
        return language.percent("0")
    if probability < 0.01:
        return _("less than {share}").format(share=language.percent("1"))
    if probability > 0.99:
        return _("more than {share}").format(share=language.percent("99"))
    return _("about {share}").format(share=language.percent(str(math.floor(probability * 100 + 0.5))))


def _no_leads(chance: Chance) -> str:
    if not chance.seen_days:
        return _("No day is known of which leads were counted, so there is no volume to foretell from.")
    return ngettext(
        "No lead came on the {n} day that is known: at this volume none of the three can hold.",
        "No lead came on the last {n} days: at this volume none of the three can hold.",
        chance.seen_days,
    ).format(n=numbers.count(chance.seen_days))


def _verdict(probability: float, has_doubts: bool) -> str:
    figure = told_probability(probability)
    if probability < _HOPELESS:
        return _("Hopeless as things are: the chance that volume, window and rate all hold is {chance}.").format(
            chance=figure
        )
    if not has_doubts:
        return _("The chance that volume, window and rate all hold is {chance}: each is as good as sure.").format(
            chance=figure
        )
    return _("The chance that volume, window and rate all hold is {chance}.").format(chance=figure)


def _criteria(chance: Chance, min_leads: float, limits: tuple[float, float], max_days: float) -> list[_Criterion]:
    volume = _("Volume ({chance} alone): {span} leads in 30 days are to be expected, {asked} are asked for.").format(
        chance=told_probability(chance.volume),
        span=numbers.span(numbers.count(chance.leads[0]), numbers.count(chance.leads[2])),
        asked=numbers.count(min_leads),
    )
    window = _(
        "Window ({chance} alone): of conversions, {span} seem to come later than {days} after the lead; "
        "at most {tenth} may."
    ).format(
        chance=told_probability(chance.window),
        span=_span(chance.late, (0.1,)),
        days=numbers.days(max_days),
        tenth=language.percent("10"),
    )
    rate = _(
        "Rate ({chance} alone): of leads, {span} seem to reach the stage within 28 days; {asked} is asked for."
    ).format(
        chance=told_probability(chance.rate),
        span=_span(chance.share, limits),
        asked=numbers.threshold(limits, "share"),
    )
    return [_Criterion(chance.volume, volume), _Criterion(chance.window, window), _Criterion(chance.rate, rate)]


def _span(shares: tuple[float, float, float], limits: Sequence[float]) -> str:
    """Between which shares nine in ten lie; a first one too small to print is left out."""
    if shares[0] < _TINY:
        return _("up to {share}").format(share=numbers.percent(shares[2], limits))
    return numbers.interval(shares[0], shares[2], limits)


def _foundation(chance: Chance) -> str:
    """A warning where the stage is known from few leads; nothing else."""
    if not chance.followed:
        return _("No lead could be followed: about the stage this says only what is assumed of any stage.")
    if chance.reached >= _FEW_REACHED and chance.closed >= _FEW_CLOSED:
        return ""
    return _("This rests on little: {followed} followed, {closed} to the end, and {reached} reached the stage.").format(
        followed=numbers.count(chance.followed, "lead"),
        closed=numbers.count(chance.closed),
        reached=numbers.count(chance.reached),
    )
