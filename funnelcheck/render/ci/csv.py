"""Findings as CSV: a row an advertiser and rule, or a row a finding of a file; no cell is a formula."""

from __future__ import annotations

from typing import Any

from funnelcheck import tables
from funnelcheck.render.ci.entries import BROKEN, UNREADABLE, Entry, Report, Section, Trouble

_ABOUT_ADVERTISERS = "advertiser_id channel verdict step code title severity status gate value unit n affected".split()
_ABOUT_FILES = "file line column pointer code title severity status gate".split()
_FOR_BOTH = "acts subject message fix fingerprint".split()


def render(report: Report) -> str:
    """The head, then the rows in the order of the report."""
    columns = [*(_ABOUT_FILES if report.about_files else _ABOUT_ADVERTISERS), *_FOR_BOTH]
    rows = [_row(entry, section) for section in report.sections for entry in section.entries]
    return tables.text([*map(_trouble, report.troubles), *rows], columns)


def _row(entry: Entry, section: Section) -> dict[str, Any]:
    told = {
        name: getattr(entry, name)
        for name in (*_FOR_BOTH, "code", "title", "channel", "value", "unit", "n", "affected")
    }
    told |= {"severity": str(entry.severity), "status": str(entry.status), "acts": str(entry.acts)}
    told |= {"gate": _standing(entry), "advertiser_id": entry.owner, "file": entry.owner}
    told |= {"verdict": section.verdict and str(section.verdict), "step": section.step}
    if entry.place is not None:
        told |= {name: getattr(entry.place, name) for name in ("line", "column", "pointer")}
    return told


def _trouble(trouble: Trouble) -> dict[str, Any]:
    """What could not be read, or not be judged by, in place of a finding."""
    told = {"file": trouble.owner, "status": UNREADABLE if trouble.owner else BROKEN, "message": trouble.message}
    told |= {"fix": trouble.hint, "fingerprint": trouble.fingerprint}
    place = trouble.place
    return told | ({"line": place.line, "column": place.column} if place else {})


def _standing(entry: Entry) -> str:
    """What the gate makes of it: fails, known to the baseline, or nothing."""
    if entry.failing:
        return "fails"
    return "known" if entry.known else ""
