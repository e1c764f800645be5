"""Findings about an advertiser before launch -> may it be launched, what to do before, what to bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Finding, Rule, Severity, Status
from funnelcheck.selection.outcome import Suitability, Task, Volume

_OPEN = (Status.UNDECIDED, Status.NOT_EVALUABLE)
_ASKS = (Status.FAIL, Status.WARN)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the findings come to."""

    suitability: Suitability
    work: tuple[Task, ...]
    bring: tuple[Task, ...]
    summary: str


def decide(
    findings: Sequence[Finding], rules: Mapping[str, Rule], volume: Volume | None, barred: Task | None = None
) -> Decision:
    """Not suitable where a required rule fails; else undecided where one is open; else work where a rule warns.

    `barred`: what keeps it out whatever the findings say, for it is only supposed.
    """
    required = [finding for finding in findings if finding.severity is Severity.REQUIRED]
    failing = [finding for finding in required if finding.status is Status.FAIL]
    open_ = [finding for finding in required if finding.status in _OPEN]
    asking = [f for f in findings if f.status in _ASKS and f.severity is not Severity.INFORMATIONAL]
    asking.sort(key=lambda f: (f.status is not Status.FAIL, f.severity is not Severity.REQUIRED, f.code))
    suitability = Suitability.NOT_SUITABLE if barred else _suitability(failing, open_, asking)
    work = tuple(_task(finding, rules[finding.code].takes) for finding in asking)
    work = (barred, *work) if barred else work
    bring = tuple(_task(finding, "") for finding in open_)
    return Decision(suitability, work, bring, _summary(suitability, work, bring, findings, volume))


def _suitability(failing: Sequence[Finding], open_: Sequence[Finding], asking: Sequence[Finding]) -> Suitability:
    if failing:
        return Suitability.NOT_SUITABLE
    if open_:
        return Suitability.UNDECIDED
    return Suitability.NEEDS_WORK if asking else Suitability.READY


def _task(finding: Finding, takes: str) -> Task:
    return Task(finding.code, finding.title, finding.fix, finding.acts, takes, finding.message)


def _summary(
    suitability: Suitability,
    work: Sequence[Task],
    bring: Sequence[Task],
    findings: Sequence[Finding],
    volume: Volume | None,
) -> str:
    """One sentence: why an advertiser stands where it stands."""
    if suitability is Suitability.READY:
        return _ready(findings, volume)
    if suitability is Suitability.UNDECIDED:
        return _("Undecided: {reason} {what}").format(reason=bring[0].message, what=bring[0].what) + _more(
            len(bring) - 1
        )
    told = _("Needs work: {reason}") if suitability is Suitability.NEEDS_WORK else _("Not suitable: {reason}")
    return told.format(reason=work[0].message) + _more(len(work) - 1)


def _more(others: int) -> str:
    if not others:
        return ""
    told = ngettext("({n} more reason below)", "({n} more reasons below)", others)
    return " " + told.format(n=numbers.count(others))


def _ready(findings: Sequence[Finding], volume: Volume | None) -> str:
    by_code = {finding.code: finding for finding in findings}
    rate, window = by_code["SEL004"], by_code["SEL003"]
    if volume is None or rate.value is None or window.value is None:  # what is waived may not be known
        return _("Ready to launch: no rule about its choice fails or warns.")
    return _(
        "Ready to launch: {leads} in {days}; {share} reach {stage} within 28 days, nine in ten in {window}."
    ).format(
        leads=numbers.count(volume.leads, "lead"),
        days=numbers.count(volume.days, "day"),
        share=numbers.value(rate),
        stage=numbers.named(rate.subject or "", 80),
        window=numbers.value(window),
    )
