"""Rules of the user's own: judged like ours, kept from files and network, and never a pass when they are broken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_judgement import AS_OF, DAY, event

from funnelcheck import rulebook, sandbox, sqlcheck
from funnelcheck.config import Config
from funnelcheck.errors import BrokenRuleError, ConfigError, RuleError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check, rows_at_fault
from funnelcheck.model import Finding, Status, Waiver
from funnelcheck.render import html
from funnelcheck.render.json import document
from funnelcheck.reported import Run
from funnelcheck.store import Store, open_store

HEADER = """/*---
title = "Enough leads"
severity = "required"
source = "Our own agreement with advertisers"
why = "A campaign without leads is none."
fix = "Start the campaign."
acts = "advertiser"
unit = "leads"
channel = ["crm", "history"]

[message]
pass = "{value:count} leads; {min_leads:count} are needed."
fail = "Only {value:count} leads; {min_leads:count} are needed."
undecided = "Nobody can tell."

[thresholds]
min_leads = 2
---*/
"""
GOOD = """select advertiser_id, channel, if(leads >= $min_leads, 0, 2) as level, leads as value, leads as n
from advertiser_window"""
LEADS = """;
select advertiser_id, channel, lead_id, created_time, lead_id as told from list_lead order by lead_id"""
PLAIN = HEADER.replace("[thresholds]\nmin_leads = 2\n", "").replace("{min_leads:count}", "2")
COUNTED = "select advertiser_id, channel, 0 as level, leads as value from advertiser_window"
Judge = Callable[..., Run]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """a sent events, b has a lead list alone, c a history alone."""
    folder = tmp_path_factory.mktemp("log")
    (folder / "log.jsonl").write_text("".join(json.dumps(event(i, "Lead", AS_OF - DAY + i)) + "\n" for i in (1, 2)))
    (folder / "history.csv").write_text(
        "Lead ID,Stage,Changed At,advertiser_id\n1000000000000009,Lead,2026-11-20T10:00:00Z,c\n"
    )
    rows = [f"{10**15 + lead},{AS_OF - DAY},{owner}" for lead, owner in ((1, "a"), (2, "a"), (3, "b"))]
    (folder / "leads.csv").write_text("\n".join(["id,created_time,advertiser_id", *rows]))
    with open_store(folder / "store.duckdb") as opened:
        report = ingest(
            opened,
            [str(folder / "log.jsonl")],
            [str(folder / "leads.csv")],
            history_sources=[str(folder / "history.csv")],
        )
        assert (report.problems, report.quarantined) == ([], 0)
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rules = tmp_path / "our-rules"
    rules.mkdir()
    return rules


@pytest.fixture
def judge(store: Store, folder: Path) -> Judge:
    def judged(text: str, name: str = "our001_enough_leads.sql", **config: Any) -> Run:
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
        return check(store, as_of=AS_OF, config=Config(rules_folder=folder, **config))

    return judged


def found(run: Run) -> dict[tuple[str, str], Finding]:
    return {(result.advertiser_id, result.channel): result.finding("OUR001") for result in run.advertisers}


def assert_broken(run: Run, *words: str) -> None:
    """Not evaluable with the reason for everybody, told to who runs it, and everything else is judged."""
    for finding in found(run).values():
        assert (finding.status, finding.value, finding.n, finding.affected) == (Status.NOT_EVALUABLE, None, 0, 0)
        assert finding.message.startswith("This rule is broken: ")
        for word in words:
            assert word in finding.message, finding.message
    assert len(found(run)) == 3
    [told] = run.broken_rules
    assert told.startswith("our-rules/our001_enough_leads.sql: this rule is broken: ")
    assert any("our001_enough_leads.sql" in hint for hint in run.hints)
    assert all(result.finding("DAT002").code == "DAT002" for result in run.advertisers)


@pytest.mark.parametrize("name", ["our001_enough_leads.sql", "our/our001_enough_leads.sql"])
def test_a_rule_of_ones_own_is_judged_like_ours_and_marked(name: str, judge: Judge) -> None:
    run = judge(HEADER + GOOD, name)
    told = {key: (finding.status, finding.value, finding.threshold) for key, finding in found(run).items()}
    assert told == {
        ("a", "crm"): (Status.PASS, 2, 2),
        ("b", "crm"): (Status.FAIL, 1, 2),
        ("c", "history"): (Status.FAIL, 0, 2),
    }
    assert run.broken_rules == ()
    assert found(run)["b", "crm"].message == "Only 1 leads; 2 are needed."
    assert {finding.rule_file for finding in found(run).values()} == {f"our-rules/{name}"}
    assert {finding.rule_file for finding in run.advertisers[0].findings if finding.code != "OUR001"} == {None}
    blocked = {result.advertiser_id: "OUR001" in result.blocked_by for result in run.advertisers}
    assert blocked == {"a": False, "b": True, "c": True}
    rules = document(run)["advertisers"][0]["rules"]
    assert [rule["code"] for rule in rules if "rule_file" in rule] == ["OUR001"]


def test_its_threshold_its_guide_and_its_waiver_are_those_of_every_rule(judge: Judge) -> None:
    text = HEADER.replace("---*/", '[guide."2026-05"]\nseverity = "recommended"\nmin_leads = 3\n---*/') + GOOD
    waiver = Waiver(rule="OUR001", advertiser_id="b", until="2026-12-31", by="Ada", reason="a start")
    run = judge(text, rules={"OUR001": {"min_leads": 1}})
    assert [finding.status for finding in found(run).values()] == [Status.PASS, Status.PASS, Status.FAIL]
    assert [f.status for f in found(judge(text, waivers=(waiver,))).values()] == ["pass", "waived", "fail"]
    assert [f.status for f in found(judge(text, guide="2026-05")).values()] == ["warn"] * 3


def test_a_rule_may_use_our_macros_and_the_instant_of_the_judgement(judge: Judge) -> None:
    run = judge(PLAIN + "select advertiser_id, channel, fault_level(0, 0, 10, 10, 0.01, 0.1) as level, "
                "epoch(day_of($as_of, 'UTC')) / 86400 as value from advertiser")  # fmt: skip
    assert {(f.status, f.value) for f in found(run).values()} == {(Status.PASS, AS_OF / DAY)}


def test_its_rows_at_fault_are_listed_and_masked_whatever_their_columns_are_called(store: Store, folder: Path) -> None:
    (folder / "our001_enough_leads.sql").write_text(HEADER + GOOD + LEADS)
    config = Config(rules_folder=folder)
    extract = rows_at_fault(store, "our001", as_of=AS_OF, config=config, limit=1)
    assert (extract.total, len(extract.rows)) == (3, 1)
    assert "1000000000000001" not in str(extract.rows)
    assert extract.rows[0]["told"] == extract.rows[0]["lead_id"]
    extract = rows_at_fault(store, "our001", as_of=AS_OF, config=config, advertisers=["b"], show_ids=True)
    assert [row["told"] for row in extract.rows] == ["1000000000000003"]


def test_rows_at_fault_may_say_where_they_stand_and_nothing_else_of_the_store(store: Store, folder: Path) -> None:
    select = """select advertiser_id, channel, lead_id, path as file, line
        from recent_event join request using (request_id) join source_file using (file_id) order by line"""
    path = folder / "our001_enough_leads.sql"
    path.write_text(f"{HEADER}-- who has too few?\n{GOOD};\n-- all of them\n{select}")
    config = Config(rules_folder=folder)
    rows = rows_at_fault(store, "OUR001", as_of=AS_OF, config=config, advertisers=["a"]).rows
    assert [(Path(row["file"]).name, row["line"]) for row in rows] == [("log.jsonl", 1), ("log.jsonl", 2)]
    wider = select.replace("file, line", "file, line, sha256")
    path.write_text(f"{HEADER}{GOOD};\n{wider}")
    with pytest.raises(RuleError, match="sha256"):
        rows_at_fault(store, "OUR001", as_of=AS_OF, config=config)


def test_a_rule_of_the_area_lif_sees_the_journey_and_changes_no_verdict(judge: Judge) -> None:
    text = f"{PLAIN}select advertiser_id, channel, 2 as level, step as value from journey"
    run = judge(text, "lif900_steps.sql")
    for result in run.advertisers:
        assert result.finding("LIF900").status is Status.FAIL
        assert result.finding("LIF900").value == result.step
        assert "LIF900" not in result.blocked_by


@pytest.mark.parametrize("second", ["select lead_id from list_lead", "select getenv('x') as advertiser_id"])
def test_rows_at_fault_that_are_broken_are_an_error(second: str, store: Store, folder: Path) -> None:
    (folder / "our001_enough_leads.sql").write_text(f"{HEADER}{GOOD};\n{second}")
    with pytest.raises(RuleError, match="this rule is broken"):
        rows_at_fault(store, "our001", as_of=AS_OF, config=Config(rules_folder=folder))


FORBIDDEN = [
    ("(select count(*) from read_csv('/etc/passwd'))", "read_csv"),
    ("(select count(*) from READ_TEXT('/etc/passwd'))", "read_text"),
    ("(select count(*) from \"read_csv_auto\"('/etc/passwd'))", "read_csv_auto"),
    ("(select count(*) from glob('/etc/*'))", "glob"),
    ("(select count(*) from '/etc/passwd')", "/etc/passwd"),
    ("(select count(*) from parquet_scan('x'))", "parquet_scan"),
    ("(select count(*) from sqlite_scan('x', 'y'))", "sqlite_scan"),
    ("getenv('HOME')", "getenv"),
    ("current_setting('home_directory')", "current_setting"),
    ("http_get('https://example.org')", "http_get"),
    ("(select count(*) from query('select 1'))", "query"),
    ("(select count(*) from duckdb_settings())", "duckdb_settings"),
    ("(select count(*) from pragma_version())", "pragma_version"),
    ("(select count(*) from event)", "event"),
    ("(select count(*) from store.request)", "store.request"),
    ("(select count(*) from lead)", "lead"),
    ("epoch(now())", "now"),
    ("epoch(current_timestamp)", "current_timestamp"),
    ("random()", "random"),
]


@pytest.mark.parametrize(("term", "word"), FORBIDDEN, ids=[word for _, word in FORBIDDEN])
def test_whatever_reaches_beyond_the_facts_is_refused(term: str, word: str) -> None:
    told = sqlcheck.complaint(f"select advertiser_id, channel, 0 as level, {term} as value from advertiser")
    assert told is not None
    assert word in told


def test_what_is_refused_is_never_run(judge: Judge, tmp_path: Path) -> None:
    assert_broken(judge(f"{PLAIN}copy (select 1) to '{tmp_path}/stolen.csv'"), "copy")
    assert_broken(judge(f"{PLAIN}{COUNTED};\ncopy (select 1) to '{tmp_path}/stolen.csv'"), "copy")
    assert_broken(judge(f"{PLAIN}{COUNTED}; copy (select 1) to '{tmp_path}/stolen.csv'"), "2 statements")
    assert not list(tmp_path.rglob("stolen*"))


@pytest.mark.parametrize(
    "statement",
    [
        "copy (select 1) to 'stolen.csv'",
        "attach 'other.duckdb'",
        "set threads = 1",
        "pragma database_list",
        "install httpfs",
        "load httpfs",
        "create table x as select 1",
        "insert into advertiser select * from advertiser",
        "delete from advertiser",
        "drop table advertiser",
        "export database 'x'",
        "select 1; drop table advertiser",
        "explain select 1",
        "summarize advertiser",
        "values (1)",
        "select advertiser_id into x from advertiser",
        "select * from advertiser using sample 1",
        "lead_id is null",
        "select from where",
        "(" * 3_000 + "select 1" + ")" * 3_000,
    ],
    ids=lambda statement: statement[:30],
)
def test_whatever_is_no_single_select_is_refused(statement: str) -> None:
    assert sqlcheck.complaint(statement) is not None


def test_an_expression_over_an_event_is_no_rule_of_ones_own(judge: Judge) -> None:
    assert_broken(judge(PLAIN + "if(lead_id is null, 0, 2)"))


@pytest.mark.parametrize(("term", "word"), FORBIDDEN[:13], ids=[word for _, word in FORBIDDEN[:13]])
def test_the_database_that_rules_run_in_refuses_it_as_well(term: str, word: str, store: Store) -> None:
    """The second wall: were the first to be climbed, there are no files and no settings behind it."""
    check(store, as_of=AS_OF)
    with sandbox.Sandbox(store) as walled:
        walled.rows("select 1", {}, "x")
        if word in ("current_setting", "duckdb_settings", "pragma_version", "query"):
            return  # they tell of that empty database alone
        with pytest.raises(BrokenRuleError):
            walled.rows(f"select {term}", {}, "x")
        for statement in ("set enable_external_access = true", "select 1; select 2", "drop table x"):
            with pytest.raises(BrokenRuleError):
                walled.rows(statement, {}, "x")


def test_our_own_rules_would_all_be_let_in() -> None:
    """But for those that read, besides facts, what the configuration, the rulebook or we know of Meta says."""
    besides = "setting stage_setting partner_access advertiser_access event_rule finding known_error known_version"
    selects = [(rule.code, rule.sql) for rule in rulebook.load(Config()).rules if not rule.about_events]
    told = [(code, told) for code, sql in selects if (told := sqlcheck.complaint(sql))]
    assert [one for one in told if not any(f"it reads {table}" in one[1] for table in besides.split())] == []
    assert len(selects) > 10


def test_a_rule_that_never_ends_is_stopped(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MOST_SECONDS", 0.5)
    endless = "with recursive n as (select 1 as i union all select (i + 1) % 7 from n) select count(*) from n"
    assert_broken(
        judge(f"{PLAIN}select advertiser_id, channel, 0 as level, ({endless}) as value from advertiser"), "0.5"
    )
    assert [f.status for f in found(judge(PLAIN + COUNTED)).values()] == ["pass"] * 3, "the next one has its own time"


def test_a_rule_with_too_many_rows_is_stopped(judge: Judge) -> None:
    many = "select advertiser_id, channel, 0 as level, range::varchar as subject from advertiser, range(400000)"
    assert_broken(judge(PLAIN + many), "1,000,000 rows")


def test_a_rule_that_needs_too_much_memory_is_stopped(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MOST_MEMORY", 60 * 2**20)
    held = "(select count(distinct range) from range(50000000))"
    assert_broken(judge(f"{PLAIN}select advertiser_id, channel, 0 as level, {held} as value from advertiser"), "memory")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select advertiser_id, channel, 0 as level from advertiser where channel = 'crm'", "no row for 1 of 3"),
        (
            "select advertiser_id, channel, 0 as level from recent_event where channel = 'crm' group by all",
            "for 2 of 3",
        ),
        ("select advertiser_id, channel, 0 as level from advertiser where false", "no row for 3 of 3"),
        ("from (select advertiser_id, channel, 0 as level from advertiser) union all select 'z', 'crm', 0", "nobody"),
        ("select advertiser_id, channel, 0 as level from advertiser, range(2)", "several rows"),
        ("select advertiser_id, channel, 0 as value from advertiser", "no column level"),
        ("select channel, 0 as level from advertiser", "no column advertiser_id"),
        ("select advertiser_id, channel, 3 as level from advertiser", "level"),
        ("select advertiser_id, channel, 'fail' as level from advertiser", "level"),
        ("select advertiser_id, channel, true as level from advertiser", "level"),
        ("select advertiser_id, channel, 0 as level, 'many' as value from advertiser", "value"),
        ("select advertiser_id, channel, 0 as level, 'nan'::double as value from advertiser", "value"),
        ("select advertiser_id, channel, 0 as level, -1 as n, 1 as value from advertiser", "n is no count"),
        ("select advertiser_id, channel, 0 as level, 0.5 as affected, 1 as value from advertiser", "affected"),
        ("select advertiser_id, channel, 0 as level, 1 as subject, 1 as value from advertiser", "subject"),
        ("select advertiser_id, channel, 0 as level, [1] as causes, 1 as value from advertiser", "causes"),
        ("select advertiser_id, channel, 0 as level from advertiser", "'value'"),  # the sentence names it
        ("select advertiser_id, channel, 0 as level, nothing as value from advertiser", "nothing"),
        ("select advertiser_id, channel, 0 as level, no_such(1) as value from advertiser", "no_such"),
    ],
)
def test_a_rule_that_breaks_the_contract_is_broken_for_everybody(sql: str, words: str, judge: Judge) -> None:
    assert_broken(judge(PLAIN + sql), words)


def test_a_complaint_tells_nobodys_id(judge: Judge) -> None:
    run = judge(f"{PLAIN}select advertiser_id, channel, 0 as level, (select max((lead_id || 'x')::int) from list_lead) "
                "as value from advertiser")  # fmt: skip
    assert_broken(run, "Conversion Error")
    assert "1000000000" not in str(run.broken_rules)


def test_a_sentence_reaches_nothing_but_columns_and_thresholds(judge: Judge) -> None:
    text = PLAIN.replace("{value:count} leads; 2 are", "{value.__class__.__name__} {level!r}; 2 are")
    assert_broken(judge(text + COUNTED), "value.__class__")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("---*/", ""), "never closes"),
        (('title = "', "title = "), "not TOML"),
        (('title = "Enough leads"', "title = 5"), "title must be text"),
        (('"required"', '"must"'), "severity"),
        (('acts = "advertiser"', 'acts = "somebody"'), "acts"),
        (('unit = "leads"', ""), "lacks unit"),
        (('unit = "leads"', 'unit = "leads"\ncolour = "red"'), "colour"),
        (('["crm", "history"]', '"crm"'), "channel"),
        (('["crm", "history"]', '["web"]'), "channel"),
        (("min_leads = 2", 'min_leads = "2"'), "thresholds"),
        (("min_leads = 2", "min_leads = 2\nspare = 1"), "spare"),
        (("$min_leads", "$min_lead"), "min_lead"),
        (("---*/", '[guide."2026-5"]\nseverity = "recommended"\n---*/'), "2026-05"),
        (("---*/", '[guide."2026-05"]\nmin_lead = 3\n---*/'), "min_leads"),
        (('pass = "', 'passes = "'), "passes"),
        (("---*/", "case = 5\n---*/"), "thresholds|case"),
        ((GOOD, f"{GOOD};\n{GOOD};\n{GOOD}"), "3 statements"),
        ((GOOD, ""), "0 statements"),
    ],
)
def test_a_file_that_does_not_load_stops_everything(change: tuple[str, str], complaint: str, folder: Path) -> None:
    (folder / "our001_enough_leads.sql").write_text((HEADER + GOOD).replace(*change))
    with pytest.raises(RuleError, match=complaint) as caught:
        rulebook.load(Config(rules_folder=folder))
    assert "our001_enough_leads.sql" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["dat003_mine.sql", "dat/dat003_mine.sql", "enough.sql", "new/our001_mine.sql"])
def test_a_code_that_is_taken_or_a_path_that_is_none_does_not_load(name: str, folder: Path) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(HEADER + GOOD)
    with pytest.raises(RuleError, match=r"DAT003 is taken|path is"):
        rulebook.load(Config(rules_folder=folder))


def test_two_files_of_one_code_a_missing_and_an_empty_folder_do_not_load(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no \.sql"):
        rulebook.load(Config(rules_folder=folder))
    with pytest.raises(ConfigError, match="no such folder"):
        rulebook.load(Config(rules_folder=folder / "none"))
    for name in ("our001_one.sql", "our001_two.sql"):
        (folder / name).write_text(HEADER + GOOD)
    with pytest.raises(RuleError, match="OUR001 is taken by our-rules/our001_one"):
        rulebook.load(Config(rules_folder=folder))
    (folder / "our001_two.sql").write_bytes(b"\xff\xfe")
    with pytest.raises(RuleError, match="cannot be read"):
        rulebook.load(Config(rules_folder=folder))


def test_without_any_advertiser_a_broken_rule_is_still_told(folder: Path) -> None:
    (folder / "our001_enough_leads.sql").write_text(f"{PLAIN}select getenv('HOME') as level")
    with open_store() as empty:
        run = check(empty, as_of=AS_OF, config=Config(rules_folder=folder))
    assert (run.advertisers, len(run.broken_rules)) == ((), 1)


def test_the_pages_mark_a_rule_of_ones_own_and_a_broken_one(judge: Judge, folder: Path) -> None:
    (folder / "our002_broken.sql").write_text(f"{PLAIN}select getenv('HOME') as level from advertiser")
    run = judge(HEADER + GOOD)
    pages = html.pages(run, rulebook.load(Config(rules_folder=folder)).rules)
    assert "A rule of your own: <bdi>our-rules/our002_broken.sql</bdi>. It is broken" in pages["rules.html"]
    page = pages[html.page_name("b", "crm")]
    assert "This rule is broken: it calls getenv" in page
    assert "your own rule" in page


def funnelcheck(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "funnelcheck", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command_line_finds_the_folder_and_ends_with_2_after_the_report(store: Store, tmp_path: Path) -> None:
    (tmp_path / "conf/mine").mkdir(parents=True)
    (tmp_path / "conf/mine/our001_enough_leads.sql").write_text(HEADER + GOOD)
    (tmp_path / "conf/funnelcheck.toml").write_text('rules_folder = "mine"\n')
    common = ("--config", "conf/funnelcheck.toml", "--store", store.path, "--as-of", "2026-11-22")
    done = funnelcheck("check", *common, "--advertiser", "a", "--fail-on", "never", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "OUR001  required       Enough leads" in funnelcheck("rules", *common[:2], cwd=tmp_path).stdout
    assert "A rule of your own" in funnelcheck("explain", "our001", "--rules", "conf/mine", cwd=tmp_path).stdout

    (tmp_path / "conf/mine/our001_enough_leads.sql").write_text(
        f"{PLAIN}select getenv('HOME') as level from advertiser"
    )
    for command in (("check", "--fail-on", "never"), ("report", "--out", "out")):
        done = funnelcheck(command[0], *common, *command[1:], cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert "funnelcheck: mine/our001_enough_leads.sql: this rule is broken: it calls getenv" in done.stderr or (
            "conf/mine/our001_enough_leads.sql: this rule is broken: it calls getenv" in done.stderr
        )
    results = json.loads((tmp_path / "out/results.json").read_text())
    rules = [rule for result in results["advertisers"] for rule in result["rules"] if rule["code"] == "OUR001"]
    assert {rule["status"] for rule in rules} == {"not_evaluable"}
    assert len(rules) == 3
    done = funnelcheck("rules", "--rules", "conf/mine", cwd=tmp_path)
    assert done.returncode == 2
    assert "OUR001" in done.stdout
