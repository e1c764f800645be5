"""What a CI reads: every format of both kinds of result, read back by programs that are not ours."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import ci_samples as samples
import pytest
from ci_samples import HOSTILE, finding, judged, payload_finding
from junitparser import JUnitXml
from markdown_it import MarkdownIt
from run_samples import AS_OF, DAY, call
from test_judgement import event

import funnelcheck
from funnelcheck import baseline, demo, language, rulebook
from funnelcheck.cli.printing import deliver
from funnelcheck.config import Config
from funnelcheck.errors import OutputError, UsageError
from funnelcheck.gate import Gate, Policy
from funnelcheck.ingestion import ingest
from funnelcheck.model import FailOn, Severity, Status
from funnelcheck.payload import Unreadable, Validation
from funnelcheck.render.ci import FORMATS, Judged, markdown, outputs, rendered, summary
from funnelcheck.render.ci.entries import Level, Report, report
from funnelcheck.render.ci.places import Root, uri
from funnelcheck.reported import Run
from funnelcheck.store import open_store
from funnelcheck.validation import validate_texts

ROOT = Path(__file__).parent.parent
SARIF = Path(os.environ.get("SARIF") or ROOT / ".venv/node/node_modules/@microsoft/sarif-multitool/bin.js")
RULES = rulebook.load(Config()).rules
BEFORE = {one.fingerprint: baseline.entry(one) for one in (finding("COV001"), finding("DAT003"))}
Result = Run | Validation
RESULTS: dict[str, Callable[[], Result]] = {
    "nobody": samples.run,
    "no file": lambda: samples.validation(clean=False),
    "clean": samples.validation,
    "every status": samples.every_status,
    "mixed": samples.mixed,
    "hostile run": samples.hostile_run,
    "hostile files": samples.hostile_validation,
}


def told(name: str, result: Result, policy: Policy | None = None, **changes: Any) -> str:
    return rendered(name, judged(result, policy, **changes))


def made(result: Result, policy: Policy | None = None, **changes: Any) -> Report:
    return report(judged(result, policy, **changes), Root(ROOT, ROOT))


# --- every format ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("result", RESULTS)
def test_the_same_result_gives_the_same_bytes_and_nothing_that_steers(name: str, result: str) -> None:
    first, second = (told(name, RESULTS[result](), rules=RULES) for _ in range(2))
    assert first == second
    assert first.endswith("\n") or first == ""
    assert re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", first) == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_speaks_french(name: str) -> None:
    with language.use("fr"):
        assert told(name, samples.mixed())
        assert told(name, samples.every_status())


def test_people_are_told_in_their_language_and_machines_by_the_same_names() -> None:
    with language.use("fr"):
        assert "Que faire" in told("markdown", samples.mixed())
        assert "Que faire" in told("text", samples.mixed())
        head = told("csv", samples.mixed()).splitlines()[0]
    assert head == told("csv", samples.mixed()).splitlines()[0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], [("text", None)]),
        (["junit=out.xml", "github"], [("junit", Path("out.xml")), ("github", None)]),
        (["json=a=b.json"], [("json", Path("a=b.json"))]),
    ],
)
def test_outputs_are_named(given: list[str], expected: list[Any]) -> None:
    assert outputs(given) == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["junits"], 'did you mean "junit"?'),
        (["JSON"], 'did you mean "json"?'),
        (["xyzzy"], "(known: csv, github, gitlab, json, junit, markdown, sarif, text)"),
        ([""], "known: "),
        (["json="], "name a file"),
        (["json=a", "csv=a"], "a file of its own"),
        (["junit", "sarif"], "--format junit=FILE"),
        (["text", "json"], "--format json=FILE"),
    ],
)
def test_an_output_that_there_is_not_is_refused_with_those_there_are(given: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        outputs(given)


# --- the report they are made from -----------------------------------------------------------------------------------


def test_what_counts_for_the_gate_is_an_error_and_what_is_known_a_note() -> None:
    now = samples.run(finding("COV001"), finding("FUN006"), finding("TIM001", "warn", severity=Severity.RECOMMENDED))
    for only_new, level in ((True, Level.NOTE), (False, Level.ERROR)):
        gate = samples.gate_of(now, Policy(only_new=only_new), BEFORE)
        levels = {one.code: one.level for one in report(Judged(now, gate, compared=True)).entries}
        assert levels == {"COV001": level, "FUN006": Level.ERROR, "TIM001": Level.WARNING}
    assert [one.code for one in report(Judged(now, gate)).fixed] == ["DAT003"]


@pytest.mark.parametrize(
    ("policy", "level", "failing"),
    [
        (Policy(FailOn.NEVER), Level.ERROR, 0),
        (Policy(ignore=frozenset({"COV"})), Level.WARNING, 0),
        (Policy(), Level.ERROR, 1),
    ],
)
def test_a_required_rule_that_fails_is_an_error_unless_it_is_ignored(
    policy: Policy, level: Level, failing: int
) -> None:
    told = made(samples.run(finding()), policy)
    assert [one.level for one in told.entries] == [level]
    assert told.failing == failing


def test_what_nobody_can_tell_is_a_finding_only_where_the_gate_counts_it() -> None:
    undecided = samples.run(finding(status="undecided"))
    assert made(undecided).findings == ()
    assert [one.level for one in made(undecided, Policy(FailOn.UNDECIDED)).findings] == [Level.ERROR]


def test_equal_fingerprints_are_told_apart_in_the_same_way_each_time() -> None:
    twice = samples.validation(*(payload_finding(i, fingerprint="f" * 16) for i in range(3)))
    marks = [[one.fingerprint for one in made(twice).entries] for _ in range(2)]
    assert marks[0] == marks[1]
    assert len(set(marks[0])) == 3
    assert marks[0][0] == "f" * 16


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a.json", "sub/a.json"),
        ("./x/../a.json", "sub/a.json"),
        ("../a.json", "a.json"),
        ("/repo/sub/b.json", "sub/b.json"),
        ("/elsewhere/b.json", "/elsewhere/b.json"),
        ("-", "sub/-"),
    ],
)
def test_paths_start_from_the_root_of_the_repository(path: str, shown: str) -> None:
    assert Root(Path("/repo"), Path("/repo/sub")).path(path) == shown


def test_the_root_is_found_from_a_folder_inside(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert Root.around(tmp_path / "a").top == (tmp_path / "a").resolve()
    (tmp_path / ".git").touch()  # a worktree has a file there
    assert Root.around(tmp_path / "a" / "b").top == tmp_path.resolve()


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("a b/ü#?.json", "a%20b/%C3%BC%23%3F.json"),
        ("c:d.json", "c%3Ad.json"),
        ("/x/a.json", "file:///x/a.json"),
        ("c:/x/d e.json", "file:///c:/x/d%20e.json"),
        ("\udcff.json", "%FF.json"),
        ("100%.json", "100%25.json"),
    ],
)
def test_paths_become_addresses(path: str, address: str) -> None:
    assert uri(path) == address
    assert not re.search(r"[^!-~]", uri(path))


# --- text and JSON of a validation -----------------------------------------------------------------------------------


def test_text_names_the_line_the_fault_and_what_is_right() -> None:
    text = told("text", samples.mixed())
    assert (
        "payloads/lead.json:7:5  EVT002 required  /data/0/custom_data\n    custom_data has no event_source.\n" in text
    )
    assert '    Right: {"event_source": "crm"}\n' in text
    assert "payloads/clean.json: 1 request, 2 events, CRM (1), web (1); nothing to mend\n" in text
    assert "is not JSON" not in text  # the command says that to standard error
    assert text.splitlines()[-1] == (
        "3 files, 8 events; 4 findings: 2 required, 1 recommended, 1 informational; 2 only warn; "
        "2 places cannot be read"
    )
    assert told("text", samples.validation()).splitlines()[-1] == "1 file, 2 events; nothing to mend"


def test_what_the_events_of_a_request_share_is_told_once() -> None:
    event = {"event_name": "Won", "event_time": 1795305600}
    texts = {"a.json": json.dumps({"data": [event] * 12, "test_event_code": "TEST1"})}
    result = validate_texts(texts, as_of=1795305600)
    assert told("text", result).count("EVT015") == 1
    assert "    No test code in production (12 events)\n" in told("text", result)
    assert told("github", result).count("title=EVT015") == 1


def test_text_tells_in_short_what_the_baseline_knows() -> None:
    result = validate_texts({"a.json": '{"event_name": "Won"}'}, as_of=1795305600)
    known, *new = result.findings
    text = rendered("text", Judged(result, Gate(new=tuple(new), known=(known,))))
    assert f"{known.code} required (known to the baseline)\n    {known.message}\na.json:" in text
    assert text.count("What to do") == len(new)


def test_json_of_a_validation_keeps_its_contract() -> None:
    document = json.loads(told("json", samples.mixed()))
    assert document["schema"] == "funnelcheck/validate/1"
    first = document["files"][0]
    assert (first["path"], first["events"]) == ("payloads/lead.json", 3)
    wanted = {
        "code": "EVT002",
        "severity": "required",
        "pointer": "/data/0/custom_data",
        "line": 7,
        "message": "custom_data has no event_source.",
    }
    assert wanted.items() <= first["findings"][0].items()
    assert [one["path"] for one in document["unreadable"]] == ["payloads/lead.json", "payloads/gone.json"]


# --- JUnit -----------------------------------------------------------------------------------------------------------


def suites(text: str) -> JUnitXml:
    """The suites as a reader of JUnit's XML has them; what it counts agrees with what is told."""
    read = JUnitXml.fromstring(text.encode())
    named = read.tests, read.failures, read.errors, read.skipped
    read.update_statistics()
    assert (read.tests, read.failures, read.errors, read.skipped) == named
    return read


