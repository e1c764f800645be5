"""A run made fit to be passed on: without any row, without places of files, without names of others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from funnelcheck.language import _
from funnelcheck.model import AdvertiserResult, Finding, Privacy, Run


def shared(run: Run) -> Run:
    """The run as a report with --share tells it.

    Without: rows at fault; folders (a file keeps its last name); hints, which are for the one who loads and speak of
    the whole store; advertisers who are not in the run, where a finding names them.
    """
    known = {result.advertiser_id for result in run.advertisers}
    sources = tuple(replace(source, path=base_name(source.path)) for source in run.inputs.sources)
    return replace(
        run,
        inputs=replace(run.inputs, sources=sources),
        advertisers=tuple(_result(result, known) for result in run.advertisers),
        hints=(),
        privacy=Privacy.SHARED,
    )


def base_name(path: str) -> str:
    """The last name of a path of any system: logs/2026/events.jsonl -> events.jsonl."""
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def _result(result: AdvertiserResult, known: set[str]) -> AdvertiserResult:
    others = {finding.code: _others(finding, known) for finding in result.findings}
    return replace(
        result,
        extracts={},
        findings=tuple(_finding(finding, others[finding.code]) for finding in result.findings),
        actions=tuple(replace(one, message=_without(one.message, others.get(one.code, ()))) for one in result.actions),
    )


def _finding(finding: Finding, others: Iterable[str]) -> Finding:
    file = None if finding.rule_file is None else base_name(finding.rule_file)
    return replace(finding, message=_without(finding.message, others), rule_file=file)


def _others(finding: Finding, known: set[str]) -> list[str]:
    """Advertisers whom a finding names and the run does not hold, as the finding's sentence has them."""
    others = finding.evidence.get("others")
    listed = others if isinstance(others, list) else []  # DAT004 names datasets there, in one text
    named = [one["advertiser_id"] for one in listed if isinstance(one, dict) and "advertiser_id" in one]
    return [name[:24] for name in named if name not in known]


def _without(text: str, others: Iterable[str]) -> str:
    for name in sorted(others, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _("another advertiser"), text)
    return text
