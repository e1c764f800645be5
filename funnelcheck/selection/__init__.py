"""Which advertisers to launch with: lead lists, CRM histories and answers judged before anything is sent, ranked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from funnelcheck import findings, inputs, numbers, rulebook
from funnelcheck.config import Config, nearest
from funnelcheck.judgement import apply, gather, parameters_of, with_waivers_of
from funnelcheck.language import _, ngettext
from funnelcheck.model import Finding, Key
from funnelcheck.phrases import told
from funnelcheck.questions import Answer, questions
from funnelcheck.results import Facts, stages_of
from funnelcheck.rulebook import Rulebook
from funnelcheck.selection.chances import Chance
from funnelcheck.selection.evidence import Limits, chances
from funnelcheck.selection.explaining import explained, probability, usable
from funnelcheck.selection.launching import Launch, barred, launch_of, planned
from funnelcheck.selection.outcome import (
    Applicant,
    CrmLeads,
    Early,
    Month,
    Selection,
    StandIn,
    Suitability,
    Task,
    Volume,
)
from funnelcheck.selection.questionnaire import Answers, read_questionnaire
from funnelcheck.selection.ranking import ranked
from funnelcheck.selection.suitability import decide
from funnelcheck.selection.supposing import Supposed, applied, read_what_if
from funnelcheck.store import Store

__all__ = [
    "Applicant",
    "Selection",
    "Suitability",
    "Supposed",
    "Task",
    "read_questionnaire",
    "read_what_if",
    "select",
]

_PACE = "TIM004"
_COVERAGE = "COV001"
_LIMITS = ("FUN006", "FUN007")
_TYPES = {"flag": "boolean", "number": "double"}


def select(
    store: Store,
    *,
    as_of: int,
    config: Config | None = None,
    guide: str | None = None,
    answers: Answers | None = None,
    launch: date | None = None,
    connected: bool | None = None,
    what_if: Supposed | None = None,
) -> Selection:
    """Judge every advertiser of the store before launch, as of an instant (Unix seconds), and rank them.

    `answers`: advertiser -> question -> answer, as `read_questionnaire` gives them; they go before those of the
    configuration. `launch`: the day that plans start from, by default the one after `as_of`; `connected`: whether the
    partner's integration stands, by default what the configuration attests. `what_if`, as `read_what_if` gives it:
    what is supposed for once; the selection without it stands in `before`. Nothing in the store changes. An
    advertiser's figures depend on nothing but what is known of itself; the same store, configuration, answers and
    `as_of` give the same selection.
    """
    config, answers, supposed = config or Config(), answers or {}, what_if or Supposed()
    other = applied(supposed, config, store)
    way = launch_of(launch, connected, 1.0, config, as_of)
    other_way = launch_of(supposed.launch or launch, connected, supposed.share, config, as_of)
    before = _selection(store, as_of, config, guide, answers, way, {})
    if supposed == Supposed():
        return before
    facts_stand = other == config and not supposed.stage_map
    after = _selection(store, as_of, other, guide, answers, other_way, None if facts_stand else supposed.stage_map)
    return replace(after, what_if=supposed.told(), before=before)


def _selection(
    store: Store,
    as_of: int,
    config: Config,
    guide: str | None,
    answers: Answers,
    launch: Launch,
    stage_names: Mapping[str, str] | None,
) -> Selection:
    """One selection; `stage_names` None: the facts stand as they were made for the one before."""
    book = rulebook.load(config, guide)
    config = with_waivers_of(config, book.selection)
    known = _answers(config, answers)
    rows = _judge(store, book, config, as_of, known, launch.coverage, stage_names)
    facts = Facts.read(store)
    figures = _Figures(store, Limits.of(book).at(launch.coverage))
    found = _found(book, config, rows, figures, as_of)
    applicants = [
        _applicant(row, found, facts, figures, book, config, as_of, known, launch) for row in figures.applicants
    ]
    return Selection(
        version=_version(),
        guide=book.guide,
        as_of=as_of,
        inputs=inputs.read(store),
        advertisers=ranked(applicants),
        hints=_hints(store, config, facts, answers, as_of),
    )


def _answers(config: Config, answers: Answers) -> dict[str, dict[str, Answer]]:
    """Everybody's answers: those of a questionnaire go before those of the configuration."""
    names = dict.fromkeys((*config.advertisers, *answers))
    of_config = {name: dict(one.answers) for name, one in config.advertisers.items()}
    return {name: of_config.get(name, {}) | dict(answers.get(name, {})) for name in names}


