"""One advertiser before launch: what its page tells, from the sentence of its place to how it was judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.model import Finding, Severity, Status
from funnelcheck.questions import Answer, questions
from funnelcheck.render import charts
from funnelcheck.render.html import findings_table, league, pieces
from funnelcheck.render.html.advertiser import STAGES, Limits
from funnelcheck.render.html.environment import markup
from funnelcheck.render.vocabulary import actors, suitabilities
from funnelcheck.reported import FaultRows
from funnelcheck.selection.outcome import Applicant, Selection, Task
from funnelcheck.selection.plan import Plan, about, events_told

_MOST_MONTHS = 24


class Listed(NamedTuple):
    """What the table of rules asks of an advertiser beside its findings: no row of a log is shown here."""

    advertiser_id: str
    extracts: Mapping[str, FaultRows]


class Event(NamedTuple):
    """A stage's events a week to expect, in words."""

    stage: str
    share: str
    a_week: str
    interval: str


class Milestone(NamedTuple):
    """A step of the plan: what, who, how long, and its dates."""

    title: str
    who: str
    duration: str
    when: str


def context(selection: Selection, one: Applicant) -> dict[str, Any]:
    """What the page's template is filled with."""
    drawn = Limits.of(one.finding("SEL004").threshold, None, one.finding("SEL003").threshold)
    stages = one.stages[:STAGES]
    before = _before(selection, one)
    return {
        "one": one,
        "badge": pieces.badge(str(one.suitability), suitabilities()[one.suitability]),
        "verdict_told": after_label(one),
        "figures": league.figures(one),
        "was": before,
        "supposed": selection.what_if,
        "tasks": one.work,
        "first": _first(one),
        "limits": drawn,
        "stages": stages,
        "funnel": markup(charts.funnel(stages, drawn.band, chosen=one.optimisation_stage) if stages else ""),
        "months": _months(one),
        "least": _least(one),
        "next_lost": _next_lost(one),
        "answers": [(_question(key), _answer(told)) for key, told in one.answers.items()],
        "milestones": _milestones(one.plan),
        "events": _events(one.plan),
        "events_told": events_told(one.plan) if one.plan and one.plan.events else "",
        "rules": findings_table.area_rows(_ordered(one.findings), Listed(one.advertiser_id, {}), _codes(one.findings)),
    }


def after_label(one: Applicant) -> str:
    """The sentence without its own first word, which stands before it as a badge."""
    label = suitabilities()[one.suitability]
    rest = one.summary
    if rest.casefold().startswith(label.casefold()):
        rest = rest[len(label) :].lstrip(":.,;– \u00a0")
    return rest[:1].upper() + rest[1:]


def _before(selection: Selection, one: Applicant) -> list[tuple[str, str, str]]:
    """What a supposition changed: what, before, now."""
    old = selection.before.advertiser(one.advertiser_id) if selection.before else None
    if old is None:
        return []
    names = (
        _("Rank"),
        _("Suitability"),
        _("Chance"),
        _("Leads a month"),
        _("Stage"),
        _("Rate"),
        _("Window"),
        _("Leads with Meta's lead id"),
    )
    pairs = [*zip(names, league.figures(old), league.figures(one), strict=True)]
    pairs += zip((_("Plan"), _("Events a week")), _of_plan(old.plan), _of_plan(one.plan), strict=True)
    return [(name, was or numbers.DASH, now or numbers.DASH) for name, was, now in pairs if was != now]


def _of_plan(plan: Plan | None) -> tuple[str, str]:
    """What a supposition may change of a plan: its goal, and the events a week."""
    return ("", "") if plan is None else (plan.told, events_told(plan))


def _first(one: Applicant) -> Task | None:
    tasks = league.missing(one)
    return tasks[0] if tasks else None


def _months(one: Applicant) -> Any:
    """The leads of the latest full months as a chart; nothing without one."""
    if one.volume is None or not one.volume.months:
        return ""
    months = [(month.month, month.leads, month.organic) for month in one.volume.months[-_MOST_MONTHS:]]
    return markup(charts.months(months, _least(one)))


def _least(one: Applicant) -> float:
    """The leads a month that are asked for."""
    asked = one.finding("SEL002").threshold
    return asked if isinstance(asked, int | float) else 0.0


def _next_lost(one: Applicant) -> str:
    """The day after which another lead of the CRM can get no lead id any more; nothing where there is none."""
    seconds = one.finding("SEL008").evidence.get("next_lost")
    return "" if seconds is None else numbers.date_of(seconds)


def question_texts() -> dict[str, str]:
    """What is asked of an advertiser, in words, by the question's key."""
    return {
        "instant_forms": _("Does it use instant forms on Facebook or Instagram?"),
        "leads_a_month": _("How many leads a month does it get?"),
        "sales_cycle_days": _("How many days pass from a lead to the sale?"),
        "lead_quality": _("Does the quality of leads count for it?"),
        "daily_upload": _("Can its CRM send changes every day?"),
        "lead_id_in_crm": _("Does its CRM keep Meta's lead id?"),
    }


def _question(key: str) -> str:
    return question_texts().get(key, key) if key in questions() else key


def _answer(told: Answer) -> str:
    if isinstance(told, bool):
        return _("yes") if told else _("no")
    return numbers.count(told)


def _milestones(plan: Plan | None) -> list[Milestone]:
    if plan is None:
        return []
    return [
        Milestone(
            title=one.title,
            who=actors()[one.acts],
            duration=one.duration,
            when=numbers.date(one.earliest)
            if one.earliest == one.latest
            else numbers.span(numbers.date(one.earliest), numbers.date(one.latest)),
        )
        for one in plan.milestones
    ]


def _events(plan: Plan | None) -> list[Event]:
    if plan is None:
        return []
    return [
        Event(
            stage=one.stage,
            share=numbers.DASH if one.share is None else numbers.percent(one.share),
            a_week=numbers.DASH if one.a_week is None else about(one.a_week),
            interval=""
            if one.low is None or one.high is None
            else numbers.span(numbers.count(int(one.low + 0.5)), numbers.count(int(one.high + 0.5))),
        )
        for one in plan.events
    ]


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    worst, weight = list(Status), list(Severity)
    return sorted(findings, key=lambda f: (worst.index(f.status), weight.index(f.severity), f.code))


def _codes(findings: Sequence[Finding]) -> set[str]:
    return {finding.code for finding in findings if finding.rule_file is None}
