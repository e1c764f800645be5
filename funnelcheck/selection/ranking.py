"""In which order advertisers stand: by their chance, and until that is known by what is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from funnelcheck.selection.outcome import Applicant, Suitability

_ORDER = list(Suitability)


def ranked(applicants: Iterable[Applicant]) -> tuple[Applicant, ...]:
    """All of them with their ranks, from 1; the order in which they come in changes nothing."""
    placed = sorted((_with_chance(one) for one in applicants), key=_place)
    return tuple(replace(one, rank=rank) for rank, one in enumerate(placed, 1))


def _with_chance(one: Applicant) -> Applicant:
    """The one place where the chance of an advertiser is worked out, from nothing but what is known of itself."""
    return one


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