def kinds(text: str) -> Counter[str]:
    return Counter(
        case.result[0].__class__.__name__ if case.result else "Passed" for suite in suites(text) for case in suite
    )


def test_junit_has_a_test_a_rule_and_fails_what_fails_the_gate() -> None:
    text = told("junit", samples.every_status())
    # Of each severity: fail, undecided, not_evaluable, warn, waived, pass; one more rule passes.
    assert kinds(text) == {"Failure": 1, "Skipped": 11, "Passed": 7}
    assert "does not count for the gate: A sentence." in text
    assert "waived by Ada | &lt;b&gt; until 2026-12-31, moved [x](y): A sentence." in text
    assert kinds(told("junit", samples.every_status(), Policy(FailOn.RECOMMENDED)))["Failure"] == 4
    assert [suite.name for suite in suites(text)] == ["acme", "clean"]


def test_junit_of_files_has_a_test_a_finding_and_one_for_a_clean_file() -> None:
    text = told("junit", samples.mixed())
    assert kinds(text) == {"Failure": 2, "Error": 2, "Passed": 3}
    cases = {case.get("name"): case for case in ElementTree.fromstring(text).iter("testcase")}  # noqa: S314
    assert cases["EVT002 /data/0/custom_data"].get("line") in ("7", "1")
    assert cases["nothing to mend"].get("file") == "payloads/clean.json"
    assert kinds(told("junit", samples.validation(clean=False))) == {}


