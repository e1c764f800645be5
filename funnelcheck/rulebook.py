"""The catalogue: sql/rules read as the rules of one guide, with the thresholds of one configuration."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from funnelcheck import resources, ruleheader, ruletexts, sqlfile
from funnelcheck.config import Config, nearest
from funnelcheck.errors import ConfigError, RuleError, UsageError
from funnelcheck.language import _
from funnelcheck.model import Actor, Case, Guide, Rule, Severity, Status, Step, is_query

DEFAULT_GUIDE = "six-step"
DEFAULT_WAIT = "Keep sending; more data decides it."
# An event that fails one of these is not valid: it counts for no figure.
VALIDITY = (
    *(f"EVT{number:03}" for number in range(1, 8)),
    "EVT010",
    *(f"TIM{number:03}" for number in range(1, 4)),
)
# The area of the rules about advertisers before launch, which only `select` judges.
SELECTION = "SEL"
_KEYS = (
    "title severity source why fix wait takes acts unit needs channel message history field bad good reports subject "
    "origin cause crm at payload schema thresholds guide case"
).split()
_REQUIRED = "title severity source why fix acts unit message".split()
# What a table may have of a payload, as event.payload_fields names it.
FIELDS = "event_name event_time lead_id action_source event_source lead_event_source user_data".split()
# What a rule that a CRM history is not judged by says of one, unless its header knows better.
_UNSENT = {"not_evaluable": "Nothing was sent: a CRM history holds stages and times, but no payload."}
_CODE = re.compile(r"([a-z]{3}\d{3})_([a-z0-9_]+)")
_CASES = "[[case]]"  # the last of a header of ours
_OF_PAYLOADS = ("evt", "req", "tim")  # the areas whose rules may point at a place in a payload of CRM events


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules and shared thresholds that one run is judged by, and the rules that choose before launch."""

    guide: Guide
    rules: tuple[Rule, ...]  # of what is sent or recorded: those of `check`
    thresholds: Mapping[str, float]
    selection: tuple[Rule, ...] = ()  # of an advertiser before launch: those of `select`

    @property
    def catalogue(self) -> tuple[Rule, ...]:
        """All rules that there are, by code."""
        return tuple(sorted((*self.rules, *self.selection), key=lambda rule: rule.code))

    def rule(self, code: str) -> Rule:
        """The rule of a code in any case; UsageError suggests the nearest code."""
        for rule in self.catalogue:
            if rule.code == code.upper():
                return rule
        raise UsageError(f"{code}: no such rule{nearest(code.upper(), [r.code for r in self.catalogue])}")


def load(config: Config, guide_key: str | None = None, *, only: Callable[[Path], bool] | None = None) -> Rulebook:
    """The rulebook of `guide_key`, else of the configuration's guide, else of the default one; it is translated.

    `only`: of our own rules those whose files it chooses, without their cases, which take as long to read as the rest.
    """
    guide = load_guide(guide_key or config.guide or DEFAULT_GUIDE)
    shared = {name: entry["value"] for name, entry in shared_thresholds().items()}
    _refuse_unknown(config, "thresholds", config.thresholds, shared)
    files = sorted((resources.folder("sql") / "rules").rglob("*.sql"))
    read = [sqlfile.read(path, before=_CASES if only else None) for path in files if only is None or only(path)]
    rules = tuple(ruletexts.translated(_rule(file, guide, config)) for file in read)
    if config.rules_folder is not None:
        rules += _custom_rules(config.rules_folder, guide, config, {rule.code: rule for rule in rules})
    for rule in rules:
        _agree(rule, shared)
    codes = {path.name[:6].upper(): 0 for path in files} | {rule.code: 0 for rule in rules}
    _refuse_unknown(config, "rule", config.rules, codes)
    _refuse_unknown(config, "waiver.rule", {waiver.rule.upper(): 0 for waiver in config.waivers}, codes)
    rules = tuple(sorted(rules, key=lambda rule: rule.code))
    return Rulebook(
        guide=guide,
        rules=tuple(rule for rule in rules if not _chooses(rule)),
        thresholds=shared | dict(config.thresholds),
        selection=tuple(rule for rule in rules if _chooses(rule)),
    )


def _chooses(rule: Rule) -> bool:
    """True for a rule of ours about an advertiser before launch."""
    return rule.area == SELECTION and not rule.custom


