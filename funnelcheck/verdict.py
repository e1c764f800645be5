"""Findings of one advertiser -> its verdict, its step in the guide's journey, and what to do; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Actor, Finding, Guide, Severity, Status
from funnelcheck.reported import Action, Verdict

# Rules without which an advertiser cannot be called ready.
DECISIVE = ("DAT003", "DAT012", "FUN002", "COV001", "FUN006", "FUN007")
PAYLOAD = tuple(f"EVT{number:03}" for number in range(1, 8))
# Of a CRM history nothing was sent, which DAT002 says: it may be as good as ready, and never is.
OF_HISTORY = ("DAT002", *DECISIVE)
_STEP_3_AREAS = ("EVT", "REQ", "TIM", "DAT")
_STEP_3_RULES = ("COV001", "FUN001", "FUN002")
# What follows from another finding needs no action of its own.
_FOLLOWS = {
    "DAT002": ("DAT003", "COV001", "COV002", "FUN001", "FUN002", "FUN003", "FUN004", "FUN006", "FUN007"),
    "FUN001": ("FUN004",),
    "FUN002": ("FUN003",),
    # it sums up what these say one by one
    **dict.fromkeys((*PAYLOAD, "EVT010"), ("EVT017",)),
}
# Of two that block, the first comes first though the second may say more than the first alone.
_BEFORE = {
    ("DAT001", "DAT002"), ("FUN001", "FUN002"), ("FUN002", "FUN006"), ("FUN002", "FUN007"), ("FUN006", "FUN007"),
}  # fmt: skip
_SENDING = ("EVT", "TIM", "REQ")
_ASKS_NOTHING = ("LIF003",)
_AREA_ORDER = ("EVT", "TIM", "REQ", "DAT", "COV", "FUN", "MAP", "ACC", "LIF")


@dataclass(frozen=True, slots=True)
class Journey:
    """What an advertiser declares about its journey, up to as_of: six-step numbers and configuration."""

    funnel_declared: bool  # optimisation stage or stage order configured
    declared_step: int | None  # the furthest that a status line showed


class Place(NamedTuple):
    """Where an advertiser stands, or would."""

    verdict: Verdict
    step: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What the findings come to; the step is the guide's own, with its key."""

    verdict: Verdict
    step: int
    step_name: str
    six_step: int
    blocked_by: tuple[str, ...]
    actions: tuple[Action, ...]
    summary: str


def decide(
    findings: Iterable[Finding], journey: Journey, guide: Guide, stage: str | None, valid_events: int
) -> Decision:
    """The decision on one (advertiser, channel); `stage` is its optimisation stage, for the sentences."""
    by_code = {finding.code: finding for finding in findings}
    verdict, blocking = _verdict(by_code)
    six_step = _six_step(by_code, journey, valid_events)
    step = guide.steps[guide.step_of[six_step - 1] - 1]
    blocked = tuple(sorted(blocking, key=lambda finding: _rank(finding)))
    next_step = _next_action(by_code, verdict, blocked, _next_step(six_step, stage, guide))

    def reached(passing: Collection[str]) -> Place:
        return _place_if(passing, by_code, journey, guide, valid_events)

    return Decision(
        verdict=verdict,
        step=step.number,
        step_name=step.key,
        six_step=six_step,
        blocked_by=tuple(finding.code for finding in blocked),
        actions=_actions(by_code, blocked, next_step, reached),
        summary=_summary(verdict, blocked, by_code, stage),
    )


def lifecycle_actions(findings: Iterable[Finding]) -> tuple[Action, ...]:
    """What the rules that run after the verdict ask for; a step that is overdue asks for nothing of its own."""
    asked = [f for f in findings if f.area == "LIF" and f.code not in _ASKS_NOTHING and asks_for_something(f)]
    return tuple(action(finding, blocks=False) for finding in sorted(asked, key=_rank))


