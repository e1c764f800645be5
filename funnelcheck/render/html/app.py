"""The page of one advertiser's App Events: what its template is filled with."""

from __future__ import annotations

from collections import Counter
from typing import Any

from funnelcheck.render.html import findings_table
from funnelcheck.render.html.advertiser import areas, todo
from funnelcheck.reported import AdvertiserResult


def context(result: AdvertiserResult) -> dict[str, Any]:
    """What the template of an app's page reads."""
    actions = todo(result)
    return {
        "result": result,
        "app": result.app,
        "is_history": False,
        "log": "log",
        "todo": actions,
        "next_action": actions[0] if actions else None,
        "areas": areas(result.findings),
        "counts": Counter(str(finding.status) for finding in result.findings),
        "area_rows": findings_table.area_rows,
    }
