"""The user's own rules: their rows, held to the contract that every rule keeps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from funnelcheck.errors import BrokenRuleError
from funnelcheck.findings import fingerprint
from funnelcheck.language import _
from funnelcheck.model import Actor, Finding, Key, Rule, Status
from funnelcheck.sandbox import Sandbox

_NEEDED = ("advertiser_id", "channel", "level")
_OURS = ("causes",)  # told by a rule about events alone
_COUNTS = ("n", "affected", "warned", "leads_to_settle")


def rows(sandbox: Sandbox, rule: Rule, parameters: Mapping[str, Any], keys: Iterable[Key]) -> list[dict[str, Any]]:
    """What a rule says of each advertiser; BrokenRuleError when it is not one row at least for each of `keys`."""
    if rule.broken:
        raise BrokenRuleError(rule.broken)
    columns, found = sandbox.rows(rule.sql, dict(parameters) | dict(rule.thresholds), f"row_{rule.code.lower()}")
    for name in _NEEDED:
        if name not in columns:
            raise BrokenRuleError(f"it gives no column {name}; it gives {', '.join(columns)}")
    for name in _OURS:
        if name in columns:
            raise BrokenRuleError(f"it gives a column {name}, a name that is kept for the rules about events")
    _check_keys(found, set(keys))
    return [_checked(row) for row in found]


def _check_keys(found: Sequence[Mapping[str, Any]], keys: set[Key]) -> None:
    given = [(row["advertiser_id"], row["channel"], row.get("subject")) for row in found]
    unknown = sum(1 for *key, _ in given if tuple(key) not in keys)
    if unknown:
        raise BrokenRuleError(f"{unknown:,} of its rows are about nobody that is judged (advertiser_id and channel)")
    missing = len(keys - {(one, channel) for one, channel, _ in given})
    if missing:
        raise BrokenRuleError(
            f"it gives no row for {missing:,} of {len(keys):,} advertisers; every one has a row in the fact advertiser"
        )
    if len(set(given)) < len(given):
        raise BrokenRuleError("it gives several rows for one advertiser without a subject that tells them apart")


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its figures as plain numbers."""
    plain = {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
    level = plain["level"]
    if level is not None and (not _is_number(level) or level not in (0, 1, 2)):
        raise BrokenRuleError("its level is none of 0 (pass), 1 (warn), 2 (fail) and null (cannot tell)")
    value = plain.get("value")
    if value is not None and not (_is_number(value) and math.isfinite(value)):
        raise BrokenRuleError("its value is no number")
    for name in _COUNTS:
        figure = plain.get(name)
        if figure is None:
            continue
        if not _is_number(figure) or figure < 0 or figure != int(figure):
            raise BrokenRuleError(f"its {name} is no count")
        plain[name] = int(figure)
    if not isinstance(plain.get("subject"), str | None):
        raise BrokenRuleError("its subject is no text")
    if not isinstance(plain.get("certain"), bool | None):
        raise BrokenRuleError("its certain is neither true nor false")
    return plain


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def told(make: Callable[[], dict[Key, Finding]]) -> dict[Key, Finding]:
    """The findings that a rule's rows come to; BrokenRuleError when its header cannot put one into words."""
    try:
        return make()
    except BrokenRuleError:
        raise
    except Exception as error:
        reason = str(error).rpartition(".sql: ")[2] or type(error).__name__
        raise BrokenRuleError(f"its sentence cannot be made: {reason[:300]}") from error


def broken(rule: Rule, keys: Iterable[Key], reason: str) -> dict[Key, Finding]:
    """A finding for each advertiser that says why the rule could not judge it; never a pass."""
    return {
        key: Finding(
            code=rule.code,
            name=rule.slug,
            title=rule.title,
            advertiser_id=key[0],
            channel=key[1],
            severity=rule.severity,
            status=Status.NOT_EVALUABLE,
            value=None,
            threshold=None,
            unit=rule.unit,
            n=0,
            affected=0,
            message=_("This rule is broken: {reason}.").format(reason=reason),
            fingerprint=fingerprint(rule.code, *key, None),
            acts=Actor.PARTNER,
            fix=_("Mend {file}; funnelcheck explain {code} shows it as it is read.").format(
                file=rule.path, code=rule.code
            ),
            rule_file=rule.path,
        )
        for key in keys
    }
