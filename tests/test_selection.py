"""Advertisers before launch: what select counts, what it makes of it, and in which order."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import selection_samples as samples
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import funnelcheck
from funnelcheck.cli import run as run_cli
from funnelcheck.cli.commands import cli
from funnelcheck.config import AdvertiserConfig, Config, parse
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.language import use
from funnelcheck.model import Status, Waiver
from funnelcheck.render import selection_csv, selection_json, selection_text
from funnelcheck.render.json import render as results_json
from funnelcheck.selection import Applicant, Selection, Suitability, read_questionnaire, select
from funnelcheck.store import Store, open_store

AS_OF = samples.AS_OF
DAY = samples.DAY
SEEDS = range(max(2, int(os.environ.get("FUNNELCHECK_SEEDS", "110")) // 50))
YES = {"instant_forms": True, "lead_quality": True, "daily_upload": True}


def config_of(advertisers: list[samples.Invented], **more: Any) -> Config:
    return Config(advertisers={one.name: AdvertiserConfig(time_zone=one.zone) for one in advertisers}, **more)


def loaded(store: Store, folder: Path, advertisers: list[samples.Invented], shuffled: int | None = None) -> None:
    leads, history = samples.write(folder, advertisers, shuffled)
    report = ingest(store, [], [str(leads)], history_sources=[str(history)])
    assert (report.problems, report.quarantined) == ([], 0)


def chosen(folder: Path, advertisers: list[samples.Invented], shuffled: int | None = None) -> Selection:
    with open_store() as store:
        loaded(store, folder, advertisers, shuffled)
        return select(store, as_of=AS_OF, config=config_of(advertisers))


def by_name(selection: Selection) -> dict[str, Applicant]:
    return {one.advertiser_id: one for one in selection.advertisers}


# --- figures against plain Python -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_are_those_that_plain_python_counts(seed: int, tmp_path: Path) -> None:
    advertisers = samples.invented(seed)
    found = by_name(chosen(tmp_path, advertisers))
    assert set(found) == {one.name for one in advertisers}
    for one in advertisers:
        volume, crm = found[one.name].volume, found[one.name].crm
        assert volume is not None
        assert crm is not None
        assert {key: getattr(volume, key) for key in ("leads", "organic", "tests")} == samples.recent(one), one.name
        assert [(m.month, m.leads, m.organic) for m in volume.months] == samples.months(one), one.name
        assert (crm.leads, crm.with_lead_id) == samples.lead_ids(one), one.name
        assert {stage.name: stage.leads for stage in found[one.name].stages} == dict(samples.stages(one)), one.name
        assert found[one.name].finding("SEL002").value == volume.leads


def test_stages_and_their_rules_are_those_that_check_finds_in_the_history(tmp_path: Path) -> None:
    advertisers = samples.invented(7, 3)
    with open_store() as store:
        loaded(store, tmp_path, advertisers)
        run = check(store, as_of=AS_OF, config=config_of(advertisers))
        selection = select(store, as_of=AS_OF, config=config_of(advertisers))
    of_history = {result.advertiser_id: result for result in run.advertisers if result.channel == "history"}
    for one in selection.advertisers:
        result = of_history[one.advertiser_id]
        assert one.stages == result.stages
        for code, other in (("SEL003", "FUN007"), ("SEL004", "FUN006")):
            mine, theirs = one.finding(code), result.finding(other)
            for name in ("status", "value", "n", "affected", "threshold", "certain", "leads_to_settle", "subject"):
                assert getattr(mine, name) == getattr(theirs, name), (one.advertiser_id, code, name)


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    advertisers = samples.invented(11, 3)
    first = selection_json.render(chosen(tmp_path / "a", advertisers))
    assert first == selection_json.render(chosen(tmp_path / "b", advertisers[::-1], shuffled=1))


def test_another_advertiser_changes_nobodys_figures(tmp_path: Path) -> None:
    advertisers, others = samples.invented(13, 3), samples.invented(14, 2)
    alone, together = chosen(tmp_path / "a", advertisers), chosen(tmp_path / "b", [*others, *advertisers])
    wanted = {one.advertiser_id: selection_json._applicant(one) | {"rank": 0} for one in alone.advertisers}
    found = {one.advertiser_id: selection_json._applicant(one) | {"rank": 0} for one in together.advertisers}
    assert {name: found[name] for name in wanted} == wanted
    order = [one.advertiser_id for one in together.advertisers if one.advertiser_id in wanted]
    assert order == [one.advertiser_id for one in alone.advertisers]


def test_select_changes_nothing_of_what_check_says(tmp_path: Path) -> None:
    advertisers = samples.invented(17, 2)
    config = config_of(advertisers)
    with open_store() as store:
        loaded(store, tmp_path, advertisers)
        before = results_json(check(store, as_of=AS_OF, config=config))
        select(store, as_of=AS_OF, config=config)
        waiver = Waiver("SEL002", advertisers[0].name, until="2027-01-01", by="Ann", reason="a small test")
        waived = Config(advertisers=config.advertisers, waivers=(waiver,))
        assert results_json(check(store, as_of=AS_OF, config=waived)) == before
    assert "SEL0" not in before


# --- what comes of it -----------------------------------------------------------------------------------------------


ANSWERS = {
    "meets": YES,
    "no quality": YES | {"lead_quality": False},
    "no upload": YES | {"daily_upload": False},
    "no forms": YES | {"instant_forms": False},
    "silent": {"daily_upload": True},
    "waived": YES | {"lead_quality": False},
    "two answers": {"lead_quality": True},
    "stranger": YES,
}
SETTINGS = Config(
    advertisers={"two answers": AdvertiserConfig(answers=YES | {"lead_quality": False})},
    waivers=(Waiver("sel005", "waived", until="2026-12-31", by="Ann", reason="agreed by phone"),),
)


def good(name: str, number: int) -> samples.Invented:
    """Ten leads a day for 120 days, of which each fifth is qualified on the third day."""
    leads = [
        samples.Lead(
            str((number + 1) * 10**15 + i),
            AS_OF - 120 * DAY + (i + 1) * DAY // 10,
            organic=False,
            test=False,
            has_ad=True,
        )
        for i in range(1_200)
    ]
    stages = [(lead.lead_id, "Lead", lead.created + 60) for lead in leads]
    stages += [(lead.lead_id, "Qualified", lead.created + 3 * DAY) for lead in leads[::5]]
    return samples.Invented(name, "UTC", leads, [row for row in stages if row[2] <= AS_OF])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Advertisers whose leads are alike and good; they differ in what they answer."""
    names = [name for name in ANSWERS if name != "stranger"]
    with open_store() as opened:
        loaded(opened, tmp_path_factory.mktemp("good"), [good(name, i) for i, name in enumerate(names)])
        yield opened


