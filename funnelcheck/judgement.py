"""The judgement as one readable line: facts, rules, choice of stage, findings, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from funnelcheck import access, customer_data, customrules, eventrules, extracts, findings, numbers, rulebook, verdict
from funnelcheck.config import Config, StatusLine, nearest
from funnelcheck.errors import BrokenRuleError, ConfigError, RuleError, UsageError
from funnelcheck.extracts import Extract
from funnelcheck.findings import Key
from funnelcheck.model import (
    AdvertiserResult,
    Finding,
    Guide,
    Inputs,
    Rule,
    Run,
    Severity,
    SourceFile,
    WaiverState,
)
from funnelcheck.progress import Progress
from funnelcheck.results import Facts, advertiser_result
from funnelcheck.rulebook import VALIDITY, Rulebook
from funnelcheck.sandbox import Sandbox
from funnelcheck.store import Store

DAY = 86_400
_STAGE_RULES = ("FUN006", "FUN007")


def check(
    store: Store,
    *,
    as_of: int,
    config: Config | None = None,
    guide: str | None = None,
) -> Run:
    """Judge what is in the store as of an instant (Unix seconds).

    Nothing in the store changes: facts are temporary tables. The same store, configuration and `as_of`
    give the same run.
    """
    config = config or Config()
    book = rulebook.load(config, guide)
    parameters = _parameters(book, as_of)
    _put_settings(store, config, book)
    access.put_settings(store, config)
    store.run_folder("facts/input", parameters)
    eventrules.judge(store, book, parameters)
    of_stages = parameters | {k: v for code in _STAGE_RULES for k, v in book.rule(code).thresholds.items()}
    store.run_folder("facts/figures", of_stages)
    meter = access.measure(store, book, parameters)
    rows = {code: apply(store, book.rule(code), parameters) for code in _STAGE_RULES}
    store.run_folder("facts/choice", of_stages)
    event_rows = eventrules.rows(store, book)
    for rule in book.rules:
        if rule.about_events:
            rows[rule.code] = event_rows.get(rule.code, [])
        elif rule.area != "LIF" and rule.code not in rows and not rule.custom:
            rows[rule.code] = apply(store, rule, parameters)
    with Sandbox(store) as sandbox:
        return replace(_run(store, book, config, as_of, rows, parameters, sandbox), access=meter)


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
        store, rule, _parameters(book, as_of), advertisers=advertisers, limit=limit, show_ids=show_ids
    )
    if extract is None:
        raise UsageError(
            f"{rule.code}: {rule.title}: what it judges is no row of a log; funnelcheck explain {rule.code}"
        )
    return extract


def _parameters(book: Rulebook, as_of: int) -> dict[str, Any]:
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


def _put_settings(store: Store, config: Config, book: Rulebook) -> None:
    advertisers = config.advertisers.items()
    zones = {row["name"] for row in store.rows("select name from pg_timezone_names()")}
    for name, settings in advertisers:
        if settings.time_zone not in zones:
            raise ConfigError(f"{config.path}: advertiser.{name}.time_zone is not known here: {settings.time_zone!r}")
    words = rulebook.words()
    store.put_rows(
        "setting",
        "advertiser_id varchar, time_zone varchar, raw_stage varchar, optimisation_stage varchar, "
        "crm_dataset boolean, partner_agent varchar, event_match_quality double",
        [
            (
                name,
                a.time_zone,
                a.raw_stage,
                a.optimisation_stage,
                a.crm_dataset,
                a.partner_agent or config.partner.partner_agent,
                a.event_match_quality,
            )
            for name, a in advertisers
        ],
    )
    store.put_rows("partner_setting", "partner_agent varchar", [(config.partner.partner_agent,)])
    store.put_rows(
        "stage_setting",
        "advertiser_id varchar, position integer, name varchar",
        [(name, i, stage) for name, a in advertisers for i, stage in enumerate(a.stage_order)],
    )
    store.put_rows(
        "negative_setting",
        "advertiser_id varchar, name varchar",
        [(name, stage) for name, a in advertisers for stage in a.negative_stages],
    )
    store.put_rows(
        "ignored_dataset",
        "advertiser_id varchar, dataset_id varchar",
        [(name, dataset) for name, a in advertisers for dataset in dict.fromkeys(a.ignore_datasets)],
    )
    store.put_rows(
        "status_line",
        "advertiser_id varchar, date bigint, status varchar, step integer, six_step integer",
        [
            (name, line.date, line.status, book.guide.step_of[number - 1], number)
            for name, a in advertisers
            for line in a.status
            for number in [_status_step(line, book, config)]
        ],
    )
    store.put_rows(
        "guide_step",
        "six_step integer, step integer, title varchar, limit_days double, learning_low double, "
        "learning_high double, restart_low double, restart_high double",
        _guide_steps(book.guide),
    )
    store.put_rows("raw_stage_hint", "name varchar", [(word,) for word in words["raw_stage"]])
    store.put_rows("unnormalised_value", "field varchar, value varchar, sha256 varchar", customer_data.unnormalised())
    store.put_rows("negative_word", "word varchar", [(word,) for word in words["negative_stage"]])
    _put_knowledge_of_meta(store)


def _put_knowledge_of_meta(store: Store) -> None:
    """known_error: one row an error code and subcode; known_version: one row a version of the Graph API."""
    kept = ("code", "subcode", "means", "do", "rule", "sure", "throttles", "passes")
    store.put_rows(
        "known_error",
        "code bigint, subcode bigint, meaning varchar, advice varchar, rule varchar, sure varchar, "
        "throttles boolean, passes boolean",
        [tuple(error[name] for name in kept) for error in rulebook.known_errors()],
    )
    store.put_rows(
        "known_version",
        "api_version varchar, released date, expires date",
        [(version["name"], version["released"], version["expires"]) for version in rulebook.api_versions()],
    )


def _guide_steps(guide: Guide) -> list[tuple[Any, ...]]:
    """Each six-step number: the guide's step, its limit, how long learning takes, and starting again to its end."""
    waiting = guide.steps[guide.step_of[2] - 1].estimate_days or (0, 0)
    learning = guide.learning_days
    again = (waiting[0] + learning[0], waiting[1] + learning[1])
    steps = [guide.steps[number - 1] for number in guide.step_of]
    return [
        (six_step, step.number, step.title, step.overdue_days, *learning, *again)
        for six_step, step in enumerate(steps, 1)
    ]