def test_a_finding_that_the_baseline_knows_is_skipped() -> None:
    now = samples.run(finding("COV001"))
    gate = samples.gate_of(now, Policy(only_new=True), BEFORE)
    assert "known to the baseline: A sentence." in rendered("junit", Judged(now, gate, compared=True))


def test_junit_has_no_element_and_no_attribute_that_pytest_s_own_has_not(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text(
        "import pytest\ndef test_a(): print('x')\ndef test_b(): assert 0\n@pytest.fixture\ndef broken(): assert 0\n"
        "def test_c(broken): pass\n@pytest.mark.skip('why')\ndef test_d(): pass\n"
    )
    options = ["-o", "junit_family=xunit1", "-o", "junit_logging=system-out", "--junit-xml=theirs.xml"]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *options],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    theirs = shape((tmp_path / "theirs.xml").read_text())
    ours = shape(told("junit", samples.mixed()) + "", told("junit", samples.every_status()))
    assert set(ours) <= set(theirs)
    for element, attributes in ours.items():
        extra = {"failures", "errors", "skipped", "tests", "time"} if element == "testsuites" else {"type"}
        assert attributes - theirs[element] <= extra, element


def shape(*texts: str) -> dict[str, set[str]]:
    """Each element with the attributes that it is seen with."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for element in ElementTree.fromstring(text).iter():  # noqa: S314
            found.setdefault(element.tag, set()).update(element.keys())
    return found


# --- SARIF -----------------------------------------------------------------------------------------------------------


def sarif(result: Result, policy: Policy | None = None, **changes: Any) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(told("sarif", result, policy, **changes))["runs"][0]
    return run


@pytest.mark.sarif
def test_microsoft_s_validator_finds_nothing_wrong(tmp_path: Path) -> None:
    assert SARIF.is_file(), "make sarif installs it"
    gate = samples.gate_of(samples.every_status(), Policy(), BEFORE)
    logs = {name.replace(" ", "-"): told("sarif", result(), rules=RULES) for name, result in RESULTS.items()}
    logs |= {"compared": rendered("sarif", Judged(samples.every_status(), gate, RULES, compared=True))}
    logs |= {"no-rules": told("sarif", samples.mixed())}
    for name, log in logs.items():
        (tmp_path / f"{name}.sarif").write_text(log)
    done = subprocess.run(
        ["node", SARIF, "validate", "--threads", "2", *(f"{name}.sarif" for name in logs)],
        cwd=tmp_path,
        env=os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stdout.splitlines() if re.search(r"\b(error|warning|note) SARIF\d+", line)]
    # Where to learn more of the tool: there is no such page.
    assert [line for line in said if "informationUri" not in line] == []
    assert f"{len(logs)} files scanned" in done.stdout
    assert done.returncode == 0, done.stdout + done.stderr


def test_sarif_has_every_rule_and_each_result_points_at_its_own() -> None:
    run = sarif(samples.mixed(), rules=RULES)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule.code for rule in RULES)
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert all(rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)


def test_sarif_places_findings_in_files_and_advertisers_at_the_configuration() -> None:
    run = sarif(samples.mixed())
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert places[0]["region"] == {"startLine": 7, "startColumn": 5}
    addresses = [unquote(place["artifactLocation"]["uri"]) for place in places]
    assert {place["artifactLocation"]["uriBaseId"] for place in places} == {"%SRCROOT%"}
    assert addresses[-1] == "payloads/with space & ü.json"
    notes = run["invocations"][0]
    assert notes["executionSuccessful"] is False
    assert len(notes["toolExecutionNotifications"]) == 2
    advertiser = sarif(samples.run(finding()), home="conf/own.toml")["results"][0]["locations"][0]
    assert advertiser["physicalLocation"]["artifactLocation"]["uri"] == "conf/own.toml"
    assert advertiser["logicalLocations"][0]["fullyQualifiedName"] == "acme/crm"


def test_sarif_tells_what_is_waived_new_and_known_and_leaves_out_what_passes() -> None:
    run = sarif(samples.every_status())
    by_status = Counter(one["properties"]["status"] for one in run["results"])
    assert by_status == {"fail": 3, "warn": 3, "waived": 3}
    waived = [one["suppressions"][0] for one in run["results"] if "suppressions" in one]
    assert [one["justification"] for one in waived] == ["moved [x](y) (Ada | <b>, 2026-12-31)"] * 3
    now = samples.run(finding("COV001"), finding("FUN006"))
    gate = samples.gate_of(now, Policy(), BEFORE)
    compared = json.loads(rendered("sarif", Judged(now, gate, compared=True)))["runs"][0]["results"]
    assert [one["baselineState"] for one in compared] == ["unchanged", "new"]
    assert all("baselineState" not in one for one in sarif(now)["results"])


def test_fingerprints_of_sarif_and_gitlab_are_unique() -> None:
    for result in RESULTS.values():
        marks = [one["partialFingerprints"]["funnelcheck/v1"] for one in sarif(result())["results"]]
        assert len(marks) == len(set(marks))
        marks = [one["fingerprint"] for one in json.loads(told("gitlab", result()))]
        assert len(marks) == len(set(marks))


# --- GitHub ----------------------------------------------------------------------------------------------------------


def command_of(line: str) -> tuple[str, dict[str, str], str] | None:
    """A line as GitHub's runner reads it: name, properties, message; None for one that is no command."""
    found = re.fullmatch(r"\s*::([^ :]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)", line)
    if found is None:
        assert "##[" not in line
        return None
    pairs = (pair.split("=", 1) for pair in (found[2] or "").split(",") if pair)
    return found[1], {key: plain_property(value) for key, value in pairs}, plain_data(found[3])


