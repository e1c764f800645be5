"""What to do and why, as one tells it to somebody who has never seen a log."""

from __future__ import annotations

from typing import NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.model import Actor, Finding, Status
from funnelcheck.reported import Action, AdvertiserResult, Verdict

# Rules that one sentence covers; the sentence is `_sentences()` of the same key.
_GROUPS = {
    "form": "EVT001 EVT002 EVT003 EVT004 EVT012 EVT016 EVT017",
    "time": "EVT005 TIM002 TIM003 TIM006 TIM007 TIM008",
    "lead-number": "EVT006 EVT007 EVT008 EVT009 DAT008 DAT013 MAP003",
    "personal": "EVT010",
    "click": "EVT011",
    "partner-name": "EVT013 EVT014 DAT005",
    "test-mode": "EVT015 DAT010",
    "late": "TIM001 TIM004 TIM005 TIM009 MAP004",
    "silent": "DAT012",
    "refused": "REQ004 REQ005 REQ008",
    "portions": "REQ001 REQ002 REQ003",
    "pause": "REQ006 ACC003",
    "coverage": "COV001 COV002 COV003 COV004",
    "dataset": "DAT001",
    "first": "DAT002",
    "days": "DAT003",
    "one-dataset": "DAT004 LIF004",
    "twice": "DAT006 DAT007",
    "stages": "FUN001 FUN002 FUN003 FUN004 FUN005 FUN009 FUN010 FUN013",
    "names": "FUN011 DAT009 LIF007",
    "rate": "FUN006",
    "slow": "FUN007",
    "access": "ACC001 ACC002 ACC004 ACC005 ACC006 ACC007",
    "unread": "MAP001",
    "app-form": "APP002 APP009 APP010 APP013 APP021 APP022",
    "app-device": "APP003 APP004 APP007 APP008",
    "app-consent": "APP005 APP006",
    "app-names": "APP011 APP012",
    "app-details": "APP014 APP015 APP016 APP017 APP018",
    "app-person": "APP019 APP020",
    "app-address": "APP023",
    "app-twice": "APP024 APP025",
    "app-refused": "APP026",
    "app-key": "APP027",
    "configure": "step-4",
    "learn": "step-5",
    "run": "step-6",
}
_GROUP_OF = {code: group for group, codes in _GROUPS.items() for code in codes.split()}


class Told(NamedTuple):
    """One action: what, why, who."""

    what: str
    why: str
    who: str


def told(action: Action, result: AdvertiserResult) -> Told:
    """An action in plain words; what no sentence is written for keeps its title and the rule's own advice."""
    finding = next((one for one in result.findings if one.code == action.code), None)
    group = _GROUP_OF.get(action.code)
    if finding is not None and finding.status in (Status.UNDECIDED, Status.NOT_EVALUABLE):
        what, why = _open(finding, group, result)
    elif group is None:
        what, why = action.what or action.title, action.title
    elif result.channel == "history":
        what = _("Connect your CRM to Meta and send every change as it happens.")
        why = _("So far the changes are only recorded in your CRM; Meta has seen none of them.")
    else:
        what, why = _sentences()[group]
        what = _rarer_or_commoner(finding) or what if group == "rate" else what
        why = _figures(finding, group, result) or why
    can_wait = result.verdict is not Verdict.READY and not action.blocks
    who = _who(action.acts, result)
    return Told(what, why, _("{who}; this can wait").format(who=who) if can_wait else who)


def _rarer_or_commoner(finding: Finding | None) -> str:
    """Which way the stage to aim at lies; nothing where the rate does not tell."""
    if finding is None or finding.value is None or not isinstance(finding.threshold, tuple):
        return ""
    low, high = finding.threshold
    if finding.value < low:
        return _("Choose a step for Meta to aim at that more of your leads reach.")
    return _("Choose a step for Meta to aim at that fewer of your leads reach.") if finding.value > high else ""


def _who(actor: Actor, result: AdvertiserResult) -> str:
    partner = _("Who builds your app") if result.channel == "app" else _("Your CRM partner")
    return {Actor.ADVERTISER: _("You"), Actor.PARTNER: partner, Actor.META: _("Meta")}[actor]


