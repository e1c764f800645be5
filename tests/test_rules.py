"""Every case of every rule's header runs, and every rule gives a row for every advertiser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from funnelcheck import eventrules, findings, rulebook, sqlfile
from funnelcheck.config import Config
from funnelcheck.errors import ConfigError, RuleError, UsageError
from funnelcheck.judgement import apply, parameters_of
from funnelcheck.model import Case, Finding, Rule, Severity, Status
from funnelcheck.render.catalogue import explanation
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store, open_store

AS_OF = 1_700_000_000
KEY = {"advertiser_id": "a", "channel": "crm"}
# Tables that hold a row for every advertiser; a case that does not give it gets this one.
ONE_EACH: dict[str, dict[str, Any]] = {
    "advertiser": {"time_zone": "UTC"},
    "advertiser_window": {"valid_events": 0, "events": 0, "leads": 0, "has_list": False, "horizon": AS_OF},
    "raw_stage": {},
    "stage_count": {"valid_events": 0, "raw_events": 0, "stages": 0, "is_unknown": False, "names": "none"},
    "coverage": {"has_list": False, "is_stale": False},
    "event_day": {"days_with_events": 0, "days_of_sending": 0},
    "newer_lead": {"leads": 0},
    "journey": {"step": 3},
    "applicant": {"time_zone": "UTC"},
    "app_advertiser": {"time_zone": "UTC", "horizon": AS_OF, "requests": 0, "is_server": False},
}
# What a case about an App Event need not say.
APP_EVENT: dict[str, Any] = {
    "kind": "conversion",
    "request_kind": "conversion",
    "event_time_form": "missing",
    "transport": "json",
    "is_sdk": False,
    "has_anon_id": False,
    "has_headers": False,
}
BOOK = rulebook.load(Config())
CASES = [
    pytest.param(rule.code, case, id=f"{rule.code}: {case.name}") for rule in BOOK.catalogue for case in rule.cases
]


@pytest.fixture(scope="module")
def empty() -> Iterator[Store]:
    """A store with every fact table, all of them empty."""
    from funnelcheck.judgement import check
    from funnelcheck.selection import select

    with open_store() as store:
        check(store, as_of=AS_OF)
        select(store, as_of=AS_OF)
        make_app_facts(store)
        yield store


def make_app_facts(store: Store) -> None:
    """The facts about App Events, which a judgement makes only where there are any."""
    values = parameters_of(BOOK, AS_OF) | eventrules.own_thresholds(BOOK, eventrules.APP)
    store.run_folder("facts/app/input", values)
    eventrules.judge(store, BOOK, values, eventrules.APP)
    store.run_folder("facts/app/figures", values)


@pytest.mark.parametrize(("code", "case"), CASES)
def test_the_cases_of_the_header_hold(code: str, case: Case, empty: Store) -> None:
    book = rulebook.load(Config(), case.expect.get("guide"))
    rule = book.rule(code)
    with RolledBack(empty):
        judge = (judged_app_events if rule.is_app else judged_events) if rule.about_events else judged
        finding = judge(empty, rule, book, case)
    expected = {key: value for key, value in case.expect.items() if key not in ("guide", "channel")}
    assert {key: getattr(finding, key) for key in expected} == expected, finding.message
    assert finding.message
    assert "{" not in finding.message


class RolledBack:
    """Whatever a case puts into the tables is taken out again."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __enter__(self) -> None:
        self.store.execute("begin")

    def __exit__(self, *_: object) -> None:
        self.store.execute("rollback")


def judged(store: Store, rule: Rule, book: Rulebook, case: Case) -> Finding:
    key = KEY | {"channel": "app" if rule.is_app else case.expect.get("channel", "crm")}
    given = {table: [row] for table, row in ONE_EACH.items()} | {
        table: [ONE_EACH.get(table, {}) | dict(row) for row in rows] for table, rows in case.given.items()
    }
    for table, rows in given.items():
        for row in rows:
            insert(store, table, key | ({"event_name": "Qualified"} if table == "stage_rate" else {}) | row)
    parameters = dict(book.thresholds) | {"as_of": AS_OF}
    present = {row["input"] for row in case.given.get("input_present", ())}
    return reported(rule, apply(store, rule, parameters), book, present, key["channel"])