def about_payloads(config: Config, guide_key: str | None = None) -> Rulebook:
    """The rules that judge one payload without a store: those whose header says where in it they point (`at`)."""
    return load(config, guide_key, only=_is_about_payloads)


def about_app_payloads(config: Config, guide_key: str | None = None) -> Rulebook:
    """The same of App Events requests, which are rare enough to read their rules only when one is met."""
    return load(config, guide_key, only=lambda path: path.parent.name == "app" and _points(path))


def _is_about_payloads(path: Path) -> bool:
    return path.parent.name in _OF_PAYLOADS and _points(path)


def _points(path: Path) -> bool:
    """Reading a header takes longer than looking for a word in it."""
    return "\nat = " in path.read_text(encoding="utf-8")


def guide_keys() -> list[str]:
    """The guides that are shipped, the default one first."""
    keys = [path.stem for path in (resources.folder("sql") / "guides").glob("*.toml")]
    return sorted(keys, key=lambda key: (key != DEFAULT_GUIDE, key))


def load_guide(key: str) -> Guide:
    """One guide from sql/guides in the present language; UsageError names the guides that there are."""
    return ruletexts.translated_guide(_guide(key))


@cache
def _guide(key: str) -> Guide:
    path = resources.folder("sql") / "guides" / f"{key}.toml"
    if key not in guide_keys():
        raise UsageError(f"{key}: no such guide{nearest(key, guide_keys())}")
    data = _toml(path)
    return Guide(
        key=key,
        title=data["title"],
        edition=data["edition"],
        steps=tuple(_step(number, step) for number, step in enumerate(data["step"], 1)),
        step_of=tuple(data["step_of"]),
        statuses=data["status"],
        learning_days=(data["learning_days"][0], data["learning_days"][1]),
    )


def _step(number: int, data: Mapping[str, Any]) -> Step:
    estimate = data.get("estimate_days")
    return Step(
        number=number,
        key=data["key"],
        title=data["title"],
        duration=data["duration"],
        estimate_days=(estimate[0], estimate[1]) if estimate else None,
        overdue_days=data.get("overdue_days"),
        acts=Actor(data.get("acts", Actor.PARTNER)),
        shows={language: tuple(labels) for language, labels in data.get("shows", {}).items()},
        where=data.get("where"),
    )


@cache
def shared_thresholds() -> dict[str, dict[str, Any]]:
    """Thresholds that several rules share: name -> value, unit, why."""
    return _toml(resources.folder("sql") / "thresholds.toml")


@cache
def words() -> dict[str, list[str]]:
    """Names of raw stages and words of negative stages."""
    return _toml(resources.folder("sql") / "words.toml")


@cache
def known_errors() -> tuple[dict[str, Any], ...]:
    """What is known of Meta's error codes: one dictionary a code and subcode (None: any that has no own entry)."""
    return tuple(
        {"subcode": None, "rule": None, "throttles": False, "passes": False}
        | entry
        | {"code": code, "subcode": subcode}
        for entry in _toml(resources.folder("sql") / "errors.toml")["error"]
        for code in (entry["code"] if isinstance(entry["code"], list) else [entry["code"]])
        for subcode in entry.get("subcodes", [entry.get("subcode")])
    )


@cache
def api_versions() -> tuple[dict[str, Any], ...]:
    """Versions of the Graph API, the newest first: name, released and, where it is known, expires (dates)."""
    return tuple({"expires": None} | entry for entry in _toml(resources.folder("sql") / "api_versions.toml")["version"])


@cache
def app_events() -> tuple[dict[str, Any], ...]:
    """The App Events that Meta knows by name, as sql/app_events.toml tells them: what one leaves out has a default."""
    standing: dict[str, Any] = {"parameters": [], "value": None, "money": False, "optional": False, "note": None}
    return tuple(standing | entry for entry in _toml(resources.folder("sql") / "app_events.toml")["event"])


@cache
def app_parameters() -> tuple[dict[str, Any], ...]:
    """The parameters of those events: name, type (integer, float, text, flag, json) and, where few will do, values."""
    return tuple({"values": []} | entry for entry in _toml(resources.folder("sql") / "app_events.toml")["parameter"])