def _open(finding: Finding, group: str | None, result: AdvertiserResult) -> tuple[str, str]:
    """What is still open: time settles it, or something to compare with is missing."""
    if group == "days":
        return _("Keep sending as you do now."), _days(finding, result)
    if group == "coverage":
        what = _("Compare what was sent with the list of all leads that Meta delivered.")
        return what, _("Without that list nobody can tell whether leads are missing.")
    if finding.status is Status.NOT_EVALUABLE:
        what = _("Keep a record of what is sent to Meta, in full.")
        return what, _("What is there so far is not enough to judge it.")
    if group in ("rate", "slow"):
        what = _("Keep sending, and let your leads have their time.")
        return what, _("Each lead is watched for 28 days, and too few have had them.")
    return _("Keep sending as you do now."), _("There is too little data yet to tell.")


def _figures(finding: Finding | None, group: str, result: AdvertiserResult) -> str:
    """The reason with its figures, where figures say more than words."""
    if finding is None:
        return ""
    if group == "days":
        return _days(finding, result)
    if group == "rate" and finding.value is not None and finding.n and finding.subject:
        return _("{share} leads become “{stage}” within 28 days; Meta can learn from {range}.").format(
            share=numbers.share(finding.value, finding.n, numbers.limits(finding.threshold)),
            stage=_stage(finding.subject),
            range=numbers.threshold(finding.threshold, finding.unit),
        )
    if group == "slow" and finding.value is not None and finding.subject:
        return _("It takes {days} until nine in ten of them are “{stage}”; Meta allows {limit}.").format(
            days=numbers.days(finding.value, numbers.limits(finding.threshold)),
            stage=_stage(finding.subject),
            limit=numbers.threshold(finding.threshold, finding.unit),
        )
    if finding.code == "COV001" and result.coverage.eligible:
        return _("Of {all} leads, {n} were sent back to Meta; at least {share} is needed.").format(
            all=numbers.count(result.coverage.eligible),
            n=numbers.count(result.coverage.covered),
            share=numbers.threshold(finding.threshold, finding.unit),
        )
    return ""


def _days(finding: Finding, result: AdvertiserResult) -> str:
    have, needed = numbers.count(finding.value or 0), numbers.threshold(finding.threshold, finding.unit)
    sentence = _("So far there is something on {n} of the {needed} that Meta asks for.").format(n=have, needed=needed)
    wait = next((one for one in result.clock if one.code == finding.code), None)
    if wait is None or wait.date is None:
        return sentence
    pace = _("At this pace it is enough on {day}.").format(day=numbers.date(wait.date))
    return f"{sentence} {pace}"


def _stage(name: str) -> str:
    return numbers.cut(numbers.visible(name), 40)


