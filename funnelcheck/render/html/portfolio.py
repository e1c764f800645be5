"""The portfolio: every advertiser in one table, the worst first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.model import AdvertiserResult, Run, Verdict
from funnelcheck.render.html.advertiser import limits, todo
from funnelcheck.render.html.vocabulary import ACTORS, CHANNELS

BLOCKERS = 2


class Totals(NamedTuple):
    """How many advertisers stand where, and what they are judged from."""

    verdicts: Mapping[str, int]
    steps: Mapping[int, int]
    advertisers: int
    histories: int
    events: int
    leads: int


class Row(NamedTuple):
    """One advertiser in the portfolio's table, in words short enough for two thousand of them."""

    verdict: str
    step: int
    title: str
    page: str
    name: str
    channel: str
    blockers: tuple[str, ...]
    next: str
    who: str
    coverage: str
    stage: str
    rate: str
    leads: int


def context(run: Run, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    worst = {verdict: place for place, verdict in enumerate(Verdict)}
    ordered = sorted(run.advertisers, key=lambda r: (worst[r.verdict], r.step, r.advertiser_id, r.channel))
    totals = Totals(
        Counter(str(result.verdict) for result in run.advertisers),
        Counter(result.step for result in run.advertisers),
        len({result.advertiser_id for result in run.advertisers}),
        sum(result.channel == "history" for result in run.advertisers),
        sum(result.events for result in run.advertisers),
        # of one advertiser's channels each has the same list
        sum({result.advertiser_id: result.leads for result in run.advertisers}.values()),
    )
    titles = {step.number: step.title for step in run.guide.steps}
    mixed = len({result.channel for result in run.advertisers}) > 1
    rows = [_row(result, names[result.advertiser_id, result.channel], titles, mixed) for result in ordered]
    return {"rows": rows, "totals": totals}


def _row(result: AdvertiserResult, page: str, titles: Mapping[int, str], mixed: bool) -> Row:
    actions, asked, cover = todo(result), limits(result), result.coverage
    stage = next((one for one in result.stages if one.name == result.optimisation_stage), None)
    covered = numbers.ratio(cover.covered, cover.eligible, (asked.coverage,))
    return Row(
        verdict=str(result.verdict),
        step=result.step,
        title=titles.get(result.step, result.step_name) + (", if sent" if result.channel == "history" else ""),
        page=page,
        name=numbers.cut(result.advertiser_id, 48),
        channel=CHANNELS.get(result.channel, result.channel) if mixed or result.channel != "crm" else "",
        blockers=_short_blockers(result),
        next=numbers.cut(_first_clause(actions[0].what), 90) if actions else "",
        who=ACTORS[actions[0].acts] if actions else "",
        coverage=_no_coverage(result) if cover.eligible is None else covered,
        stage=numbers.NOTHING if result.optimisation_stage is None else numbers.cut(result.optimisation_stage, 30),
        rate=numbers.share(stage.rate, stage.cohort, asked.band) if stage else "",
        leads=result.leads,
    )


def _no_coverage(result: AdvertiserResult) -> str:
    return f"{numbers.DASH} not sent" if result.channel == "history" else f"{numbers.DASH} no list"


def _first_clause(text: str) -> str:
    """What to do, as short as it makes sense: up to the first stop or semicolon."""
    return re.split(r"[.;:] ", text, maxsplit=1)[0].rstrip(".")


def _short_blockers(result: AdvertiserResult) -> tuple[str, ...]:
    """Codes with short titles, the first few."""
    if not result.blocked_by:
        return (numbers.NOTHING,)
    titles = {finding.code: finding.title for finding in result.findings}
    if result.channel == "history":
        titles["DAT002"] = "Nothing was sent"
    lines = [f"{code} {numbers.cut(titles.get(code, ''), 40)}".rstrip() for code in result.blocked_by]
    more = len(lines) - BLOCKERS
    return (*lines[:BLOCKERS], f"+ {more} more") if more > 0 else tuple(lines)
