"""Runs and validations made by hand for the tests of what a CI reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import html_samples
import run_samples
from run_samples import AS_OF

from funnelcheck.findings import fingerprint
from funnelcheck.gate import Gate, Policy, sift
from funnelcheck.model import Actor, Finding, Severity, Status, Waiver
from funnelcheck.payload import CHANNEL, PayloadFile, PayloadFinding, Unreadable, Validation
from funnelcheck.render.ci import Judged
from funnelcheck.reported import Run

HOSTILE = (
    f"{html_samples.HOSTILE} | @everyone #1 `x` [a](https://evil.example) www.evil.example <!-- ]]> & %0A::error::x\n"
    "::stop-commands::t\r\n::add-mask::x ##[error]y\u2028\ud800\ufffe\x9b =1+1 , : {0}"
)
WAIVER = Waiver("COV001", "acme", "2026-12-31", "Ada | <b>", "moved [x](y)")


def finding(code: str = "COV001", status: str = "fail", advertiser_id: str = "acme", **changes: Any) -> Finding:
    made = run_samples.finding(code, status, advertiser_id=advertiser_id, **changes)
    return replace(made, fingerprint=fingerprint(code, advertiser_id, made.channel, made.subject))


def run(*findings: Finding, **changes: Any) -> Run:
    by_advertiser: dict[str, list[Finding]] = {}
    for one in findings:
        by_advertiser.setdefault(one.advertiser_id, []).append(one)
    results = (
        run_samples.result(name, "not_ready" if any(one.status == "fail" for one in found) else "ready", *found)
        for name, found in by_advertiser.items()
    )
    return replace(run_samples.run(*results), **changes)


def every_status() -> Run:
    """An advertiser with a rule in each status, of each severity."""
    found = [
        finding(f"COV{10 * i + j:03}", status, severity=severity)
        for i, severity in enumerate(Severity)
        for j, status in enumerate(Status)
    ]
    waived = [replace(one, waiver=WAIVER) if one.status is Status.WAIVED else one for one in found]
    return run(*waived, finding("EVT001", "pass", "clean"))


def payload_finding(number: int = 0, path: str = "payloads/lead.json", **changes: Any) -> PayloadFinding:
    pointer = f"/data/{number}/custom_data"
    known: dict[str, Any] = {
        "code": "EVT002",
        "severity": Severity.REQUIRED,
        "status": Status.FAIL,
        "title": "Event source is crm",
        "message": "custom_data has no event_source.",
        "fix": "Send event_source = crm inside custom_data.",
        "acts": Actor.PARTNER,
        "pointer": pointer,
        "line": 7 + number,
        "column": 5,
        "subject": pointer,
        "event": number,
        "event_name": "Lead",
        "example": '{"event_source": "crm"}',
    }
    made = known | changes
    mark = changes.get("fingerprint") or fingerprint(made["code"], path, CHANNEL, made["subject"])
    return PayloadFinding(path=path, **(made | {"fingerprint": mark}))


def validation(*findings: PayloadFinding, unreadable: Sequence[Unreadable] = (), clean: bool = True) -> Validation:
    """The files of some findings, and one without any."""
    paths = dict.fromkeys(one.path for one in findings)
    files = [PayloadFile(path, 1, 3, tuple(f for f in findings if f.path == path), {"CRM": 3}) for path in paths]
    files += [PayloadFile("payloads/clean.json", 1, 2, (), {"CRM": 1, "web": 1})] if clean else []
    return Validation("0.1.0", "six-step", AS_OF, tuple(files), tuple(unreadable), ("A hint.",) if findings else ())


def mixed() -> Validation:
    """Findings of each weight, one place that cannot be read in a file that has findings, and a file that cannot."""
    return validation(
        payload_finding(),
        payload_finding(1, code="TIM001", severity=Severity.RECOMMENDED, status=Status.WARN, title="Sent in time"),
        payload_finding(2, code="EVT013", severity=Severity.INFORMATIONAL, status=Status.WARN, example=None),
        payload_finding(0, "payloads/with space & ü.json", line=1, column=1),
        unreadable=[
            Unreadable("payloads/lead.json", 40, 2, "is not JSON", "a comma too many?"),
            Unreadable("payloads/gone.json", None, None, "cannot be opened"),
        ],
    )


def hostile_run() -> Run:
    made = finding("EVT001", "fail", HOSTILE, title=HOSTILE, message=HOSTILE, fix=HOSTILE, subject=HOSTILE)
    waived = replace(made, code="EVT002", status=Status.WAIVED, waiver=replace(WAIVER, by=HOSTILE, reason=HOSTILE))
    return run(made, waived, broken_rules=(HOSTILE,), hints=(HOSTILE,))


def hostile_validation() -> Validation:
    texts = dict.fromkeys(("title", "message", "fix", "pointer", "subject", "event_name", "example"), HOSTILE)
    path = HOSTILE.replace("\x00", "")
    return validation(payload_finding(0, path, **texts), unreadable=[Unreadable(path, 3, 1, HOSTILE, HOSTILE)])


def gate_of(result: Run | Validation, policy: Policy | None = None, baseline: Any = None) -> Gate:
    found: Any = (
        result.findings
        if isinstance(result, Validation)
        else [one for advertiser in result.advertisers for one in advertiser.findings]
    )
    return sift(found, policy or Policy(), baseline)


def judged(result: Run | Validation, policy: Policy | None = None, **changes: Any) -> Judged:
    return Judged(result, gate_of(result, policy), **changes)
