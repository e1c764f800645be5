"""SARIF 2.1.0, for code scanning: every rule, and what there is to mend with its place.

An advertiser has no line of a file: its findings stand at the configuration's first line, which code hosts can show,
and name the advertiser as a logical location. What could not be read is no result, but a notification of the tool.
What is fixed is left out, for code hosts would take it for an alert.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from funnelcheck import language, numbers
from funnelcheck.language import _
from funnelcheck.model import Severity, Status
from funnelcheck.render import indented
from funnelcheck.render.ci.entries import Entry, Level, Place, Report, RuleTold, Trouble, sentence
from funnelcheck.render.ci.places import uri
from funnelcheck.render.json import instant
from funnelcheck.render.markup import plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "%SRCROOT%"
_LEVELS = {
    Severity.REQUIRED: Level.ERROR,
    Severity.RECOMMENDED: Level.WARNING,
    Severity.INFORMATIONAL: Level.NOTE,
}


def render(report: Report) -> str:
    """One log with one run."""
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return indented.text(document)


def _run(report: Report) -> dict[str, Any]:
    place_of = {rule.code: place for place, rule in enumerate(report.rules)}
    shown = [entry for section in report.sections for entry in section.entries if _is_result(entry)]
    return {
        "tool": {"driver": _driver(report)},
        "automationDetails": {"id": f"funnelcheck/{'payloads' if report.about_files else 'advertisers'}/"},
        "language": language.current().tag,
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report)],
        "results": [_result(entry, place_of[entry.code], report) for entry in shown],
        "properties": {"asOf": instant(report.as_of), "guide": report.guide},
    }


def _is_result(entry: Entry) -> bool:
    return entry.is_finding or entry.status is Status.WAIVED


def _driver(report: Report) -> dict[str, Any]:
    return {
        "name": "funnelcheck",
        "version": report.version,
        "semanticVersion": report.version,
        "rules": [_rule(rule) for rule in report.rules],
    }


def _rule(rule: RuleTold) -> dict[str, Any]:
    parts = [(_("Why"), rule.why), (_("What to do"), rule.fix), (_("Source"), rule.source)]
    told = [(title, text) for title, text in parts if text] or [(_("What to do"), rule.title)]
    return {
        "id": rule.code,
        **({"name": _pascal(rule.name)} if rule.name else {}),
        "shortDescription": {"text": sentence(rule.title)},
        "fullDescription": {"text": sentence(rule.why or rule.title)},
        "help": {
            "text": "\n\n".join(numbers.labelled(title, sentence(text)) for title, text in told),
            "markdown": "\n\n".join(f"**{plain(title)}**\n\n{plain(sentence(text))}" for title, text in told),
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"severity": rule.severity, "tags": [rule.code[:3]]},
    }


def _result(entry: Entry, rule: int, report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": entry.code,
        "ruleIndex": rule,
        "level": entry.level,
        "message": {"text": _unlinked(entry.told)},
        "locations": [_location(entry.place or Place(report.home, 1), _logical(entry))],
        "partialFingerprints": {"funnelcheck/v1": entry.fingerprint},
    }
    if report.compared and entry.counts:
        result["baselineState"] = "unchanged" if entry.known else "new"
    if entry.waiver is not None and entry.status is Status.WAIVED:
        result["suppressions"] = [_suppression(entry)]
    return result | {"properties": _properties(entry)}


def _location(place: Place, logical: dict[str, Any] | None) -> dict[str, Any]:
    region = {"startLine": place.line} | ({} if place.column is None else {"startColumn": place.column})
    where = uri(place.path)
    artifact = {"uri": where} | ({} if where.startswith("file:") else {"uriBaseId": _BASE})
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    return location if logical is None else location | {"logicalLocations": [logical]}


def _logical(entry: Entry) -> dict[str, Any] | None:
    if entry.place is None:
        return {
            "name": entry.owner,
            "fullyQualifiedName": f"{entry.owner}/{entry.channel}",
            "kind": "advertiser",
        }
    return {"fullyQualifiedName": entry.place.pointer, "kind": "value"} if entry.place.pointer else None


def _suppression(entry: Entry) -> dict[str, Any]:
    waiver = entry.waiver
    told = f"{waiver.reason} ({waiver.by}, {waiver.until})" if waiver else ""
    return {"kind": "external", "status": "accepted", "justification": numbers.visible(told)}


def _properties(entry: Entry) -> dict[str, Any]:
    owner = "file" if entry.place else "advertiser"
    told: dict[str, Any] = {owner: entry.owner, "severity": entry.severity, "status": entry.status}
    told |= {"acts": entry.acts, "fix": entry.fix, "failing": entry.failing}
    told |= {} if entry.place else {"channel": entry.channel}
    return told | {key: value for key in ("subject", "example") if (value := getattr(entry, key)) is not None}


def _invocation(report: Report) -> dict[str, Any]:
    notifications = {
        "toolExecutionNotifications": [_notification(one) for one in report.troubles if one.place],
        "toolConfigurationNotifications": [_notification(one) for one in report.troubles if not one.place],
    }
    return {"executionSuccessful": not report.troubles} | {key: told for key, told in notifications.items() if told}


def _notification(trouble: Trouble) -> dict[str, Any]:
    text = _unlinked(sentence(trouble.told))
    told: dict[str, Any] = {"level": Level.ERROR, "message": {"text": text}}
    return told if trouble.place is None else told | {"locations": [_location(trouble.place, None)]}


def _unlinked(text: str) -> str:
    """A viewer takes [words](address) for a link."""
    return text.replace("](", "] (")


def _pascal(slug: str) -> str:
    parts: Iterable[str] = slug.replace("_", "-").split("-")
    return "".join(part[:1].upper() + part[1:] for part in parts)
