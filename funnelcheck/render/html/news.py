"""What changed since an earlier run, as the pages of a report tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.render import changes, trend
from funnelcheck.render.changes import Group, Titles
from funnelcheck.render.html.advertiser import limits
from funnelcheck.render.html.environment import markup
from funnelcheck.reported import AdvertiserResult, Change, ChangeKind, Run, Since, TrendPoint

CHANGES, POINTS = 20, 13  # rows of the tables on an advertiser's page
_LINES, _MOST = 12, 3  # of the portfolio's section, and of a group in it
_GOOD = (ChangeKind.NEWLY_READY, ChangeKind.RESOLVED, ChangeKind.BETTER)


class Entry(NamedTuple):
    """One change as a row of a table."""

    kind: str
    badge: str  # class of the badge
    code: str | None
    what: str
    was: str
    was_figure: str
    now: str
    now_figure: str
    doubtful: bool


class News(NamedTuple):
    """The section of an advertiser's page."""

    since: Since | None
    told: str
    settings: Sequence[str]
    entries: Sequence[Entry]
    cut: str  # "20 of 41", where not all are shown
    svg: Any
    points: Sequence[TrendPoint]  # the newest first
    points_cut: str


class Block(NamedTuple):
    """A group with as many lines as there is room for; a line's page where there is one."""

    title: str
    size: str
    lines: Sequence[tuple[changes.Line, str | None]]


def of_advertiser(run: Run, result: AdvertiserResult) -> dict[str, Any]:
    """What the advertiser's page says of it; nothing while no earlier run is kept."""
    draws = trend.drawable(result.trend)
    if run.since is None and not draws:
        return {"news": None}
    titles = titles_of(run, [result])
    points = result.trend[::-1] if draws else ()
    news = News(
        since=run.since,
        told="" if run.since is None else changes.since_told(run.since),
        settings=[] if run.since is None else changes.settings_told(run.since),
        entries=[_entry(change, titles) for change in result.changes[:CHANGES]],
        cut=numbers.of(CHANGES, len(result.changes)),
        svg=markup(trend.trend(result.trend, limits(result).coverage)) if draws else "",
        points=points[:POINTS],
        points_cut=numbers.of(POINTS, len(points)),
    )
    return {"news": news}


def of_portfolio(run: Run, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """The section above the portfolio's table; nothing while no earlier run is kept."""
    if run.since is None:
        return {"news": None}
    groups = changes.groups(run.since, titles_of(run, run.advertisers))
    return {
        "news": run.since,
        "news_told": changes.since_told(run.since),
        "news_settings": changes.settings_told(run.since),
        "news_totals": changes.totals(run.since),
        "news_blocks": blocks(groups, names, _LINES, _MOST),
    }


def blocks(groups: Sequence[Group], names: Mapping[tuple[str, str], str], total: int, most: int) -> list[Block]:
    """The groups cut to `total` lines in all and `most` of one."""
    shown = changes.shared_out([len(group.lines) for group in groups], total, most)
    return [
        Block(
            group.title,
            numbers.of(n, len(group.lines)) or numbers.count(len(group.lines)),
            [(line, names.get((line.advertiser_id, line.channel))) for line in group.lines[:n]],
        )
        for group, n in zip(groups, shown, strict=True)
    ]


def titles_of(run: Run, results: Sequence[AdvertiserResult]) -> Titles:
    """The titles of rules and steps that a run's results speak of."""
    rules = {finding.code: finding.title for result in results for finding in result.findings}
    return Titles(rules, {step.key: step.title for step in run.guide.steps})


def _entry(change: Change, titles: Titles) -> Entry:
    badge = "b-pass" if change.kind in _GOOD else "b-undecided" if change.kind is ChangeKind.APPEARED else "b-fail"
    if change.code is None:
        word = changes.verdict_word
        what = _("Verdict") if change.kind is not ChangeKind.STUCK else changes.told(change, titles)
        was, now = ("", "") if change.kind is ChangeKind.STUCK else (word(change.was), word(change.now))
        return Entry(changes.kind_word(change.kind), badge, None, what, was, "", now, "", change.doubtful)
    return Entry(
        kind=changes.kind_word(change.kind),
        badge=badge,
        code=change.code,
        what=titles.rules.get(change.code, change.code),
        was=changes.status_word(change.was) or _("not judged"),
        was_figure=changes.figure_was(change),
        now=changes.status_word(change.now),
        now_figure=changes.figure_now(change),
        doubtful=change.doubtful,
    )
