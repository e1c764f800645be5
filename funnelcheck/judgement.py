"""The judgement as one readable line: facts, rules, choice of stage, findings, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from funnelcheck import access, eventrules, extracts, findings, rulebook, verdict
from funnelcheck.config import Config, nearest
from funnelcheck.errors import ConfigError, RuleError, UsageError
from funnelcheck.extracts import Extract
from funnelcheck.findings import Key
from funnelcheck.model import AdvertiserResult, Finding, Inputs, Rule, Run, SourceFile
from funnelcheck.results import Facts, advertiser_result
from funnelcheck.rulebook import VALIDITY, Rulebook
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
    store.run_folder("facts/figures", parameters)
    meter = access.measure(store, book, parameters)
    rows = {code: apply(store, book.rule(code), parameters) for code in _STAGE_RULES}
    store.run_folder("facts/choice", parameters | dict(book.rule("FUN006").thresholds))
    event_rows = eventrules.rows(store, book)
    for rule in book.rules:
        if rule.about_events:
            rows[rule.code] = event_rows.get(rule.code, [])
        elif rule.area != "LIF" and rule.code not in rows:
            rows[rule.code] = apply(store, rule, parameters)
    return replace(_run(store, book, config, as_of, rows, parameters), access=meter)


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
    return dict(book.thresholds) | {"as_of": as_of, "validity": eventrules.bits(book, VALIDITY)}


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
        "advertiser_id varchar, time_zone varchar, raw_stage varchar, optimisation_stage varchar, crm_dataset boolean",
        [(name, a.time_zone, a.raw_stage, a.optimisation_stage, a.crm_dataset) for name, a in advertisers],
    )
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
        "advertiser_id varchar, date bigint, status varchar, step integer",
        [
            (name, line.date, line.status, book.guide.step_of[_status_step(line.status, book, config) - 1])
            for name, a in advertisers
            for line in a.status
        ],
    )
    store.put_rows("raw_stage_hint", "name varchar", [(word,) for word in words["raw_stage"]])
    store.put_rows("negative_word", "word varchar", [(word,) for word in words["negative_stage"]])


def _status_step(label: str, book: Rulebook, config: Config) -> int:
    """The six-step number of a label of Events Manager; ConfigError for one that the guide does not know."""
    known = book.guide.statuses
    folded = " ".join(label.casefold().replace("\u2019", "'").split())
    if folded not in known:
        raise ConfigError(f'{config.path}: "{label}" is no status of Events Manager{nearest(folded, known)}')
    return known[folded]


def _run(
    store: Store,
    book: Rulebook,
    config: Config,
    as_of: int,
    rows: Mapping[str, list[dict[str, Any]]],
    parameters: Mapping[str, Any],
) -> Run:
    facts = Facts.read(store)
    found = {
        rule.code: _reported(rule, rows[rule.code], book, config, as_of, facts)
        for rule in book.rules
        if rule.code in rows
    }
    decisions = {key: _decide(key, found, facts, book, config, as_of) for key in facts.keys}
    _put_journey(store, decisions, as_of)
    for rule in book.rules:
        if rule.area == "LIF":
            found[rule.code] = _reported(rule, apply(store, rule, parameters), book, config, as_of, facts)
    results: list[AdvertiserResult] = [
        advertiser_result(key, [by_key[key] for by_key in found.values() if key in by_key], decisions[key], facts)
        for key in facts.keys
    ]
    return Run(
        version=_version(),
        guide=book.guide,
        as_of=as_of,
        inputs=read_inputs(store),
        advertisers=tuple(results),
        hints=_hints(store, config, facts),
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
        declared_step=max((_status_step(line.status, book, config) for line in lines), default=None),
    )
    of_advertiser = [by_key[key] for by_key in found.values() if key in by_key]
    stage, valid_events = facts.choice[key]["optimisation_stage"], facts.window[key]["valid_events"]
    return verdict.decide(of_advertiser, journey, book.guide, stage, valid_events)


def _put_journey(store: Store, decisions: Mapping[Key, verdict.Decision], as_of: int) -> None:
    """journey: one row an advertiser: the step that the data suggest and the one that was declared last."""
    store.put_rows(
        "inferred_step",
        "advertiser_id varchar, channel varchar, step integer",
        [(*key, decision.step) for key, decision in decisions.items()],
    )
    store.run_file("facts/journey.sql", {"as_of": as_of})


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
