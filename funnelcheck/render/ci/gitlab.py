"""GitLab's Code Quality report: a list of what there is to mend; an advertiser's stands at the configuration."""

from __future__ import annotations

from typing import Any

from funnelcheck.model import Status
from funnelcheck.render import indented
from funnelcheck.render.ci.entries import BROKEN, UNREADABLE, Entry, Level, Place, Report, Trouble


def render(report: Report) -> str:
    """What could not be read first, then the findings in the order of the report; fingerprints are unique."""
    told = [_trouble(one, report) for one in report.troubles] + [_finding(one, report) for one in report.findings]
    return indented.text(told)


def _finding(entry: Entry, report: Report) -> dict[str, Any]:
    return _issue(entry.told, entry.code, entry.fingerprint, _severity(entry), entry.place, report)


def _severity(entry: Entry) -> str:
    if entry.level is Level.ERROR:
        return "critical"
    if entry.level is Level.NOTE:
        return "info"
    return "major" if entry.status is Status.FAIL else "minor"


def _trouble(trouble: Trouble, report: Report) -> dict[str, Any]:
    name = UNREADABLE if trouble.owner else BROKEN
    return _issue(trouble.told, name, trouble.fingerprint, "blocker", trouble.place, report)


def _issue(
    told: str, check: str, fingerprint: str, severity: str, place: Place | None, report: Report
) -> dict[str, Any]:
    where = place or Place(report.home, 1)
    return {
        "description": told,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": where.path, "lines": {"begin": where.line}},
    }
