"""A run made fit to be passed on: without any row, without places of files, without names of others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from funnelcheck.language import _
from funnelcheck.model import Finding, Rule
from funnelcheck.numbers import visible
from funnelcheck.reported import AdvertiserResult, FaultRows, Privacy, Run

_NAMING = ("also_of",)  # columns of rows at fault that name advertisers


def shared(run: Run) -> Run:
    """The run as a report with --share tells it.

    Without: rows at fault; folders (a file keeps its last name); hints, which are for the one who loads and speak of
    the whole store; advertisers who are not in the run, where a finding names them.
    """
    sources = tuple(replace(source, path=base_name(source.path)) for source in run.inputs.sources)
    anonymous = without_others(run)
    return replace(
        anonymous,
        inputs=replace(run.inputs, sources=sources),
        advertisers=tuple(_result(result) for result in anonymous.advertisers),
        hints=(),
        privacy=Privacy.SHARED,
    )


def without_others(run: Run) -> Run:
    """The run in which no finding and no row at fault names an advertiser who is not in it."""
    known = {result.advertiser_id for result in run.advertisers}
    return replace(run, advertisers=tuple(_alone(result, known) for result in run.advertisers))


def shared_rules(rules: Iterable[Rule], config: str) -> tuple[Rule, ...]:
    """The rules as a report with --share tells them: no folder of theirs, none of the configuration's file."""
    return tuple(
        replace(
            rule,
            path=base_name(rule.path),
            threshold_sources={
                name: source.replace(config, base_name(config)) for name, source in rule.threshold_sources.items()
            },
        )
        for rule in rules
    )


def base_name(path: str) -> str:
    """The last name of a path of any system: logs/2026/events.jsonl -> events.jsonl."""
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def hide_others(column: str, value: Any) -> Any:
    """A cell of a row at fault without names of other advertisers."""
    return _("another advertiser") if column in _NAMING and value else value


def _result(result: AdvertiserResult) -> AdvertiserResult:
    return replace(result, extracts={}, findings=tuple(map(_without_folder, result.findings)))


def _without_folder(finding: Finding) -> Finding:
    return finding if finding.rule_file is None else replace(finding, rule_file=base_name(finding.rule_file))


def _alone(result: AdvertiserResult, known: set[str]) -> AdvertiserResult:
    others = {finding.code: _others(finding, known) for finding in result.findings}
    return replace(
        result,
        extracts={code: _rows(rows) for code, rows in result.extracts.items()},
        findings=tuple(
            replace(finding, message=_without(finding.message, others[finding.code])) for finding in result.findings
        ),
        actions=tuple(replace(one, message=_without(one.message, others.get(one.code, ()))) for one in result.actions),
    )


def _rows(rows: FaultRows) -> FaultRows:
    cells = (tuple(map(hide_others, rows.columns, row)) for row in rows.rows)
    return replace(rows, rows=tuple(cells))


def _others(finding: Finding, known: set[str]) -> list[str]:
    """Advertisers whom a finding names and the run does not hold, as the finding's sentence has them."""
    others = finding.evidence.get("others")
    listed = others if isinstance(others, list) else []  # DAT004 names datasets there, in one text
    named = [one["advertiser_id"] for one in listed if isinstance(one, dict) and "advertiser_id" in one]
    return [visible(name[:24]) for name in named if name not in known]


def _without(text: str, others: Iterable[str]) -> str:
    """The text without these names, whole or, where it ends, as much of them as there was room for."""
    for name in sorted(filter(str.strip, others), key=len, reverse=True):
        beginnings = "|".join(f"{re.escape(name[:n])}…" for n in range(len(name), 2, -1))
        pattern = rf"(?<!\w)(?:{re.escape(name)}(?!\w){'|' if beginnings else ''}{beginnings})"
        text = re.sub(pattern, _("another advertiser"), text)
    return text
