"""Draws of the few distributions that chances are made of, each a plain function of levels between 0 and 1; pure.

No generator runs while advertisers are judged. Every uncertain figure is drawn at the same evenly spaced levels, in an
order of its own that a seed has mixed (a Latin hypercube): equal figures give equal results whoever has them, and with
one level held, more of anything never gives less.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from statistics import NormalDist

_SMALL = 10.0  # mean of a count up to which it is found by adding up probabilities


@lru_cache(maxsize=8)
def levels(seed: int, draws: int, figures: int) -> tuple[tuple[tuple[float, float], ...], ...]:
    """For each draw and figure a level, as a share and as a deviate of the normal distribution.

    Of one figure the levels of all draws are evenly spaced; each figure has them in another order.
    """
    mixed, normal = random.Random(seed), NormalDist()  # noqa: S311  # nothing secret
    columns = []
    for _ in range(figures):
        keys = sorted((mixed.random(), (i + 0.5) / draws) for i in range(draws))
        columns.append([(level, normal.inv_cdf(level)) for _, level in keys])
    return tuple(zip(*columns, strict=True))


def gamma(shape: float, level: float, deviate: float) -> float:
    """Gamma of scale 1 by the cube of Wilson and Hilferty; below shape 1 by one of shape + 1 and a power of `level`.

    `level` and `deviate` are of different figures.
    """
    if shape < 1.0:
        return gamma(shape + 1.0, level, deviate) * level ** (1.0 / shape) if shape > 1e-9 else 0.0
    ninth = 1.0 / (9.0 * shape)
    root = 1.0 - ninth + deviate * math.sqrt(ninth)
    return shape * root * root * root if root > 0.0 else 0.0


def beta(a: float, b: float, first: tuple[float, float], second: tuple[float, float]) -> float:
    """One of two gammas as a share of both; the level of each serves the power of the other where one is needed."""
    if a < 1.0 or b < 1.0:
        one, other = gamma(a, second[0], first[1]), gamma(b, first[0], second[1])
        return one / (one + other) if one + other > 0.0 else float(a > b)
    # as `gamma`, without two calls: this is where most of the time goes
    ninth = 1.0 / (9.0 * a)
    root = max(1.0 - ninth + first[1] * math.sqrt(ninth), 1e-9)
    one = a * root * root * root
    ninth = 1.0 / (9.0 * b)
    root = max(1.0 - ninth + second[1] * math.sqrt(ninth), 1e-9)
    return one / (one + b * root * root * root)


def binomial(n: int, share: float, level: float, deviate: float) -> int:
    """How many of n; `level` and `deviate` are of the same figure."""
    if share > 0.5:
        return n - binomial(n, 1.0 - share, 1.0 - level, -deviate)
    mean = n * share
    if mean > _SMALL:
        k = math.floor(_skewed(mean, math.sqrt(mean * (1.0 - share)), 1.0 - 2.0 * share, deviate))
        return min(max(k, 0), n)
    if mean <= 0.0:
        return 0
    k, odds = 0, share / (1.0 - share)
    term = (1.0 - share) ** n
    while level > term and k < n:
        level -= term
        term *= odds * (n - k) / (k + 1)
        k += 1
    return k


def poisson(mean: float, level: float, deviate: float) -> int:
    """A count of a mean; `level` and `deviate` are of the same figure."""
    if mean > _SMALL:
        return max(math.floor(_skewed(mean, math.sqrt(mean), 1.0, deviate)), 0)
    k, term = 0, math.exp(-mean)
    while level > term and k < 200:
        level -= term
        k += 1
        term *= mean / k
    return k


def _skewed(mean: float, spread: float, skew: float, deviate: float) -> float:
    """The quantile of Cornish and Fisher, half a unit up so that its floor is the count."""
    return mean + deviate * spread + skew * (deviate * deviate - 1.0) / 6.0 + 0.5
