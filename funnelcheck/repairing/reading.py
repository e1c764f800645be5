"""An event as a log holds it, read as strictly as what is sent again must be and without access tokens."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any

from funnelcheck.validation.decoding import unique

_TOKEN_KEY = re.compile(r"token|secret", re.IGNORECASE)
_TOKEN = re.compile(r"\bEAA[A-Za-z0-9]{20,}|access_token")
_MAY_HOLD_TOKEN = re.compile(r"token|secret|EAA", re.IGNORECASE)


def read(text: str) -> dict[str, Any] | None:
    """The event, numbers as they were written; None for what is no object, or in which a key stands twice."""
    try:
        event = json.loads(text, parse_float=_finite, parse_constant=_refuse, object_pairs_hook=unique)
        if _MAY_HOLD_TOKEN.search(text):
            event = _without_tokens(event)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _finite(digits: str) -> Decimal:
    """ValueError for a number that no JSON can be written of again."""
    if not math.isfinite(float(digits)):
        raise ValueError(digits)
    return Decimal(digits)


def _refuse(name: str) -> float:
    raise ValueError(name)


def _without_tokens(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if not _TOKEN_KEY.search(name)}
        return {name: _without_tokens(inner) for name, inner in kept.items() if not _is_token(inner)}
    if isinstance(value, list):
        return [_without_tokens(inner) for inner in value if not _is_token(inner)]
    return value


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and bool(_TOKEN.search(value))