@pytest.fixture(scope="module")
def league(store: Store) -> Selection:
    return select(store, as_of=AS_OF, config=SETTINGS, answers=ANSWERS)


@pytest.fixture(scope="module")
def found(league: Selection) -> dict[str, Applicant]:
    return by_name(league)


def test_who_meets_everything_is_ready(found: dict[str, Applicant]) -> None:
    one = found["meets"]
    assert {finding.code: finding.status for finding in one.findings} == {
        f"SEL{number:03}": Status.PASS for number in range(1, 9)
    }
    assert (one.suitability, one.work, one.bring) == (Suitability.READY, (), ())
    assert one.optimisation_stage == "Qualified"
    assert "300 leads in 30 days" in one.summary


@pytest.mark.parametrize(("name", "code"), [("no quality", "SEL005"), ("no upload", "SEL006")])
def test_a_no_makes_not_suitable_and_says_what_who_and_how_long(
    name: str, code: str, found: dict[str, Applicant]
) -> None:
    one = found[name]
    assert one.suitability is Suitability.NOT_SUITABLE
    (task,) = one.work
    assert (task.code, bool(task.takes), bool(task.what)) == (code, True, True)
    assert task.message in one.summary


def test_a_no_that_the_list_contradicts_needs_work(found: dict[str, Applicant]) -> None:
    one = found["no forms"]
    assert (one.suitability, one.finding("SEL001").status) == (Suitability.NEEDS_WORK, Status.WARN)


def test_a_missing_answer_leaves_undecided_and_says_what_to_bring(found: dict[str, Applicant]) -> None:
    one = found["silent"]
    assert one.suitability is Suitability.UNDECIDED
    assert one.finding("SEL005").status is Status.NOT_EVALUABLE
    (task,) = one.bring
    assert task.code == "SEL005"
    assert "lead_quality" in task.what
    assert task.what in one.summary


