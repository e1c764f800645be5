"""Single values of App Events in the form that the Conversions API has them; None where that is not certain."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from funnelcheck.ingestion import lenient
from funnelcheck.mending.values import BLANKS

_FLAGS = {"0": 0, "1": 1, "false": 0, "true": 1}
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")


def is_absent(value: Any) -> bool:
    """What counts as not sent."""
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def text(value: Any) -> str | None:
    """A text, or a number or a yes and no as it was written."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, Decimal)) else None


def number(value: Any) -> int | float | None:
    """A finite number, or one in a text."""
    told = text(value)
    if isinstance(value, bool) or told is None or not _NUMBER.fullmatch(told.strip(BLANKS)):
        return None
    found = float(told)
    if not math.isfinite(found):
        return None
    return int(found) if found.is_integer() and abs(found) < 1 << 53 else found


def whole(value: Any) -> int | None:
    """A whole number, or one in a text."""
    told = text(value)
    if isinstance(value, bool) or told is None or not _WHOLE.fullmatch(told.strip(BLANKS)):
        return None
    return int(told)


def flag(value: Any) -> int | None:
    """0 or 1, also written as a word."""
    return _FLAGS.get((text(value) or "").strip(BLANKS).lower())


def currency(value: Any) -> str | None:
    """Three letters in capitals."""
    told = (text(value) or "").strip(BLANKS)
    return told.upper() if _CURRENCY.fullmatch(told) else None


def ids(value: Any) -> list[str] | None:
    """A list of texts, of one text or of JSON in a text."""
    inner = value if isinstance(value, list) else _listed(value)
    if inner is None:
        told = text(value)
        return None if told is None else [told]
    told_ids = [text(one) for one in inner]
    return None if any(one is None for one in told_ids) else [one for one in told_ids if one is not None]


def objects(value: Any) -> list[dict[str, Any]] | None:
    """A list of objects, also as JSON in a text, which may have commas too many."""
    inner = value if isinstance(value, list) else _listed(value)
    return inner if inner and all(isinstance(one, dict) for one in inner) else None


def _listed(value: Any) -> list[Any] | None:
    if not isinstance(value, str) or not value.strip(BLANKS).startswith("["):
        return None
    read = lenient.read(value)
    found = None if read.text is None else json.loads(read.text)
    return found if isinstance(found, list) else None


FORMS: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "id": text,
    "device": text,
    "number": number,
    "whole": whole,
    "flag": flag,
    "currency": currency,
    "ids": ids,
    "objects": objects,
}
