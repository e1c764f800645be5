"""A validation as JSON (schema funnelcheck/validate/1): what other programs read."""

from __future__ import annotations

from typing import Final

from funnelcheck import shapes
from funnelcheck.payload import PayloadFile, PayloadFinding, Unreadable, Validation
from funnelcheck.render import indented
from funnelcheck.render.json import instant

SCHEMA: Final = "funnelcheck/validate/1"


def render(validation: Validation) -> str:
    """All files with their findings; the same validation gives the same bytes."""
    return indented.text(document(validation))


def document(validation: Validation) -> shapes.Validation:
    """The validation as plain values."""
    return {
        "schema": SCHEMA,
        "version": validation.version,
        "guide": validation.guide,
        "as_of": instant(validation.as_of),
        "files": [_file(file) for file in validation.files],
        "unreadable": [_unreadable(one) for one in validation.unreadable],
        "hints": list(validation.hints),
    }


def _file(file: PayloadFile) -> shapes.PayloadFile:
    return {
        "path": file.path,
        "requests": file.requests,
        "events": file.events,
        "recipes": dict(file.recipes),
        "findings": [_finding(finding) for finding in file.findings],
    }


def _finding(finding: PayloadFinding) -> shapes.PayloadFinding:
    told: shapes.PayloadFinding = {
        "code": finding.code,
        "severity": finding.severity,
        "status": finding.status,
        "pointer": finding.pointer,
        "line": finding.line,
        "column": finding.column,
        "event": finding.event,
        "event_name": finding.event_name,
        "title": finding.title,
        "message": finding.message,
        "fix": finding.fix,
        "example": finding.example,
        "example_is_general": finding.example_is_general,
        "acts": finding.acts,
        "subject": finding.subject,
        "fingerprint": finding.fingerprint,
    }
    if finding.rule_file is not None:
        told["rule_file"] = finding.rule_file
    return told


def _unreadable(one: Unreadable) -> shapes.Unreadable:
    return {"path": one.path, "line": one.line, "column": one.column, "reason": one.reason, "hint": one.hint}
