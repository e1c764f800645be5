"""What of a rule and of a guide readers see: the same texts in the present language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from funnelcheck.language import _, current
from funnelcheck.model import Guide, Rule

_TEXTS = ("title", "source", "message", "why", "fix", "wait", "takes")
_TABLES = ("messages", "history", "crm", "payload")


def translated(rule: Rule) -> Rule:
    """A rule of ours as it speaks in the present language; its cases and its SQL stay as they are."""
    if current().is_english:
        return rule
    told: dict[str, Any] = {name: _(getattr(rule, name)) for name in _TEXTS}
    told |= {name: {key: _(text) for key, text in getattr(rule, name).items()} for name in _TABLES}
    return replace(rule, **told)


def texts_of(rule: Rule) -> Iterator[str]:
    """Everything that `translated` looks up, for the catalogues."""
    yield from (getattr(rule, name) for name in _TEXTS)
    yield from (text for name in _TABLES for text in getattr(rule, name).values())


def translated_guide(guide: Guide) -> Guide:
    """A guide in the present language; its keys and the labels of Events Manager stay as they are."""
    if current().is_english:
        return guide
    steps = (
        replace(step, title=_(step.title), duration=_(step.duration), where=_(step.where) if step.where else None)
        for step in guide.steps
    )
    return replace(guide, title=_(guide.title), edition=_(guide.edition), steps=tuple(steps))


def texts_of_guide(guide: Guide) -> Iterator[str]:
    """Everything that `translated_guide` looks up, for the catalogues."""
    yield guide.title
    yield guide.edition
    for step in guide.steps:
        yield from (step.title, step.duration, step.where or "")
