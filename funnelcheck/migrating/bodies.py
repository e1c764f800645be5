"""Migrated events as requests: those that Meta has already stand apart from those that it refused."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from funnelcheck import outbox
from funnelcheck.migrating.events import INSTALL, Draft
from funnelcheck.migrating.outcome import Carried, MigratedBody, Origin

MOST_EVENTS = 1_000  # of one request
TEST_CODE = re.compile(r"[0-9A-Za-z_-]{1,40}")
_TAKEN = "Meta took a copy of it"
_COPY = "another event has its event_id and name: Meta counts them once"


def carried(drafts: Iterable[Draft], max_age: int) -> list[Carried]:
    """Each as it would be sent; one without event_id gets one that is the same at every run.

    Meta has what it did not refuse, and of what it refused that of which it took a copy: another sending of the same
    event_id and name, or of the same content.
    """
    made: list[tuple[str, Carried]] = []
    twice: Counter[tuple[int, str]] = Counter()
    for draft in drafts:
        row = draft.row
        digest = _digest(row["app_id"], draft.told)
        # the same event twice in one request happened twice; in two requests it was sent again
        twice[row["request_id"], digest] += 1
        key = _digest(digest, str(twice[row["request_id"], digest]))
        event, notes = draft.event, draft.notes
        if "event_id" in event:
            key = _digest(row["app_id"], event["event_name"], event["event_id"])
        elif draft.app_event != INSTALL:
            event = {**event, "event_id": f"migrate-{key[:24]}"}
            notes = [*notes, "no event_id: one was made"]
        one = Carried(
            origin=Origin(row["path"], row["line"], row["position"], row["advertiser_id"], row["app_id"]),
            app_event=draft.app_event or "",
            event=event,
            deadline=event["event_time"] + max_age,
            notes=tuple(dict.fromkeys(notes)),
            is_taken=row["accepted"] is not False,
        )
        made.append((key, one))
    taken = {key for key, one in made if one.is_taken}
    copies = Counter(key for key, _one in made)
    return [_beside_others(one, is_taken=key in taken, is_copy=copies[key] > 1) for key, one in made]


def _beside_others(one: Carried, *, is_taken: bool, is_copy: bool) -> Carried:
    notes = [_TAKEN] if is_taken and not one.is_taken else []
    notes += [_COPY] if is_copy and "event_id" in one.event else []
    return replace(one, is_taken=is_taken, notes=(*one.notes, *notes)) if notes else one


def _digest(*told: str | None) -> str:
    return hashlib.sha256("\0".join(map(str, told)).encode("utf-8", "surrogatepass")).hexdigest()


def bodies(ready: Iterable[Carried], batch: int, as_of: int) -> tuple[MigratedBody, ...]:
    """At most `batch` events each, of one app; what expires soon takes no other event with it."""
    groups: dict[tuple[bool, int, str, str], list[Carried]] = defaultdict(list)
    for one in ready:
        origin = one.origin
        key = (one.is_taken, outbox.haste(one.deadline - as_of), origin.advertiser_id or "", origin.dataset_id or "")
        groups[key].append(one)
    made = [
        MigratedBody("", advertiser, app or None, tuple(events[start : start + batch]), is_taken)
        for (is_taken, _haste, advertiser, app), held in groups.items()
        for events in (sorted(held, key=_urgency),)
        for start in range(0, len(events), batch)
    ]
    made.sort(key=lambda body: (body.is_taken, body.deadline, body.advertiser_id, body.app_id or ""))
    return tuple(
        replace(body, name=outbox.file_name(i, body.app_id, "unknown-app", "-taken" if body.is_taken else ""))
        for i, body in enumerate(made, 1)
    )


def _urgency(one: Carried) -> tuple[object, ...]:
    origin = one.origin
    return (one.deadline, origin.path, origin.line, origin.position or 0)


def text(body: MigratedBody, test_event_code: str | None) -> str:
    """What is to be posted."""
    beside = {"test_event_code": test_event_code} if test_event_code else {}
    return outbox.request((one.event for one in body.events), beside)