def plain_data(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def plain_property(text: str) -> str:
    return plain_data(text.replace("%3A", ":").replace("%2C", ","))


@pytest.mark.parametrize("n", [0, 1, 10, 11, 47])
@pytest.mark.parametrize(
    ("level", "changes"),
    [
        ("error", {}),
        ("warning", {"severity": Severity.RECOMMENDED, "status": Status.WARN}),
        ("notice", {"severity": Severity.INFORMATIONAL, "status": Status.WARN}),
    ],
)
def test_github_shows_ten_of_a_level_and_counts_the_rest(n: int, level: str, changes: dict[str, Any]) -> None:
    lines = told("github", samples.validation(*(payload_finding(i, **changes) for i in range(n)))).splitlines()
    commands = [command for line in lines if (command := command_of(line))]
    assert [name for name, _, _ in commands] == [level] * min(n, 10)
    rest = [line for line in lines if command_of(line) is None]
    assert rest == ([f"+ {n - 10} more in the summary"] if n > 10 else [])


def test_github_annotates_the_line_and_tells_of_what_cannot_be_read() -> None:
    commands = [command for line in told("github", samples.mixed()).splitlines() if (command := command_of(line))]
    assert [name for name, _, _ in commands] == ["error"] * 4 + ["warning", "notice"]
    assert commands[0] == (
        "error",
        {"file": "payloads/lead.json", "line": "40", "col": "2"},
        "is not JSON; a comma too many?",
    )
    assert commands[2][1] == {
        "file": "payloads/lead.json",
        "line": "7",
        "col": "5",
        "title": "EVT002 Event source is crm",
    }
    assert commands[3][1]["file"] == "payloads/with space & ü.json"


@pytest.mark.parametrize("result", [samples.hostile_run, samples.hostile_validation])
def test_hostile_text_starts_no_command_of_its_own(result: Callable[[], Result]) -> None:
    lines = told("github", result()).splitlines()
    assert lines
    for line in lines:
        name, properties, _ = command_of(line) or ("", {}, "")
        assert name in ("error", "warning", "notice")
        assert set(properties) <= {"file", "line", "col", "title"}
        assert "##[" not in line


def test_text_beside_github_s_commands_starts_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    hostile = samples.validation(payload_finding(0, "::error::x", message="##[add-mask]y"))
    deliver(outputs(["text", "github"]), judged(hostile))
    lines = capsys.readouterr().out.splitlines()
    assert [name for line in lines if (command := command_of(line)) for name in command[:1]] == ["error"]


def test_the_summary_goes_to_the_page_of_the_job_behind_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    deliver(outputs(["json"]), judged(samples.mixed()))
    assert page.read_text() == "before\n"
    deliver(outputs(["github"]), judged(samples.mixed()))
    assert page.read_text() == "before\n" + told("markdown", samples.mixed())
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "nowhere" / "summary.md"))
    with pytest.raises(OutputError):
        deliver(outputs(["github"]), judged(samples.mixed()))