@cache
def currencies() -> tuple[str, ...]:
    """The codes of ISO 4217 that a price may be in."""
    return tuple(_toml(resources.folder("sql") / "currencies.toml")["codes"].split())


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _refuse_unknown(config: Config, table: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for key in given:
        if key not in known:
            raise ConfigError(f"{config.path}: {table}.{key} is not known{nearest(key, known)}")


def _custom_rules(folder: Path, guide: Guide, config: Config, taken: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """The rules of the user's own folder; RuleError for a header that cannot be used or a code that is taken."""
    from funnelcheck import sqlcheck

    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder of rules; mend rules_folder in {config.path}, or --rules")
    rules: dict[str, Rule] = {}
    for path in sorted(folder.rglob("*.sql")):
        rule = _rule(sqlfile.read(path), guide, config, folder)
        other = taken.get(rule.code) or rules.get(rule.code)
        if other is not None:
            raise RuleError(f"{path}: the code {rule.code} is taken by {other.path}; give it another, like OUR001")
        broken = (sqlcheck.complaint(sql) for sql in (rule.sql, rule.extract_sql) if sql)
        rules[rule.code] = replace(rule, broken=next((told for told in broken if told), None))
    if not rules:
        raise ConfigError(f"{folder}: holds no .sql file; a rule is <code>_<slug>.sql, like our001_calls_come_back.sql")
    return tuple(rules.values())


def _rule(file: sqlfile.SqlFile, guide: Guide, config: Config, custom: Path | None = None) -> Rule:
    """A rule of the file; one of the user's own may also lie in its folder `custom` itself."""
    match, folder = _CODE.fullmatch(file.name), custom or resources.folder("sql") / "rules"
    is_flat = file.path.parent == custom
    if match is None or (file.path.parent.name != match[1][:3] and not is_flat):
        raise RuleError(f"{file.path}: a rule's path is <area>/<code>_<slug>.sql, like dat/dat003_seven_days.sql")
    header = file.header
    for key in header:
        if key not in _KEYS:
            raise RuleError(f"{file.path}: the header's {key} is not known{nearest(key, _KEYS)}")
    for key in _REQUIRED:
        if key not in header:
            raise RuleError(f"{file.path}: the header lacks {key}")
    ruleheader.check(header, file.path, guide_keys() if "guide" in header else ())
    code = match[1].upper()
    edition = header.get("guide", {}).get(guide.key, {})
    field = _field(header, file)
    statements = _statements(file)
    channels = tuple(header.get("channel", ["crm"]))
    thresholds, sources = _thresholds(code, header, edition, guide, config)
    reported = header.get("reports", _reported(code, header, statements[0]))
    shared = _shared(statements[0], reported, config)
    sources |= {name: _shared_source(name, config) for name in shared}
    return Rule(
        code=code,
        slug=match[2].replace("_", "-"),
        title=header["title"],
        severity=Severity(edition.get("severity", header["severity"])),
        source=header["source"],
        message="" if isinstance(header["message"], dict) else header["message"],
        messages=(header["message"] if isinstance(header["message"], dict) else {}) | _unseen(field),
        history=_history(header, channels, file),
        field=field,
        why=header["why"],
        fix=header["fix"],
        wait=header.get("wait", _(DEFAULT_WAIT)),
        takes=header.get("takes", ""),
        acts=Actor(header["acts"]),
        unit=header["unit"],
        channels=channels,
        needs=tuple(header.get("needs", [])),
        thresholds=thresholds,
        threshold_sources=sources,
        shared=shared,
        reported=tuple(reported),
        subject=header.get("subject"),
        cause=header.get("cause"),
        schema=ruleheader.filled(header["schema"], thresholds, file.path) if "schema" in header else None,
        crm=header.get("crm", {}),
        at=tuple(header.get("at", [])),
        payload=header.get("payload", {}),
        sql=statements[0],
        extract_sql=statements[1] if len(statements) > 1 else None,
        bad=header.get("bad"),
        good=header.get("good"),
        cases=tuple(_case(case, file.path) for case in header.get("case", [])),
        path=file.path.relative_to(folder.parent).as_posix(),
        custom=custom is not None,
    )


def _history(header: Mapping[str, Any], channels: Sequence[str], file: sqlfile.SqlFile) -> dict[str, str]:
    """The words that differ where a CRM history is judged: messages by status, fix and wait."""
    words: dict[str, str] = header.get("history", {})
    known = [*Status, "fix", "wait"]
    for key in words:
        if key.partition(".")[0] not in known:
            raise RuleError(f"{file.path}: the header's history.{key} is not known{nearest(key, known)}")
    return words if "history" in channels else {status: _(text) for status, text in _UNSENT.items()} | words


def _statements(file: sqlfile.SqlFile) -> list[str]:
    """The rule's SQL and, where there is one, the select that lists the rows at fault."""
    statements = [part.strip() for part in re.split(r";\s*$", file.sql, flags=re.MULTILINE) if part.strip()]
    if not 1 <= len(statements) <= 2:
        raise RuleError(
            f"{file.path}: holds {len(statements)} statements; one judges, a second may list the rows at fault"
        )
    return statements


def _field(header: Mapping[str, Any], file: sqlfile.SqlFile) -> str | None:
    field: str | None = header.get("field")
    if field is not None and field not in FIELDS:
        raise RuleError(f"{file.path}: field = {field!r} is none of a payload{nearest(field, FIELDS)}")
    return field


def _unseen(field: str | None) -> dict[str, str]:
    """What a rule about a field of the payload says where only tables without that field were read."""
    if field is None:
        return {}
    return {"not_evaluable.unseen": f"The log is a table without the column {field}; the payload itself was not seen."}


def _thresholds(
    code: str, header: Mapping[str, Any], edition: Mapping[str, Any], guide: Guide, config: Config
) -> tuple[dict[str, float], dict[str, str]]:
    own: dict[str, float] = dict(header.get("thresholds", {}))
    changed = {key: value for key, value in edition.items() if key != "severity"}
    configured = config.rules.get(code, {})
    _refuse_unknown(config, f"rule.{code}", configured, own)
    origins = header.get("origin", {})
    sources = {name: _(origins[name]) if name in origins else _("guide {key}").format(key=guide.key) for name in own}
    sources |= dict.fromkeys(configured, config.path)
    return own | changed | dict(configured), sources


def _reported(code: str, header: Mapping[str, Any], sql: str) -> list[str]:
    """Rules about single events and requests report the share allowed, others their first threshold."""
    of_units = code[:3] in ("EVT", "REQ", "TIM") or (code.startswith("APP") and not is_query(sql))
    return ["max_faulty_share"] if of_units else list(header.get("thresholds", {}))[:1]


def _shared_source(name: str, config: Config) -> str:
    return _("shared, {source}").format(source=config.path if name in config.thresholds else _("ours"))


def _shared(sql: str, reported: Sequence[str], config: Config) -> dict[str, float]:
    """The thresholds of several rules that the SQL reads or the result shows."""
    values = {name: entry["value"] for name, entry in shared_thresholds().items()} | dict(config.thresholds)
    named = set(re.findall(r"\$(\w+)", sql)) | set(reported)
    return {name: value for name, value in values.items() if name in named}


def _agree(rule: Rule, shared: Mapping[str, float]) -> None:
    """RuleError when the SQL names a threshold that nobody gives, or the header one that nothing reads."""
    named = set(re.findall(r"\$(\w+)", f"{rule.sql}\n{rule.cause or ''}\n{rule.extract_sql or ''}"))
    for name in sorted(named - {"as_of", *shared, *rule.thresholds}):
        raise RuleError(f"{rule.path}: the SQL reads ${name}, which the header does not give")
    if rule.schema is not None and (rule.custom or not (rule.about_events or rule.area == "REQ")):
        raise RuleError(f"{rule.path}: only a rule of ours about an event or a request can have a schema")
    if rule.field and not rule.about_events:
        raise RuleError(f"{rule.path}: only a rule about an event, an expression, can have a field of its payload")
    if rule.about_events and rule.extract_sql:
        raise RuleError(
            f"{rule.path}: the rows at fault of a rule about an event are its events; drop the second select"
        )
    if rule.cause and not rule.about_events:
        raise RuleError(f"{rule.path}: only a rule about an event, an expression, can have a cause for each")
    for name in sorted(set(rule.thresholds) - named):
        raise RuleError(f"{rule.path}: the header gives {name}, which the SQL does not read")


def _case(case: Mapping[str, Any], path: Path) -> Case:
    expect = {key: value for key, value in case.items() if key not in ("name", "given")}
    if not {"name", "given", "status"} <= set(case):
        raise RuleError(f"{path}: a case needs name, given and status")
    return Case(case["name"], case["given"], expect)
