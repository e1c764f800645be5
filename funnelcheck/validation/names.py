"""Keys that are nearly Meta's: eventName, UserData, leadgen_id, as those write them who come from another interface."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_OTHERS = {"lead_id": ("leadgenid",)}  # what Meta's webhooks call it


def misnamed(value: Any, places: Iterable[str]) -> tuple[str, str] | None:
    """The first key that stands where a pointer of `places` leads on by another name, and that name."""
    for place in places:
        if found := _misnamed(value, place.split("/")[1:]):
            return found
    return None


def _misnamed(value: Any, keys: list[str]) -> tuple[str, str] | None:
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        if key not in value:
            alike = (_bare(key), *_OTHERS.get(key, ()))
            other = next((one for one in value if isinstance(one, str) and _bare(one) in alike), None)
            return None if other is None else (other, key)
        value = value[key]
    return None


def _bare(key: str) -> str:
    return re.sub(r"[-_ ]", "", key).lower()
