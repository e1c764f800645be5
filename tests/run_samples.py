"""Runs put together by hand for the tests of what changes between them."""

from __future__ import annotations

import contextlib
import io
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from html_samples import AS_OF, GUIDE

from funnelcheck.model import Actor, Finding, Severity, Status
from funnelcheck.reported import Action, AdvertiserResult, Coverage, Inputs, JourneyStep, Run, Stage, Verdict

DAY = 86_400
WEEK = 7 * DAY
INPUTS = Inputs(files=1, rows=10, loaded=10, events=10, duplicates=0, quarantined=0, leads=10)
SETTINGS: dict[str, Any] = {
    "rules": {"COV001": {"severity": "required", "thresholds": {"min_coverage": 0.6, "min_units": 10}}},
    "waivers": [],
}


def finding(code: str, status: str = "pass", value: float | None = 0.5, **changes: Any) -> Finding:
    """What a rule found; a share of 600 against a limit of 60 % unless told otherwise."""
    known: dict[str, Any] = {
        "name": "a-rule",
        "title": f"Title of {code}",
        "advertiser_id": "acme",
        "channel": "crm",
        "severity": Severity.REQUIRED,
        "threshold": 0.6,
        "unit": "share",
        "n": 600,
        "affected": 0,
        "message": "A sentence.",
        "fingerprint": "0" * 16,
        "acts": Actor.PARTNER,
        "fix": "Mend it.",
    }
    return Finding(code=code, status=Status(status), value=value, **(known | changes))


def result(advertiser_id: str = "acme", verdict: str = "ready", *findings: Finding, **changes: Any) -> AdvertiserResult:
    """An advertiser with some findings; what fails blocks it."""
    blocked = tuple(one.code for one in findings if one.status is Status.FAIL)
    overdue = changes.pop("overdue", False)
    step = GUIDE.steps[2]
    known: dict[str, Any] = {
        "channel": "crm",
        "dataset_id": "1",
        "horizon": AS_OF,
        "step": step.number,
        "step_name": step.key,
        "blocked_by": blocked,
        "summary": "A sentence.",
        "raw_stage": "Lead",
        "raw_stage_source": "hint",
        "lead_creation_source": "list",
        "optimisation_stage": "Won",
        "optimisation_stage_source": "recommended",
        "stages": (stage("Won", 0.2),),
        "coverage": Coverage(600, 420, 400, 0.7, 0.666667),
        "actions": tuple(
            Action(code, "A title", "Do it.", Actor.ADVERTISER, blocks=True, message="A sentence.") for code in blocked
        ),
        "events": 100,
        "leads": 50,
        "journey": (JourneyStep(step, "now", AS_OF - 20 * DAY, "data", 20.0, overdue),),
    }
    known |= changes
    return AdvertiserResult(advertiser_id=advertiser_id, verdict=Verdict(verdict), findings=findings, **known)


def stage(name: str, rate: float | None, cohort: int = 600) -> Stage:
    """A stage with its rate."""
    return Stage(name, 2, 90, 90, cohort, cohort, 90, rate, None, None, 9.0, 3.0, True, None)


def run(*results: AdvertiserResult, as_of: int = AS_OF, **changes: Any) -> Run:
    """A run of some advertisers."""
    known: dict[str, Any] = {"version": "0.1.0", "guide": GUIDE, "inputs": INPUTS, "settings": SETTINGS}
    ordered = tuple(sorted(results, key=lambda one: (one.advertiser_id, one.channel)))
    return Run(as_of=as_of, advertisers=ordered, **(known | changes))


def other_guide(of: Run) -> Run:
    """The same run by another guide."""
    return replace(of, guide=replace(of.guide, key="2026-05"))


def settings(code: str, severity: str = "required", **thresholds: float) -> Mapping[str, Any]:
    """Settings of one rule."""
    return {"rules": {code: {"severity": severity, "thresholds": thresholds}}, "waivers": []}


def call(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command line in this process: what it prints and its exit code."""
    from funnelcheck import cli

    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.run([str(argument) for argument in arguments])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
