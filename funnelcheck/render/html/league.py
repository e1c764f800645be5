"""The league table of a selection: every advertiser in one table by rank, and what a supposition changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from funnelcheck import language, numbers
from funnelcheck.language import _, ngettext
from funnelcheck.render.html.cells import named, safe, sentence
from funnelcheck.render.html.environment import markup
from funnelcheck.render.vocabulary import actors, suitabilities
from funnelcheck.selection.chances import told_probability
from funnelcheck.selection.outcome import Applicant, Selection, Suitability, Task

_TASKS = 3


class Row(NamedTuple):
    """One advertiser in the table: its class and its cells as markup; and whether a supposition changed one."""

    kind: str
    cells: tuple[Any, ...]
    page: str
    name: Any
    codes: str  # of what is missing beyond what is shown


class Asking(NamedTuple):
    """A rule that asks for something, and of how many."""

    code: str
    title: str
    rows: int


class Figures(NamedTuple):
    """What the cells of an advertiser say, in words."""

    rank: str
    suitability: str
    chance: str
    leads: str
    stage: str
    rate: str
    window: str
    ids: str


def context(selection: Selection, names: Mapping[str, str]) -> dict[str, Any]:
    """What the table's template is filled with."""
    before = {one.advertiser_id: figures(one) for one in selection.before.advertisers} if selection.before else {}
    counts = Counter(str(one.suitability) for one in selection.advertisers)
    return {
        "rows": [_row(one, names[one.advertiser_id], before) for one in selection.advertisers],
        "counts": counts,
        "kinds": {str(kind): suitabilities()[kind] for kind in Suitability},
        "headline": _headline(selection, counts),
        "asking": _asking(selection),
        "group": language.figures(","),
        "decimal": language.figures("."),
    }


def figures(one: Applicant) -> Figures:
    """The figures that a place comes from; a dash where one is not known."""
    rate, window, share = one.finding("SEL004"), one.finding("SEL003"), one.finding("SEL007")
    low, high = rate.evidence.get("rate_low"), rate.evidence.get("rate_high")
    told = "" if rate.value is None else numbers.percent(rate.value, numbers.limits(rate.threshold))
    if told and low is not None and high is not None:
        told = f"{told} ({numbers.interval(low, high, numbers.limits(rate.threshold))})"
    return Figures(
        rank=numbers.count(one.rank),
        suitability=suitabilities()[one.suitability],
        chance=numbers.DASH if one.probability is None else told_probability(one.probability),
        leads=numbers.DASH if one.volume is None else numbers.count(one.volume.leads),
        stage=numbers.DASH if rate.subject is None else rate.subject,
        rate=told,
        window="" if window.value is None else numbers.days(window.value, numbers.limits(window.threshold)),
        ids=numbers.DASH
        if one.crm is None or share.value is None
        else numbers.share(share.value, one.crm.leads, numbers.limits(share.threshold)),
    )


def _headline(selection: Selection, counts: Mapping[str, int]) -> str:
    if not selection.advertisers:
        return _("No advertiser to choose from")
    ready = counts.get("ready", 0)
    told = ngettext(
        "{ready} of {advertisers} can be launched", "{ready} of {advertisers} can be launched as they are", ready
    )
    return told.format(ready=numbers.count(ready), advertisers=numbers.count(len(selection.advertisers), "advertiser"))


def _asking(selection: Selection) -> list[Asking]:
    tasks = [{task.code: task.title for task in missing(one)} for one in selection.advertisers]
    counted = Counter(code for one in tasks for code in one)
    titles = {code: title for one in tasks for code, title in one.items()}
    return [Asking(code, titles[code], counted[code]) for code in sorted(counted)]


def missing(one: Applicant) -> tuple[Task, ...]:
    """What is to be done or brought, what the place comes from first."""
    if one.suitability is Suitability.UNDECIDED:
        return (*one.bring, *one.work)
    return (*one.work, *one.bring)


def _row(one: Applicant, page: str, before: Mapping[str, Figures]) -> Row:
    now, was = figures(one), before.get(one.advertiser_id)
    tasks = missing(one)
    return Row(
        kind=str(one.suitability),
        cells=(
            _cell(safe(now.rank), was and was.rank, now.rank),
            _cell(f"<i>{safe(now.suitability)}</i>", was and was.suitability, now.suitability),
            _cell(safe(now.chance), was and was.chance, now.chance),
            _cell(safe(now.leads), was and was.leads, now.leads),
            _cell(_stage(now), was and _spoken(was), _spoken(now)),
            _cell(safe(now.ids), was and was.ids, now.ids),
            markup(_missing(tasks)),
        ),
        page=page,
        name=markup(named(one.advertiser_id, 48)),
        codes=" ".join(task.code for task in tasks[_TASKS:]),
    )


def _cell(shown: str, was: str | None, now: str) -> Any:
    """A cell, and what stood there before a supposition where that was something else."""
    if was is None or was == now:
        return markup(shown)
    told = _("was {what}").format(what=safe(numbers.cut(was, 120)))
    return markup(f'{shown}<small class="was">{told}</small>')


def _spoken(told: Figures) -> str:
    return ", ".join(part for part in (numbers.named(told.stage, 30), told.rate, told.window) if part)


def _stage(told: Figures) -> str:
    if told.stage == numbers.DASH:
        return safe(told.stage)
    parts = [named(told.stage, 30)]
    parts += [f"<small>{safe(told.rate)}</small>"] if told.rate else []
    if told.window:
        said = _("nine in ten within {days}").format(days=told.window)
        parts.append(f"<small>{safe(said)}</small>")
    return "".join(parts)


def _missing(tasks: tuple[Task, ...]) -> str:
    """The first things to do or to bring, by their rules, and who acts."""
    if not tasks:
        return safe(_("– nothing"))
    lines = [f"{task.code} {sentence(task.title, 60)}" for task in tasks[:_TASKS]]
    if len(tasks) > _TASKS:
        lines.append(safe(_("+ {n} more").format(n=numbers.count(len(tasks) - _TASKS))))
    return "<br>".join([*lines, f"<b>{safe(actors()[tasks[0].acts])}</b>"])
