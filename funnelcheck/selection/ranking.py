"""In which order advertisers stand: by their chance, and where that is alike by what else is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from funnelcheck.selection.chances import places
from funnelcheck.selection.outcome import Applicant, Suitability

_ORDER = list(Suitability)


def ranked(applicants: Iterable[Applicant]) -> tuple[Applicant, ...]:
    """All of them with their ranks, from 1; the order in which they come in changes nothing."""
    placed = [replace(one, rank=rank) for rank, one in enumerate(sorted(applicants, key=_place), 1)]
    return tuple(replace(one, alike=alike) for one, alike in zip(placed, _alike(placed), strict=True))


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


def _alike(placed: Sequence[Applicant]) -> list[tuple[int, int] | None]:
    """For each the first and the last rank that the draws do not tell from the best of its place; None if alone."""
    drawn = [one.chance for one in placed if one.chance is not None]
    of_drawn = iter(places(drawn))
    shared = [None if one.chance is None else next(of_drawn) for one in placed]
    ranks: dict[int, list[int]] = defaultdict(list)
    for one, place in zip(placed, shared, strict=True):
        if place is not None:
            ranks[place].append(one.rank)
    return [
        None if place is None or len(ranks[place]) == 1 else (ranks[place][0], ranks[place][-1]) for place in shared
    ]
