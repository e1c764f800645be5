"""A mail to one advertiser: ready or not, two figures, at most three things to do, in plain words."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _, current
from funnelcheck.model import Finding
from funnelcheck.render import plainwords
from funnelcheck.render.html.advertiser import covered_until, limits, todo
from funnelcheck.render.html.environment import environment
from funnelcheck.render.plainwords import Told
from funnelcheck.reported import AdvertiserResult, Run, Verdict

if TYPE_CHECKING:
    from jinja2 import Template

MOST_ACTIONS = 3
_WIDTH = 72
_NAME, _SHORT_NAME = 90, 60


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's content in one language: its subject, and the same content as plain text and as HTML."""

    subject: str
    text: str
    html: str


class Figure(NamedTuple):
    """One figure: what it is, the figure in words, its bar (0 to 1) and what is asked for, as a bar too."""

    name: str
    value: str
    share: float
    asked: str
    low: float
    high: float


class Entry(NamedTuple):
    """A label of Meta's and what it means."""

    label: str
    meaning: str


class Besides(NamedTuple):
    """What a mail about CRM events says of the App Events of the same advertiser."""

    verdict: str
    answer: str
    actions: list[Told]
    more: str


class Content(NamedTuple):
    """What a mail says, part by part."""

    name: str
    verdict: str
    answer: str
    date: str
    intro: str
    figures: list[Figure]
    actions: list[Told]
    more: str
    label: str
    besides: Besides | None
    glossary: list[Entry]


def letter(run: Run, result: AdvertiserResult, app: AdvertiserResult | None = None) -> Letter:
    """The mail to one advertiser, in the present language; `app` are its App Events beside what `result` is about."""
    shown, more = _actions(result)
    label, answer = _label(run, result), _answer(result)
    said = " ".join([answer, label, *(f"{one.what} {one.why}" for one in shown)])
    content = Content(
        name=numbers.named(result.advertiser_id, _NAME),
        verdict=str(result.verdict),
        answer=answer,
        date=_("As of {day}.").format(day=numbers.date_of(run.as_of)),
        intro=_intro(result),
        figures=_figures(run, result),
        actions=shown,
        more=more,
        label=label,
        besides=None if app is None else Besides(str(app.verdict), _answer(app), *_actions(app)),
        glossary=_glossary(run, said),
    )
    subject = _subject(result)
    return Letter(subject, _text(content), _template(current().key).render(mail=content, lang=current().tag))


@cache
def _template(language: str) -> Template:
    """The mail's template, apart for each language, as what a template holds may be worked out once."""
    return environment().get_template("mail.html.j2")


def _actions(result: AdvertiserResult) -> tuple[list[Told], str]:
    """The first things to do, and how many more there are."""
    told = _apart([plainwords.told(action, result) for action in todo(result)])
    return told[:MOST_ACTIONS], _more(len(told) - MOST_ACTIONS, len(told))


def _apart(told: Sequence[Told]) -> list[Told]:
    """Each thing to do once: several rules may ask for the same."""
    first: dict[str, Told] = {}
    for one in told:
        first.setdefault(one.what, one)
    return list(first.values())


def _subject(result: AdvertiserResult) -> str:
    name = numbers.named(result.advertiser_id, _SHORT_NAME)
    if result.channel == "app":
        told = (
            _("{advertiser}: Meta can use what your app reports")
            if result.verdict is Verdict.READY
            else _("{advertiser}: Meta cannot use all that your app reports")
        )
        return told.format(advertiser=name)
    if result.verdict is Verdict.READY:
        return _("{advertiser}: Meta can learn from your leads").format(advertiser=name)
    if result.verdict is Verdict.UNDECIDED:
        return _("{advertiser}: it is too early to tell whether Meta can learn from your leads").format(advertiser=name)
    return _("{advertiser}: Meta cannot learn from your leads yet").format(advertiser=name)


def _intro(result: AdvertiserResult) -> str:
    if result.channel == "app":
        return _("Your app reports to Meta what people do in it. Here is whether Meta can use it.")
    return _("Your CRM tells Meta what becomes of the leads from your ads. Here is whether Meta can learn from it.")


def _answer(result: AdvertiserResult) -> str:
    if result.channel == "app":
        if result.verdict is Verdict.READY:
            return _("Ready: Meta can use what your app reports.")
        return _("Not ready: Meta cannot use all that your app reports.")
    if result.verdict is Verdict.READY:
        return _("Ready: Meta can learn from what becomes of your leads.")
    if result.verdict is Verdict.UNDECIDED:
        return _("Too early to tell: what is there so far is not enough to say yes or no.")
    return _("Not ready: Meta cannot learn from what becomes of your leads yet.")


def _more(hidden: int, total: int) -> str:
    if hidden <= 0:
        return ""
    return _("These are {n} of {all} things to do; the report lists the others.").format(
        n=numbers.count(total - hidden), all=numbers.count(total)
    )