def _status_step(line: StatusLine, book: Rulebook, config: Config) -> int:
    """The six-step number of a label of Events Manager; ConfigError for one that the guide does not know."""
    known = book.guide.statuses
    folded = " ".join(line.status.casefold().replace("\u2019", "'").split())
    if folded not in known:
        where = line.where or config.path
        raise ConfigError(f'{where}: "{line.status}" is no status of Events Manager{nearest(folded, known)}')
    return known[folded]


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
        inputs=read_inputs(store),
        advertisers=tuple(results),
        hints=(*_hints(store, config, facts), *_waiver_hints(config, results, as_of), *_broken_hints(broken)),
        broken_rules=tuple(sorted(broken)),
    )


def _reported(
    rule: Rule, rows: list[dict[str, Any]], book: Rulebook, config: Config, as_of: int, facts: Facts
) -> dict[Key, Finding]:
    """One finding an advertiser: the worst row, or the one about its optimisation stage."""
    if rule.subject:
        rows = _about_stage(rule, rows, facts)
    by_key = findings.findings_of(rule, rows, book.thresholds, facts.present)
    return {
        key: findings.waived(findings.worst(several), config.waivers, _day(as_of, facts.window[key]["time_zone"]))
        for key, several in by_key.items()
    }


def _with_waivers(result: AdvertiserResult, config: Config, as_of: int) -> AdvertiserResult:
    day = _day(as_of, result.time_zone)
    uses = findings.waiver_uses(result.advertiser_id, result.findings, config.waivers, day)
    return replace(result, waivers=uses)


