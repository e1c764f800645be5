"""A chance in sentences: what it is drawn from, what is most in doubt, and how much is known."""

from __future__ import annotations

from collections.abc import Mapping

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Finding, Status
from funnelcheck.selection.chances import AHEAD, Chance
from funnelcheck.selection.evidence import Limits

_OPEN = (Status.UNDECIDED, Status.NOT_EVALUABLE)
_FEW_DAYS = 28
_FEW_LEADS = 50
_SURE = 0.95


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
        sentences = [_drawn(findings["SEL004"].subject or "", drawn, limits), _in_doubt(drawn), _few(drawn)]
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


def _drawn(stage: str, drawn: Chance, limits: Limits) -> str:
    low, middle, high = drawn.leads
    least, _middle, most = drawn.share
    return _(
        "{chance} chance over the next {days}: {leads} leads a month, about {middle}, where {asked} are asked for "
        "({volume}); {share} of them reach {stage} ({rate}), nine in ten within {limit} ({window})."
    ).format(
        chance=numbers.percent(drawn.probability),
        days=numbers.count(AHEAD, "day"),
        leads=numbers.span(numbers.count(low), numbers.count(high)),
        middle=numbers.count(middle),
        asked=numbers.count(limits.min_leads),
        volume=numbers.percent(drawn.volume),
        share=numbers.interval(least, most),
        stage=numbers.named(stage, 80),
        rate=numbers.percent(drawn.rate),
        limit=numbers.days(limits.max_days),
        window=numbers.percent(drawn.window),
    )


def _in_doubt(drawn: Chance) -> str:
    lowest = min(drawn.volume, drawn.rate, drawn.window)
    if lowest >= _SURE:
        return ""
    if lowest == drawn.volume:
        return _("Most in doubt is the volume.")
    return _("Most in doubt is the rate.") if lowest == drawn.rate else _("Most in doubt is the time that it takes.")


def _few(drawn: Chance) -> str:
    """A chance that stands on little, told as such."""
    told = []
    if drawn.seen_days < _FEW_DAYS:
        told.append(
            ngettext("Only {n} day of leads is known.", "Only {n} days of leads are known.", drawn.seen_days).format(
                n=numbers.count(drawn.seen_days)
            )
        )
    if drawn.closed < _FEW_LEADS:
        told.append(
            ngettext(
                "Only {n} lead was followed to its end: this may still move much.",
                "Only {n} leads were followed to their end: this may still move much.",
                drawn.closed,
            ).format(n=numbers.count(drawn.closed))
        )
    return " ".join(told)
