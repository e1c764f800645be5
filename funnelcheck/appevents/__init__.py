"""The second channel: App Events judged by rules of their own, one result an advertiser that sends any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from funnelcheck import eventrules, findings, numbers
from funnelcheck.appevents import figures
from funnelcheck.appevents.verdict import decide
from funnelcheck.config import Config
from funnelcheck.eventrules import APP
from funnelcheck.model import Finding, Key, Rule
from funnelcheck.reported import AdvertiserResult, Coverage
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store

CHANNEL = "app"
Apply = Callable[[Store, Rule, Mapping[str, Any]], list[dict[str, Any]]]
Found = dict[str, dict[Key, Finding]]  # by code


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of every rule about App Events, and what a report says of each advertiser that sent any."""

    found: Found
    results: tuple[AdvertiserResult, ...]


def judge(store: Store, book: Rulebook, config: Config, parameters: Mapping[str, Any], apply: Apply) -> Judged:
    """Judge the App Events in the store as of `parameters["as_of"]`; nobody where none were sent.

    `apply` gives the rows of one rule that is a select.
    """
    if not store.value("select count(*) > 0 from request where channel = 'app'"):
        return Judged({}, ())
    told = _rows(store, book, parameters, apply)
    advertisers = {row["advertiser_id"]: row for row in store.rows("from app_advertiser order by advertiser_id")}
    present = {(name, CHANNEL): _inputs(row) for name, row in advertisers.items()}
    days = {name: numbers.day(parameters["as_of"], row["time_zone"]) for name, row in advertisers.items()}
    found = {
        rule.code: _reported(rule, told[rule.code], book, config, present, days)
        for rule in book.rules
        if rule.code in told
    }
    shown = figures.read(store)
    results = (_result(row, found, shown, config, days[name]) for name, row in advertisers.items())
    return Judged(found, tuple(results))


def _rows(store: Store, book: Rulebook, parameters: Mapping[str, Any], apply: Apply) -> dict[str, list[dict[str, Any]]]:
    """What each rule says of each advertiser, from facts made anew."""
    store.run_folder("facts/app/input", parameters)
    values = dict(parameters) | eventrules.own_thresholds(book, APP)
    eventrules.judge(store, book, values, APP)
    store.run_folder("facts/app/figures", values)
    told = eventrules.rows(store, book, APP)
    for rule in book.rules:
        if rule.is_app and not rule.about_events:
            told[rule.code] = apply(store, rule, parameters)
    return told


def _reported(
    rule: Rule,
    rows: list[dict[str, Any]],
    book: Rulebook,
    config: Config,
    present: Mapping[Key, set[str]],
    days: Mapping[str, str],
) -> dict[Key, Finding]:
    """One finding an advertiser: the worst row, waived where a waiver holds on its day."""
    return {
        key: findings.waived(findings.worst(several), config.waivers, days[key[0]])
        for key, several in findings.findings_of(rule, rows, book.thresholds, present).items()
    }


def _inputs(row: Mapping[str, Any]) -> set[str]:
    """What the log of an advertiser holds, by the names that a rule's header `needs`."""
    said = {
        "response": row["has_response"],
        "headers": row["has_headers"],
        "upload time": row["latest_upload"] is not None,
    }
    return {name for name, there in said.items() if there}


def _result(
    row: Mapping[str, Any], by_code: Found, figures_of: Mapping[Key, figures.AppFigures], config: Config, day: str
) -> AdvertiserResult:
    key = (row["advertiser_id"], CHANNEL)
    found = [by_key[key] for by_key in by_code.values() if key in by_key]
    decision, shown = decide(found), figures_of[key]
    return AdvertiserResult(
        advertiser_id=row["advertiser_id"],
        channel=CHANNEL,
        dataset_id=row["app_id"],
        horizon=row["horizon"],
        verdict=decision.verdict,
        step=None,
        step_name=None,
        blocked_by=decision.blocked_by,
        summary=decision.summary,
        raw_stage=None,
        raw_stage_source=None,
        lead_creation_source=None,
        optimisation_stage=None,
        optimisation_stage_source=None,
        findings=tuple(sorted(found, key=lambda finding: finding.code)),
        stages=(),
        coverage=Coverage(),
        actions=decision.actions,
        time_zone=row["time_zone"],
        events=shown.installs + shown.conversions,
        last_upload=row["latest_upload"],
        waivers=findings.waiver_uses(
            key[0],
            found,
            [waiver for waiver in config.waivers if waiver.rule.upper() in by_code],
            day,
        ),
        app=shown,
    )
