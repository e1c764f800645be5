"""A selection as a table for a spreadsheet: one row an advertiser, by rank; no cell is a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnelcheck import tables
from funnelcheck.render.json import rounded
from funnelcheck.selection.outcome import Applicant, Selection, Task

_COLUMNS = (
    "rank advertiser_id suitability probability summary leads organic tests crm_leads with_lead_id optimisation_stage "
    "rate rate_low rate_high window_days work bring explanation launch optimised_from optimised_by events_a_week"
).split()
_BEFORE = ("rank_before", "suitability_before", "probability_before", "optimisation_stage_before")


def render(selection: Selection) -> str:
    """The head, then a row an advertiser."""
    return tables.text(rows(selection), columns(selection))


def rows(selection: Selection) -> list[dict[str, Any]]:
    """A row an advertiser; where something is supposed with what it was before."""
    before = selection.before
    if before is None:
        return [_row(one) for one in selection.advertisers]
    return [_row(one) | _before(before.advertiser(one.advertiser_id)) for one in selection.advertisers]


def columns(selection: Selection) -> list[str]:
    """The columns of figures, and after them one a rule with its status."""
    codes = sorted({finding.code for one in selection.advertisers for finding in one.findings})
    return [*_COLUMNS, *(() if selection.before is None else _BEFORE), *codes]


def _before(other: Applicant | None) -> dict[str, Any]:
    """Where it stands without what is supposed."""
    if other is None:
        return {}
    figures = (other.rank, str(other.suitability), rounded(other.probability), other.optimisation_stage)
    return dict(zip(_BEFORE, figures, strict=True))


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
        "explanation": one.explanation,
    }
    if one.plan is not None:
        goal = one.plan.milestones[-1]
        told |= {"launch": one.plan.launch, "optimised_from": goal.earliest, "optimised_by": goal.latest}
        told |= {"events_a_week": rounded(one.plan.events_a_week)}
    if one.volume is not None:
        told |= {"leads": one.volume.leads, "organic": one.volume.organic, "tests": one.volume.tests}
    if one.crm is not None:
        told |= {"crm_leads": one.crm.leads, "with_lead_id": one.crm.with_lead_id}
    return told | {finding.code: str(finding.status) for finding in one.findings}


def _tasks(tasks: Sequence[Task]) -> str:
    return " | ".join(f"{task.code} {task.what}" for task in tasks)
