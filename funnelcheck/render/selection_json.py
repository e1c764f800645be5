"""A selection as JSON (schema funnelcheck/select/1): what other programs read."""

from __future__ import annotations

from typing import Final

from funnelcheck import shapes
from funnelcheck.render import indented
from funnelcheck.render.json import instant, rounded, rule_document, stage_document
from funnelcheck.selection.chances import Chance
from funnelcheck.selection.outcome import Applicant, CrmLeads, Selection, Task, Volume
from funnelcheck.selection.plan import Plan

SCHEMA: Final = "funnelcheck/select/1"


def render(selection: Selection) -> str:
    """The whole selection; the same selection gives the same bytes."""
    return indented.text(document(selection))


def document(selection: Selection) -> shapes.Selection:
    """The selection as plain values: shares and days with six decimals, instants in ISO 8601 UTC."""
    return {
        "schema": SCHEMA,
        "version": selection.version,
        "guide": selection.guide.key,
        "as_of": instant(selection.as_of),
        "hints": list(selection.hints),
        "what_if": list(selection.what_if),
        "advertisers": [_applicant(one, selection.before) for one in selection.advertisers],
    }


def _applicant(one: Applicant, before: Selection | None = None) -> shapes.Applicant:
    other = None if before is None else before.advertiser(one.advertiser_id)
    return {
        "advertiser_id": one.advertiser_id,
        "rank": one.rank,
        "suitability": one.suitability,
        "probability": rounded(one.probability),
        "summary": one.summary,
        "time_zone": one.time_zone,
        "stage_channel": one.stage_channel,
        "raw_stage": one.raw_stage,
        "optimisation_stage": one.optimisation_stage,
        "optimisation_stage_source": one.optimisation_stage_source,
        "rules": [rule_document(finding) for finding in one.findings],
        "stages": [stage_document(stage) for stage in one.stages],
        "work": [_task(task) for task in one.work],
        "bring": [_task(task) for task in one.bring],
        "volume": None if one.volume is None else _volume(one.volume),
        "crm": None if one.crm is None else _crm(one.crm),
        "early": [{"stage": early.stage, "events": early.events, "leads": early.leads} for early in one.early],
        "answers": dict(one.answers),
        "explanation": one.explanation,
        "alike": None if one.alike is None else list(one.alike),
        "chance": None if one.chance is None else _chance(one.chance),
        "plan": None if one.plan is None else _plan(one.plan),
        "before": None if other is None else _before(other),
    }


def _before(other: Applicant) -> shapes.Before:
    """Where it stands without what is supposed."""
    return {
        "rank": other.rank,
        "suitability": other.suitability,
        "probability": rounded(other.probability),
        "optimisation_stage": other.optimisation_stage,
    }


def _chance(found: Chance) -> shapes.Chance:
    """Each of three figures is the lowest, the middle and the highest of nine in ten draws."""
    return {
        "volume": round(found.volume, 6),
        "rate": round(found.rate, 6),
        "window": round(found.window, 6),
        "draws": found.draws,
        "leads": list(found.leads),
        "share": [round(share, 6) for share in found.share],
        "late": [round(share, 6) for share in found.late],
        "seen_days": found.seen_days,
        "followed": found.followed,
        "closed": found.closed,
        "reached": found.reached,
    }


def _plan(found: Plan) -> shapes.Plan:
    return {
        "launch": found.launch,
        "stage": found.stage,
        "told": found.told,
        "milestones": [
            {
                "key": one.key,
                "title": one.title,
                "duration": one.duration,
                "acts": one.acts,
                "earliest": one.earliest,
                "latest": one.latest,
            }
            for one in found.milestones
        ],
        "events_a_week": rounded(found.events_a_week),
        "events": [
            {
                "stage": one.stage,
                "share": rounded(one.share),
                "a_week": rounded(one.a_week),
                "low": rounded(one.low),
                "high": rounded(one.high),
            }
            for one in found.events
        ],
        "blocks": list(found.blocks),
    }


def _task(task: Task) -> shapes.Task:
    return {"code": task.code, "what": task.what, "acts": task.acts, "takes": task.takes, "message": task.message}


def _volume(volume: Volume) -> shapes.Volume:
    return {
        "source": volume.source,
        "days": volume.days,
        "leads": volume.leads,
        "organic": volume.organic,
        "unsaid": volume.unsaid,
        "tests": volume.tests,
        "others": volume.others,
        "list_start": None if volume.list_start is None else instant(volume.list_start),
        "list_end": None if volume.list_end is None else instant(volume.list_end),
        "months": [{"month": one.month, "leads": one.leads, "organic": one.organic} for one in volume.months],
    }


def _crm(crm: CrmLeads) -> shapes.CrmLeads:
    return {
        "leads": crm.leads,
        "with_lead_id": crm.with_lead_id,
        "nameless_rows": crm.nameless_rows,
        "lost": crm.lost,
        "oldest": None if crm.oldest is None else instant(crm.oldest),
        "next_lost": None if crm.next_lost is None else instant(crm.next_lost),
        "stand_ins": [{"kind": one.kind, "leads": one.leads, "told": one.told} for one in crm.stand_ins],
    }
