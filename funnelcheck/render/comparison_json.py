"""Attributed installs side by side as JSON (schema funnelcheck/compare-mmp/1): what other programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from funnelcheck import shapes
from funnelcheck.render import indented
from funnelcheck.render.comparison import gap_of, hints
from funnelcheck.render.json import instant, rounded

if TYPE_CHECKING:
    from funnelcheck.appevents.discrepancies import Comparison
    from funnelcheck.appfigures import Discrepancy, Installs, InstallSide

SCHEMA: Final = "funnelcheck/compare-mmp/1"


def render(comparison: Comparison) -> str:
    """The whole comparison; the same comparison gives the same bytes."""
    return indented.text(document(comparison))


def document(comparison: Comparison) -> shapes.Comparison:
    """The comparison as plain values: shares with six decimals, instants in ISO 8601 UTC."""
    return {
        "schema": SCHEMA,
        "version": comparison.version,
        "guide": comparison.guide,
        "as_of": instant(comparison.as_of),
        "max_gap": comparison.max_gap,
        "hints": hints(comparison),
        "advertisers": [_compared(name, found) for name, found in comparison.advertisers.items()],
    }


def _compared(name: str, found: Discrepancy) -> shapes.ComparedInstalls:
    return {
        "advertiser_id": name,
        "time_zone": found.time_zone,
        "reason": found.reason,
        "why": found.why,
        "lacks": list(found.lacks),
        "meta": None if found.meta is None else _side(found.meta),
        "mmp": None if found.mmp is None else _side(found.mmp),
        "first_day": found.first_day,
        "last_day": found.last_day,
        "total": _installs(found.total, found),
        "platforms": [{"platform": one.platform, **_installs(one, found)} for one in found.platforms],
        "days": [
            {
                "day": one.day or "",
                "platform": one.platform,
                "compared": found.reason is None and one.is_compared,
                **_installs(one, found),
            }
            for one in found.days
        ],
        "answers": [
            {"key": one.key, "state": one.state, "question": one.question, "answer": one.answer}
            for one in found.answers
        ],
    }


def _installs(one: Installs, found: Discrepancy) -> shapes.Installs:
    difference, share = gap_of(one, found)
    return {"meta": one.meta, "mmp": one.mmp, "difference": difference, "share": rounded(share)}


def _side(side: InstallSide) -> shapes.InstallSide:
    return {
        "click_days": rounded(side.click_days),
        "view_days": rounded(side.view_days),
        "date": side.date_basis,
        "rows": side.rows,
        "installs": side.installs,
        "other_events": side.other_events,
        "of_others": side.of_others,
        "first_day": side.first_day,
        "last_day": side.last_day,
        "app_ids": list(side.app_ids),
        "device_known": side.device_known,
        "without_device": side.without_device,
    }
