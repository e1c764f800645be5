"""What would be right in the place of a fault: the event itself put right, without saying who it is about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from funnelcheck.masking import without_ids
from funnelcheck.mending import Mended
from funnelcheck.model import Rule
from funnelcheck.validation.places import top

_LEAD_ID = 1234567890123456  # nobody's
_OTHERS = "(kept as it is)"
_HASHED = "(SHA-256 of the value: 64 hexadecimal digits in lower case)"
_CLEAR = ("fbc", "fbp", "client_ip_address", "client_user_agent", "external_id", "subscription_id")


def example(rule: Rule, pointer: str, mended: Mended) -> str | None:
    """The parts of the event that a rule is about, put right, as JSON; None where nobody can tell.

    `pointer` is within the event.
    """
    if any(loss.code == rule.code for loss in mended.losses):
        return None
    keys = [top(change.pointer) for change in mended.changes if change.code == rule.code]
    if not keys:  # what was put right for another rule may have put this right as well
        about = {top(place) for place in rule.at}
        keys = list(about) if about & {top(change.pointer) for change in mended.changes} else []
    parts = {key: _shown(key, value) for key, value in mended.event.items() if keys and key in (*keys, top(pointer))}
    return without_ids(json.dumps(parts, ensure_ascii=False, default=str), (str(_LEAD_ID),)) if parts else None


def _shown(key: str, value: Any) -> Any:
    return dict(_user(value)) if key == "user_data" and isinstance(value, Mapping) else value


def _user(data: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in data.items():
        if name == "lead_id":
            yield name, str(_LEAD_ID) if isinstance(value, str) else _LEAD_ID
        else:
            yield name, _OTHERS if name in _CLEAR else _HASHED
