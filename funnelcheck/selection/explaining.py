"""A probability and the sentences that explain it: those of what was drawn, or why nothing was."""

from __future__ import annotations

from collections.abc import Mapping

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Finding, Status
from funnelcheck.selection.chances import AHEAD, Chance, told
from funnelcheck.selection.evidence import Asked, Limits

_OPEN = (Status.UNDECIDED, Status.NOT_EVALUABLE)


def usable(findings: Mapping[str, Finding], drawn: Chance | None) -> Chance | None:
    """What was drawn, where it is known how many leads come and what becomes of them, and there is a stage."""
    return None if _is_unknown(findings) or _lacks_stage(findings) else drawn


def probability(findings: Mapping[str, Finding], drawn: Chance | None) -> float | None:
    """Of what could be drawn; 0 where there is no stage at all, None where too little is known."""
    if drawn is not None:
        return drawn.probability
    return 0.0 if _lacks_stage(findings) and not _is_unknown(findings) else None


def explained(findings: Mapping[str, Finding], drawn: Chance | None, limits: Limits) -> str:
    """Where the probability comes from, or why there is none."""
    if drawn is not None:
        sentences = [told(drawn, **_fit_to_tell(limits)), _few_days(drawn), _at_coverage(limits)]
        return " ".join(sentence for sentence in sentences if sentence)
    if probability(findings, None) is None:
        return _unknown(findings)
    return _("No chance: {reason}").format(reason=findings["SEL004"].message)


def alike_told(ranks: tuple[int, int] | None) -> str:
    """That the order within some ranks is none of the chance's; nothing where it is."""
    if ranks is None:
        return ""
    first, last = map(numbers.count, ranks)
    return _("The draws cannot tell ranks {first} to {last} apart.").format(first=first, last=last)


def _is_unknown(findings: Mapping[str, Finding]) -> bool:
    return findings["SEL002"].status in _OPEN or findings["SEL003"].status is Status.NOT_EVALUABLE


def _lacks_stage(findings: Mapping[str, Finding]) -> bool:
    return findings["SEL004"].evidence.get("reason") in ("no-stage", "never-seen")


def _unknown(findings: Mapping[str, Finding]) -> str:
    open_ = [findings[code] for code in ("SEL002", "SEL003", "SEL004") if findings[code].status in _OPEN]
    if not open_:
        return _("No chance can be worked out: no whole day of leads is known, or none that can be followed.")
    return _("No chance can be worked out yet: {reason}").format(reason=open_[0].message)


def _fit_to_tell(limits: Limits) -> Asked:
    """A quotient of a limit and a coverage is told in tenths of a per cent."""
    asked = limits.asked()
    if limits.coverage != 1.0:
        asked |= {"lowest": round(asked["lowest"], 3), "highest": round(asked["highest"], 3)}
    return asked


def _at_coverage(limits: Limits) -> str:
    """Why more is asked of the leads than by the rules."""
    if limits.coverage == 1.0:
        return ""
    return _("With events for {share} of leads, the rate is seen in range when it is {span}.").format(
        share=numbers.threshold(limits.coverage, "share"),
        span=numbers.interval(limits.lowest, limits.highest),
    )


def _few_days(drawn: Chance) -> str:
    if not 0 < drawn.seen_days < AHEAD:
        return ""
    told = ngettext("Only {n} day of leads is known.", "Only {n} days of leads are known.", drawn.seen_days)
    return told.format(n=numbers.count(drawn.seen_days))
