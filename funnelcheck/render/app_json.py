"""The figures of an advertiser's App Events as plain values."""

from __future__ import annotations

from datetime import UTC, datetime

from funnelcheck import shapes
from funnelcheck.appfigures import AppFigures, NamedEvents


def app_document(app: AppFigures) -> shapes.App:
    """What results.json says of App Events beside the rules."""
    return {
        "app_ids": list(app.app_ids),
        "requests": app.requests,
        "installs": app.installs,
        "conversions": app.conversions,
        "first_sent": _instant(app.first_sent),
        "last_sent": _instant(app.last_sent),
        "recent_since": _instant(app.recent_since),
        "names": [_name(one) for one in (*app.standard, *app.own)],
        "own_names": app.own_count,
        "apps": [{"app_id": one.app_id, "names": one.names} for one in app.names],
        "families": [{"family": one.family, "names": one.names} for one in app.families],
        "family_count": app.family_count,
        "answers": [
            {"about": one.about, "part": one.part, "answer": one.answer, "requests": one.requests}
            for one in app.tallies
        ],
        "event_ids": {
            "events": app.ids.events,
            "with_id": app.ids.with_id,
            "repeated": app.ids.repeated,
            "surplus": app.ids.surplus,
            "contradicting": app.ids.contradicting,
        },
        "days": [{"day": one.day, "installs": one.installs, "conversions": one.conversions} for one in app.days],
    }


def _name(one: NamedEvents) -> shapes.AppEventName:
    return {
        "name": one.name,
        "standard": one.is_standard,
        "events": one.events,
        "recent_events": one.recent_events,
        "first_sent": _instant(one.first_sent),
        "last_sent": _instant(one.last_sent),
        "parameters": one.parameters,
        "expects_value": one.value_meaning is not None,
        "with_value": one.with_value,
        "missing": {expected.parameter: expected.missing for expected in one.expected},
    }


def _instant(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
