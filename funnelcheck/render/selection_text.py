"""A selection for the terminal: a league table, and below each line the sentence that explains its place."""

from __future__ import annotations

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.render.text import acts
from funnelcheck.render.vocabulary import suitabilities
from funnelcheck.selection.chances import told_probability
from funnelcheck.selection.explaining import alike_told
from funnelcheck.selection.outcome import Applicant, Selection, Suitability, Task
from funnelcheck.selection.plan import events_told

_WIDEST = 40


def render(selection: Selection) -> str:
    """The totals, then the table, by rank."""
    lines = [_head(selection)]
    if selection.what_if:
        lines.append(_("Supposed: {what}.").format(what=numbers.series(selection.what_if)))
    if selection.advertisers:
        lines += _table(selection)
    else:
        lines.append(_("No advertiser has a lead or a history up to this day."))
    lines += [_("Note: {hint}").format(hint=hint) for hint in selection.hints]
    return "\n".join(map(numbers.visible, lines)) + "\n"


def _head(selection: Selection) -> str:
    words = suitabilities()
    totals = [
        numbers.labelled(words[kind], numbers.count(sum(one.suitability is kind for one in selection.advertisers)))
        for kind in Suitability
    ]
    return _("{advertisers} to choose from as of {instant}, guide {guide}. {totals}").format(
        advertisers=numbers.count(len(selection.advertisers), "advertiser"),
        instant=numbers.instant(selection.as_of),
        guide=selection.guide.key,
        totals=numbers.series(totals),
    )


def _table(selection: Selection) -> list[str]:
    head = (
        "",
        _("advertiser"),
        _("suitability"),
        _("chance"),
        _("leads"),
        _("stage"),
        _("rate"),
        _("window"),
        _("ids"),
    )
    rows = [head, *(_compared(one, selection.before) for one in selection.advertisers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    indent = " " * (widths[0] + 2)
    told = [lines[0]]
    for one, line in zip(selection.advertisers, lines[1:], strict=True):
        told += [line, f"{indent}{_sentence(one)}", *(f"{indent}{more}" for more in _others(one))]
    return told


def _cells(one: Applicant) -> tuple[str, ...]:
    """The figures that a place comes from; a dash where one is not known."""
    rate, window = one.finding("SEL004"), one.finding("SEL003")
    with_id = numbers.DASH if one.crm is None else numbers.percent(one.finding("SEL007").value)
    return (
        numbers.count(one.rank),
        numbers.named(one.advertiser_id, _WIDEST),
        suitabilities()[one.suitability],
        numbers.DASH if one.probability is None else told_probability(one.probability),
        numbers.DASH if one.volume is None else numbers.count(one.volume.leads),
        numbers.DASH if rate.subject is None else numbers.named(rate.subject, _WIDEST),
        numbers.DASH if rate.value is None else numbers.percent(rate.value, numbers.limits(rate.threshold)),
        numbers.DASH if window.value is None else numbers.days(window.value, numbers.limits(window.threshold)),
        with_id,
    )


def _compared(one: Applicant, before: Selection | None) -> tuple[str, ...]:
    """The cells, each that differs from what it is without what is supposed with that behind it."""
    other = None if before is None else before.advertiser(one.advertiser_id)
    if other is None:
        return _cells(one)
    return tuple(
        now if now == was else _("{now} (was {was})").format(now=now, was=was)
        for now, was in zip(_cells(one), _cells(other), strict=True)
    )


def _sentence(one: Applicant) -> str:
    """Why it stands there; with what to do, who does it and how long it takes, where there is something."""
    task = _first(one)
    if task is None or one.suitability is Suitability.UNDECIDED:
        return one.summary
    return f"{one.summary} {task.what} ({numbers.series(filter(None, [acts(task.acts), task.takes]))})"


def _first(one: Applicant) -> Task | None:
    """What the sentence itself is about."""
    if one.suitability is Suitability.UNDECIDED:
        return one.bring[0]
    return one.work[0] if one.work else None


def _others(one: Applicant) -> list[str]:
    """What else there is to tell: the chance, what else is to be done or brought, the plan."""
    chance = " ".join(told for told in (one.explanation, alike_told(one.alike)) if told)
    return [line for line in (chance, *_tasks(one), _planned(one)) if line]


def _planned(one: Applicant) -> str:
    return "" if one.plan is None else f"{one.plan.told} {events_told(one.plan)}"


def _tasks(one: Applicant) -> list[str]:
    """What else is to be done or brought, by the rules that ask for it."""
    first = _first(one)
    lists = (
        (_("To do as well"), [task for task in one.work if task is not first]),
        (_("To bring"), [task for task in one.bring if task is not first]),
    )
    return [
        numbers.labelled(label, numbers.series(f"{task.code} {task.title}" for task in tasks))
        for label, tasks in lists
        if tasks
    ]