def judged_events(store: Store, rule: Rule, book: Rulebook, case: Case) -> Finding:
    store.execute("create or replace temp table given_event as from event_input limit 0")
    for row in case.given["event"]:
        insert(store, "given_event", {"test_traffic": False, "is_test_lead": False, "event_time_form": "missing"} | row)
    store.execute("create or replace temp view event_input as from given_event")
    return judged_sheet(store, rule, book, eventrules.CRM)


def judged_app_events(store: Store, rule: Rule, book: Rulebook, case: Case) -> Finding:
    store.execute("create or replace temp table given_app_event as from app_event_input limit 0")
    for row in case.given["app_event"]:
        insert(store, "given_app_event", APP_EVENT | row)
    store.execute("create or replace temp view app_event_input as from given_app_event")
    return judged_sheet(store, rule, book, eventrules.APP)


def judged_sheet(store: Store, rule: Rule, book: Rulebook, sheet: eventrules.Sheet) -> Finding:
    eventrules.judge(store, book, parameters_of(book, AS_OF), sheet)
    bit = store.value(f"select bit from {sheet.rules} where code = $code", {"code": rule.code})
    channel = "app" if sheet.is_app else "crm"
    rows = store.rows(
        f"""
        select *, affected / nullif(n, 0) as value,
            fault_level(affected, warned, n, $min_units, $max_faulty_share, $max_faulty_share_small) as level,
            if(n = 0, 'unseen', null) as reason
        from (
            select 'a' as advertiser_id, '{channel}' as channel, sum((judged >> $bit) & 1)::bigint as n,
                sum((faulty >> $bit) & 1)::bigint as affected, sum((warned >> $bit) & 1)::bigint as warned
            from {sheet.judged}
        )
        """,
        dict(book.thresholds) | {"bit": bit},
    )
    return reported(rule, rows, book, set(), channel)


def insert(store: Store, table: str, row: dict[str, Any]) -> None:
    if store.value("select count(*) > 0 from duckdb_views() where view_name = $name", {"name": table}):
        store.execute(f"create temp table given_rows as from {table} limit 0")
        store.execute(f"drop view {table}; alter table given_rows rename to {table}")
    columns = {column["name"] for column in store.rows(f"select name from pragma_table_info('{table}')")}
    row = {key: value for key, value in (KEY | row).items() if key in columns or key not in KEY}
    names = ", ".join(row)
    marks = ", ".join(f"${name}" for name in row)
    store.execute(f"insert into {table} ({names}) values ({marks})", row)


def reported(
    rule: Rule, rows: list[dict[str, Any]], book: Rulebook, present: set[str], channel: str = "crm"
) -> Finding:
    found = findings.findings_of(rule, rows, book.thresholds, {("a", channel): present})
    assert list(found) == [("a", channel)], "a row for every advertiser, and for no other"
    return findings.worst(found["a", channel])


@pytest.mark.parametrize("rule", BOOK.catalogue, ids=lambda rule: rule.code)
def test_a_rule_shows_both_sides_and_explains_itself(rule: Rule) -> None:
    statuses = {case.expect["status"] for case in rule.cases}
    assert "pass" in statuses
    # an informational rule may always pass: what it finds tells its cases apart
    found = {(case.expect["status"], case.expect.get("value"), case.expect.get("affected")) for case in rule.cases}
    assert len(found if rule.severity is Severity.INFORMATIONAL else statuses) > 1, (
        "a rule that cannot say anything else than pass is none"
    )
    assert all(text.strip() for text in (rule.title, rule.why, rule.fix, rule.source))


@pytest.mark.parametrize("guide", rulebook.guide_keys())
def test_every_guide_has_its_rules_and_six_steps_map_onto_its_own(guide: str) -> None:
    book = rulebook.load(Config(), guide)
    assert [rule.code for rule in book.catalogue] == [rule.code for rule in BOOK.catalogue]
    assert len(book.guide.step_of) == 6
    assert {book.guide.steps[step - 1].number for step in book.guide.step_of} == {s.number for s in book.guide.steps}


def test_guides_differ_in_what_the_semantics_say() -> None:
    new = rulebook.load(Config(), "2026-05")
    assert BOOK.rule("DAT003").severity is Severity.REQUIRED
    assert new.rule("DAT003").severity is Severity.INFORMATIONAL
    assert (BOOK.rule("EVT006").thresholds["lead_id_required"], new.rule("EVT006").thresholds["lead_id_required"]) == (
        1,
        0,
    )


