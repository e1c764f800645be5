"""The catalogue of rules as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnelcheck.model import Case, Rule
from funnelcheck.render.html.vocabulary import AREAS, area_place


def context(catalogue: Sequence[Rule]) -> dict[str, Any]:
    keys = sorted({rule.area for rule in catalogue}, key=lambda key: (area_place(key), key))
    grouped = [
        (key, AREAS.get(key, key), sorted((r for r in catalogue if r.area == key), key=lambda r: r.code))
        for key in keys
    ]
    return {"grouped": grouped, "catalogue": catalogue}


def expected(case: Case) -> str:
    """What a case must come to, the status first."""
    status = str(case.expect.get("status", ""))
    plain = {True: "yes", False: "no", None: "nothing"}
    rest = [
        f"{key.replace('_', ' ')}: {plain[value] if isinstance(value, bool | None) else value}"
        for key, value in case.expect.items()
        if key != "status"
    ]
    return ", ".join([status, *rest] if status else rest)