@pytest.fixture(scope="module")
def many() -> list[str]:
    """The lines of a summary that is longer than GitHub shows."""
    found = (payload_finding(i, message=HOSTILE) for i in range(2_200))
    return list(markdown._lines(made(samples.validation(*found))))


@pytest.mark.parametrize("room", [1 << 20, 60_000, 1_000, 150, 0, -5])
def test_a_summary_that_is_too_long_ends_with_a_whole_row_and_how_many_more(room: int, many: list[str]) -> None:
    whole, short = "".join(f"{line}\n" for line in many), "".join(f"{line}\n" for line in markdown._cut(many, room))
    assert len(whole.encode()) > 1 << 20
    assert len(short.encode()) <= max(0, room)
    if room >= 1_000:
        *kept, blank, last = short.splitlines()
        assert whole.startswith("\n".join(kept) + "\n")
        assert blank == ""
        rows = [line for line in whole.splitlines()[len(kept) :] if line.startswith(("| ", "- "))]
        assert last.replace(",", "") == f"{len(rows)} more rows"


def test_a_summary_that_fits_is_whole() -> None:
    whole = told("markdown", samples.mixed())
    assert summary(judged(samples.mixed()), len(whole.encode())) == whole
    assert summary(judged(samples.mixed()), len(whole.encode()) - 1) != whole


