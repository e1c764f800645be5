"""A run as results.json (schema funnelcheck/results/1): what other programs read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from funnelcheck.model import AccessMeter, AdvertiserResult, Finding, Run, Stage

SCHEMA = "funnelcheck/results/1"
_PLACES = 6


def render(run: Run) -> str:
    """The whole run; the same run gives the same bytes."""
    return json.dumps(document(run), indent=1, ensure_ascii=False) + "\n"


def document(run: Run) -> dict[str, Any]:
    """The run as plain values: shares and days with six decimals, instants in ISO 8601 UTC."""
    inputs = run.inputs
    return {
        "schema": SCHEMA,
        "version": run.version,
        "guide": run.guide.key,
        "as_of": _instant(run.as_of),
        "inputs": {
            "files": inputs.files,
            "rows": inputs.rows,
            "loaded": inputs.loaded,
            "events": inputs.events,
            "duplicates": inputs.duplicates,
            "quarantined": inputs.quarantined,
            "leads": inputs.leads,
        },
        "hints": list(run.hints),
        "access": None if run.access is None else _access(run.access),
        "advertisers": [_advertiser(result) for result in run.advertisers],
    }


def _access(meter: AccessMeter) -> dict[str, Any]:
    return {
        "source": "call log" if meter.from_log else "requests",
        "successes": meter.successes,
        "errors": meter.errors,
        "min_calls": meter.min_calls,
        "error_calls": meter.error_calls,
        "error_share": _rounded(meter.error_share),
        "max_error_share": meter.max_error_share,
        "window_calls": meter.window_calls,
        "calls_a_day": _rounded(meter.pace),
        "reached_at": None if meter.reached_at is None else _instant(meter.reached_at),
        "expected_at": None if meter.expected_at is None else _instant(meter.expected_at),
        "limit_errors": meter.limit_errors,
        "repeated_calls": meter.repeated_calls,
        "first_call": _instant(meter.first_call),
        "last_call": _instant(meter.last_call),
    }


def _advertiser(result: AdvertiserResult) -> dict[str, Any]:
    coverage = result.coverage
    return {
        "advertiser_id": result.advertiser_id,
        "channel": result.channel,
        "dataset_id": result.dataset_id,
        "horizon": _instant(result.horizon),
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
        "rules": [_rule(finding) for finding in result.findings],
        "stages": [_stage(stage) for stage in result.stages],
        "coverage": {
            "eligible": coverage.eligible,
            "covered": coverage.covered,
            "raw_covered": coverage.raw_covered,
            "rate": _rounded(coverage.rate),
            "raw_rate": _rounded(coverage.raw_rate),
        },
        "actions": [
            {"code": action.code, "what": action.what, "acts": action.acts, "blocks": action.blocks}
            for action in result.actions
        ],
    }


def _rule(finding: Finding) -> dict[str, Any]:
    threshold = finding.threshold
    rule: dict[str, Any] = {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "status": finding.status,
        "value": _rounded(finding.value),
        "threshold": [_rounded(t) for t in threshold] if isinstance(threshold, tuple) else _rounded(threshold),
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
    if finding.waiver is not None:
        waiver = finding.waiver
        rule["waiver"] = {"by": waiver.by, "reason": waiver.reason, "until": waiver.until}
    return rule


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "order": stage.order,
        "events": stage.events,
        "leads": stage.leads,
        "cohort": stage.cohort,
        "mature": stage.mature,
        "converted": stage.converted,
        "rate": _rounded(stage.rate),
        "rate_low": _rounded(stage.rate_low),
        "rate_high": _rounded(stage.rate_high),
        "window_days": _rounded(stage.window_days),
        "median_days": _rounded(stage.median_days),
        "eligible": stage.eligible,
        "reason": stage.reason,
        "negative": stage.negative,
        "order_uncertain": stage.order_uncertain,
    }


def _rounded(value: float | None) -> float | int | None:
    if value is None or isinstance(value, int):
        return value
    return round(value, _PLACES)


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