def test_a_threshold_of_the_configuration_wins_and_says_where_it_comes_from() -> None:
    book = rulebook.load(Config(path="funnelcheck.toml", rules={"DAT003": {"min_days": 5}}))
    assert book.rule("DAT003").thresholds["min_days"] == 5
    assert book.rule("DAT003").threshold_sources["min_days"] == "funnelcheck.toml"
    assert BOOK.rule("DAT003").threshold_sources["min_days"] == "guide six-step"


@pytest.mark.parametrize(
    ("config", "hint"),
    [
        (Config(rules={"DAT003": {"min_day": 5}}), "min_days"),
        (Config(rules={"FUN06": {"min_rate": 0.02}}), "FUN006"),
        (Config(thresholds={"min_unit": 5}), "min_units"),
    ],
)
def test_an_unknown_threshold_is_refused_with_the_nearest_one(config: Config, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        rulebook.load(config)


def test_an_unknown_code_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="FUN006"):
        BOOK.rule("FUN06")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("$min_days", "$min_dayz"), "min_dayz"),
        (("min_days = 7", "min_days = 7\nspare = 1"), "spare"),
        (('unit = "days"', 'unit = "days"\nunits = "days"'), "units"),
        (('unit = "days"', 'unit = "days"\nfield = "lead"'), "lead_id"),
        (('unit = "days"', 'unit = "days"\nfield = "lead_id"'), "about an event"),
        (("[history]", '[history]\nfial = "No."'), "history.fial"),
        (("---*/", ""), "never closes"),
        (('title = "', "title = "), "not TOML"),
    ],
)
def test_a_header_and_its_sql_that_disagree_do_not_load(
    change: tuple[str, str], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = rulebook.resources.folder("sql") / BOOK.rule("DAT003").path
    broken = tmp_path / "sql/rules/dat" / source.name
    broken.parent.mkdir(parents=True)
    broken.write_text(source.read_text().replace(*change))
    shutil.copytree(rulebook.resources.folder("sql") / "guides", tmp_path / "sql/guides")
    monkeypatch.setattr(rulebook.resources, "folder", lambda name: tmp_path / name)
    with pytest.raises(RuleError, match=complaint):
        loaded(broken)


def test_payloads_are_judged_by_the_rules_of_the_rulebook_itself() -> None:
    pointing = [replace(rule, cases=()) for rule in BOOK.rules if rule.at]
    of_apps = rulebook.about_app_payloads(Config()).rules
    assert list(rulebook.about_payloads(Config()).rules) == [rule for rule in pointing if rule.area != "APP"]
    assert list(of_apps) == [rule for rule in pointing if rule.area == "APP"]


def loaded(path: Path) -> None:
    rulebook._agree(rulebook._rule(sqlfile.read(path), BOOK.guide, Config()), dict(BOOK.thresholds))


def test_worst_is_by_status_then_most_affected_then_subject() -> None:
    rule = BOOK.rule("DAT004")
    rows = [
        {
            **KEY,
            "level": level,
            "n": 1,
            "affected": affected,
            "subject": subject,
            "value": 1,
            "last": 0,
            "recent": 1,
            "others": subject,
        }
        for level, affected, subject in [(0, 9, "a"), (2, 1, "b"), (2, 3, "d"), (2, 3, "c")]
    ]
    several = findings.findings_of(rule, rows, BOOK.thresholds, {})["a", "crm"]
    assert findings.worst(several).subject == "c"
    assert findings.worst(several).status is Status.FAIL


def test_explain_tells_everything_that_the_header_says() -> None:
    rule = replace(BOOK.rule("EVT007"), crm={"Salesforce": "Keep the id in a text field."})
    told = explanation(rule, BOOK)
    for part in ("Why\n", "What to do\n", "Source\n", "Wrong\n", "Right\n", "Boundaries\n", "SQL (rules/evt/"):
        assert f"\n\n{part}" in told, part
    assert "What to do in your CRM\n  Salesforce: Keep the id in a text field." in told
    assert "Rows at fault\n  funnelcheck rows EVT007 --advertiser NAME" in told
    assert all(case.name in told for case in rule.cases)
    assert "funnelcheck rows" not in explanation(replace(rule, custom=True, extract_sql=None), BOOK)
