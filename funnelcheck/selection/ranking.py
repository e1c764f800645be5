"""In which order advertisers stand: by their chance, and where that is alike by what else is known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from funnelcheck.selection.outcome import Applicant, Suitability

_ORDER = list(Suitability)
_Z = 1.959964  # 95 %


def ranked(applicants: Iterable[Applicant]) -> tuple[Applicant, ...]:
    """All of them with their ranks, from 1; the order in which they come in changes nothing."""
    placed = [replace(one, rank=rank) for rank, one in enumerate(sorted(applicants, key=_place), 1)]
    spans = [_span(one) for one in placed]
    return tuple(replace(one, alike=_alike(i, spans)) for i, one in enumerate(placed))


def _place(one: Applicant) -> tuple[bool, float, int, int, str]:
    """Most probable first, then suitability, then most leads; who is alike in these stands by its name."""
    leads = one.volume.leads if one.volume else 0
    return (
        one.probability is None,
        -(one.probability or 0.0),
        _ORDER.index(one.suitability),
        -leads,
        one.advertiser_id,
    )


def _span(one: Applicant) -> tuple[float, float] | None:
    """Wilson's interval of the share of draws that the probability is; None where nothing was drawn."""
    if one.chance is None or one.probability is None:
        return None
    n, p = one.chance.draws, one.probability
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
    return middle - half, middle + half


def _alike(i: int, spans: Sequence[tuple[float, float] | None]) -> tuple[int, int] | None:
    """The first and the last rank whose interval overlaps with this one's; None where there is no other.

    Ends of intervals fall from rank to rank as the probabilities do, so that those ranks have no gap.
    """
    own = spans[i]
    if own is None:
        return None
    first = last = i
    while first > 0 and (above := spans[first - 1]) is not None and above[0] <= own[1]:
        first -= 1
    while last + 1 < len(spans) and (below := spans[last + 1]) is not None and below[1] >= own[0]:
        last += 1
    return None if first == last else (first + 1, last + 1)