def _place_if(
    passing: Collection[str], by_code: Mapping[str, Finding], journey: Journey, guide: Guide, valid_events: int
) -> Place:
    """Where the advertiser would stand if these rules passed and nothing else changed.

    What only followed from them is then open: nobody knows what it will say.
    """
    changed = {
        code: replace(finding, status=Status.PASS) if code in passing else finding for code, finding in by_code.items()
    }
    opened = _consequences(by_code) - _consequences(changed) - set(passing)
    for code in opened & set(changed):
        if changed[code].status is Status.FAIL:
            changed[code] = replace(changed[code], status=Status.UNDECIDED)
    events = max(valid_events, 1) if "DAT002" in passing else valid_events
    step = guide.step_of[_six_step(changed, journey, events) - 1]
    return Place(_verdict(changed)[0], step)


def _verdict(by_code: Mapping[str, Finding]) -> tuple[Verdict, list[Finding]]:
    required = [f for f in by_code.values() if f.severity is Severity.REQUIRED and f.area != "LIF"]
    failing = [f for f in required if f.status is Status.FAIL]
    if failing:
        return Verdict.NOT_READY, failing
    decisive = OF_HISTORY if _is_history(by_code) else DECISIVE
    open_rules = [f for f in required if f.code in decisive and _is_open(f)]
    open_rules += [f for f in required if f.code in PAYLOAD and f.channel == "crm" and f.status is Status.NOT_EVALUABLE]
    return (Verdict.UNDECIDED, open_rules) if open_rules else (Verdict.READY, [])


def _is_open(finding: Finding) -> bool:
    """True for what keeps a verdict undecided; of a CRM history coverage does so only for want of a lead list."""
    if finding.code == "COV001" and finding.channel == "history":
        return finding.evidence.get("reason") in ("no-list", "counts")
    return finding.status in (Status.UNDECIDED, Status.NOT_EVALUABLE)


def _is_history(by_code: Mapping[str, Finding]) -> bool:
    return by_code["DAT002"].channel == "history"


def _would_be_ready(blocked: tuple[Finding, ...]) -> bool:
    """True where nothing but the sending itself is missing to a CRM history."""
    return [finding.code for finding in blocked] == ["DAT002"] and blocked[0].channel == "history"


def _six_step(by_code: Mapping[str, Finding], journey: Journey, valid_events: int) -> int:
    if by_code["DAT001"].status is Status.FAIL:
        return 1
    if not valid_events:
        return 2
    if any(_holds_step_3(finding) for finding in by_code.values()):
        return 3
    declared = journey.declared_step or 0
    if not journey.funnel_declared and declared < 4:
        return 4
    passing = all(by_code[code].status in (Status.PASS, Status.WARN, Status.WAIVED) for code in ("FUN006", "FUN007"))
    return 6 if passing and declared >= 6 else 5


def _holds_step_3(finding: Finding) -> bool:
    return (
        finding.severity is Severity.REQUIRED
        and (finding.area in _STEP_3_AREAS or finding.code in _STEP_3_RULES)
        and finding.status in (Status.FAIL, Status.UNDECIDED)
    )


def _rank(finding: Finding) -> tuple[int, str]:
    return _AREA_ORDER.index(finding.area) if finding.area in _AREA_ORDER else len(_AREA_ORDER), finding.code


def _actions(
    by_code: Mapping[str, Finding],
    blocked: tuple[Finding, ...],
    next_step: Action | None,
    reached: Callable[[Collection[str]], Place],
) -> tuple[Action, ...]:
    follows = _consequences(by_code) | ({next_step.code} if next_step else set())
    blocking = _by_what_they_unlock([finding for finding in blocked if finding.code not in follows], reached)
    others = [
        action(finding, blocks=False)
        for finding in sorted(by_code.values(), key=_rank)
        if finding not in blocked and finding.code not in follows and asks_for_something(finding)
    ]
    if next_step:
        (blocking if next_step.blocks else others).insert(0, next_step)
    return tuple(blocking + others)