def _waiver_hints(config: Config, results: Sequence[AdvertiserResult], as_of: int) -> list[str]:
    """Waivers that still hold and cover nothing."""
    hints = []
    known = {result.advertiser_id for result in results}
    for waiver in config.waivers:
        about = f"{config.path}: the waiver of {waiver.rule.upper()} for {waiver.advertiser_id}"
        uses = [use for result in results for use in result.waivers if use.waiver == waiver]
        if known and waiver.advertiser_id not in known and waiver.until >= _day(as_of, "UTC"):
            hints.append(
                f"{about} covers nothing: the store holds no such advertiser{nearest(waiver.advertiser_id, known)}"
            )
        elif uses and all(use.state is WaiverState.IDLE for use in uses):
            hints.append(f"{about} covers nothing: the rule neither fails nor warns. Take it out.")
    return [numbers.visible(hint) for hint in dict.fromkeys(hints)]


def _broken_hints(broken: Sequence[str]) -> list[str]:
    return [f"{numbers.visible(told)}. Nobody was judged by it." for told in sorted(broken)]


def _day(seconds: int, time_zone: str) -> str:
    return datetime.fromtimestamp(seconds, ZoneInfo(time_zone)).date().isoformat()


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
    settings = config.advertisers.get(key[0])
    lines = [line for line in (settings.status if settings else ()) if line.date <= as_of]
    journey = verdict.Journey(
        funnel_declared=bool(settings and (settings.optimisation_stage or settings.stage_order)),
        declared_step=max((_status_step(line, book, config) for line in lines), default=None),
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


def read_inputs(store: Store) -> Inputs:
    """What the store holds, over all files."""
    files = store.rows("select * from source_file order by kind, path, file_id")
    return Inputs(
        files=len(files),
        rows=sum(file["rows_read"] for file in files),
        loaded=sum(file["loaded"] for file in files),
        duplicates=sum(file["duplicates"] for file in files),
        quarantined=sum(file["quarantined"] for file in files),
        events=store.value("select count(*) from event"),
        leads=store.value(
            "select count(*) from (select advertiser_id, lead_id from lead group by all having not bool_or(is_test))"
        ),
        sources=tuple(
            SourceFile(
                path=f["path"],
                kind=f["kind"],
                sha256=f["sha256"],
                rows=f["rows_read"],
                loaded=f["loaded"],
                duplicates=f["duplicates"],
                quarantined=f["quarantined"],
                passed_over=f["passed_over"],
            )
            for f in files
        ),
    )


def _hints(store: Store, config: Config, facts: Facts) -> tuple[str, ...]:
    """What a reader of the figures should know about the inputs."""
    hints = []
    ownerless = store.value(
        "select count(distinct lead_id) from listed_lead where advertiser_id is null "
        "and lead_id not in (select lead_id from list_lead)"
    )
    if ownerless:
        hints.append(
            f"{ownerless:,} leads name no advertiser and no event carries their id: they count for nobody, "
            "so coverage looks better than it is. Name their owner with --advertiser or an advertiser column."
        )
    uncounted = store.value("select sum(leads) from lead_count where advertiser_id is null")
    if uncounted:
        hints.append(
            f"Daily counts of {uncounted:,} leads name no advertiser: they count for nobody. "
            "Name their owner with --advertiser or an advertiser column."
        )
    unnamed = store.value("select count(*) from request where advertiser_id = '(unnamed)'")
    if unnamed:
        hints.append(
            f"{unnamed:,} records name neither an advertiser nor a dataset; they are judged together as "
            "(unnamed). Name their owner with --advertiser."
        )
    known = {key[0] for key in facts.keys}
    hints += [
        f"{config.path} speaks of the advertiser {name}, of whom the store holds nothing{nearest(name, known)}."
        for name in config.advertisers
        if name not in known and known
    ]
    return tuple(hints)


def _version() -> str:
    from funnelcheck import __version__

    return __version__
