"""Documents as JSON that a person can read: the bytes of json.dumps(indent=1), in less than half of its time.

Told to indent, Python's json leaves its encoder in C. Here that one writes whatever holds no other list or mapping,
with a line end behind each comma; only what holds some is put together in Python.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import groupby
from types import GeneratorType
from typing import Any

from funnelcheck.numbers import harmless_json

_CONTAINERS = (dict, list, tuple, GeneratorType)


def text(document: Any) -> str:
    """A whole document with its line end, harmless wherever it is shown.

    A generator stands for a list whose members are never held all at once.
    """
    return harmless_json(_indented(document)) + "\n"


def _indented(value: Any, depth: int = 1) -> str:
    """A value as json.dumps(value, indent=1, ensure_ascii=False) writes it; `depth` is that of its members."""
    is_mapping = isinstance(value, dict)
    if not value or not (is_mapping or isinstance(value, _CONTAINERS)):
        return _compact(0)(value)
    line = "\n" + " " * depth
    between = f",{line}"
    if isinstance(value, GeneratorType):
        told = between.join([_indented(one, depth + 1) for one in value])
        if not told:
            return "[]"
    elif not _holds_some(value.values() if is_mapping else value):
        told = _compact(depth)(value)[1:-1]
    elif is_mapping:
        told = between.join(_members(value, depth))
    else:
        told = between.join([_indented(one, depth + 1) for one in value])
    return f"{{{line}{told}{line[:-1]}}}" if is_mapping else f"[{line}{told}{line[:-1]}]"


def _members(mapping: dict[Any, Any], depth: int) -> list[str]:
    """Members that are lists or mappings one by one, those between them at once."""
    told: list[str] = []
    for is_container, members in groupby(mapping.items(), lambda member: isinstance(member[1], _CONTAINERS)):
        if is_container:
            told += [f"{_compact(0)({key: 0})[1:-2]}{_indented(one, depth + 1)}" for key, one in members]
        else:
            told.append(_compact(depth)(dict(members))[1:-1])
    return told


def _holds_some(values: Any) -> bool:
    return any(map(_is_container, set(map(type, values))))


@cache
def _is_container(kind: type) -> bool:
    return issubclass(kind, _CONTAINERS)


@cache
def _compact(depth: int) -> Callable[[Any], str]:
    """What encodes a value in C, its members on lines of that depth."""
    return json.JSONEncoder(ensure_ascii=False, separators=(f",\n{' ' * depth}", ": ")).encode
