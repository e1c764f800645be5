"""The onboarding brief of one advertiser: what to connect, what to send, who does what by when, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.language import current as spoken
from funnelcheck.model import Actor, Guide, Status
from funnelcheck.render.html.site import templates
from funnelcheck.render.markup import plain
from funnelcheck.selection.outcome import Applicant, Selection, Suitability, Task
from funnelcheck.selection.plan import DEVELOPMENT, Milestone

_NAME, _STAGE, _STAGES = 90, 60, 20


class Field(NamedTuple):
    """Something to send with every change: in words, and as Meta calls it."""

    what: str
    key: str


class Duty(NamedTuple):
    """A step of the way: what, who does it, by when."""

    what: str
    who: str
    when: str


class Missing(NamedTuple):
    """Something that is still missing, and who sees to it."""

    what: str
    who: str


class Brief(NamedTuple):
    """What a brief says, part by part."""

    name: str
    title: str
    day: str
    answer: str
    intro: str
    connect: Sequence[str]
    stages: Sequence[str]  # in order; empty where no history is known
    more_stages: str
    stages_told: str
    fields: Sequence[Field]
    target: str
    duties: Sequence[Duty]
    duties_told: str
    missing: Sequence[Missing]


def brief(selection: Selection, one: Applicant, guide: Guide) -> Brief:
    """The brief of one advertiser; `guide` and all that it says are in the present language."""
    name = numbers.named(one.advertiser_id, _NAME)
    stages = [numbers.named(stage.name, _STAGE) for stage in one.stages]
    return Brief(
        name=name,
        title=_("{advertiser}: connecting your CRM to Meta").format(advertiser=name),
        day=_("As of {day}.").format(day=numbers.date_of(selection.as_of)),
        answer=_answer(one),
        intro=_(
            "Your CRM knows which leads from your ads become customers. When it tells Meta, Meta can look for more "
            "people like them. This page says what that takes, and who does it."
        ),
        connect=_connect(),
        stages=stages[:_STAGES],
        more_stages=_more(len(stages)),
        stages_told=_stages_told(one),
        fields=_fields(),
        target=_target(one),
        duties=_duties(one, guide),
        duties_told=_duties_told(one),
        missing=_missing(one),
    )


def html(told: Brief) -> str:
    """The brief as a page that stands alone."""
    return templates(spoken().key).get_template("brief.html.j2").render(brief=told)


def markdown(told: Brief) -> str:
    """The brief as Markdown; whatever a name holds is nothing but words there."""
    stages = [f"{place}. {plain(stage)}" for place, stage in enumerate(told.stages, 1)]
    blocks = [
        f"# {plain(told.title)}",
        plain(told.day),
        f"**{plain(told.answer)}**",
        plain(told.intro),
        *_part(_("What to connect"), [_lines(told.connect)]),
        *_part(_("What to send"), [plain(told.stages_told), "\n".join(stages), plain(told.more_stages)]),
        plain(_("With every change, these five things:")),
        _table((_("What"), _("What Meta calls it")), [(plain(one.what), f"`{one.key}`") for one in told.fields]),
        *_part(_("What Meta will aim at"), [plain(told.target)]),
        *_part(
            _("Who does what"),
            [
                plain(told.duties_told),
                _table((_("What"), _("Who"), _("By when")), [tuple(map(plain, duty)) for duty in told.duties]),
            ],
        ),
        *_part(_("What is still missing"), [_missing_lines(told.missing)]),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _part(title: str, blocks: Iterable[str]) -> list[str]:
    return [f"## {plain(title)}", *blocks]


def _lines(several: Iterable[str]) -> str:
    return "\n".join(f"- {plain(one)}" for one in several)


def _missing_lines(several: Sequence[Missing]) -> str:
    if not several:
        return plain(_("Nothing: you can start."))
    return _lines(f"{one.what} ({one.who})" for one in several)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [[plain(head) for head in heads], ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _more(stages: int) -> str:
    if stages <= _STAGES:
        return ""
    return _("These are {n} of {all} steps.").format(n=numbers.count(_STAGES), all=numbers.count(stages))


def _answer(one: Applicant) -> str:
    return {
        Suitability.READY: _("You can start: nothing stands in the way."),
        Suitability.NEEDS_WORK: _("You can start soon: a few things should be put right first."),
        Suitability.UNDECIDED: _("It cannot be told yet whether you can start: something is not known."),
        Suitability.NOT_SUITABLE: _("It is too early to start: something has to change first."),
    }[one.suitability]


def _connect() -> list[str]:
    """What has to be joined up, whoever the advertiser is."""
    return [
        _("Your lead ads: every lead reaches your CRM, with the number that Meta gives it."),
        _("Your CRM: it keeps that number with each lead, unchanged."),
        _("Your CRM partner: it sends every change of a lead to Meta, at least once a day and without anybody's hand."),
        _("A dataset for your CRM in Events Manager: the place at Meta where your data arrives."),
    ]


def _fields() -> list[Field]:
    """The five things of Meta's recipe for a CRM."""
    return [
        Field(_("The number that Meta gave the lead"), "user_data.lead_id"),
        Field(_("The step that the lead has reached, by the name it has in your CRM"), "event_name"),
        Field(_("The moment at which it reached it"), "event_time"),
        Field(_("The name of your CRM"), "custom_data.lead_event_source"),
        Field(_("That a CRM sends it, by itself"), "action_source = system_generated, custom_data.event_source = crm"),
    ]