def _by_what_they_unlock(findings: Sequence[Finding], reached: Callable[[Collection[str]], Place]) -> list[Action]:
    """Actions on what blocks: what unlocks most first, but no consequence before what it may follow from."""
    waiting, now = list(findings), reached(())
    alone = {finding.code: reached({finding.code}) for finding in findings}
    actions: list[Action] = []
    done: set[str] = set()
    before = now
    while waiting:
        free = [f for f in waiting if not any(_comes_before(other, f) for other in waiting)] or waiting
        finding = min(free, key=lambda f: _unlocked(now, alone[f.code]))
        waiting.remove(finding)
        done.add(finding.code)
        there = reached(done)
        follows = any(_comes_before(other, finding) for other in findings if other is not finding)
        told = _told(now, now if follows else alone[finding.code], before, there, len(done) - 1)
        actions.append(replace(action(finding, blocks=True), unlocks=told))
        before = there
    return actions


def _comes_before(cause: Finding, finding: Finding) -> bool:
    """True where `finding` may follow from `cause`: what is sent wrongly is not valid, and counts for no figure."""
    if cause.area in _SENDING and finding.area not in _SENDING:
        return finding.code == "DAT002"
    return finding.code in _FOLLOWS.get(cause.code, ()) or (cause.code, finding.code) in _BEFORE


def _unlocked(now: Place, then: Place) -> int:
    """0 for what makes ready, then what leaves nothing failing, then what leads to a later step, then the rest."""
    if then.verdict is not now.verdict:
        return 0 if then.verdict is Verdict.READY else 1
    return 2 if then.step > now.step else 3


def _told(now: Place, alone: Place, before: Place, together: Place, others: int) -> str:
    """What comes of an action: alone, or else with those before it."""
    if _unlocked(now, alone) < 3:
        return _gain(now, alone).format(who=_("This alone"), step=alone.step)
    if others and _unlocked(before, together) < 3:
        return _gain(now, together).format(who=_with_above(others), step=together.step)
    return _("Alone it changes neither verdict nor step.")


def _with_above(others: int) -> str:
    """This action together with so many before it, as what a sentence is about."""
    if others == 1:
        return _("With the one above, this")
    number = {
        2: _("two"), 3: _("three"), 4: _("four"), 5: _("five"), 6: _("six"), 7: _("seven"), 8: _("eight"), 9: _("nine"),
    }.get(others, numbers.count(others))  # fmt: skip
    return _("With the {number} above, this").format(number=number)


def _gain(now: Place, then: Place) -> str:
    """What one thing or another ({who}) leads to, with its places."""
    if then.verdict is Verdict.READY:
        return _("{who} makes you ready.")
    if then.verdict is now.verdict:
        return _("{who} moves you to step {step}.")
    if then.step > now.step:
        return _("{who} ends all failures and moves you to step {step}; what is still undecided remains.")
    return _("{who} ends all failures; what is still undecided remains.")


def asks_for_something(finding: Finding) -> bool:
    """Whether a finding belongs into the to-do."""
    if finding.status in (Status.FAIL, Status.WARN):
        return True
    return finding.status is Status.UNDECIDED and finding.severity is Severity.REQUIRED


def _consequences(by_code: Mapping[str, Finding]) -> set[str]:
    """Codes whose finding says no more than that of another one that fails."""
    codes = {
        code
        for cause, follows in _FOLLOWS.items()
        if cause in by_code and by_code[cause].status is Status.FAIL
        for code in follows
    }
    codes |= {f.code for f in by_code.values() if f.evidence.get("reason") in ("no-stage", "never-seen")} & (
        {"FUN007"} if by_code["FUN002"].status is not Status.FAIL else {"FUN006", "FUN007"}
    )
    unseen = [code for code in PAYLOAD if by_code[code].status is Status.NOT_EVALUABLE]
    return codes | set(unseen[1:])  # a log that holds payloads lets all of them be judged


