"""The catalogue of rules as a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from funnelcheck.language import _
from funnelcheck.model import Case, Rule
from funnelcheck.render.vocabulary import area_place, areas


def context(catalogue: Sequence[Rule]) -> dict[str, Any]:
    keys = sorted({rule.area for rule in catalogue}, key=lambda key: (area_place(key), key))
    titles = areas()
    grouped = [
        (key, titles.get(key, key), sorted((r for r in catalogue if r.area == key), key=lambda r: r.code))
        for key in keys
    ]
    return {"grouped": grouped, "catalogue": catalogue}


def threshold_source(source: str) -> str:
    """Where a threshold comes from; a guide's key and a file's name are left as they are."""
    words = {"ours": _("ours"), "shared, ours": _("shared, ours")}
    guide = re.fullmatch(r"guide (\S+)", source)
    return _("guide {key}").format(key=guide[1]) if guide else words.get(source, source)


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
