"""The portfolio: every advertiser in one table, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from funnelcheck import language, numbers
from funnelcheck.language import _, ngettext
from funnelcheck.render.html.advertiser import limits, todo
from funnelcheck.render.html.environment import name
from funnelcheck.render.vocabulary import actors, channels
from funnelcheck.reported import AdvertiserResult, CoverageDay, Run, Verdict

BLOCKERS, TREND_DAYS = 2, 28
_COLUMNS = "▁▂▃▄▅▆▇█"


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
    step: int | None
    title: str
    page: str
    name: Any
    channel: str
    blockers: tuple[str, ...]
    more_codes: str  # of what blocks it beyond `blockers`
    next: str
    who: str
    coverage: str
    trend: str  # the same by day, as small columns
    stage: Any
    rate: str
    leads: int


class Blocking(NamedTuple):
    """A rule that blocks, and how many rows."""

    code: str
    title: str
    rows: int


def context(run: Run, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """What the portfolio's template is filled with."""
    worst = {verdict: place for place, verdict in enumerate(Verdict)}
    ordered = sorted(run.advertisers, key=lambda r: (worst[r.verdict], r.step or 0, r.advertiser_id, r.channel))
    totals = _totals(run)
    mixed = len({result.channel for result in run.advertisers}) > 1
    words = Words(
        {step.number: step.title for step in run.guide.steps}, channels(), actors(), _("{title}, if sent"), mixed
    )
    rows = [_row(result, names[result.key], words) for result in ordered]
    return {
        "rows": rows,
        "totals": totals,
        "headline": _headline(totals),
        "summary": _summary(totals),
        "blocking": _blocking(run),
        "has_trend": any(row.trend for row in rows),
        "coverage_limit": numbers.threshold(limits(ordered[0]).coverage, "share") if ordered else "",
        "figure_signs": {"group": language.figures(","), "decimal": language.figures(".")},
    }


def _totals(run: Run) -> Totals:
    return Totals(
        Counter(str(result.verdict) for result in run.advertisers),
        Counter(result.step for result in run.advertisers if result.step is not None),
        len({result.advertiser_id for result in run.advertisers}),
        sum(result.channel == "history" for result in run.advertisers),
        sum(result.events for result in run.advertisers),
        # of one advertiser's channels each has the same list
        sum({result.advertiser_id: result.leads for result in run.advertisers}.values()),
    )


def _headline(totals: Totals) -> str:
    if not totals.advertisers:
        return _("No advertiser to judge")
    ready = totals.verdicts["ready"]
    told = ngettext("{ready} of {advertisers} is ready", "{ready} of {advertisers} are ready", ready)
    return told.format(ready=numbers.count(ready), advertisers=numbers.count(totals.advertisers, "advertiser"))


def _summary(totals: Totals) -> str:
    if not totals.advertisers:
        return _("Nothing was loaded that names an advertiser up to this instant: no event, no lead.")
    told = _("Ready for conversion-lead optimisation, judged from {events} and {leads}.").format(
        events=numbers.count(totals.events, "event"), leads=numbers.count(totals.leads, "lead")
    )
    if not totals.histories:
        return told
    rows = ngettext(
        "One row is of a CRM history: nothing was sent, and what it says is a projection.",
        "{rows} rows are of a CRM history: nothing was sent, and what they say is a projection.",
        totals.histories,
    )
    return f"{told} {rows.format(rows=numbers.count(totals.histories))}"


def _blocking(run: Run) -> list[Blocking]:
    """The rules that block anybody, by their codes."""
    counted = Counter(code for result in run.advertisers for code in result.blocked_by)
    titles = {finding.code: finding.title for result in run.advertisers for finding in result.findings}
    return [Blocking(code, titles.get(code, ""), counted[code]) for code in sorted(counted)]


class Words(NamedTuple):
    """What the rows share, looked up once."""

    steps: Mapping[int, str]
    channels: Mapping[str, str]
    actors: Mapping[str, str]
    if_sent: str
    mixed: bool  # more than one channel


def _row(result: AdvertiserResult, page: str, words: Words) -> Row:
    actions, asked, cover = todo(result), limits(result), result.coverage
    stage = result.stage(result.optimisation_stage)
    covered = numbers.ratio(cover.covered, cover.eligible, (asked.coverage,))
    title = words.steps.get(result.step or 0, result.step_name or "")
    names_channel = words.mixed or result.channel != "crm"
    return Row(
        verdict=str(result.verdict),
        step=result.step,
        title=words.if_sent.format(title=title) if result.channel == "history" else title,
        page=page,
        name=name(result.advertiser_id, 48),
        channel=words.channels.get(result.channel, result.channel) if names_channel else "",
        blockers=_short_blockers(result),
        more_codes=" ".join(result.blocked_by[BLOCKERS:]),
        next=numbers.cut(numbers.first_clause(actions[0].what), 90) if actions else "",
        who=words.actors[actions[0].acts] if actions else "",
        coverage=_no_coverage(result) if cover.eligible is None else covered,
        trend=_trend(cover.days),
        stage=numbers.nothing() if result.optimisation_stage is None else name(result.optimisation_stage, 30),
        rate=numbers.share(stage.rate, stage.cohort, asked.band) if stage else "",
        leads=result.leads,
    )


def _trend(days: Sequence[CoverageDay]) -> str:
    """Coverage of the latest days with leads, two in a column: as high as it is, the full height for all of them."""
    latest = [day for day in days[-TREND_DAYS:] if day.eligible]
    pairs = [latest[max(0, end - 2) : end] for end in range(len(latest), 0, -2)][::-1]
    if len(pairs) < 3:
        return ""
    shares = [sum(day.covered for day in pair) / sum(day.eligible for day in pair) for pair in pairs]
    return "".join(_COLUMNS[round(share * (len(_COLUMNS) - 1))] for share in shares)


def _no_coverage(result: AdvertiserResult) -> str:
    return _("– not sent") if result.channel == "history" else _("– no list")


def _short_blockers(result: AdvertiserResult) -> tuple[str, ...]:
    """Codes with short titles, the first few."""
    if not result.blocked_by:
        return (numbers.nothing(),)
    titles = {finding.code: finding.title for finding in result.findings}
    if result.channel == "history":
        titles["DAT002"] = _("Nothing was sent")
    lines = [f"{code} {numbers.cut(titles.get(code, ''), 40)}".rstrip() for code in result.blocked_by]
    more = len(lines) - BLOCKERS
    if more <= 0:
        return tuple(lines)
    return (*lines[:BLOCKERS], _("+ {n} more").format(n=numbers.count(more)))