def action(finding: Finding, *, blocks: bool) -> Action:
    """The line of the to-do that a finding asks for."""
    return Action(
        code=finding.code,
        title=finding.title,
        what=finding.fix,
        acts=finding.acts,
        blocks=blocks,
        message=finding.message,
    )


def _next_action(
    by_code: Mapping[str, Finding], verdict: Verdict, blocked: tuple[Finding, ...], next_step: Action
) -> Action | None:
    """What to do where no rule asks for it: the next step of the journey, or to send what was only recorded."""
    if _is_history(by_code):
        sending = action(by_code["DAT002"], blocks=verdict is Verdict.UNDECIDED)
        message = (
            _("Would be ready if sent as recorded; nothing was sent yet.")
            if _would_be_ready(blocked)
            else sending.message
        )
        return replace(sending, title=_("Send what the history records"), message=message)
    return next_step if verdict is Verdict.READY else None


def _next_step(six_step: int, stage: str | None, guide: Guide) -> Action:
    if six_step == 4:
        return Action(
            code="step-4",
            title=_("Configure the sales funnel"),
            what=(
                _("Put the stages in order in Events Manager and choose {stage} to optimise for.")
                if stage
                else _("Put the stages in order in Events Manager and choose a stage to optimise for.")
            ).format(stage=stage),
            acts=Actor.ADVERTISER,
            blocks=False,
            message=_("No required rule fails; the funnel is not declared as configured yet."),
        )
    if six_step == 5:
        return Action(
            code="step-5",
            title=_("Let it learn"),
            what=_(
                "Leave dataset, stage names and mapping as they are: a change starts integration and learning again."
            ),
            acts=Actor.PARTNER,
            blocks=False,
            message=_(
                "No required rule fails and the funnel is configured; Meta learns from what comes back, for {low} to "
                "{high} days as the guide expects."
            ).format(low=numbers.count(guide.learning_days[0]), high=numbers.count(guide.learning_days[1])),
        )
    return Action(
        code="step-6",
        title=_("Run campaigns on this dataset"),
        what=_("Use the conversion-leads goal with this dataset; leave dataset and stages unchanged."),
        acts=Actor.ADVERTISER,
        blocks=False,
        message=_("No required rule fails, and Events Manager shows that learning is complete."),
    )


def _summary(verdict: Verdict, blocked: tuple[Finding, ...], by_code: Mapping[str, Finding], stage: str | None) -> str:
    if verdict is Verdict.READY:
        ready = _("Ready: no required rule fails.")
        return f"{ready} {by_code['FUN006'].message}"
    if _would_be_ready(blocked):
        return f"{_would_be(verdict)} {by_code['FUN006'].message}"
    is_history = _is_history(by_code)
    follows = _consequences(by_code) | ({"DAT002"} if is_history else set())
    causes = [finding for finding in blocked if finding.code not in follows] or list(blocked)
    told = _why(verdict, is_history).format(reason=causes[0].message)
    more = len(causes) - 1
    if not more:
        return told
    below = ngettext("({n} more reason below)", "({n} more reasons below)", more).format(n=numbers.count(more))
    return f"{told} {below}"


def _would_be(verdict: Verdict) -> str:
    if verdict is Verdict.NOT_READY:
        return _("Not ready: would be ready if sent as recorded; nothing was sent yet.")
    return _("Undecided: would be ready if sent as recorded; nothing was sent yet.")


def _why(verdict: Verdict, is_history: bool) -> str:
    """A verdict with the place of its {reason}, a sentence."""
    if verdict is Verdict.NOT_READY:
        return _("Not ready, even if sent as recorded: {reason}") if is_history else _("Not ready: {reason}")
    return _("Undecided, even if sent as recorded: {reason}") if is_history else _("Undecided: {reason}")
