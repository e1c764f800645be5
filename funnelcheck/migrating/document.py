"""A migration as JSON (schema funnelcheck/migration/1): what other programs read, without ids of anybody."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from funnelcheck.migrating.folder import decisions, name_row, parameter_row
from funnelcheck.migrating.outcome import Migration
from funnelcheck.outbox import BODIES, shown
from funnelcheck.render import indented
from funnelcheck.render.json import instant

SCHEMA: Final = "funnelcheck/migration/1"


def render(migration: Migration, *, show_ids: bool) -> str:
    """The whole migration but its bodies; the same one gives the same bytes."""
    told = document(migration, None if show_ids else migration.salt)
    return indented.text(told)


def document(migration: Migration, salt: str | None) -> dict[str, Any]:
    """The figures, the tables of names, and what is to be decided, as plain values."""
    reasons = Counter(why for one in migration.lost for why in one.why)
    return {
        "schema": SCHEMA,
        "as_of": instant(migration.as_of),
        "events": {
            "read": migration.read,
            "carried": len(migration.carried),
            "taken": migration.taken,
            "without_event_id": migration.without_id,
            "lost": len(migration.lost),
            "repeated": migration.repeated,
            "later": migration.later,
            "others": migration.others,
        },
        "unreadable": len(migration.unreadable),
        "test_event_code": migration.test_event_code,
        "bodies": [
            {
                "file": f"{BODIES}/{body.name}",
                "advertiser_id": body.advertiser_id,
                "app_id": body.app_id,
                "events": len(body.events),
                "taken": body.is_taken,
                "deadline": instant(body.deadline),
            }
            for body in migration.bodies
        ],
        "names": [name_row(row, salt) for row in migration.events],
        "parameters": [parameter_row(row, salt) for row in migration.parameters],
        "lost": [{"why": shown(why, salt), "events": number} for why, number in reasons.most_common()],
        "decide": decisions(migration),
        "problems": list(migration.problems),
        "hints": list(migration.hints),
    }
