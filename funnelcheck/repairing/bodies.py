"""Ready events as requests: by dataset, the most urgent first, the doubtful ones apart so that they poison nobody."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from funnelcheck import outbox
from funnelcheck.outbox import haste
from funnelcheck.repairing.outcome import Body, Ready

DOUBTFUL_BATCH = 10  # events: Meta refuses a request as a whole


def bodies(ready: Iterable[Ready], batch: int, as_of: int) -> tuple[Body, ...]:
    """At most `batch` events each (of doubtful ones 10), sure ones before doubtful ones, each by their deadline.

    What expires within the hour, or within the day, takes no other event with it: one too old costs its request.
    """
    groups: dict[tuple[bool, int, str, str, str], list[Ready]] = defaultdict(list)
    for one in ready:
        origin = one.origin
        owner = (origin.advertiser_id or "", origin.dataset_id or "", one.agent or "")
        groups[(bool(one.doubts), haste(one.deadline - as_of), *owner)].append(_with_id(one))
    made = [
        _body(events[start : start + size], is_doubtful=key[0])
        for key, events in groups.items()
        for size in (min(batch, DOUBTFUL_BATCH) if key[0] or key[1] == 0 else batch,)
        for events in (sorted(events, key=_urgency),)
        for start in range(0, len(events), size)
    ]
    made.sort(key=lambda body: (body.is_doubtful, body.deadline, body.advertiser_id, body.dataset_id or ""))
    return tuple(replace(body, name=_name(number, body)) for number, body in enumerate(made, 1))


def _urgency(one: Ready) -> tuple[object, ...]:
    origin = one.origin
    return (one.deadline, origin.path, origin.line, origin.position or 0)


def _body(events: Sequence[Ready], *, is_doubtful: bool) -> Body:
    first = events[0]
    return Body("", first.origin.advertiser_id or "", first.origin.dataset_id, first.agent, tuple(events), is_doubtful)


def _name(number: int, body: Body) -> str:
    return outbox.file_name(number, body.dataset_id, "unknown-dataset", "-doubtful" if body.is_doubtful else "")


def _with_id(one: Ready) -> Ready:
    """With an event_id, the same whenever it is repaired: whoever posts a body twice can be told so."""
    if one.event.get("event_id"):
        return one
    told = [one.origin.dataset_id, *(one.event.get(name) for name in ("user_data", "event_name", "event_time"))]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=float).encode()).hexdigest()
    return replace(one, event=one.event | {"event_id": f"repair-{digest[:24]}"})


def text(body: Body) -> str:
    """What is to be posted."""
    return outbox.request((one.event for one in body.events), {"partner_agent": body.agent} if body.agent else {})