def _label(run: Run, result: AdvertiserResult) -> str:
    """What Events Manager shows meanwhile; nothing of what was never sent."""
    step = next((one for one in run.guide.steps if one.number == result.step), None)
    labels = _labels(step.shows) if step is not None and result.channel != "history" else ()
    if not labels:
        return ""
    quoted = " / ".join(_("“{text}”").format(text=label) for label in labels)
    return _("Events Manager should now show {label}.").format(label=quoted)


def _labels(shows: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return shows.get(current().key) or shows.get("en", ())


def _figures(run: Run, result: AdvertiserResult) -> list[Figure]:
    """At most two: how many leads came back and how many get to the stage; before that the days of data."""
    found = [figure for figure in (_coverage(run, result), _rate(result)) if figure is not None]
    days = _days(next((finding for finding in result.findings if finding.code == "DAT003"), None))
    return [days, *found][:2] if days is not None else found


def _days(finding: Finding | None) -> Figure | None:
    """Days with data, while they are too few."""
    if finding is None or finding.value is None or not isinstance(finding.threshold, int | float):
        return None
    if finding.value >= finding.threshold:
        return None
    value = _("{n} of {all}").format(n=numbers.count(finding.value), all=numbers.count(finding.threshold))
    asked = _("{days} are needed").format(days=numbers.threshold(finding.threshold, "days"))
    return Figure(_("Days with data"), value, finding.value / finding.threshold, asked, 1.0, 1.0)


def _coverage(run: Run, result: AdvertiserResult) -> Figure | None:
    cover = result.coverage
    if not cover.eligible or cover.covered is None:
        return None
    limit = limits(result).coverage
    value = numbers.ratio(cover.covered, cover.eligible, (limit,))
    asked, until = numbers.threshold(limit, "share"), covered_until(run, cover)
    told = _("at least {share} is needed ({until})") if until else _("at least {share} is needed")
    asked = told.format(share=asked, until=until)
    return Figure(_("Leads that were sent back to Meta"), value, cover.covered / cover.eligible, asked, limit, 1.0)


def _rate(result: AdvertiserResult) -> Figure | None:
    stage = result.stage(result.optimisation_stage)
    if stage is None or stage.rate is None or not stage.cohort:
        return None
    low, high = limits(result).band
    name = _("Leads that become “{stage}” within 28 days").format(stage=numbers.cut(numbers.visible(stage.name), 40))
    asked = _("Meta can learn from {range}").format(range=numbers.threshold((low, high), "share"))
    return Figure(name, numbers.share(stage.rate, stage.cohort, (low, high)), stage.rate, asked, low, high)


def _glossary(run: Run, said: str) -> list[Entry]:
    """Meta's own labels that occur in a mail, with what they mean."""
    entries = [
        Entry(_("Events Manager"), _("Meta's page that shows what data arrives from you")),
        Entry(_("dataset"), _("the place at Meta where your data is kept")),
    ]
    meanings = _meanings()
    for step in run.guide.steps:
        for label, english in zip(_labels(step.shows), step.shows.get("en", ()), strict=False):
            entries.append(Entry(label, meanings.get(english, step.title)))
    return [entry for entry in entries if entry.label.casefold() in said.casefold()]


def _meanings() -> dict[str, str]:
    """What Events Manager's labels, by their English form, say."""
    return {
        "Conversion leads": _("the part of the settings that only a dataset for a CRM has"),
        "Send a CRM event": _("Meta waits for the first change from your CRM"),
        "Wait for 7 days of CRM events": _("Meta collects a week of data"),
        "Configure Sales Funnel": _("the page where the steps of your CRM are put in order"),
        "Funnel analysis": _("Meta looks at how your leads move on"),
        "Learning phase": _("Meta works out which leads become customers"),
        "Learning phase complete": _("Meta has learned which leads become customers"),
    }


def _text(mail: Content) -> str:
    """The mail as plain text, in lines that every program shows whole."""
    parts = [mail.name, mail.answer, mail.date, mail.intro]
    parts += [numbers.labelled(figure.name, f"{figure.value} ({figure.asked})") for figure in mail.figures]
    parts.append(_("What to do") if mail.actions else _("There is nothing to do."))
    parts += [f"{i}. {one.what} {one.why} ({one.who})" for i, one in enumerate(mail.actions, 1)]
    parts += [part for part in (mail.more, mail.label) if part]
    if mail.besides is not None:
        parts += [_("Your app"), mail.besides.answer]
        parts += [f"{i}. {one.what} {one.why} ({one.who})" for i, one in enumerate(mail.besides.actions, 1)]
        parts += [mail.besides.more] if mail.besides.more else []
    if mail.glossary:
        parts.append(_("Words of Meta's"))
        parts += [numbers.labelled(entry.label, entry.meaning) for entry in mail.glossary]
    return "\n\n".join(textwrap.fill(numbers.visible(part), _WIDTH, break_on_hyphens=False) for part in parts) + "\n"
