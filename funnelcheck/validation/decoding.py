"""One JSON value out of a text, read as strictly as the standard has it."""

from __future__ import annotations

import json
from typing import Any

from funnelcheck.validation.places import NotJsonError, UnclearJsonError, spans

_DEEP = "the JSON is nested too deep to be read"


def decode(content: str, start: int) -> tuple[Any, int]:
    """The value that begins here, and where it ends; NotJsonError where it is none."""
    try:
        return DECODER.raw_decode(content, start)
    except RecursionError:
        raise UnclearJsonError(start, _DEEP) from None
    except ValueError:
        spans(content, start)  # says why
        raise NotJsonError(start, "this is not JSON") from None


def _strict(word: str) -> Any:
    raise ValueError(word)


def whole(digits: str) -> Any:
    """Python refuses to read thousands of digits; as a number they mean nothing anyway."""
    return int(digits) if len(digits) < 400 else float("inf")


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; ValueError where a key stands twice, as nobody knows which of the two was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


DECODER = json.JSONDecoder(parse_constant=_strict, parse_int=whole, object_pairs_hook=unique)
Found = tuple[int, Any, int]  # offset of a value, the value, its end
