"""Rows at fault in a report: the first of each rule, masked for this report alone; and the reports that show none."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import html_samples as samples
import pytest
from click.testing import CliRunner
from test_html import Parsed, page
from test_judgement import AS_OF, DAY, event
from test_rows import CANARIES, log

from funnelcheck import extracts, judgement, language, privacy, rulebook
from funnelcheck.cli.commands import cli
from funnelcheck.config import Config
from funnelcheck.errors import UsageError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Status
from funnelcheck.render import html
from funnelcheck.reported import FaultRows, Inputs, Run, SourceFile
from funnelcheck.store import open_store

IDS = re.compile(r"\b[79]\d{15}\b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("extracts") / "a-private-folder"
    place.mkdir()
    late = [event(900 + i, "Lead", AS_OF - 3 * DAY, advertiser_id="late", upload_time=AS_OF) for i in range(25)]
    lines = [json.dumps(one) + "\n" for one in [*log(), *late]]
    (place / "log.jsonl").write_text("".join(lines))
    with open_store(place / "store.duckdb") as store:
        ingest(store, [str(place / "log.jsonl")])
    return place


@pytest.fixture(scope="module")
def judged(folder: Path) -> Run:
    with open_store(folder / "store.duckdb", read_only=True) as store:
        return check(store, as_of=AS_OF, rows=20)


def test_each_rule_that_fails_or_warns_has_its_first_rows_and_no_other_has_any(judged: Run) -> None:
    for result in judged.advertisers:
        asked = {one.code for one in result.findings if one.status in (Status.FAIL, Status.WARN)}
        assert set(result.extracts) <= asked
    (a,) = (one for one in judged.advertisers if one.advertiser_id == "a")
    assert (len(a.extracts["EVT001"].rows), a.extracts["EVT001"].total) == (20, 39)
    (late,) = (one for one in judged.advertisers if one.advertiser_id == "late")
    assert (len(late.extracts["TIM005"].rows), late.extracts["TIM005"].total) == (20, 25)
    assert len(next(one for one in judged.advertisers if one.advertiser_id == "b").extracts["EVT001"].rows) == 1


def test_a_report_shows_the_rows_that_the_command_lists_first(folder: Path) -> None:
    book = rulebook.load(Config())
    with open_store(folder / "store.duckdb", read_only=True) as store:
        run = check(store, as_of=AS_OF, rows=7, show_ids=True)
        compared = 0
        for result in run.advertisers:
            for code, shown in result.extracts.items():
                listed = extracts.rows_at_fault(
                    store,
                    book.rule(code),
                    judgement.parameters_of(book, AS_OF),
                    advertisers=[result.advertiser_id],
                    limit=7,
                    show_ids=True,
                )
                assert listed is not None
                assert shown.total == listed.total
                assert [tuple(row[name] for name in shown.columns) for row in listed.rows] == list(shown.rows), code
                compared += 1
    assert compared > 5


def test_a_check_alone_pays_for_no_rows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(extracts, "of_advertisers", refuse)
    with open_store(folder / "store.duckdb", read_only=True) as store:
        assert all(not one.extracts for one in check(store, as_of=AS_OF).advertisers)
        with pytest.raises(AssertionError):
            check(store, as_of=AS_OF, rows=1)


def masks(run: Run, advertiser: str, code: str) -> list[str]:
    (result,) = (one for one in run.advertisers if one.advertiser_id == advertiser)
    rows = result.extracts[code]
    return [str(row[rows.columns.index("lead_id")]) for row in rows.rows]


def test_an_id_is_joined_inside_a_report_and_not_between_reports(folder: Path, judged: Run) -> None:
    assert masks(judged, "b", "EVT001")[0] in masks(judged, "a", "EVT001")  # the same lead under two advertisers
    assert set(masks(judged, "b", "EVT017")) == set(masks(judged, "b", "EVT001"))
    with open_store(folder / "store.duckdb", read_only=True) as store:
        again, later = (check(store, as_of=AS_OF + shift, rows=20) for shift in (0, 60))
        book = rulebook.load(Config())
        listed = extracts.rows_at_fault(store, book.rule("EVT001"), judgement.parameters_of(book, AS_OF))
    assert listed is not None
    assert masks(again, "a", "EVT001") == masks(judged, "a", "EVT001")
    assert not set(masks(later, "a", "EVT001")) & set(masks(judged, "a", "EVT001"))
    assert not {row["lead_id"] for row in listed.rows} & set(masks(judged, "a", "EVT001"))
    text = repr([one.extracts for one in judged.advertisers])
    assert not IDS.search(text)
    assert not [canary for canary in CANARIES if canary in text]


def test_the_salt_is_of_the_stores_key_the_inputs_and_the_instant() -> None:
    def inputs(*digests: str) -> Inputs:
        files = tuple(SourceFile(f"{i}", "events", digest, 1, 1, 0, 0) for i, digest in enumerate(digests))
        return Inputs(1, 1, 1, 1, 0, 0, 0, files)

    salts = [
        extracts.report_salt("k", inputs("a", "b"), 1),
        extracts.report_salt("l", inputs("a", "b"), 1),
        extracts.report_salt("k", inputs("a", "c"), 1),
        extracts.report_salt("k", inputs("a", "b"), 2),
    ]
    assert len(set(salts)) == 4
    assert extracts.report_salt("k", inputs("b", "a"), 1) == salts[0]
    assert "k" not in {*salts}


# --- on the page ---------------------------------------------------------------------------------------------------


def shown(rows: FaultRows, name: str = "acme", **changes: object) -> str:
    base = replace(samples.blocked(name), extracts={"EVT005": rows}, **changes)  # type: ignore[arg-type]
    return page(base)


def test_rows_stand_folded_below_their_rule_with_what_they_share_told_once() -> None:
    text = shown(samples.fault_rows())
    assert text.count("<summary>20 of 3,412 rows at fault") == 1
    words = Parsed(text).text
    assert "In each of them: found fault, cause milliseconds, file logs/2026-11/requests.jsonl.gz" in words
    assert text.count("logs/2026-11/requests.jsonl.gz") == 2  # and once in the list of files
    table = text[text.index('<tr class="rows">') :]
    assert re.findall(r"<th>(\w+)", table[: table.index("<tbody>")]) == [
        "event_name",
        "event_time",
        "upload_time",
        "lead_id",
        "line",
        "position",
    ]
    assert "<td>2026-11-21 22:14:05<td>2026-11-21 23:14:05<td>" in table
    assert "funnelcheck rows EVT005 --advertiser acme" in words
    assert text.index("Divide milliseconds", text.index('id="rules"')) < text.index('<tr class="rows">')


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (FaultRows(("lead_id", "line"), (("###~1", 3),), 1), "1 row at fault, EVT005lead_id ###~1, line 3"),
        (FaultRows(("line",), ((3,), (4,)), 2), "2 rows at fault"),
        (FaultRows(("age_seconds", "line"), ((7_200, 1), (60, 2)), 2), "2 hours"),
        (FaultRows(("is_x", "names"), ((True, ["a", "b"]), (False, None)), 2), "yesa, b"),
        (FaultRows(("seen_at", "line"), ((10**17, 1), (5, 2)), 2), "1000000000000000001 52"),
    ],
)
def test_rows_of_any_shape_are_shown(rows: FaultRows, words: str) -> None:
    assert words in Parsed(shown(rows)).text


def test_hostile_cells_names_and_columns_stay_text() -> None:
    hostile = samples.HOSTILE
    rows = FaultRows(("event_name", "file", "line"), ((hostile, hostile, 1), ("x" * 5_000, hostile, 2)), 2)
    text = shown(rows, hostile)
    assert "<script" not in text
    assert "<img" not in text
    assert "x" * 60 not in text
    assert "⟨U+202E⟩gpj.exe" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "rows EVT005 --advertiser NAME" in text  # what cannot be shown cannot be typed
    quoted = Parsed(shown(samples.fault_rows(), "a'; rm -rf b")).text
    assert """--advertiser 'a'"'"'; rm -rf b'""" in quoted


def test_a_form_is_named_by_strangers() -> None:
    cover = samples.reconciled()
    form = replace(cover.forms[0], name=samples.HOSTILE)
    text = page(replace(samples.ready(), coverage=replace(cover, forms=(form, replace(form, name=None)))))
    assert "<script" not in text
    assert "<bdi>&lt;/title&gt;&lt;script&gt;" in text[text.index('id="coverage"') :]
    assert "– named in no row" in text


def test_the_way_of_the_leads_is_told_in_both_directions_and_cut_lists_say_so() -> None:
    cover = samples.reconciled()
    words = Parsed(page(replace(samples.ready(), coverage=cover))).text
    for told in (
        "Where leads get lost",
        "Accepted, as Meta's responses say",
        "Not in the list",
        "31 events",
        "20 of 41 are shown, those with most leads without any event first.",
    ):
        assert told in words
    days = tuple(replace(day, raw_accepted=0, raw_unanswered=day.raw_sent) for day in cover.days)
    words = Parsed(page(replace(samples.ready(), coverage=replace(cover, days=days)))).text
    assert "no response was logged" in words
    unknown = Parsed(page(replace(samples.ready(), coverage=cover, raw_stage=None))).text
    assert "A raw lead was sent for them" not in unknown
    assert "– not known" in unknown


def test_freshness_tells_ages_silence_and_what_a_batch_lost() -> None:
    base = samples.ready()
    evidence = {
        "p50_seconds": 61,
        "p95_seconds": 30_000,
        "reason": "silent",
        "latest_upload": 1_795_024_800,  # 2026-11-18 18:00 UTC
        "backfill_end": 1_795_629_600,
        "left": 3.75,
        "stages": [{"name": "Lead", "p50": 60, "p95": 7_200, "events": 3, "near_cliff": 0}],
    }
    told = {
        "TIM005": replace(base.finding("TIM005"), evidence=evidence),
        "REQ002": replace(base.finding("REQ002"), affected=3, message="242 good events share a request."),
    }
    found = tuple(told.get(one.code, one) for one in base.findings)
    fresh = samples.freshness()
    words = Parsed(page(replace(base, findings=found, freshness=fresh))).text
    section = words[words.index("FreshnessEvents are worth") : words.index("All that was checked.")]
    for sentence in (
        "Silent since 2026-11-18 18:00 UTC.",
        "until 2026-11-25 18:00 UTC; time left: 3.8 days.",
        "2 minutes",
        "8.4 hours",
        "4.2 % of 1,180",
        "2.5 % of 1,180",
        "7 days: later ones are refused",
        "242 good events share a request.",
    ):
        assert sentence in section
    assert "No event of the last four weeks tells both" in Parsed(page(base)).text
    assert "Silent since" not in Parsed(page(base)).text
    assert "so nothing can be late" in Parsed(page(samples.recorded())).text
    lost = replace(told["TIM005"], evidence=evidence | {"reason": "lost", "left": -1.0})
    words = Parsed(page(replace(base, findings=(lost,), freshness=fresh))).text
    assert "time left: none: what is older than 7 days by now is lost" in words


@pytest.mark.parametrize("key", ["en", "fr"])
def test_a_page_of_ninety_rules_and_two_hundred_rows_stays_small(key: str) -> None:
    full = samples.full()
    assert len(full.findings) == 90
    assert sum(len(rows.rows) for rows in full.extracts.values()) == 200
    with language.use(key):
        assert len(page(full).encode()) < 150_000


# --- reports that are passed on, and reports that are not ----------------------------------------------------------


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, dict[str, str]]:
    """The same report masked, shared and with its ids: file names and texts."""
    written = {}
    for kind, arguments in {"masked": [], "shared": ["--share"], "open": ["--show-ids"]}.items():
        out = folder.parent / kind
        common = ("--store", str(folder / "store.duckdb"), "--as-of", "2026-11-22", "--out", str(out))
        done = CliRunner().invoke(cli, ["report", *arguments, *common])
        assert done.exit_code == 0, done.output
        written[kind] = {file.name: file.read_text(encoding="utf-8") for file in out.iterdir()}
    return written


def test_a_shared_report_has_no_row_and_no_folder(reports: dict[str, dict[str, str]]) -> None:
    masked, shared = reports["masked"], reports["shared"]
    assert "rows at fault<" not in "".join(shared.values())
    assert "rows at fault<" in "".join(masked.values())
    assert "a-private-folder" in "".join(masked.values())
    for name, text in shared.items():
        assert "a-private-folder" not in text, name
        assert not IDS.search(text)
        assert not re.search(r"#{16}~[0-9a-f]{8}", text)
    assert "log.jsonl" in shared["index.html"]
    assert json.loads(shared["results.json"])["hints"] == []


def test_ids_are_shown_when_asked_for_and_the_page_says_so(reports: dict[str, dict[str, str]]) -> None:
    masked, shown = reports["masked"], reports["open"]
    assert not IDS.search("".join(masked.values()))
    name = next(name for name in shown if name.startswith("advertiser-a-"))
    assert IDS.search(shown[name])
    assert "not to be passed on" in shown[name]
    assert "not to be passed on" not in masked[name]
    assert shown["results.json"] == masked["results.json"]


@pytest.mark.parametrize("command", ["report", "run"])
def test_both_at_once_are_refused(command: str, folder: Path, tmp_path: Path) -> None:
    arguments = [command, *([str(folder / "log.jsonl")] if command == "run" else []), "--share", "--show-ids"]
    done = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path / "x"), "--store", str(tmp_path / "s.duckdb")])
    assert isinstance(done.exception, UsageError)
    assert done.exception.exit_code == 2
    assert not (tmp_path / "x").exists()


def test_a_report_of_one_names_no_other_advertiser_when_it_is_shared() -> None:
    base = samples.ready("acme")
    message = "Leads that another advertiser has too: 2 of 3 (by number of leads: rival, acme-two)."
    finding = replace(
        base.finding("DAT013"),
        message=message,
        evidence={"others": [{"advertiser_id": "rival", "leads": 2}, {"advertiser_id": "acme-two", "leads": 1}]},
        rule_file="C:\\rules\\mine.sql",
    )
    run = samples.run(replace(base, findings=(finding,)), samples.ready("acme-two"), hints=("rival says",))
    made = privacy.shared(run)
    (told,) = made.advertisers[0].findings
    assert told.message.endswith("(by number of leads: another advertiser, acme-two).")
    assert told.rule_file == "mine.sql"
    assert made.hints == ()
    assert "rival" not in "".join(html.pages(made, ()).values())


def test_datasets_that_a_finding_names_do_not_stand_in_the_way_of_sharing() -> None:
    base = samples.ready("acme")
    finding = replace(base.finding("DAT004"), message="1 other dataset: 900.", evidence={"others": "900"})
    made = privacy.shared(samples.run(replace(base, findings=(finding,))))
    assert made.advertisers[0].findings[0].message == "1 other dataset: 900."


def test_a_run_that_has_rows_already_loses_them_when_it_is_shared() -> None:
    run = samples.run(samples.full())
    assert any(result.extracts for result in run.advertisers)
    made = privacy.shared(run)
    assert not any(result.extracts for result in made.advertisers)
    assert "###~" in "".join(html.pages(run, ()).values())
    assert "###~" not in "".join(html.pages(made, ()).values())
