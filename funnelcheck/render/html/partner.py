"""The partner's checklist: what its app must have before any advertiser is connected, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.model import Finding, Status
from funnelcheck.render.html import pieces
from funnelcheck.render.vocabulary import severities
from funnelcheck.selection.prerequisites import Lacking, Prerequisite, Prerequisites

_SHOWN = 200  # of the advertisers that lack something


class Line(NamedTuple):
    """One line of the checklist."""

    finding: Finding
    badge: Any
    severity: str
    asks: bool
    told: str  # of how many advertisers it is said
    lacking: tuple[tuple[Lacking, Any, str], ...]  # with its status and its page
    cut: str


def context(known: Prerequisites, names: Mapping[str, str]) -> dict[str, Any]:
    """What the checklist's template is filled with."""
    lines = [_line(one, names) for one in known.lines]
    passed = sum(one.finding.status is Status.PASS for one in lines)
    return {
        "lines": lines,
        "headline": _("{n} of {prerequisites} hold").format(
            n=numbers.count(passed), prerequisites=numbers.count(len(lines), "prerequisite")
        ),
        "meter_of_calls": known.meter,
    }


def _line(one: Prerequisite, names: Mapping[str, str]) -> Line:
    finding = one.finding
    lacking = tuple(
        (other, pieces.status(other.status), names.get(other.advertiser_id, "")) for other in one.lacking[:_SHOWN]
    )
    return Line(
        finding=finding,
        badge=pieces.status(finding.status),
        severity=severities()[finding.severity],
        asks=finding.status not in (Status.PASS, Status.WAIVED),
        told=_told(one),
        lacking=lacking,
        cut=numbers.of(len(lacking), len(one.lacking)),
    )


def _told(one: Prerequisite) -> str:
    """Of how many advertisers a line is not said to hold."""
    if not one.lacking:
        return ""
    told = _("Not shown of {n} of {advertisers}")
    return told.format(n=numbers.count(len(one.lacking)), advertisers=numbers.count(one.advertisers, "advertiser"))
