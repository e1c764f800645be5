"""Attributed installs side by side as a table for a spreadsheet: one row a day and platform; no cell is a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcheck import tables
from funnelcheck.render.comparison import gap_of
from funnelcheck.render.json import rounded

if TYPE_CHECKING:
    from funnelcheck.appevents.discrepancies import Comparison

_COLUMNS = "advertiser_id day platform compared meta mmp difference share".split()


def render(comparison: Comparison) -> str:
    """The head, then the days of each advertiser."""
    rows = []
    for name, found in comparison.advertisers.items():
        for one in found.days:
            difference, share = gap_of(one, found)
            rows.append(
                {
                    "advertiser_id": name,
                    "day": one.day,
                    "platform": one.platform,
                    "compared": str(found.reason is None and one.is_compared).lower(),
                    "meta": one.meta,
                    "mmp": one.mmp,
                    "difference": difference,
                    "share": rounded(share),
                }
            )
    return tables.text(rows, _COLUMNS)
