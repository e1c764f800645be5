"""The judgement as one readable line: facts, rules, choice of stage, findings, verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from funnelcheck import (
    access,
    appevents,
    compare,
    customrules,
    eventrules,
    extracts,
    findings,
    inputs,
    numbers,
    rulebook,
    runs,
    settings,
    verdict,
)
from funnelcheck.config import Config, nearest
from funnelcheck.errors import BrokenRuleError, RuleError, UsageError
from funnelcheck.extracts import Extract
from funnelcheck.model import Finding, Key, Rule, Severity
from funnelcheck.progress import Progress
from funnelcheck.reported import AdvertiserResult, Privacy, Run
from funnelcheck.results import Facts, advertiser_result
from funnelcheck.rulebook import VALIDITY, Rulebook
from funnelcheck.sandbox import Sandbox
from funnelcheck.store import Store

_STAGE_RULES = ("FUN006", "FUN007")


def check(
    store: Store,
    *,
    as_of: int,
    config: Config | None = None,
    guide: str | None = None,
    rows: int = 0,
    show_ids: bool = False,
) -> Run:
    """Judge what is in the store as of an instant (Unix seconds), and tell what has changed since an earlier run.

    Nothing in the store changes: facts are temporary tables, and the run is not kept (`runs.keep` does that). The
    same store, configuration and `as_of` give the same run. `rows`: so many of the rows at fault come with each rule
    that fails or warns, for a report; their ids are masked unless `show_ids`.
    """
    config = config or Config()
    book = rulebook.load(config, guide)
    config = with_waivers_of(config, book.rules)
    parameters = parameters_of(book, as_of)
    told = gather(store, book, config, parameters)
    meter = access.measure(store, book, parameters)
    event_rows = eventrules.rows(store, book)
    for rule in book.rules:
        if rule.is_app:
            continue
        if rule.about_events:
            told[rule.code] = event_rows.get(rule.code, [])
        elif rule.area != "LIF" and rule.code not in told and not rule.custom:
            told[rule.code] = apply(store, rule, parameters)
    with Sandbox(store) as sandbox:
        run = replace(_run(store, book, config, as_of, told, parameters, sandbox), access=meter)
    app = appevents.judge(store, book, config, parameters, apply)
    if app.results:
        others = _without_waivers_of_apps(run.advertisers, app)
        run = replace(run, advertisers=tuple(sorted((*others, *app.results), key=lambda one: one.key)))
    known = {one.advertiser_id for one in run.advertisers}
    run = replace(run, hints=inputs.hints(store, config, known, run.advertisers, as_of, run.broken_rules))
    run = runs.with_changes(store, run, newest=config.keep_runs)
    return _with_rows(store, book, run, parameters, rows, show_ids) if rows else run


def gather(
    store: Store,
    book: Rulebook,
    config: Config,
    parameters: Mapping[str, Any],
    stage_names: Mapping[str, str] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Make every fact up to the choice of a stage; the rows of the rules about stages, which that is made from.

    `stage_names`: stages by other names than the store has for them, name -> new name.
    """
    settings.put(store, config, book)
    store.run_folder("facts/input", parameters)
    if stage_names:
        store.put_rows("stage_name", "old_name varchar, new_name varchar", list(stage_names.items()))
        store.run_folder("facts/supposed")
    eventrules.judge(store, book, parameters)
    of_stages = dict(parameters) | {k: v for code in _STAGE_RULES for k, v in book.rule(code).thresholds.items()}
    store.run_folder("facts/figures", of_stages)
    told = {code: apply(store, book.rule(code), parameters) for code in _STAGE_RULES}
    store.run_folder("facts/choice", of_stages)
    return told


def with_waivers_of(config: Config, rules: Sequence[Rule]) -> Config:
    """The configuration with the waivers of these rules alone: those of others can cover nothing here."""
    codes = {rule.code for rule in rules}
    return replace(config, waivers=tuple(waiver for waiver in config.waivers if waiver.rule.upper() in codes))