def test_an_answer_of_the_questionnaire_goes_before_that_of_the_configuration(found: dict[str, Applicant]) -> None:
    assert found["two answers"].suitability is Suitability.READY


def test_a_waiver_covers_a_rule_of_the_selection(found: dict[str, Applicant]) -> None:
    assert found["waived"].suitability is Suitability.READY
    assert found["waived"].finding("SEL005").status is Status.WAIVED


def test_who_is_alike_stands_by_suitability_and_then_by_name(league: Selection) -> None:
    assert [one.advertiser_id for one in league.advertisers] == [
        "meets", "two answers", "waived", "no forms", "silent", "no quality", "no upload",
    ]  # fmt: skip
    assert [one.rank for one in league.advertisers] == list(range(1, 8))


def test_who_only_answers_is_hinted_at_and_not_ranked(league: Selection) -> None:
    assert any("stranger" in hint for hint in league.hints)


def test_the_guide_decides_how_many_leads_are_enough(store: Store, league: Selection) -> None:
    newer = select(store, as_of=AS_OF, guide="2026-05")
    assert {one.finding("SEL002").threshold for one in league.advertisers} == {250}
    assert {one.finding("SEL002").threshold for one in newer.advertisers} == {200}
    assert newer.to_polars().columns[:4] == ["rank", "advertiser_id", "suitability", "probability"]


def test_a_store_without_anything_gives_an_empty_table() -> None:
    with open_store() as empty:
        selection = select(empty, as_of=AS_OF)
    assert selection.advertisers == ()
    assert "No advertiser" in selection_text.render(selection)
    assert json.loads(selection_json.render(selection))["advertisers"] == []
    assert len(selection_csv.render(selection).splitlines()) == 1


def test_a_lead_list_alone_asks_for_the_rest(tmp_path: Path) -> None:
    advertisers = samples.invented(19, 1)
    advertisers[0].stages = []
    leads, _ = samples.write(tmp_path, advertisers)
    with open_store() as store:
        ingest(store, [], [str(leads)])
        (one,) = select(store, as_of=AS_OF).advertisers
    missing = {finding.code for finding in one.findings if finding.status is Status.NOT_EVALUABLE}
    assert missing == {"SEL003", "SEL004", "SEL005", "SEL006", "SEL007"}
    assert one.stages == ()


def test_daily_counts_are_leads_too(tmp_path: Path) -> None:
    days = [date(2026, 9, 1) + timedelta(days=i) for i in range(83)]
    rows = "".join(f"a,{day},10\n" for day in days)
    (tmp_path / "counts.csv").write_text(f"advertiser,date,leads\n{rows}")
    with open_store() as store:
        ingest(store, [], [str(tmp_path / "counts.csv")])
        (one,) = select(store, as_of=AS_OF).advertisers
    assert one.volume is not None
    assert (one.volume.source, one.volume.leads) == ("counts", 300)
    assert [(month.month, month.leads) for month in one.volume.months] == [("2026-09", 300), ("2026-10", 310)]
    assert one.finding("SEL002").status is Status.PASS


STAND_INS = {
    "00Q5e00000AbCdE": "salesforce",
    "48213": "short-number",
    "123456789012345678": "long-number",
    "ann@example.com": "person",
    "3f2b8c1e-0000-4000-8000-00000000000a": "uuid",
    "0123456789abcdef0123456789abcdef": "digest",
    "deal 7": "other",
    "471100000000000": "other-object",  # a form's, of 15 digits as a lead id may have
}


def test_what_stands_in_the_place_of_the_lead_id_is_named(tmp_path: Path) -> None:
    listed, recorded = "id,created_time,ad_id,form_id,advertiser\n", "advertiser,lead_id,event_name,event_time\n"
    for i, (stand_in, kind) in enumerate(STAND_INS.items()):
        listed += f"l:{10**15 + i},2026-11-01T10:00:00Z,1,471100000000000,{kind}\n"
        recorded += f"{kind},{10**15 + i},Lead,2026-11-01T10:01:00Z\n{kind},{stand_in},Lead,2026-11-01T10:01:00Z\n"
    (tmp_path / "leads.csv").write_text(listed)
    (tmp_path / "history.csv").write_text(recorded)
    with open_store() as store:
        ingest(store, [], [str(tmp_path / "leads.csv")], history_sources=[str(tmp_path / "history.csv")])
        found = by_name(select(store, as_of=AS_OF))
    for kind in STAND_INS.values():
        crm = found[kind].crm
        assert crm is not None
        assert [(one.kind, one.leads) for one in crm.stand_ins] == [(kind, 1)]
        assert found[kind].finding("SEL007").value == 0.5
        assert crm.stand_ins[0].told in found[kind].finding("SEL007").message


