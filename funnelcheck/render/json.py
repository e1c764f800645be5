"""A run as results.json (schema funnelcheck/results/1): what other programs read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from funnelcheck import shapes
from funnelcheck.compare import settings_digest
from funnelcheck.model import Finding, Waiver, WaiverUse
from funnelcheck.render import indented
from funnelcheck.render.app_json import app_document
from funnelcheck.reported import (
    AccessMeter,
    AdvertiserResult,
    Change,
    ChangeKind,
    Coverage,
    CoverageDay,
    CoverageForm,
    JourneyStep,
    KeptRun,
    Run,
    Since,
    Stage,
    Wait,
)

SCHEMA: Final = "funnelcheck/results/1"
_PLACES = 6
Figure = TypeVar("Figure", float, float | None)


def render(run: Run) -> str:
    """The whole run; the same run gives the same bytes."""
    advertisers = (_advertiser(result) for result in run.advertisers)
    return indented.text({**document(replace(run, advertisers=())), "advertisers": advertisers})


def document(run: Run) -> shapes.Results:
    """The run as plain values: shares and days with six decimals, instants in ISO 8601 UTC."""
    inputs = run.inputs
    return {
        "schema": SCHEMA,
        "version": run.version,
        "guide": run.guide.key,
        "as_of": instant(run.as_of),
        "inputs": {
            "files": inputs.files,
            "rows": inputs.rows,
            "loaded": inputs.loaded,
            "events": inputs.events,
            "duplicates": inputs.duplicates,
            "quarantined": inputs.quarantined,
            "leads": inputs.leads,
            "app_events": inputs.app_events,
        },
        "hints": list(run.hints),
        "access": None if run.access is None else _access(run.access),
        "since": None if run.since is None else _since(run.since),
        "advertisers": [_advertiser(result) for result in run.advertisers],
    }


def _since(since: Since) -> shapes.Since:
    gone = [change_document(change) for change in since.changes if change.kind is ChangeKind.DISAPPEARED]
    return {**since_document(since), "disappeared": gone}


def _access(meter: AccessMeter) -> shapes.Access:
    return {
        "source": "call log" if meter.from_log else "requests",
        "successes": meter.successes,
        "errors": meter.errors,
        "min_calls": meter.min_calls,
        "error_calls": meter.error_calls,
        "error_share": rounded(meter.error_share),
        "max_error_share": meter.max_error_share,
        "window_calls": meter.window_calls,
        "calls_a_day": rounded(meter.pace),
        "reached_at": None if meter.reached_at is None else instant(meter.reached_at),
        "expected_at": None if meter.expected_at is None else instant(meter.expected_at),
        "limit_errors": meter.limit_errors,
        "repeated_calls": meter.repeated_calls,
        "first_call": instant(meter.first_call),
        "last_call": instant(meter.last_call),
    }


def _advertiser(result: AdvertiserResult) -> shapes.Advertiser:
    coverage = result.coverage
    return {
        "advertiser_id": result.advertiser_id,
        "channel": result.channel,
        "dataset_id": result.dataset_id,
        "horizon": instant(result.horizon),
        "verdict": result.verdict,
        "step": result.step,
        "step_name": result.step_name,
        "blocked_by": list(result.blocked_by),
        "summary": result.summary,
        "raw_stage": result.raw_stage,
        "raw_stage_source": result.raw_stage_source,
        "lead_creation_source": result.lead_creation_source,
        "optimisation_stage": result.optimisation_stage,
        "optimisation_stage_source": result.optimisation_stage_source,
        "notes": list(result.notes),
        "rules": [rule_document(finding) for finding in result.findings],
        "stages": [stage_document(stage) for stage in result.stages],
        "coverage": {
            "eligible": coverage.eligible,
            "covered": coverage.covered,
            "raw_covered": coverage.raw_covered,
            "rate": rounded(coverage.rate),
            "raw_rate": rounded(coverage.raw_rate),
            **_reconciled(coverage),
        },
        "waivers": [_waiver(use) for use in result.waivers],
        "causes": [
            {
                "codes": list(cause.codes),
                "events": cause.events,
                "first_seen": None if cause.first_seen is None else instant(cause.first_seen),
                "last_seen": None if cause.last_seen is None else instant(cause.last_seen),
                "source": cause.source,
                "message": cause.message,
            }
            for cause in result.causes
        ],
        "actions": [
            {
                "code": action.code,
                "what": action.what,
                "acts": action.acts,
                "blocks": action.blocks,
                "unlocks": action.unlocks,
            }
            for action in result.actions
        ],
        "journey": [_journey_step(step) for step in result.journey],
        "stuck": [{"cause": cause.title, "state": cause.state, "told": cause.told} for cause in result.stuck],
        "clock": [_wait(wait) for wait in result.clock],
        "changes": [change_document(change) for change in result.changes],
        "app": None if result.app is None else app_document(result.app),
    }


def _reconciled(coverage: Coverage) -> shapes.Reconciled:
    """The way of the leads by day, form and campaign; nothing without a list."""
    if coverage.eligible is None:
        return {}
    return {
        "unlisted_leads": sum(day.unlisted for day in coverage.days),
        "unlisted_events": coverage.unlisted_events,
        "days": [{"day": day.day, **_way(day), "unlisted": day.unlisted} for day in coverage.days],
        "forms": [{"form_id": form.name, **_way(form)} for form in coverage.forms],
        "form_count": coverage.form_count if coverage.forms else 0,
        "campaigns": [{"campaign_id": one.name, **_way(one)} for one in coverage.campaigns],
        "campaign_count": coverage.campaign_count if coverage.campaigns else 0,
    }


def _way(leads: CoverageDay | CoverageForm) -> shapes.Way:
    return {
        "eligible": leads.eligible,
        "covered": leads.covered,
        "raw_sent": leads.raw_sent,
        "raw_accepted": leads.raw_accepted,
        "raw_unanswered": leads.raw_unanswered,
        "raw_covered": leads.raw_covered,
        "later": leads.later,
    }


def since_document(since: Since) -> shapes.Compared:
    """Which two runs are compared, and whether they can be; without the changes themselves."""
    return {
        "from": head_document(since.was),
        "to": head_document(since.now),
        "days": rounded(since.days),
        "comparable": since.comparable,
        "settings": [
            {"kind": one.kind, "code": one.code, "name": one.name, "was": one.was, "now": one.now}
            for one in since.settings
        ],
    }


def head_document(head: KeptRun) -> shapes.Head:
    """A kept run and how many advertisers stood where."""
    return {
        "number": head.number,
        "as_of": instant(head.as_of),
        "guide": head.guide,
        "version": head.version,
        "settings_digest": settings_digest(head.settings),
        "verdicts": {verdict: head.verdicts.get(verdict, 0) for verdict in ("not_ready", "undecided", "ready")},
        "app_verdicts": {verdict: head.app_verdicts.get(verdict, 0) for verdict in ("not_ready", "undecided", "ready")},
        "waiting": dict(head.waiting),
        "overdue": head.overdue,
    }


def change_document(change: Change) -> shapes.Change:
    """One change, without sentences: they depend on the language, this does not."""
    return {
        "kind": change.kind,
        "advertiser_id": change.advertiser_id,
        "channel": change.channel,
        "code": change.code,
        "severity": change.severity,
        "was": change.was,
        "now": change.now,
        "value_was": rounded(change.value_was),
        "value_now": rounded(change.value_now),
        "n_was": change.n_was,
        "n_now": change.n_now,
        "unit": change.unit,
        "threshold": _threshold(change.threshold),
        "days": rounded(change.days),
        "doubtful": change.doubtful,
    }


def _journey_step(entry: JourneyStep) -> shapes.JourneyStep:
    step = entry.step
    return {
        "step": step.number,
        "step_name": step.key,
        "state": entry.state,
        "entered_at": None if entry.entered_at is None else instant(entry.entered_at),
        "entered_by": entry.entered_by,
        "days": rounded(entry.days),
        "estimate_days": None if step.estimate_days is None else list(step.estimate_days),
        "overdue_days": step.overdue_days,
        "overdue": entry.overdue,
        "acts": step.acts,
        "shows": {language: list(labels) for language, labels in step.shows.items()},
    }


def _wait(wait: Wait) -> shapes.Wait:
    return {
        "code": wait.code,
        "have": wait.have,
        "needed": wait.needed,
        "unit": wait.unit,
        "date": wait.date,
        "earliest": wait.earliest,
        "latest": wait.latest,
        "message": wait.message,
    }


def rule_document(finding: Finding) -> shapes.Rule:
    """One rule judged for one advertiser."""
    rule: shapes.Rule = {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "status": finding.status,
        "value": rounded(finding.value),
        "threshold": _threshold(finding.threshold),
        "unit": finding.unit,
        "n": finding.n,
        "affected": finding.affected,
        "certain": finding.certain,
        "leads_to_settle": finding.leads_to_settle,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
    }
    if finding.warned is not None:
        rule["warned"] = finding.warned
    if finding.subject is not None or finding.code in ("FUN006", "FUN007"):
        rule["subject"] = finding.subject
    if finding.notes:
        rule["notes"] = list(finding.notes)
    if finding.waiver is not None:
        rule["waiver"] = _answered(finding.waiver)
    if finding.expired_waiver is not None:
        rule["expired_waiver"] = _answered(finding.expired_waiver)
    if finding.rule_file is not None:
        rule["rule_file"] = finding.rule_file
    return rule


def _answered(waiver: Waiver) -> shapes.Waiver:
    return {"by": waiver.by, "reason": waiver.reason, "until": waiver.until}


def _waiver(use: WaiverUse) -> shapes.WaiverUse:
    waiver = use.waiver
    return {
        "rule": waiver.rule.upper(),
        "state": use.state,
        "since": waiver.since,
        "until": waiver.until,
        "by": waiver.by,
        "reason": waiver.reason,
    }


def stage_document(stage: Stage) -> shapes.Stage:
    """One stage of a funnel."""
    return {
        "name": stage.name,
        "order": stage.order,
        "events": stage.events,
        "leads": stage.leads,
        "cohort": stage.cohort,
        "mature": stage.mature,
        "converted": stage.converted,
        "rate": rounded(stage.rate),
        "rate_low": rounded(stage.rate_low),
        "rate_high": rounded(stage.rate_high),
        "window_days": rounded(stage.window_days),
        "median_days": rounded(stage.median_days),
        "eligible": stage.eligible,
        "reason": stage.reason,
        "negative": stage.negative,
        "order_uncertain": stage.order_uncertain,
        "weekly_leads": rounded(stage.weekly_leads),
        "deeper_rate": rounded(stage.deeper_rate),
        "deeper_low": rounded(stage.deeper_low),
        "deeper_high": rounded(stage.deeper_high),
        "leads_to_settle": stage.leads_to_settle,
        "settles_on": stage.settles_on,
    }


def _threshold(limit: float | tuple[float, ...] | None) -> list[float | None] | float | None:
    return [rounded(one) for one in limit] if isinstance(limit, tuple) else rounded(limit)


def rounded(value: Figure) -> Figure:
    """A figure with six decimals; a whole number as it is."""
    if value is None or isinstance(value, int):
        return value
    return round(value, _PLACES)


def instant(seconds: int) -> str:
    """Unix seconds in ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
