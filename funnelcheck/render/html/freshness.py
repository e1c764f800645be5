"""How fresh events are when they are sent: by stage and CRM, what is near Meta's seven days, and how long is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.model import Finding
from funnelcheck.render import charts
from funnelcheck.render.html.cells import muted, named, safe
from funnelcheck.render.html.environment import markup
from funnelcheck.reported import AdvertiserResult, AgeBand, Freshness


class Silence(NamedTuple):
    """Since when nothing was sent, until when all of it can be sent later, and the days left (none: past)."""

    since: str
    until: str
    left: str


class Section(NamedTuple):
    """What the section tells; without a total nothing is known of any age."""

    total: AgeBand | None
    median: str
    p95: str
    tables: Sequence[tuple[str, Any, str]]
    ages: Sequence[tuple[str, str, str]]
    silence: Silence | None
    loss: str


def context(result: AdvertiserResult) -> Section:
    """What the section tells; evidence comes from TIM005 and REQ002."""
    age, loss = (next((one for one in result.findings if one.code == code), None) for code in ("TIM005", "REQ002"))
    fresh = result.freshness
    return Section(
        total=fresh.total if fresh else None,
        median=_within(age.evidence.get("p50_seconds") if age else None),
        p95=_within(age.evidence.get("p95_seconds") if age else None),
        tables=_tables(fresh, age) if fresh else [],
        ages=_ages(fresh.total) if fresh else [],
        silence=_silence(age),
        loss=loss.message if loss and loss.n and loss.affected else "",
    )


def _within(seconds: float | None) -> str:
    """A span of time that is not longer than what is told, as TIM005 tells it: rounded up to what can be seen."""
    if seconds is None:
        return numbers.unknown()
    if seconds < 60:
        shown = max(seconds, 1) + 0.5
    elif seconds <= 3_540:
        shown = ceil(seconds / 60) * 60 + 1
    elif seconds <= 86_040:
        shown = ceil(seconds / 360) * 360 + 1
    elif seconds % numbers.DAY == 0 or seconds < numbers.DAY:
        shown = ceil(seconds / numbers.DAY) * numbers.DAY
    else:
        return numbers.days(ceil(seconds / 8_640) / 10)
    return numbers.days(shown / numbers.DAY)


def _silence(finding: Finding | None) -> Silence | None:
    """Nothing where the log speaks up to the end, or does not tell when anything was sent."""
    evidence: Mapping[str, Any] = finding.evidence if finding else {}
    left = evidence.get("left")
    if left is None or evidence.get("reason") not in ("silent", "lost"):
        return None
    told = numbers.days(left) if left > 0 else _("none: what is older than 7 days by now is lost")
    return Silence(numbers.instant(evidence["latest_upload"]), numbers.instant(evidence["backfill_end"]), told)


def _ages(band: AgeBand) -> list[tuple[str, str, str]]:
    """The chart's figures: span of age, events, share."""
    edges = (
        0,
        band.within_hour,
        band.within_two_hours,
        band.within_day,
        band.within_five_days,
        band.within_seven_days,
        band.events,
    )
    counts = [later - earlier for earlier, later in pairwise(edges)]
    return [
        (label, numbers.count(n), numbers.ratio(n, band.events))
        for label, n in zip(charts.age_spans(), counts, strict=True)
    ]


def _tables(fresh: Freshness, finding: Finding | None) -> list[tuple[str, Any, str]]:
    """Of stages and of CRMs: heading, rows, and how many are shown where the list is cut."""
    evidence: Mapping[str, Any] = finding.evidence if finding else {}
    return [
        (title, markup("\n".join(_row(one, _quantiles(evidence.get(key))) for one in bands)), numbers.of(len(bands), n))
        for title, key, bands, n in (
            (_("Stage"), "stages", fresh.stages, fresh.stage_count),
            (_("CRM"), "crms", fresh.crms, fresh.crm_count),
        )
        if bands
    ]


def _quantiles(parts: Sequence[Mapping[str, Any]] | None) -> dict[str | None, tuple[float, float]]:
    return {part["name"]: (part["p50"], part["p95"]) for part in parts or ()}


def _row(band: AgeBand, quantiles: Mapping[str | None, tuple[float, float]]) -> str:
    name = muted(_("– not named")) if band.name is None else named(band.name)
    known = quantiles.get(band.name)
    median, p95 = (_within(known[0]), _within(known[1])) if known else (numbers.nothing(),) * 2
    near, lost = band.within_seven_days - band.within_five_days, band.events - band.within_seven_days
    cells = [
        numbers.count(band.events),
        muted(median),
        muted(p95),
        safe(numbers.ratio(near, band.events)),
        safe(numbers.ratio(lost, band.events)),
    ]
    return f'<tr><th scope="row">{name}</th><td>{"</td><td>".join(cells)}</td></tr>'
