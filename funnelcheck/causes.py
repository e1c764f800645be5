"""Faults that come together are one cause: the same events, from the same source, since the same day; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.reported import SharedCause

# Two rules find the same thing when of the events that either faults at least this share is faulted by both.
SAME_EVENTS = 0.8
# A source is named when at least this share of the events come from it.
FROM_ONE_SOURCE = 0.9


@dataclass(frozen=True, slots=True)
class Pattern:
    """Events that break the same rules, and name the same CRM; times in Unix seconds."""

    codes: frozenset[str]
    source: str | None  # lead_event_source
    events: int
    first_sent: int | None
    last_sent: int | None


def shared_causes(patterns: Sequence[Pattern]) -> tuple[SharedCause, ...]:
    """The causes behind the faults of one advertiser that more than one rule shows, the most events first.

    Each rule stands in one cause at most; rules that find events of their own stand in none.
    """
    causes = [_cause(codes, patterns) for codes in _clusters(patterns) if len(codes) > 1]
    return tuple(sorted(causes, key=lambda cause: (-cause.events, cause.codes)))


def _clusters(patterns: Sequence[Pattern]) -> Iterable[frozenset[str]]:
    events: dict[str, int] = defaultdict(int)
    both: dict[tuple[str, str], int] = defaultdict(int)
    for pattern in patterns:
        for code in pattern.codes:
            events[code] += pattern.events
        for pair in combinations(sorted(pattern.codes), 2):
            both[pair] += pattern.events
    together = {code: {code} for code in events}
    for (one, other), shared in sorted(both.items()):
        if shared >= SAME_EVENTS * (events[one] + events[other] - shared) and together[one] is not together[other]:
            together[one] |= together[other]
            for code in together[other]:
                together[code] = together[one]
    return {frozenset(codes) for codes in together.values()}


def _cause(codes: frozenset[str], patterns: Sequence[Pattern]) -> SharedCause:
    of_it = [pattern for pattern in patterns if pattern.codes & codes]
    times = [time for p in of_it for time in (p.first_sent, p.last_sent) if time is not None]
    cause = SharedCause(
        codes=tuple(sorted(codes)),
        events=sum(pattern.events for pattern in of_it),
        first_seen=min(times, default=None),
        last_seen=max(times, default=None),
        source=_most((pattern.source, pattern.events) for pattern in of_it),
        message="",
    )
    return replace(cause, message=_message(cause))


def _message(cause: SharedCause) -> str:
    facts = [_("{n} in the last four weeks").format(n=numbers.count(cause.events))]
    if cause.first_seen is not None:
        facts.append(_("first sent on {day}").format(day=numbers.date_of(cause.first_seen)))
    if cause.source is not None:
        facts.append(_("nearly all from {source}").format(source=numbers.cut(numbers.visible(cause.source), 60)))
    return _("{codes} find fault with the same events ({facts}): one cause, to be mended once.").format(
        codes=numbers.listed(cause.codes), facts=", ".join(facts)
    )


def _most(counted: Iterable[tuple[str | None, int]]) -> str | None:
    """The name that nearly all events share."""
    totals: dict[str | None, int] = defaultdict(int)
    for name, events in counted:
        totals[name] += events
    name = max(totals, key=lambda one: (totals[one], one or ""))
    return name if totals[name] >= FROM_ONE_SOURCE * sum(totals.values()) else None