def _judge(
    store: Store,
    book: Rulebook,
    config: Config,
    as_of: int,
    answers: Mapping[str, Mapping[str, Answer]],
    coverage: float,
    stage_names: Mapping[str, str] | None,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of every rule of the selection; those about stages are what FUN006 and FUN007 found."""
    parameters = parameters_of(book, as_of)
    if stage_names is not None:
        gather(store, book, config, parameters, stage_names)
        apply(store, book.rule(_PACE), parameters)
    asked = questions()
    store.put_rows(
        "answer",
        "advertiser_id varchar, " + ", ".join(f"{key} {_TYPES[one.kind]}" for key, one in asked.items()),
        [(name, *(own.get(key) for key in asked)) for name, own in answers.items()],
    )
    of_rules = {k: v for code in _LIMITS for k, v in book.rule(code).thresholds.items()}
    of_rules |= {k: v for rule in book.selection for k, v in rule.thresholds.items()}
    store.run_folder("facts/selection", parameters | of_rules | {"coverage": coverage})
    return {rule.code: apply(store, rule, parameters) for rule in book.selection}


class _Figures:
    """The small facts about advertisers before launch, by advertiser; and the chances that are drawn from them."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self.limits = limits
        self.chances: dict[str, Chance] = chances(store, limits)
        self.applicants = store.rows("from applicant order by advertiser_id")
        self.volume = _one(store.rows("from lead_volume"))
        self.months = _many(store.rows("from lead_month order by advertiser_id, month"))
        self.crm = _one(store.rows("from crm_id"))
        self.early = _many(store.rows("from early_stage order by advertiser_id, event_name"))
        self.stand_ins = _many(store.rows("from crm_stand_in order by advertiser_id, leads desc, stand_in"))

    def present(self) -> dict[Key, set[str]]:
        """The inputs that each advertiser has, as `needs` of the rules names them."""
        return {(row["advertiser_id"], row["channel"]): _inputs(row) for row in self.applicants}


def _inputs(row: Mapping[str, Any]) -> set[str]:
    inputs_of = {
        "lead list": row["has_list"],
        "lead list or daily counts": row["has_list"] or row["has_counts"],
        "history": row["has_history"],
        "history or lead list": row["has_history"] or row["has_list"],
        "stages": row["has_stages"],
    }
    return {name for name, is_there in inputs_of.items() if is_there}


def _found(
    book: Rulebook, config: Config, rows: Mapping[str, list[dict[str, Any]]], figures: _Figures, as_of: int
) -> dict[str, tuple[Finding, ...]]:
    """Every advertiser's findings by code, waivers applied."""
    zone = {row["advertiser_id"]: row["time_zone"] for row in figures.applicants}
    present = figures.present()
    found: dict[str, list[Finding]] = defaultdict(list)
    for rule in book.selection:
        for (name, _channel), several in findings.findings_of(rule, rows[rule.code], book.thresholds, present).items():
            day = numbers.day(as_of, zone[name])
            found[name].append(findings.waived(findings.worst(several), config.waivers, day))
    return {name: tuple(several) for name, several in found.items()}


def _applicant(
    row: Mapping[str, Any],
    found: Mapping[str, tuple[Finding, ...]],
    facts: Facts,
    figures: _Figures,
    book: Rulebook,
    config: Config,
    as_of: int,
    answers: Mapping[str, Mapping[str, Answer]],
    launch: Launch,
) -> Applicant:
    name, zone = row["advertiser_id"], row["time_zone"]
    key = (name, row["stage_channel"])
    volume = _volume(name, figures, int(book.thresholds["volume_days"]))
    kept_out = barred(launch.coverage, book.rule(_COVERAGE))
    decision = decide(found[name], {rule.code: rule for rule in book.selection}, volume, kept_out)
    by_code = {finding.code: finding for finding in found[name]}
    drawn = usable(by_code, figures.chances.get(name))
    choice = facts.choice[key] if row["has_stages"] else {}
    one = Applicant(
        advertiser_id=name,
        rank=0,
        suitability=decision.suitability,
        summary=decision.summary,
        probability=probability(by_code, drawn),
        findings=found[name],
        stages=stages_of(key, facts) if row["has_stages"] else (),
        work=decision.work,
        bring=decision.bring,
        time_zone=zone,
        stage_channel=row["stage_channel"] if row["has_stages"] else None,
        raw_stage=choice.get("raw_stage"),
        optimisation_stage=choice.get("optimisation_stage"),
        optimisation_stage_source=choice.get("source"),
        volume=volume,
        crm=_crm(name, figures),
        early=tuple(Early(one["event_name"], one["events"], one["leads"]) for one in figures.early.get(name, ())),
        answers=answers.get(name, {}),
        waivers=findings.waiver_uses(name, found[name], config.waivers, numbers.day(as_of, zone)),
        chance=drawn,
        explanation=explained(by_code, drawn, figures.limits),
    )
    return replace(one, plan=planned(one, launch, book.guide, as_of))


def _volume(name: str, figures: _Figures, days: int) -> Volume | None:
    row = figures.volume.get(name)
    if row is None:
        return None
    months = tuple(Month(one["month"], one["leads"], one["organic"]) for one in figures.months.get(name, ()))
    counted = {key: value for key, value in row.items() if key != "advertiser_id"}
    return Volume(days=days, months=months, **counted)


def _crm(name: str, figures: _Figures) -> CrmLeads | None:
    row = figures.crm.get(name)
    if row is None:
        return None
    return CrmLeads(
        leads=row["leads"],
        with_lead_id=row["meta_leads"],
        lost=row["lost"],
        oldest=row["oldest"],
        nameless_rows=row["nameless_rows"],
        next_lost=row["next_lost"],
        stand_ins=tuple(
            StandIn(one["stand_in"], one["leads"], told(one["told"])) for one in figures.stand_ins.get(name, ())
        ),
    )


def _hints(store: Store, config: Config, facts: Facts, answers: Answers, as_of: int) -> tuple[str, ...]:
    """What a reader should know: what names nobody, and who answers without anything else being known of it."""
    known = {key[0] for key in facts.keys}
    strangers = [
        _("The questionnaire speaks of {name}, of whom no lead and no history is known{nearest}.").format(
            name=numbers.named(name, 80), nearest=nearest(name, known) if known else ""
        )
        for name in answers
        if name not in known
    ]
    nameless = store.value("select sum(rows) from nameless_row where advertiser_id is null")
    if nameless:
        told = ngettext(
            "{n} row of the histories names no lead and stands in a file of several advertisers: it counts for nobody.",
            "{n} rows of the histories name no lead and stand in files of several advertisers: they count for nobody.",
            nameless,
        )
        strangers.append(told.format(n=numbers.count(nameless)))
    return (
        *inputs.hints(store, replace(config, waivers=()), {key[0] for key in facts.keys}, (), as_of, ()),
        *strangers,
    )


def _one(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["advertiser_id"]: row for row in rows}


def _many(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["advertiser_id"]].append(row)
    return found


def _version() -> str:
    from funnelcheck import __version__

    return __version__