def rows_at_fault(
    store: Store,
    code: str,
    *,
    as_of: int,
    config: Config | None = None,
    guide: str | None = None,
    advertisers: Sequence[str] = (),
    limit: int | None = None,
    show_ids: bool = False,
) -> Extract:
    """Judge what is in the store and list the rows behind one rule; UsageError for a rule that has none."""
    book = rulebook.load(config or Config(), guide)
    rule = book.rule(code)
    run = check(store, as_of=as_of, config=config, guide=guide)
    known = [result.advertiser_id for result in run.advertisers]
    for name in advertisers:
        if name not in known:
            hint = nearest(name, known) if known else ""
            raise UsageError(f"{name}: has no record and no lead in the store up to that time{hint}")
    extract = extracts.rows_at_fault(
        store, rule, parameters_of(book, as_of), advertisers=advertisers, limit=limit, show_ids=show_ids
    )
    if extract is None:
        raise UsageError(
            f"{rule.code}: {rule.title}: what it judges is no row of a log; funnelcheck explain {rule.code}"
        )
    return extract


def _with_rows(store: Store, book: Rulebook, run: Run, parameters: Mapping[str, Any], most: int, show_ids: bool) -> Run:
    """The run with the first rows at fault behind what fails or warns."""
    found: dict[str, dict[Key, Finding]] = defaultdict(dict)
    for result in run.advertisers:
        for finding in result.findings:
            found[finding.code][result.key] = finding
    salt = None if show_ids else _salt(store, run)
    rows = extracts.of_advertisers(store, book.rules, found, parameters, most, salt)
    results = [replace(one, extracts=rows.get(one.key, {})) for one in run.advertisers]
    return replace(run, advertisers=tuple(results), privacy=Privacy.OPEN if show_ids else Privacy.MASKED)


def _salt(store: Store, run: Run) -> str:
    return extracts.report_salt(str(store.value("select key from store_key")), run.inputs, run.as_of)


def extracts_of(
    store: Store, book: Rulebook, rules: Sequence[Rule], run: Run, advertisers: Sequence[str], limit: int
) -> dict[str, Extract]:
    """The rows behind several rules, masked as in the pages of `run`, which has just been judged on the same store.

    Rules that have none are left out.
    """
    parameters, salt = parameters_of(book, run.as_of), _salt(store, run)
    found = {
        rule.code: extracts.rows_at_fault(store, rule, parameters, advertisers=advertisers, limit=limit, salt=salt)
        for rule in rules
    }
    return {code: extract for code, extract in found.items() if extract is not None}


def parameters_of(book: Rulebook, as_of: int) -> dict[str, Any]:
    """What facts and rules read as $name, but for the thresholds of single rules."""
    return (
        eventrules.own_thresholds(book)
        | dict(book.thresholds)
        | {"as_of": as_of, "validity": eventrules.bits(book, VALIDITY)}
    )