# --- GitLab ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", RESULTS)
def test_gitlab_has_the_fields_of_its_documentation(result: str) -> None:
    issues = json.loads(told("gitlab", RESULTS[result]()))
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["description"].strip()
        assert not issue["location"]["path"].startswith(("./", "/"))
        assert type(issue["location"]["lines"]["begin"]) is int


def test_gitlab_weighs_findings() -> None:
    found = [(one["check_name"], one["severity"]) for one in json.loads(told("gitlab", samples.mixed()))]
    assert found == [
        ("unreadable", "blocker"),
        ("unreadable", "blocker"),
        ("EVT002", "critical"),
        ("TIM001", "minor"),
        ("EVT013", "info"),
        ("EVT002", "critical"),
    ]


# --- Markdown and CSV ------------------------------------------------------------------------------------------------


def tokens(text: str) -> Iterator[Any]:
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize("result", [samples.hostile_run, samples.hostile_validation])
def test_hostile_text_marks_nothing_up(result: Callable[[], Result]) -> None:
    text = told("markdown", result())
    found = {token.type for token in tokens(text)}
    assert found <= {
        *("heading_open heading_close paragraph_open paragraph_close inline text text_special strong_open").split(),
        *("strong_close table_open table_close thead_open thead_close tbody_open tbody_close tr_open tr_close").split(),
        *("th_open th_close td_open td_close bullet_list_open bullet_list_close list_item_open").split(),
        *("list_item_close blockquote_open blockquote_close").split(),
    }
    widths = [sum(token.type == "td_open" for token in row) for row in rows_of(text)]
    assert set(widths) <= {0, 4, 5}
    assert "@everyone" not in text
    assert "https://" not in text
    assert "www.evil" not in text