def _stages_told(one: Applicant) -> str:
    if not one.stages:
        return _(
            "Every step that a lead takes in your CRM, beginning with its arrival, also for leads that lead nowhere. "
            "Which steps these are is not known yet."
        )
    return _(
        "Every step that a lead takes in your CRM, beginning with its arrival, also for leads that lead nowhere. "
        "These are the steps, by the names that they have today; leave the names as they are:"
    )


def _target(one: Applicant) -> str:
    stage = one.stage(one.optimisation_stage)
    if stage is None:
        return _(
            "One step that between 1 and 40 of 100 leads reach within 28 days. Which one it is cannot be told yet."
        )
    name = numbers.named(stage.name, _STAGE)
    if stage.rate is None:
        return _("“{stage}”.").format(stage=name)
    return _("“{stage}”: {share} leads reach it within 28 days.").format(
        stage=name, share=numbers.share(stage.rate, stage.cohort, numbers.limits(one.finding("SEL004").threshold))
    )


def _duties(one: Applicant, guide: Guide) -> list[Duty]:
    """The guide's steps with dates where there is a plan, else with how long each takes."""
    titles = {step.key: step.title for step in guide.steps} | {DEVELOPMENT: _("Build the partner's integration")}
    if one.plan is None:
        return [Duty(step.title, _who(step.acts), step.duration) for step in guide.steps]
    return [Duty(titles.get(step.key, step.title), _who(step.acts), _by(step)) for step in one.plan.milestones]


def _by(step: Milestone) -> str:
    if step.earliest == step.latest:
        return numbers.date(step.latest)
    return numbers.span(numbers.date(step.earliest), numbers.date(step.latest))


def _duties_told(one: Applicant) -> str:
    if one.plan is None:
        return _("There is no date of launch yet; this is how long each step takes.")
    return _("The dates are counted from {day}, the day of launch.").format(day=numbers.date(one.plan.launch))


def _who(actor: Actor) -> str:
    return {Actor.ADVERTISER: _("You"), Actor.PARTNER: _("Your CRM partner"), Actor.META: _("Meta")}[actor]


def _missing(one: Applicant) -> list[Missing]:
    """What is to be done or brought, in plain words; what no sentence is written for says what its rule says."""
    to_do, to_bring = _to_do(), _to_bring()
    open_ = {finding.code for finding in one.findings if finding.status in (Status.UNDECIDED, Status.NOT_EVALUABLE)}

    def told(task: Task) -> str:
        return (to_bring if task.code in open_ else to_do).get(task.code) or task.what

    found = [Missing(told(task), _who(task.acts)) for task in (*one.work, *one.bring)]
    return list(dict.fromkeys(found))


def _to_do() -> dict[str, str]:
    """What to do where something is amiss, by rule."""
    return {
        "SEL001": _("Run ads with a form that opens on Facebook or Instagram itself."),
        "SEL002": _("Get more leads a month: raise the budget, or gather your forms in one campaign."),
        "SEL003": _("Find a step in your CRM that your leads reach within 28 days, or begin to record one."),
        "SEL004": _("Find a step in your CRM that between 1 and 40 of 100 leads reach, or begin to record one."),
        "SEL005": _("Agree that leads are judged by what becomes of them, not by what each costs."),
        "SEL006": _("Have the changes of your CRM sent every day, without anybody's hand."),
        "SEL007": _("Keep the number that Meta gives each lead in a field of your CRM, for every lead from your ads."),
        "SEL008": _("Save the leads of the last 90 days now, with their numbers; Meta keeps them no longer."),
    }


def _to_bring() -> dict[str, str]:
    """What to bring where something is not known, by rule."""
    return {
        "SEL001": _("Say whether your ads use a form that opens on Facebook or Instagram itself."),
        "SEL002": _("Bring the list of all leads from your ads, up to today."),
        "SEL003": _("Bring an export of your CRM: which lead took which step, and when."),
        "SEL004": _("Bring an export of your CRM: which lead took which step, and when."),
        "SEL005": _("Say whether leads are judged by what becomes of them."),
        "SEL006": _("Say whether your CRM can send its changes every day by itself."),
        "SEL007": _("Bring an export of your CRM with the number that Meta gives each lead."),
        "SEL008": _("Bring the list of your leads, so that it can be seen since when their numbers are saved."),
    }


def name_of(page: str, ending: str) -> str:
    """The file of a brief beside the page of its advertiser: briefs/NAME.html."""
    return f"briefs/{page.removeprefix('advertiser-').removesuffix('.html')}.{ending}"
