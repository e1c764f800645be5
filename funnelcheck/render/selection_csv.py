"""A selection as a table for a spreadsheet: one row an advertiser, by rank; no cell is a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnelcheck import tables
from funnelcheck.render.json import rounded
from funnelcheck.selection.outcome import Applicant, Selection, Task

_COLUMNS = (
    "rank advertiser_id suitability probability summary leads organic tests crm_leads with_lead_id optimisation_stage "
    "rate rate_low rate_high window_days work bring"
).split()


def render(selection: Selection) -> str:
    """The head, then a row an advertiser."""
    return tables.text(rows(selection), columns(selection))


def rows(selection: Selection) -> list[dict[str, Any]]:
    """A row an advertiser."""
    return [_row(one) for one in selection.advertisers]


def columns(selection: Selection) -> list[str]:
    """The columns of figures, and after them one a rule with its status."""
    return [*_COLUMNS, *sorted({finding.code for one in selection.advertisers for finding in one.findings})]


def _row(one: Applicant) -> dict[str, Any]:
    rate, window = one.finding("SEL004"), one.finding("SEL003")
    told: dict[str, Any] = {
        "rank": one.rank,
        "advertiser_id": one.advertiser_id,
        "suitability": str(one.suitability),
        "probability": rounded(one.probability),
        "summary": one.summary,
        "optimisation_stage": one.optimisation_stage,
        "rate": rounded(rate.value),
        "rate_low": rounded(rate.evidence.get("rate_low")),
        "rate_high": rounded(rate.evidence.get("rate_high")),
        "window_days": rounded(window.value),
        "work": _tasks(one.work),
        "bring": _tasks(one.bring),
    }
    if one.volume is not None:
        told |= {"leads": one.volume.leads, "organic": one.volume.organic, "tests": one.volume.tests}
    if one.crm is not None:
        told |= {"crm_leads": one.crm.leads, "with_lead_id": one.crm.with_lead_id}
    return told | {finding.code: str(finding.status) for finding in one.findings}


def _tasks(tasks: Sequence[Task]) -> str:
    return " | ".join(f"{task.code} {task.what}" for task in tasks)
