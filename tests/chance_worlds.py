"""Worlds of which the truth is known, to hold stated chances against what then happens; a program says how well.

`python tests/chance_worlds.py 20000` draws as many advertisers of each kind and prints, by criterion and bin of the
stated probability, how many there were, the mean of what was stated, and the share in which it held afterwards.

Two kinds. "broad" has nothing of the model's beliefs: volumes log-uniform from 3 to 1,200 a month, a third close to
the threshold; weekends with 10 to 120 % of a weekday's leads, days scattered by a gamma of up to 50 %; shares that
convert log-uniform around 1 %, uniform around 40 %, and logit-normal between, some zero; delays log-normal,
exponential and mixed of quick and slow, with any median, or with a tenth of them near the limit; logs of a few days to
all of 118. "believed" is drawn from the model's own priors where these are proper.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from funnelcheck.selection import delays
from funnelcheck.selection.chances import Chance, Evidence, chance

ASKED = {"min_leads": 250, "lowest": 0.01, "highest": 0.4, "max_days": 28}
CRITERIA = ("volume", "window", "rate", "probability")
BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
DAY = 1_440  # minutes
Draw = np.random.Generator
Delays = Callable[[int], Any]  # so many, in days


@dataclass
class World:
    """What is true of one advertiser."""

    weekdays: Any  # mean leads of each
    scatter: Callable[[Any], Any]  # of means of days: leads
    share: float  # of leads that ever convert
    delays: Delays
    history: int  # days


def broad(draw: Draw) -> World:
    month = np.exp(draw.uniform(np.log(3), np.log(1_200)))
    if draw.random() < 1 / 3:
        month = draw.normal(250, 40)
    weekdays = np.array([1.0] * 5 + [draw.uniform(0.1, 1.2)] * 2)
    weekdays *= month / 30 / weekdays.mean()
    spread = draw.uniform(0.0, 0.5) + 1e-3
    wait, early = _broad_delays(draw)
    kind = draw.integers(3)
    within = (
        np.exp(draw.uniform(np.log(0.004), np.log(0.025)))
        if kind == 0
        else draw.uniform(0.3, 0.5)
        if kind == 1
        else 1 / (1 + np.exp(-draw.normal(-2.4, 1.3)))
    )
    share = 0.0 if draw.random() < 0.03 else min(within / max(early, 0.02), 1.0)
    history = [draw.integers(5, 28), draw.integers(28, 60), draw.integers(60, 118), 118][draw.integers(4)]
    start = draw.integers(7)
    return World(
        np.roll(weekdays, start),
        lambda means: draw.poisson(means * draw.gamma(spread**-2, spread**2, len(means))),
        share,
        wait,
        int(history),
    )


def _broad_delays(draw: Draw) -> tuple[Delays, float]:
    """Delays, and the share of them within 28 days."""
    median, spread, quick = (
        np.exp(draw.uniform(np.log(0.2), np.log(45))),
        draw.uniform(0.4, 1.6),
        draw.uniform(0.2, 0.8),
    )
    kind = draw.integers(3)

    def plain(n: int) -> Any:
        if kind == 0:
            return median * np.exp(spread * draw.normal(size=n))
        if kind == 1:
            return draw.exponential(median / np.log(2), n)
        return np.where(
            draw.random(n) < quick, draw.exponential(median / 10, n), median * np.exp(0.5 * draw.normal(size=n))
        )

    sample, scale = plain(4_000), 1.0
    if draw.random() < 0.4:  # a tenth of them near the limit
        scale = 28 / np.quantile(sample, draw.uniform(0.82, 0.97))
    return (lambda n: scale * plain(n)), float((sample * scale <= 28).mean())


def believed(draw: Draw) -> World:
    spread = max(6.0 / draw.chisquare(4), 1.01)
    month = draw.normal(250, 60) if draw.random() < 0.5 else np.exp(draw.uniform(np.log(10), np.log(1_200)))
    weekdays = np.full(7, month / 30) * draw.uniform(0.5, 1.5, 7)
    weights = np.array([min(delays._USUAL / median, 1.0) for median in delays._MEDIANS])
    median = draw.choice(delays._MEDIANS, p=weights / weights.sum())
    kind = draw.integers(5)

    def plain(n: int) -> Any:
        if kind < 3:
            return median * np.exp(delays._SPREADS[kind] * draw.normal(size=n))
        return median * (draw.exponential(size=n) / np.log(2)) ** (1 / delays._POWERS[kind - 3])

    def wait(n: int) -> Any:
        found = plain(n)
        while (found > delays.REACH).any():
            found[found > delays.REACH] = plain(int((found > delays.REACH).sum()))
        return found

    return World(
        weekdays,
        lambda means: draw.poisson(draw.gamma(means / (spread - 1) + 1e-12, spread - 1)),
        draw.beta(*delays._PSEUDO),
        wait,
        int(draw.integers(5, 119)),
    )


KINDS = {"broad": broad, "believed": believed}


def observed(draw: Draw, world: World) -> tuple[Evidence, dict[str, bool]]:
    """What a log shows of a world, and what then comes true."""
    days = world.scatter(np.resize(world.weekdays, world.history + 28))
    past, future = days[: world.history], days[world.history :]
    ages = (world.history - np.repeat(np.arange(world.history), past) - draw.random(int(past.sum()))) * DAY
    waits = _waits(draw, world, len(ages))
    reached = waits <= ages
    evidence = Evidence(
        tuple(map(int, past[-56:])),
        _counted(ages[~reached] // 60 * 60),
        _counted(np.ceil(waits[reached])),
    )
    waits = _waits(draw, world, int(future.sum())) / DAY
    leads, early, all_reached = len(waits), int((waits <= 28).sum()), int((waits <= 118).sum())
    held = {
        "volume": int(days[-30:].sum()) >= ASKED["min_leads"],
        "window": all_reached > 0 and 10 * early >= 9 * all_reached,
        "rate": leads > 0 and 100 * early >= leads and 100 * early <= 40 * leads,
    }
    return evidence, held | {"probability": all(held.values())}


def _waits(draw: Draw, world: World, leads: int) -> Any:
    """Minutes until conversion; infinite for leads that never convert."""
    return np.where(draw.random(leads) < world.share, world.delays(leads) * DAY, np.inf)


def _counted(minutes: Any) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((int(minute), leads) for minute, leads in Counter(minutes.tolist()).items()))


def judged(kind: str, seed: int, worlds: int) -> list[tuple[Chance, dict[str, bool], int]]:
    """Stated chances, what came true, and the days of history of so many worlds of a kind.

    Those in which no lead came so far are left out: that at this volume nothing can hold is no forecast.
    """
    draw, found = np.random.default_rng([seed, sorted(KINDS).index(kind)]), []
    for _ in range(worlds):
        world = KINDS[kind](draw)
        evidence, held = observed(draw, world)
        if not any(evidence.daily_leads):
            continue
        found.append((chance(evidence, **ASKED), held, world.history))
    return found


@dataclass
class Bin:
    """Advertisers whose stated probability lies between two limits."""

    low: float
    high: float
    n: int
    stated: float
    held: float

    @property
    def is_calibrated(self) -> bool:
        """The share in which it held lies in the bin, give or take three standard errors."""
        edge = min(max(self.held, self.low), self.high)
        return bool(abs(self.held - edge) <= 3 * (edge * (1 - edge) / self.n) ** 0.5)


def bins(found: list[tuple[Chance, dict[str, bool], int]], criterion: str) -> Iterator[Bin]:
    """The bins of one criterion that are not empty."""
    stated = np.array([getattr(one, criterion) for one, _, _ in found])
    held = np.array([truth[criterion] for _, truth, _ in found])
    for low, high in pairwise(BINS):
        inside = (stated >= low) & ((stated < high) | (high == 1.0))
        if n := int(inside.sum()):
            yield Bin(low, high, n, float(stated[inside].mean()), float(held[inside].mean()))


def table(found: list[tuple[Chance, dict[str, bool], int]]) -> None:
    for criterion in CRITERIA:
        for one in bins(found, criterion):
            verdict = "" if one.is_calibrated else "  OUT" if one.n >= 200 else "  out, but few"
            print(
                f"  {criterion:12}{one.low:5.2f}-{one.high:4.2f} {one.n:7} {one.stated:7.3f} {one.held:7.3f}{verdict}"
            )


if __name__ == "__main__":
    worlds = int(sys.argv[1])
    for kind in sys.argv[2:] or KINDS:
        with ProcessPoolExecutor() as pool:
            parts = list(pool.map(judged, [kind] * 20, range(20), [worlds // 20] * 20))
        together = [one for part in parts for one in part]
        for name, low, high in (
            ("any history", 0, 118),
            ("under 28 days", 0, 27),
            ("28 to 59", 28, 59),
            ("60 up", 60, 118),
        ):
            print(kind, name)
            table([one for one in together if low <= one[2] <= high])