def test_rows_without_a_lead_count_where_it_is_known_whose_they_are(tmp_path: Path) -> None:
    head, time = "advertiser,lead_id,event_name,event_time\n", "2026-11-01T10:01:00Z"
    rows = "".join(f"a,{10**15 + i},{stage},{time}\n" for i in range(4) for stage in ("Lead", "Won"))
    (tmp_path / "own.csv").write_text(f"{head}{rows}" + f"a,,Lead,{time}\na,,Won,{time}\na,,Lead,{time}\n")
    (tmp_path / "both.csv").write_text(f"{head}{rows.replace('a,1', 'b,2')}c,1,Lead,{time}\nb,,Lead,{time}\n")
    with open_store() as store:
        ingest(store, [], history_sources=[str(tmp_path / "own.csv"), str(tmp_path / "both.csv")])
        selection = select(store, as_of=AS_OF)
    found = by_name(selection)
    crm = found["a"].crm
    assert crm is not None
    assert (crm.leads, crm.with_lead_id, crm.nameless_rows) == (6, 4, 3)  # three rows of two a lead: about two leads
    assert found["a"].finding("SEL007").status is Status.WARN
    assert "nothing, on 3 rows without any lead (about 2)" in found["a"].finding("SEL007").message
    assert found["b"].finding("SEL007").value == 1
    assert any("1 row of the histories names no lead" in hint for hint in selection.hints)


def test_ids_that_a_spreadsheet_has_cut_are_none_of_metas(tmp_path: Path) -> None:
    rows = "".join(f"a,{10**15 + i * 10},Lead,2026-11-01T10:01:00Z\n" for i in range(20))
    (tmp_path / "history.csv").write_text(f"advertiser,lead_id,event_name,event_time\n{rows}")
    with open_store() as store:
        ingest(store, [], history_sources=[str(tmp_path / "history.csv")])
        (one,) = select(store, as_of=AS_OF).advertisers
    assert one.crm is not None
    assert [(found.kind, found.leads) for found in one.crm.stand_ins] == [("rounded", 20)]


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'advertiser,question,answer\na,daily_upload,yes\na,lead_quality,NON\nb,leads_a_month,"1,200"\n',
        "advertiser;daily_upload;lead_quality;leads_a_month\na;oui;false;\nb;;;1200\n",
        "\ufeffAnnonceur\tDaily uploads\tQualité des prospects\tSEL002\r\na\tTrue\t0\t?\r\nb\t\t\t1 200\r\n",
    ],
)
def test_a_questionnaire_is_read_in_either_form(text: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8", newline="")
    expected = {"a": {"daily_upload": True, "lead_quality": False}, "b": {"leads_a_month": 1_200}}
    assert read_questionnaire(path) == expected
    path.write_text(text.lstrip("\ufeff"), encoding="utf-16", newline="")
    assert read_questionnaire(path) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("advertiser,question,answer\na,dayly_upload,yes\n", r'answers.csv:2: .*did you mean "daily_upload"'),
        ("advertiser,quality,colour\na,yes,red\n", r"answers.csv:2: 'colour' is no question"),
        (
            "advertiser,question,answer\na,daily_upload,perhaps\n",
            "answers.csv:2: .*is neither yes nor no",
        ),
        ("advertiser,question,answer\na,leads_a_month,many\n", "is no number"),
        ("advertiser,question,answer\na,daily_upload,yes\na,SEL006,no\n", "answers.csv:3: .*another answer"),
        ("advertiser,question,answer\n,daily_upload,yes\n", "answers.csv:2: the row names no advertiser"),
        ("advertiser,question\na,daily_upload\n", "lacks the column answer"),
        ("who,daily_upload\na,yes\n", "lacks the column advertiser"),
        ("", "lacks the column advertiser"),
    ],
)
def test_what_a_questionnaire_gets_wrong_is_named_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text(text)
    with pytest.raises(ConfigError, match=told):
        read_questionnaire(tmp_path / "answers.csv")


