"""Findings about App Events -> verdict and to-do; pure. There is no journey: nobody lets an app in step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Finding, Severity, Status
from funnelcheck.reported import Action, Verdict
from funnelcheck.verdict import action, asks_for_something


@dataclass(frozen=True, slots=True)
class Decision:
    """What the findings of one advertiser's App Events come to."""

    verdict: Verdict
    blocked_by: tuple[str, ...]
    actions: tuple[Action, ...]
    summary: str


def decide(findings: Sequence[Finding]) -> Decision:
    """Not ready while a required rule fails, else ready; what fails comes first in the to-do, the widest first."""
    blocked = sorted(
        (one for one in findings if one.severity is Severity.REQUIRED and one.status is Status.FAIL),
        key=lambda one: (-_share(one), one.code),
    )
    others = sorted((one for one in findings if one not in blocked and asks_for_something(one)), key=lambda f: f.code)
    alone = _("This alone makes you ready.") if len(blocked) == 1 else ""
    actions = [replace(action(one, blocks=True), unlocks=alone) for one in blocked]
    actions += [action(one, blocks=False) for one in others]
    return Decision(
        verdict=Verdict.NOT_READY if blocked else Verdict.READY,
        blocked_by=tuple(one.code for one in blocked),
        actions=tuple(actions),
        summary=_summary(blocked),
    )


def _share(finding: Finding) -> float:
    return finding.affected / finding.n if finding.n else 0.0


def _summary(blocked: Sequence[Finding]) -> str:
    if not blocked:
        return _("Ready: no required rule about App Events fails.")
    told = _("Not ready: {reason}").format(reason=blocked[0].message)
    more = len(blocked) - 1
    if not more:
        return told
    below = ngettext("({n} more reason below)", "({n} more reasons below)", more).format(n=numbers.count(more))
    return f"{told} {below}"
