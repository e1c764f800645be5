"""What a rule's header may hold, and of what kind each of it is: a rule may be the user's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from funnelcheck.config import nearest
from funnelcheck.errors import RuleError
from funnelcheck.model import Actor, Severity, Status

_TEXTS = "title source why fix wait takes unit field bad good subject cause".split()
_TABLES_OF_TEXTS = "history origin crm payload".split()
_LISTS = "needs channel reports at".split()
_CHANNELS = ("crm", "history", "app")
_SUBJECTS = ("optimisation stage",)
_THRESHOLD = re.compile(r"\$(\w+)(?: = (\d+))?")


def check(header: Mapping[str, Any], path: Path, guides: Sequence[str]) -> None:
    """RuleError where a value is of the wrong kind or none of those there are; keys are known already."""
    header = dict(header)
    _one_of(header, "severity", list(Severity), path)
    _one_of(header, "acts", list(Actor), path)
    if "subject" in header:
        _one_of(header, "subject", _SUBJECTS, path)
    for key in _TEXTS:
        if key in header and not isinstance(header[key], str):
            raise RuleError(f"{path}: the header's {key} must be text in quotes, not {header[key]!r}")
    for key in _LISTS:
        if not _is_list(header.get(key, []), str):
            raise RuleError(f"{path}: the header's {key} must be a list of texts")
    for channel in header.get("channel", []):
        _one_of({"channel": channel}, "channel", _CHANNELS, path)
    for key in _TABLES_OF_TEXTS:
        if not _is_table(header.get(key, {}), str):
            raise RuleError(f"{path}: the header's {key} must be a table of texts")
    if not isinstance(header.get("schema", {}), dict):
        raise RuleError(f"{path}: the header's schema must be a table, a JSON Schema")
    for key in ("message", "payload"):
        _check_message(header.get(key, {}), key, path)
    if not _is_table(header.get("thresholds", {}), int | float):
        raise RuleError(f"{path}: the header's thresholds must be a table of numbers")
    _check_guides(header, path, guides)
    cases = header.get("case", [])
    if not _is_list(cases, dict) or not all(_is_table(case.get("given", {}), list) for case in cases):
        raise RuleError(f"{path}: each case must be [[case]] with name, given.FACT = [{{…}}] and status")


def filled(schema: Any, thresholds: Mapping[str, float], path: Path) -> Any:
    """A header's schema with the rule's thresholds: "$name" becomes the number, "$name = 1" whether it is that one."""
    if isinstance(schema, dict):
        return {key: filled(value, thresholds, path) for key, value in schema.items()}
    if isinstance(schema, list):
        return [filled(value, thresholds, path) for value in schema]
    match = _THRESHOLD.fullmatch(schema) if isinstance(schema, str) else None
    if match is None:
        return schema
    if match[1] not in thresholds:
        raise RuleError(f"{path}: the header's schema reads ${match[1]}{nearest(match[1], thresholds)}")
    return thresholds[match[1]] if match[2] is None else thresholds[match[1]] == int(match[2])


def _check_message(message: Any, name: str, path: Path) -> None:
    if isinstance(message, str):
        return
    if not _is_table(message, str):
        raise RuleError(f"{path}: the header's {name} must be text, or a table of texts by status")
    for key in message:
        if key.partition(".")[0] not in list(Status):
            raise RuleError(f"{path}: the header's {name}.{key} begins with no status{nearest(key, list(Status))}")


def _check_guides(header: Mapping[str, Any], path: Path, guides: Sequence[str]) -> None:
    """A guide's edition changes thresholds and severity of a rule, and nothing else."""
    editions, own = header.get("guide", {}), header.get("thresholds", {})
    if not _is_table(editions, dict):
        raise RuleError(f'{path}: the header\'s guide must be tables like [guide."2026-05"]')
    for guide, edition in editions.items():
        if guide not in guides:
            raise RuleError(f'{path}: the header\'s guide."{guide}" is no guide{nearest(guide, guides)}')
        for key, value in edition.items():
            if key == "severity":
                _one_of(edition, key, list(Severity), path)
            elif key not in own:
                known = ["severity", *own]
                raise RuleError(f'{path}: guide."{guide}".{key} is no threshold of the rule{nearest(key, known)}')
            elif not _is(value, int | float):
                raise RuleError(f'{path}: guide."{guide}".{key} must be a number, not {value!r}')


def _one_of(header: Mapping[str, Any], key: str, known: Sequence[str], path: Path) -> None:
    value = header[key]
    if not isinstance(value, str) or value not in known:
        raise RuleError(f"{path}: the header's {key} is {value!r}{nearest(str(value), known)}")


def _is(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _is_list(value: Any, kind: Any) -> bool:
    return isinstance(value, list) and all(_is(one, kind) for one in value)


def _is_table(value: Any, kind: Any) -> bool:
    return isinstance(value, dict) and all(_is(one, kind) for one in value.values())