def _sentences() -> dict[str, tuple[str, str]]:
    """What to do and why, by group."""
    return {
        "form": (
            _("Mend the form in which the changes of your CRM are sent to Meta."),
            _("As they are sent now, Meta does not count them as changes of your CRM."),
        ),
        "time": (
            _("Send the moment at which each change really happened."),
            _("The times that arrive are not those of the changes."),
        ),
        "lead-number": (
            _("Keep the number that Meta gives each lead, and send it back unchanged with every change."),
            _("Without the right number Meta cannot tell whose change it is."),
        ),
        "personal": (
            _("Encode personal details the way Meta asks before they are sent."),
            _("They arrive in a form that Meta does not take."),
        ),
        "click": (
            _("Send the number of the click as it is, or leave it out."),
            _("It arrives in a form that Meta does not know."),
        ),
        "partner-name": (
            _("Send everything under the one partner name that was agreed with Meta."),
            _("Meta recognises your partner by that name alone."),
        ),
        "test-mode": (
            _("Switch off the test mode."),
            _("What is sent as a test does not count."),
        ),
        "late": (
            _("Send every change soon after it happens, at least once a day."),
            _("What arrives more than seven days late does not count."),
        ),
        "silent": (
            _("Check that your CRM is still connected to Meta."),
            _("New leads came in, and nothing has been sent for them."),
        ),
        "refused": (
            _("Find out why Meta refuses what is sent, mend it, and send it again within seven days."),
            _("What Meta refuses does not count."),
        ),
        "portions": (
            _("Send smaller portions, more often."),
            _("One mistake can cost everything that is sent with it."),
        ),
        "pause": (
            _("Wait a minute whenever Meta asks for a pause."),
            _("Who goes on regardless is kept out for longer."),
        ),
        "coverage": (
            _("Find the leads that never reach your CRM or are never sent back, and send them too."),
            _("Meta learns from all leads, also from those that lead nowhere."),
        ),
        "dataset": (
            _("Create a dataset for your CRM in Events Manager, and have everything sent there."),
            _("The present one is not made for a CRM."),
        ),
        "first": (
            _("Send the first lead from your CRM to Meta, and check that it is counted."),
            _("Nothing that counts has arrived so far."),
        ),
        "days": (
            _("Keep sending as you do now."),
            _("Meta needs a week of data."),
        ),
        "one-dataset": (
            _("Send everything to one dataset."),
            _("Meta learns from one dataset only; what goes elsewhere is missing there."),
        ),
        "app-form": (
            _("Mend the form in which your app reports to Meta."),
            _("As it reports now, Meta cannot read all of it."),
        ),
        "app-device": (
            _("Have your app say with each report whose device it is, and whether tracking is allowed."),
            _("Without that Meta cannot tell which ad led to what happens in your app."),
        ),
        "app-consent": (
            _("Have your app report what each person has answered to the question about tracking."),
            _("What it reports now does not follow the answers."),
        ),
        "app-names": (
            _("Use fewer names for what happens in your app, and put what varies beside the name."),
            _("Meta keeps a limited number of names, and drops what comes under others."),
        ),
        "app-details": (
            _("Report every price with its currency, and the details that Meta asks for."),
            _("Without them Meta cannot tell what a purchase is worth."),
        ),
        "app-person": (
            _("Encode personal details the way Meta asks before they are sent."),
            _("They arrive in a form that Meta does not take."),
        ),
        "app-address": (
            _("Pass on the internet address of each device, not that of a server."),
            _("Meta takes all people for one where they share an address."),
        ),
        "app-twice": (
            _("Report every event and every install once, each with a number of its own."),
            _("What is reported twice may be counted twice."),
        ),
        "app-refused": (
            _("Find out why Meta refuses what your app reports, and mend it."),
            _("What Meta refuses does not count."),
        ),
        "app-key": (
            _("Keep the key of your app out of phones and records."),
            _("Whoever finds it can report in your name."),
        ),
        "twice": (
            _("Send every change once."),
            _("What is sent twice may be counted twice."),
        ),
        "stages": (
            _("Send every step that a lead takes in your CRM, beginning with its arrival."),
            _("Meta learns from how leads move on; steps are missing."),
        ),
        "names": (
            _("Leave the names of the steps in your CRM as they are."),
            _("With new names Meta starts learning again."),
        ),
        "rate": (
            _("Choose a step for Meta to aim at that more, or fewer, of your leads reach."),
            _("Meta cannot learn from what nearly everybody or nearly nobody does."),
        ),
        "slow": (
            _("Choose a step for Meta to aim at that your leads reach sooner."),
            _("Meta watches each lead for 28 days only."),
        ),
        "access": (
            _("Get what is missing of the app's access to Meta."),
            _("Without it, data cannot be sent for good."),
        ),
        "unread": (
            _("Say which columns of the files hold the number of the lead, its step and the time."),
            _("Files that cannot be read count for nothing."),
        ),
        "configure": (
            _("Put your steps in order in Events Manager, and choose the one that Meta shall aim at."),
            _("All else is ready."),
        ),
        "learn": (
            _("Change nothing: leave the dataset and the names of the steps as they are."),
            _("Meta is learning, and starts again at every change."),
        ),
        "run": (
            _("Run your campaigns with this dataset, and leave it as it is."),
            _("Meta has learned which leads become customers."),
        ),
    }
