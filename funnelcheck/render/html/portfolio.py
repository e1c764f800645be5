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
DASH = numbers.DASH  # in a column that does not apply
_COLUMNS = "▁▂▃▄▅▆▇█"


class Totals(NamedTuple):
    """How many rows stand where, how many advertisers are ready for what, and what they are judged from."""

    verdicts: Mapping[str, int]
    steps: Mapping[int, int]
    channels: Mapping[str, int]
    advertisers: int
    of_leads: int  # advertisers judged for conversion leads
    ready: int  # of these
    events: int
    leads: int
    of_apps: int  # advertisers that send App Events
    ready_apps: int  # of these
    app_events: int


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
    leads: str
    place: str  # classes that the filters go by: the step, the channel


class Blocking(NamedTuple):
    """A rule that blocks, and how many rows."""

    code: str
    title: str
    rows: int


def context(run: Run, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """What the portfolio's template is filled with."""
    ordered = _ordered(run)
    totals = _totals(run)
    words = Words(
        {step.number: step.title for step in run.guide.steps},
        channels(),
        actors(),
        _("{title}, if sent"),
        mixed=len(totals.channels) > 1,
        has_both=0 < totals.of_apps < len(run.advertisers),
    )
    rows = [_row(result, names[result.key], words) for result in ordered]
    return {
        "rows": rows,
        "has_steps_and_none": words.has_both,
        "totals": totals,
        "headline": _headline(totals),
        "summary": _summary(totals),
        "blocking": _blocking(run),
        "has_trend": any(row.trend for row in rows),
        "coverage_limit": numbers.threshold(limits(ordered[0]).coverage, "share") if ordered else "",
        "figure_signs": {"group": language.figures(","), "decimal": language.figures(".")},
    }


def _ordered(run: Run) -> list[AdvertiserResult]:
    """Those furthest from ready first; App Events stand beside the CRM events of the same advertiser."""
    worst = {verdict: place for place, verdict in enumerate(Verdict)}

    def own(result: AdvertiserResult) -> tuple[int, int]:
        return worst[result.verdict], len(run.guide.steps) + 1 if result.step is None else result.step

    beside: dict[tuple[str, bool], tuple[int, int]] = {}
    for result in run.advertisers:
        together = result.advertiser_id, result.channel == "history"
        beside[together] = min(beside.get(together, own(result)), own(result))
    return sorted(
        run.advertisers,
        key=lambda one: (
            beside[one.advertiser_id, one.channel == "history"],
            one.advertiser_id,
            one.channel == "app",
            one.channel,
        ),
    )


def _totals(run: Run) -> Totals:
    apps = [result for result in run.advertisers if result.channel == "app"]
    others = [result for result in run.advertisers if result.channel != "app"]
    # what was sent says it rather than what was recorded
    verdicts = {
        result.advertiser_id: result.verdict for result in sorted(others, key=lambda one: one.channel != "history")
    }
    return Totals(
        verdicts=Counter(str(result.verdict) for result in run.advertisers),
        steps=Counter(result.step or 0 for result in run.advertisers),
        channels=Counter(result.channel for result in run.advertisers),
        advertisers=len({result.advertiser_id for result in run.advertisers}),
        of_leads=len(verdicts),
        ready=sum(verdict is Verdict.READY for verdict in verdicts.values()),
        events=sum(result.events for result in others),
        # of one advertiser's channels each has the same list
        leads=sum({result.advertiser_id: result.leads for result in others}.values()),
        of_apps=len(apps),
        ready_apps=sum(result.verdict is Verdict.READY for result in apps),
        app_events=sum(result.events for result in apps),
    )


def _headline(totals: Totals) -> str:
    if not totals.advertisers:
        return _("No advertiser to judge")
    ready, of = (totals.ready, totals.of_leads) if totals.of_leads else (totals.ready_apps, totals.of_apps)
    told = ngettext("{ready} of {advertisers} is ready", "{ready} of {advertisers} are ready", ready)
    return told.format(ready=numbers.count(ready), advertisers=numbers.count(of, "advertiser"))


def _summary(totals: Totals) -> str:
    if not totals.advertisers:
        return _("Nothing was loaded that names an advertiser up to this instant: no event, no lead.")
    told = []
    if totals.of_leads:
        sentence = _("Ready for conversion-lead optimisation, judged from {events} and {leads}.")
        told.append(
            sentence.format(events=numbers.count(totals.events, "event"), leads=numbers.count(totals.leads, "lead"))
        )
    if totals.channels.get("history"):
        sentence = ngettext(
            "One row is of a CRM history: nothing was sent, and what it says is a projection.",
            "{rows} rows are of a CRM history: nothing was sent, and what they say is a projection.",
            totals.channels["history"],
        )
        told.append(sentence.format(rows=numbers.count(totals.channels["history"])))
    if totals.of_apps:
        told.append(_summary_of_apps(totals))
    return " ".join(told)


def _summary_of_apps(totals: Totals) -> str:
    """What App Events come to, beside the leads or alone."""
    events = numbers.count(totals.app_events, "App Event")
    if not totals.of_leads:
        return _("Ready means that App Events are sent as their guide asks, judged from {events}.").format(
            events=events
        )
    sentence = ngettext(
        "App Events are judged apart: {ready} of {advertisers} is ready, judged from {events}.",
        "App Events are judged apart: {ready} of {advertisers} are ready, judged from {events}.",
        totals.ready_apps,
    )
    return sentence.format(
        advertisers=numbers.count(totals.of_apps, "advertiser"),
        ready=numbers.count(totals.ready_apps),
        events=events,
    )


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
    has_both: bool  # rows with steps, and App Events, which have none


def _row(result: AdvertiserResult, page: str, words: Words) -> Row:
    actions, asked, cover = todo(result), limits(result), result.coverage
    stage = result.stage(result.optimisation_stage)
    covered = numbers.ratio(cover.covered, cover.eligible, (asked.coverage,))
    is_app = result.channel == "app"
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
        coverage=DASH if is_app else _no_coverage(result) if cover.eligible is None else covered,
        trend=_trend(cover.days),
        stage=_stage(result),
        rate=numbers.share(stage.rate, stage.cohort, asked.band) if stage else "",
        leads=DASH if is_app else numbers.count(result.leads),
        place=_place(result, words),
    )


def _stage(result: AdvertiserResult) -> Any:
    if result.channel == "app":
        return DASH
    return numbers.nothing() if result.optimisation_stage is None else name(result.optimisation_stage, 30)


def _place(result: AdvertiserResult, words: Words) -> str:
    """The classes that the filters of step and channel go by."""
    if words.has_both:
        return f"s{result.step or 0} c{result.channel}"
    return f"s{result.step}" if result.step else ""


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
