"""Regular expressions as DuckDB reads them (RE2) -> the same for Java, which Spark asks."""

from __future__ import annotations

import re

_PART = re.compile(r"\\.|\[\^?|.", re.DOTALL)
_BLANKS = r" \t\n\f\r"  # RE2's \s; Java's holds the vertical tab too


def for_java(pattern: str) -> str:
    r"""A pattern of RE2 for Java: \s is five signs, and inside a class no bracket opens one and no & joins two."""
    told, inside = [], False
    for part in _PART.findall(pattern):
        if part == r"\s":
            told.append(_BLANKS if inside else f"[{_BLANKS}]")
        elif inside and part in ("[", "&"):
            told.append(f"\\{part}")
        else:
            inside = part != "]" if part in ("[", "[^", "]") else inside
            told.append(part)
    return "".join(told)


def replacement(text: str) -> str:
    r"""What stands in the place of a match: \1 is $1 in Java, where a dollar is a sign of its own."""
    text = text.replace("$", r"\$")
    return re.sub(r"\\([0-9])", r"$\1", text)