def test_answers_stand_in_the_configuration_too() -> None:
    config = parse("[advertiser.a]\ndaily_upload = true\nleads_a_month = 300\nlead_quality = false\n", Path("f.toml"))
    assert config.advertisers["a"].answers == {"daily_upload": True, "leads_a_month": 300, "lead_quality": False}
    with pytest.raises(ConfigError, match=r"advertiser.a.daily_upload must be true or false"):
        parse('[advertiser.a]\ndaily_upload = "yes"\n', Path("f.toml"))
    with pytest.raises(ConfigError, match=r'daily_uploads is not a known key; did you mean "daily_upload"'):
        parse("[advertiser.a]\ndaily_uploads = true\n", Path("f.toml"))


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_ranks_sources_without_keeping_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    samples.write(tmp_path, samples.invented(23, 3))
    (tmp_path / "answers.csv").write_text("advertiser,daily_upload\nadv-23-0,no\n")
    command = ["select", "--leads", "leads.csv", "--history", "history.csv", "--questionnaire", "answers.csv"]
    command += ["--as-of", "2026-11-22T13:30:00Z", "-q", "--format", "json", "--format", "csv=league.csv"]
    done = CliRunner().invoke(cli, command, standalone_mode=False)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["schema"] == "funnelcheck/select/1"
    assert [one["rank"] for one in document["advertisers"]] == [1, 2, 3]
    for one in document["advertisers"]:
        assert one["suitability"] in ("ready", "needs-work", "not-suitable", "undecided")
        assert [rule["code"] for rule in one["rules"]] == [f"SEL{number:03}" for number in range(1, 9)]
    league = (tmp_path / "league.csv").read_text().splitlines()
    assert league[0].startswith("rank,advertiser_id,suitability,probability")
    assert not (tmp_path / "funnelcheck.duckdb").exists()


def test_without_sources_the_store_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    samples.write(tmp_path, samples.invented(29, 2))
    assert run_cli(["ingest", "--leads", "leads.csv", "--history", "history.csv", "-q"]) == 0
    done = CliRunner().invoke(cli, ["select", "--as-of", "2026-11-22T13:30:00Z", "--lang", "fr"])
    assert done.exit_code == 0, done.output
    assert "adv-29-0" in done.stdout
    assert run_cli(["select", "--store", "none.duckdb"]) == 3
    assert run_cli(["select", "--format", "sarif"]) == 2
    assert run_cli(["select", "--questionnaire", "none.csv"]) == 2
    assert run_cli(["select", "--leads", "none.csv"]) == 3


def test_names_from_files_cannot_steer_a_terminal_or_a_spreadsheet(tmp_path: Path) -> None:
    hostile = samples.invented(31, 1)
    hostile[0].name = "=cmd()\x1b[2J\u202e"
    hostile[0].stages = [(lead, f"=1+1\x1b]0;{stage}", time) for lead, stage, time in hostile[0].stages]
    selection = chosen(tmp_path, hostile)
    for text in (selection_text.render(selection), selection_json.render(selection)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert ",'=cmd()" in selection_csv.render(selection)


def test_the_league_tells_in_the_language_that_is_asked_for(store: Store) -> None:
    with use("fr"):
        text = selection_text.render(select(store, as_of=AS_OF, config=SETTINGS, answers=ANSWERS))
    assert "prospects" in text
    assert not re.search("Ready|Needs|leads|stage", text)


def test_what_is_printed_is_what_the_schema_says(league: Selection) -> None:
    validator = Draft202012Validator(funnelcheck.schema("select"))
    document = json.loads(selection_json.render(league))
    assert list(validator.iter_errors(document)) == []
    del document["advertisers"][0]["probability"]
    assert [error.validator for error in validator.iter_errors(document)] == ["required"]


def test_the_public_names_are_there() -> None:
    assert funnelcheck.select is select
    assert funnelcheck.read_questionnaire is read_questionnaire
    assert funnelcheck.Selection is Selection


def test_rules_lists_them_and_explain_explains_them() -> None:
    listed = CliRunner().invoke(cli, ["rules"]).stdout
    for number in range(1, 9):
        assert f"SEL{number:03}  " in listed
        told = CliRunner().invoke(cli, ["explain", f"sel{number:03}"]).stdout
        assert "How long it takes\n" in told
        assert "Boundaries\n" in told
    assert (
        "SEL002  min_leads = 250 -> 200" in CliRunner().invoke(cli, ["rules", "--diff", "six-step", "2026-05"]).stdout
    )