def rows_of(text: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for token in tokens(text):
        if token.type == "tr_open":
            rows.append([])
        elif rows:
            rows[-1].append(token)
    return rows


def test_markdown_tells_what_blocks_what_to_do_and_who() -> None:
    text = told("markdown", samples.mixed())
    assert "# 3 files as of 2026-11-22 00:00 UTC, guide six-step: 4 findings" in text
    assert "**The gate fails on 2 findings.**" in text
    assert "| 7:5 /data/0/custom\\_data | custom\\_data has no event\\_source. |" in text
    assert "| Partner |" in text
    clean = told("markdown", samples.validation())
    assert "**The gate passes.**" in clean
    assert "## payloads/clean.json" not in clean
    broken = samples.validation(unreadable=[Unreadable("x", 1, 1, "is no JSON")])
    assert "**Not everything could be judged.**" in told("markdown", broken)


def test_markdown_of_a_run_has_verdicts_and_what_is_fixed() -> None:
    now = samples.run(finding("COV001"), finding("DAT003", "pass"))
    text = rendered("markdown", Judged(now, samples.gate_of(now, Policy(only_new=True), BEFORE), compared=True))
    assert "| acme | Not ready | 3 | 1 | 0 |" in text
    assert "(fails, known to the baseline)" in text
    assert "## Fixed since the baseline\n\n- **DAT003** acme" in text


@pytest.mark.parametrize("result", RESULTS)
def test_no_cell_of_the_csv_is_a_formula(result: str) -> None:
    held = RESULTS[result]()
    rows = list(csv.DictReader(io.StringIO(told("csv", held))))
    whole = report(judged(held))
    assert len(rows) == len(whole.entries) + len(whole.troubles)
    assert not [cell for row in rows for cell in row.values() if cell and cell.lstrip()[0] in "=+-@\t\r"]
    assert None not in {key for row in rows for key in row}


def test_csv_has_a_row_an_advertiser_and_rule_or_a_finding() -> None:
    first = next(csv.DictReader(io.StringIO(told("csv", samples.every_status()))))
    assert (first["advertiser_id"], first["verdict"], first["code"], first["status"], first["gate"]) == (
        *("acme", "not_ready", "COV000", "fail", "fails"),
    )
    rows = list(csv.DictReader(io.StringIO(told("csv", samples.mixed()))))
    assert [(row["file"], row["line"], row["status"]) for row in rows][1:3] == [
        ("payloads/gone.json", "1", "unreadable"),
        ("payloads/lead.json", "7", "fail"),
    ]


# --- the command line ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store of an advertiser who sends the wrong way."""
    made = tmp_path_factory.mktemp("gate")
    lines = [event(i, "Lead", AS_OF - DAY * (i % 9 + 1), advertiser_id="acme") for i in range(20)]
    for one in lines:
        one["event"] |= {"action_source": "website"}
    (made / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    with open_store(made / "store.duckdb") as store:
        ingest(store, [str(made / "log.jsonl")])
    return made


def checked(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return call("check", "--store", folder / "store.duckdb", "--as-of", "2026-11-22", *arguments, cwd=folder)


def test_several_formats_come_of_one_call(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    files = [f"{name}=out.{name}" for name in FORMATS]
    given = [part for entry in (*files, "github") for part in ("--format", entry)]
    done = checked(folder, *given)
    assert done.returncode == 1
    assert done.stdout == (folder / "out.github").read_text()
    assert "gate: failed on" in done.stderr
    assert kinds((folder / "out.junit").read_text())["Failure"] == done.stdout.count("::error ")
    run = json.loads((folder / "out.sarif").read_text())["runs"][0]
    assert len(run["tool"]["driver"]["rules"]) == len(RULES)
    first = {name: (folder / f"out.{name}").read_bytes() for name in FORMATS}
    assert checked(folder, *given).returncode == 1
    assert {name: (folder / f"out.{name}").read_bytes() for name in FORMATS} == first


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--format", "csv", "--fail-on", "never"), 0, ""),
        (("--format", "junit=nowhere/out.xml", "--fail-on", "never"), 3, "nowhere/out.xml: cannot be written"),
        (("--format", "sarf"), 2, 'did you mean "sarif"?'),
    ],
)
def test_exit_codes_with_formats(folder: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = checked(folder, *arguments)
    assert done.returncode == code
    assert words in done.stderr


@pytest.mark.parametrize(
    ("text", "code", "failures"),
    [
        ('{"data": [{"event_name": "Lead", "event_time": 1795200000, "action_source": "website"}]}', 1, 1),
        ('{"data": [', 3, 0),
    ],
)
def test_payloads_are_told_in_every_format(
    text: str, code: int, failures: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "lead.json").write_text(text)
    given = [part for name in FORMATS for part in ("--format", f"{name}=out.{name}")]
    done = call("validate", "lead.json", "--as-of", "2026-11-22", *given, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert (kinds((tmp_path / "out.junit").read_text())["Failure"] > 0) == bool(failures)
    assert "::error file=lead.json,line=1,col=" in (tmp_path / "out.github").read_text()
    assert (tmp_path / "summary.md").read_text() == (tmp_path / "out.markdown").read_text()
    issues = json.loads((tmp_path / "out.gitlab").read_text())
    assert {one["location"]["path"] for one in issues} == {"lead.json"}


def test_the_public_names_render_a_run() -> None:
    run = samples.run(finding())
    whole = funnelcheck.Judged(run, funnelcheck.judge(run, funnelcheck.Policy()))
    assert "::error title=COV001" in funnelcheck.rendered("github", whole)


def test_the_sample_reads_the_same_in_every_format(tmp_path: Path) -> None:
    from funnelcheck.config import load
    from funnelcheck.judgement import check

    demo.write(tmp_path, as_of=AS_OF)
    config = load(tmp_path / "funnelcheck.toml")
    with open_store() as store:
        ingest(store, [str(tmp_path / "logs")], [str(tmp_path / "leads")], config=config)
        run = check(store, as_of=AS_OF, config=config)
    whole = judged(run, rules=RULES)
    failing = report(whole).failing
    assert failing > 10
    assert kinds(rendered("junit", whole))["Failure"] == failing
    results = json.loads(rendered("sarif", whole))["runs"][0]["results"]
    assert sum(one["level"] == "error" for one in results) == failing
    assert sum(one["severity"] == "critical" for one in json.loads(rendered("gitlab", whole))) == failing
    assert rendered("github", whole).count("::error ") == 10
    assert f"+ {failing - 10} more in the summary" in rendered("github", whole)
    rows = csv.DictReader(io.StringIO(rendered("csv", whole)))
    assert sum(row["gate"] == "fails" for row in rows) == failing


def test_version_loads_no_format() -> None:
    code = "import sys; from funnelcheck.cli import run; run(['--version']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = [name for name in done.stdout.split() if name.startswith("funnelcheck.render.ci.")]
    assert loaded == []