def apply(store: Store, rule: Rule, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of one rule, kept as the temporary table row_<code>; RuleError when it breaks the contract."""
    table = f"row_{rule.code.lower()}"
    try:
        store.execute(f"create or replace temp table {table} as\n{rule.sql}", dict(parameters) | dict(rule.thresholds))
        return store.rows(f"from {table}")
    except (KeyError, duckdb.Error) as error:
        raise RuleError(f"{rule.path}: {error}") from error


def _run(
    store: Store,
    book: Rulebook,
    config: Config,
    as_of: int,
    rows: Mapping[str, list[dict[str, Any]]],
    parameters: Mapping[str, Any],
    sandbox: Sandbox,
) -> Run:
    facts = Facts.read(store)
    broken: list[str] = []

    def custom(rule: Rule) -> dict[Key, Finding]:
        try:
            given = customrules.rows(sandbox, rule, parameters, facts.keys)
            return customrules.told(lambda: _reported(rule, given, book, config, as_of, facts))
        except BrokenRuleError as error:
            broken.append(f"{rule.path}: this rule is broken: {error}")
            return customrules.broken(rule, facts.keys, str(error))

    found = {
        rule.code: _reported(rule, rows[rule.code], book, config, as_of, facts)
        for rule in book.rules
        if rule.code in rows
    }
    found |= {rule.code: custom(rule) for rule in book.rules if rule.custom and rule.area != "LIF"}
    decisions = {key: _decide(key, found, facts, book, config, as_of) for key in facts.keys}
    _put_journey(store, decisions, found, book, as_of)
    for rule in book.rules:
        if rule.area == "LIF" and rule.custom:
            found[rule.code] = custom(rule)
        elif rule.area == "LIF":
            found[rule.code] = _reported(rule, apply(store, rule, parameters), book, config, as_of, facts)
    progress = Progress.read(store, book, as_of)
    results: list[AdvertiserResult] = []
    for key in facts.keys:
        of_advertiser = [by_key[key] for by_key in found.values() if key in by_key]
        actions = decisions[key].actions + verdict.lifecycle_actions(of_advertiser)
        decision = replace(decisions[key], actions=actions)
        result = advertiser_result(key, of_advertiser, decision, facts, progress)
        results.append(_with_waivers(result, config, as_of))
    return Run(
        version=_version(),
        guide=book.guide,
        as_of=as_of,
        inputs=inputs.read(store),
        advertisers=tuple(results),
        broken_rules=tuple(sorted(broken)),
        settings=compare.settings_of(book.rules, config.waivers),
    )


def _reported(
    rule: Rule, rows: list[dict[str, Any]], book: Rulebook, config: Config, as_of: int, facts: Facts
) -> dict[Key, Finding]:
    """One finding an advertiser: the worst row, or the one about its optimisation stage."""
    if rule.subject:
        rows = _about_stage(rule, rows, facts)
    by_key = findings.findings_of(rule, rows, book.thresholds, facts.present)
    return {
        key: findings.waived(
            findings.worst(several), config.waivers, numbers.day(as_of, facts.window[key]["time_zone"])
        )
        for key, several in by_key.items()
    }


def _with_waivers(result: AdvertiserResult, config: Config, as_of: int) -> AdvertiserResult:
    day = numbers.day(as_of, result.time_zone)
    uses = findings.waiver_uses(result.advertiser_id, result.findings, config.waivers, day)
    return replace(result, waivers=uses)


def _without_waivers_of_apps(results: Sequence[AdvertiserResult], app: appevents.Judged) -> Iterator[AdvertiserResult]:
    """Waivers of rules about App Events stand with the App Events of an advertiser that sends any."""
    owners = {one.advertiser_id for one in app.results}
    for result in results:
        own = [use for use in result.waivers if use.waiver.rule.upper() not in app.found]
        yield replace(result, waivers=tuple(own)) if result.advertiser_id in owners else result


def _about_stage(rule: Rule, rows: list[dict[str, Any]], facts: Facts) -> list[dict[str, Any]]:
    by_stage = {(row["advertiser_id"], row["channel"], row["subject"]): row for row in rows}
    kept = []
    for key in facts.keys:
        choice = facts.choice[key]
        row = by_stage.get((*key, choice["judged_stage"]))
        if row is None:
            row = dict.fromkeys(rows[0]) | {"advertiser_id": key[0], "channel": key[1], "level": 2, "n": 0}
            row["subject"] = choice["judged_stage"]
            row["reason"] = "no-stage" if choice["judged_stage"] is None else "never-seen"
        kept.append(row)
    return kept


def _decide(
    key: Key, found: Mapping[str, Mapping[Key, Finding]], facts: Facts, book: Rulebook, config: Config, as_of: int
) -> verdict.Decision:
    own = config.advertisers.get(key[0])
    lines = [line for line in (own.status if own else ()) if line.date <= as_of]
    journey = verdict.Journey(
        funnel_declared=bool(own and (own.optimisation_stage or own.stage_order)),
        declared_step=max((settings.status_step(line, book, config) for line in lines), default=None),
    )
    of_advertiser = [by_key[key] for by_key in found.values() if key in by_key]
    stage, valid_events = facts.choice[key]["optimisation_stage"], facts.window[key]["valid_events"]
    return verdict.decide(of_advertiser, journey, book.guide, stage, valid_events)


def _put_journey(
    store: Store,
    decisions: Mapping[Key, verdict.Decision],
    found: Mapping[str, Mapping[Key, Finding]],
    book: Rulebook,
    as_of: int,
) -> None:
    """What the rules of the lifecycle read: the steps that the data suggest, and the findings of all other rules."""
    store.put_rows(
        "inferred_step",
        "advertiser_id varchar, channel varchar, step integer, six_step integer",
        [(*key, decision.step, decision.six_step) for key, decision in decisions.items()],
    )
    store.put_rows(
        "finding",
        "advertiser_id varchar, channel varchar, code varchar, severity varchar, status varchar, value double, "
        "n bigint, affected bigint, reason varchar, message varchar",
        [
            (*key, code, f.severity, f.status, f.value, f.n, f.affected, f.evidence.get("reason"), f.message)
            for code, by_key in found.items()
            for key, f in by_key.items()
        ],
    )
    days = book.rule("DAT003")
    needed = days.thresholds["min_days"] if days.severity is Severity.REQUIRED else 0
    store.run_folder("facts/journey", dict(book.thresholds) | {"as_of": as_of, "min_days": needed})


def _version() -> str:
    from funnelcheck import __version__

    return __version__
