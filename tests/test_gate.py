"""The gate: which findings make the exit code 1, what a baseline knows already, and what is said of it."""

from __future__ import annotations

import json
import os
import random
import tomllib
from contextlib import suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import html_samples
import pytest
import run_samples
from run_samples import AS_OF, call

from funnelcheck import baseline, config, demo, gate
from funnelcheck.cli import options
from funnelcheck.cli.gating import policy_of, told
from funnelcheck.cli.settings import Settings
from funnelcheck.errors import ConfigError, OutputError, UsageError
from funnelcheck.findings import fingerprint
from funnelcheck.gate import Policy, judge, selection
from funnelcheck.model import FailOn, Finding, Severity, Status
from funnelcheck.reported import Run
from funnelcheck.validation import validate_texts

CODES = ("COV001", "COV002", "DAT003", "EVT001", "FUN006")
# Every finding that makes the exit code 1, as README tells it; all others never do.
COUNTS = {
    "required": {("required", "fail")},
    "recommended": {
        ("required", "fail"),
        ("required", "warn"),
        ("recommended", "fail"),
        ("recommended", "warn"),
    },
    "undecided": {("required", "fail"), ("required", "undecided"), ("required", "not_evaluable")},
    "never": set(),
}


def finding(code: str = "COV001", status: str = "fail", advertiser_id: str = "acme", **changes: Any) -> Finding:
    made = run_samples.finding(code, status, advertiser_id=advertiser_id, **changes)
    return replace(made, fingerprint=fingerprint(code, advertiser_id, made.channel, made.subject))


def run(*findings: Finding) -> Run:
    by_advertiser: dict[str, list[Finding]] = {}
    for one in findings:
        by_advertiser.setdefault(one.advertiser_id, []).append(one)
    return run_samples.run(*(run_samples.result(name, "ready", *found) for name, found in by_advertiser.items()))


def known(*findings: Finding) -> dict[str, baseline.Entry]:
    return {one.fingerprint: baseline.entry(one) for one in findings}


def named(found: Any) -> list[tuple[str, str]]:
    return [(one.code, one.advertiser_id) for one in found]


def test_the_command_line_knows_every_level() -> None:
    assert list(options.LEVELS) == list(FailOn)


@pytest.mark.parametrize(("level", "severity", "status"), list(product(FailOn, Severity, Status)))
def test_every_level_counts_what_the_table_says(level: FailOn, severity: Severity, status: Status) -> None:
    one = finding(status=status, severity=severity)
    judged = judge(run(one), Policy(level))
    assert gate.at_or_above(level, severity, status) == ((severity, status) in COUNTS[level])
    assert judged.exit_code == len(judged.failing) == ((severity, status) in COUNTS[level])


def test_a_run_of_nobody_passes() -> None:
    for level in FailOn:
        assert judge(run(), Policy(level), {}) == gate.Gate()
    assert judge(html_samples.run(), Policy()).exit_code == 0
    gone = known(finding())
    assert named(judge(run(), Policy(), gone).fixed) == [("COV001", "acme")]


def test_a_baseline_of_files_and_advertisers_is_each_time_asked_for_its_own() -> None:
    path = "acme"  # a file may be called like an advertiser
    wrong = json.dumps({"event_name": "Lead"})
    of_file = [one for one in validate_texts({path: wrong}, as_of=AS_OF).findings if one.code == "EVT001"]
    both = known(finding()) | {one.fingerprint: baseline.entry(one) for one in of_file}
    assert named(judge(run(), Policy(), both).fixed) == [("COV001", "acme")]
    right = validate_texts({path: json.dumps({"action_source": "system_generated"})}, as_of=AS_OF)
    assert named(judge(right, Policy(), both).fixed) == [("EVT001", "acme")]


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (["COV001"], {"COV001"}),
        (["cov"], {"COV"}),
        (["cov, Fun006", "DAT"], {"COV", "FUN006", "DAT"}),
        ([], set()),
    ],
)
def test_rules_and_areas_are_chosen_in_any_case_and_by_lists(words: list[str], chosen: set[str]) -> None:
    assert selection(words, CODES, "--select") == chosen


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("COV01", 'COV01: no such rule or area; did you mean "COV001"?'),
        ("fum006", 'did you mean "FUN006"?'),
        ("COW", 'did you mean "COV"?'),
        ("xyz", "(known: COV, DAT, EVT, FUN)"),
        ("COV,", "(nothing)"),
        ("", "(nothing)"),
        ("*", "no such rule or area"),
    ],
)
def test_an_unknown_rule_or_area_is_refused_with_the_nearest(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        selection([word], CODES, "--ignore")
    assert str(refused.value).startswith("--ignore ")
    assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("select", "ignore", "counted"),
    [
        ((), (), {"COV001", "COV002", "FUN006"}),
        (("COV",), (), {"COV001", "COV002"}),
        (("COV",), ("COV001",), {"COV002"}),
        ((), ("COV",), {"FUN006"}),
        (("COV001",), ("COV",), set()),
        (("DAT",), (), set()),
    ],
)
def test_a_selection_says_what_counts(select: tuple[str, ...], ignore: tuple[str, ...], counted: set[str]) -> None:
    judged = judge(
        run(finding("COV001"), finding("COV002"), finding("FUN006"), finding("EVT001", "pass")),
        Policy(select=frozenset(select), ignore=frozenset(ignore)),
    )
    assert {one.code for one in judged.failing} == counted


def test_a_selection_that_leaves_no_rule_is_refused() -> None:
    gate.refuse_empty(Policy(select=frozenset({"COV"}), ignore=frozenset({"COV001"})), CODES)
    with pytest.raises(UsageError, match="no rule that could fail"):
        gate.refuse_empty(Policy(select=frozenset({"COV001"}), ignore=frozenset({"COV"})), CODES)


def test_new_known_and_fixed_are_told_apart_and_only_fail_on_new_spares_the_known() -> None:
    before = known(finding("COV001"), finding("DAT003"), finding("EVT001"))
    now = run(finding("COV001"), finding("DAT003", "pass"), finding("FUN006"))
    for only_new, failing in ((False, ["COV001", "FUN006"]), (True, ["FUN006"])):
        judged = judge(now, Policy(only_new=only_new), before)
        assert [one.code for one in judged.new] == ["FUN006"]
        assert [one.code for one in judged.known] == ["COV001"]
        assert [one.code for one in judged.fixed] == ["DAT003", "EVT001"]
        assert [one.code for one in judged.failing] == failing
    assert judge(run(finding("COV001")), Policy(only_new=True), before).exit_code == 0


def test_never_tells_what_is_new_and_fails_on_nothing() -> None:
    judged = judge(run(finding("COV001"), finding("FUN006")), Policy(FailOn.NEVER), known(finding("COV001")))
    assert (named(judged.new), named(judged.known), judged.failing) == (
        [("FUN006", "acme")],
        [("COV001", "acme")],
        (),
    )


@pytest.mark.parametrize(
    ("level", "before", "now", "is_new"),
    [
        ("recommended", "warn", "fail", True),
        ("recommended", "fail", "warn", False),
        ("recommended", "warn", "warn", False),
        ("recommended", "fail", "fail", False),
        ("recommended", "undecided", "fail", True),
        ("undecided", "fail", "undecided", False),
        ("undecided", "not_evaluable", "undecided", False),  # data alone moves it from one to the other
        ("undecided", "undecided", "not_evaluable", False),
        ("undecided", "warn", "undecided", True),
    ],
)
def test_a_worse_status_than_the_known_one_is_new(level: str, before: str, now: str, is_new: bool) -> None:
    judged = judge(run(finding(status=now)), Policy(FailOn(level), only_new=True), known(finding(status=before)))
    assert (len(judged.new), len(judged.known), judged.exit_code) == (is_new, not is_new, is_new)
    assert judged.fixed == ()


@pytest.mark.parametrize(
    ("status", "fixed"),
    [("pass", True), ("warn", False), ("undecided", False), ("not_evaluable", False), ("waived", False)],
)
def test_only_what_passes_or_is_gone_is_fixed(status: str, fixed: bool) -> None:
    judged = judge(run(finding(status=status)), Policy(only_new=True), known(finding()))
    assert (len(judged.fixed), judged.new, judged.known, judged.failing) == (fixed, (), (), ())


def test_what_was_not_looked_at_is_not_fixed() -> None:
    before = known(finding("COV001"), finding("FUN006"), finding("COV001", advertiser_id="bolt"))
    narrowed = Policy(select=frozenset({"COV"}), advertisers=frozenset({"bolt"}))
    assert named(judge(run(), narrowed, before).fixed) == [("COV001", "bolt")]
    assert len(judge(run(), Policy(), before).fixed) == 3


def test_a_finding_about_another_stage_or_channel_is_another_one() -> None:
    before = known(finding("FUN006", subject="Won"))
    for other in (finding("FUN006", subject="Lost"), finding("FUN006", subject="Won", channel="history")):
        judged = judge(run(other), Policy(only_new=True), before)
        assert (len(judged.failing), len(judged.fixed)) == (1, 1)


HOSTILE = (
    html_samples.HOSTILE,
    '"findings": [',
    'a"},{"b',
    "two\nlines\u2028\x85three",
    "=1+1",
    "é 漢 🙂",
    "\ud800",
    "",
)


def test_any_name_comes_back_as_it_was(tmp_path: Path) -> None:
    found = [finding(advertiser_id=name, subject=name or None) for name in HOSTILE]
    baseline.write(found, tmp_path / "b.json")
    held = (tmp_path / "b.json").read_bytes()
    assert baseline.read(tmp_path / "b.json") == known(*found)
    assert len(held.decode().splitlines()) == len(found) + 2 == held.count(b"\n")
    assert b"\x1b" not in held
    assert "\u202e" not in held.decode()
    line = told(judge(run(*found), Policy(), {}), Policy(), tmp_path / "b.json")
    assert line.isprintable()
    assert "\x1b" not in line


def test_a_file_is_the_same_whatever_the_order_of_rows(tmp_path: Path) -> None:
    found = [
        finding(code, status, name, subject=subject, channel=channel)
        for code, status, name, subject, channel in product(
            ("FUN006", "COV001"), ("fail",), ("b", "a", "a b"), (None, "Won"), ("history", "crm")
        )
    ]
    first = baseline.text(found)
    assert json.loads(first)["findings"] == sorted(
        json.loads(first)["findings"],
        key=lambda one: (one["advertiser_id"], one["channel"], one["code"], one["subject"] or ""),
    )
    lines = []
    for seed in range(5):
        random.Random(seed).shuffle(found)
        assert baseline.text(found) == first
        lines.append(told(judge(run(*found), Policy(), {}), Policy(), Path("b.json")))
    assert len(set(lines)) == 1
    without = baseline.text(found[1:]).splitlines()
    assert len(set(first.splitlines()) - set(without)) <= 2, "one finding less is one line less, and perhaps a comma"


def test_of_equal_findings_the_worst_is_kept() -> None:
    worst_last = [finding(status="warn"), finding(status="fail")]
    assert baseline.text(worst_last) == baseline.text(worst_last[::-1]) == baseline.text(worst_last[1:])


def test_an_empty_baseline_is_one() -> None:
    assert baseline.text([]) == '{"schema": "funnelcheck/baseline/1", "findings": []}\n'


@pytest.mark.parametrize("rewrite", [str, lambda text: json.dumps(json.loads(text), indent=4), lambda t: "\ufeff" + t])
def test_a_baseline_that_was_laid_out_anew_means_the_same(rewrite: Any, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    found = [finding(), finding("DAT003", "warn", subject="x")]
    path.write_text(rewrite(baseline.text(found)), encoding="utf-8")
    assert baseline.read(path) == known(*found)
    path.write_text(baseline.text([]))
    assert baseline.read(path) == {}


GOOD = baseline.text([finding(), finding("DAT003")])
LINE = GOOD.splitlines()[2]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "is not JSON"),
        (GOOD[:-4], 3, "is not JSON"),
        (GOOD.replace("  {", "<<<<<<< ours\n  {", 1), 2, "is not JSON"),
        ("[]", 1, "no baseline of ours"),
        ("null", 1, "no baseline of ours"),
        ("[" * 100_000, 1, "no baseline of ours"),
        ('{"schema": ' + "9" * 5000 + "}", 1, "no baseline of ours"),
        ('{"schema": 1, "findings": []}', 1, "no baseline of ours"),
        ('{"schema": "funnelcheck/results/1"}', 1, "no baseline of ours"),
        ('{"schema": "funnelcheck/baseline/x"}', 1, "no baseline of ours"),
        ('{\n"schema": "funnelcheck/baseline/2", "findings": {}}', 2, "reads funnelcheck/baseline/1"),
        ('{"schema": "funnelcheck/baseline/1"}', 1, "no list"),
        ('{\n"schema": "funnelcheck/baseline/1",\n"findings": {}}', 2, "no list"),
        (GOOD.replace("]}", '],\n"x": 1}'), 5, "no baseline has: x"),
        (GOOD.replace(LINE, "  3"), 3, "an entry has"),
        (GOOD.replace(LINE, "  {}"), 3, "an entry has"),
        (GOOD.replace(LINE, LINE.replace('"status"', '"state"')), 3, "an entry has"),
        (GOOD.replace(LINE, LINE.replace("null", "4")), 3, "holds texts"),
        (GOOD.replace(LINE, LINE.replace('"acme"', "[]")), 3, "holds texts"),
        (GOOD.replace(LINE, LINE.replace('"required"', '"grave"')), 3, "severity must be one of"),
        (GOOD.replace(LINE, LINE.replace('"fail"', '"waived"')), 3, "status must be one of"),
        (GOOD.replace(LINE, LINE.replace('"acme"', '"bolt"')), 3, "fingerprint is not that"),
        (GOOD.replace(LINE, LINE + ",\n" + LINE), 4, "is there twice"),
        (b'{"schema":\n"\xff"}', 2, "is no UTF-8"),
    ],
)
def test_a_damaged_foreign_or_newer_file_is_told_with_its_line(
    text: Any, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError) as refused:
        baseline.read(path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_damages_of_every_kind_are_read_or_refused(tmp_path: Path) -> None:
    path, chance = tmp_path / "b.json", random.Random(7)
    for _ in range(300):
        signs = bytearray(GOOD.encode())
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(signs))
            signs[place : place + chance.randint(0, 9)] = chance.choice(
                [b"", b'"', b"}", b"]", b",", b"\xff", b"{}", b"1"]
            )
        path.write_bytes(signs)
        with suppress(UsageError):
            baseline.read(path)


def test_writing_replaces_a_baseline_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    for held in ("", GOOD, GOOD[:90], "<<<<<<< ours\n" + GOOD):
        path.write_text(held)
        path.chmod(0o640)
        baseline.write([finding()], path)
        assert len(baseline.read(path)) == 1
        assert path.stat().st_mode & 0o777 == 0o640
    path.write_text('{"schema": "funnelcheck/results/1"}')
    with pytest.raises(UsageError, match="no baseline of ours"):
        baseline.write([finding()], path)
    assert path.read_text() == '{"schema": "funnelcheck/results/1"}'
    for place in (tmp_path, tmp_path / "none" / "b.json"):
        with pytest.raises(OutputError, match="cannot be written"):
            baseline.write([], place)
    (tmp_path / "link.json").symlink_to("new.json")
    baseline.write([], tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["b.json", "link.json", "new.json"]  # noqa: PTH208


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[gate]\nselct = ["COV"]', 'gate.selct is not a known key; did you mean "select"'),
        ('[gate]\nselect = "COV"', "gate.select must be a list"),
        ('[gate]\nfail_on = "requird"', 'gate.fail_on must be one of .* did you mean "required"'),
        ('[gate]\nfail_on = ""', "gate.fail_on must be one of"),
        ("[gate]\nbaseline = 1", "gate.baseline must be text"),
        ("gate = 1", "gate must be a table"),
    ],
)
def test_a_wrong_key_of_the_configuration_is_told(text: str, words: str) -> None:
    tomllib.loads(text)
    with pytest.raises(ConfigError, match=words):
        config.parse(text, Path("x.toml"))


def test_the_configuration_is_read() -> None:
    read = config.parse('[gate]\nselect = ["cov"]\nfail_on = "never"\nbaseline = "b.json"', Path("ci/x.toml")).gate
    assert read == config.GateConfig(("cov",), (), FailOn.NEVER, Path("ci/b.json"))
    assert config.parse("", Path("x.toml")).gate == config.GateConfig()


def test_what_is_said_names_the_first_few_and_counts_the_others() -> None:
    found = [finding(advertiser_id=f"a{number}") for number in range(5)]
    path = Path("b.json")
    assert told(judge(run(), Policy()), Policy(), None) == ""
    assert told(judge(run(*found), Policy(FailOn.NEVER)), Policy(FailOn.NEVER), None) == ""
    assert told(judge(run(*found), Policy()), Policy(), None) == (
        "gate: failed on 5 findings (--fail-on required): COV001 of a0, COV001 of a1, COV001 of a2 and 2 more"
    )
    new = Policy(only_new=True)
    assert told(judge(run(*found[:3]), new, known(*found[1:])), new, path) == (
        "gate: failed on 1 new finding (--fail-on required): COV001 of a0; "
        "since b.json: 1 new, 2 known, 2 fixed (COV001 of a3, COV001 of a4)"
    )
    chosen = Policy(FailOn.NEVER, ignore=frozenset({"FUN", "DAT003"}))
    assert told(judge(run(*found[:1]), chosen, {}), chosen, path) == (
        "gate: nothing makes it fail (--fail-on never); since b.json: 1 new, 0 known, 0 fixed; "
        "counted: all rules without DAT003, FUN (verdicts and report are of all rules)"
    )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store of an advertiser whose coverage is too low."""
    folder = tmp_path_factory.mktemp("gate")
    demo.write(folder, as_of=AS_OF, stories=tuple(s for s in demo.STORIES if s.advertiser_id == "verde-kitchens"))
    (folder / "funnelcheck.toml").rename(folder / "own.toml")
    assert call("ingest", "logs", "--leads", "leads", cwd=folder).returncode == 0
    return folder


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(AS_OF))


def test_what_is_written_passes_and_what_is_not_in_it_fails(sample: Path) -> None:
    path = sample / "funnelcheck-baseline.json"
    done = call("baseline", "write", cwd=sample)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "1 finding written to funnelcheck-baseline.json (--fail-on required)\n"
    held = path.read_text()
    assert str(sample) not in held
    assert "2026" not in held
    passed = call("check", "--baseline", path, "--fail-on-new", cwd=sample)
    assert passed.returncode == 0
    assert "0 new, 1 known, 0 fixed" in passed.stderr

    path.write_text(baseline.text([finding("EVT001", advertiser_id="gone")]))
    failed = call("check", "--baseline", path, "--fail-on-new", cwd=sample)
    assert (failed.returncode, failed.stdout) == (1, passed.stdout)
    assert "failed on 1 new finding (--fail-on required): COV001 of verde-kitchens" in failed.stderr
    assert "1 new, 0 known, 1 fixed (EVT001 of gone)" in failed.stderr


def test_a_selection_changes_the_exit_code_and_nothing_else(sample: Path) -> None:
    plain = call("check", "--format", "json", "-q", cwd=sample)
    chosen = call("check", "--format", "json", "--select", "fun,DAT003", cwd=sample)
    assert (plain.returncode, plain.stderr, chosen.returncode) == (1, "", 0)
    assert plain.stdout == chosen.stdout
    assert chosen.stderr == (
        "gate: passed, no finding (--fail-on required); counted: DAT003, FUN (verdicts and report are of all rules)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "--select", "COV01"), '--select COV01: no such rule or area; did you mean "COV001"?'),
        (("check", "--ignore", "COV,nope"), "--ignore nope: no such rule or area"),
        (("check", "--select", "COV001", "--ignore", "COV"), "no rule that could fail"),
        (("check", "--fail-on-new"), "--fail-on-new needs --baseline FILE"),
        (("check", "--baseline", "none.json"), "none.json: the baseline cannot be read"),
        (("check", "--baseline", "own.toml"), "own.toml:1: is not JSON"),
        (("run", "logs", "--baseline", "none.json", "--out", "unmade"), "none.json"),
        (("check", "--fail-on-new", "--baseline", "x", "--fail-on", "never"), "give --fail-on required"),
        (("baseline", "write", "--fail-on", "never"), "--fail-on"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(arguments: tuple[str, ...], words: str, sample: Path) -> None:
    done = call(*arguments, cwd=sample)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (sample / "unmade").exists()


def policy(text: str, default: str = "required", **given: Any) -> Policy:
    Path("funnelcheck.toml").write_text(text)
    return policy_of(Settings(given), default)


def test_the_configuration_speaks_where_the_command_line_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert policy("") == Policy()
    assert policy("", "never").fail_on == "never"
    assert policy("", "never", fail_on_new=True) == Policy(only_new=True)
    assert policy('[gate]\nfail_on = "undecided"', "never").fail_on == "undecided"
    assert policy('[gate]\nfail_on = "never"', fail_on="required").fail_on == "required"
    assert policy('[gate]\nignore = ["cov", "fun006"]').ignore == {"COV", "FUN006"}
    both = policy('[gate]\nselect = ["FUN"]\nignore = ["COV001"]', selected=("COV",), only=("acme",))
    assert (both.select, both.ignore, both.advertisers) == ({"COV"}, {"COV001"}, {"acme"})
    with pytest.raises(UsageError, match=r'^funnelcheck.toml: gate.select COW: .* did you mean "COV"'):
        policy('[gate]\nselect = ["COW"]')
    with pytest.raises(UsageError, match="give --fail-on required"):
        policy('[gate]\nfail_on = "never"', fail_on_new=True)


def test_the_baseline_of_the_configuration_is_written_without_what_is_waived(sample: Path, tmp_path: Path) -> None:
    gate_of = '[gate]\nfail_on = "never"\nbaseline = "b.json"\n'
    waiver = '[[waiver]]\nrule = "COV001"\nadvertiser = "verde-kitchens"\nuntil = 2026-12-31\nby = "A"\nreason = "b"\n'
    for text, written in ((gate_of, ["COV001"]), (gate_of + waiver, [])):
        (tmp_path / "gate.toml").write_text(text)
        assert call("baseline", "write", "--config", tmp_path / "gate.toml", cwd=sample).returncode == 0
        assert [one.code for one in baseline.read(tmp_path / "b.json").values()] == written


def test_run_fails_on_what_is_new_without_a_level_being_named(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(baseline.text([]))
    run_it = ("run", sample / "logs", "--leads", sample / "leads", "--baseline", "b.json")
    failed = call(*run_it, "--fail-on-new", cwd=tmp_path)
    assert failed.returncode == 1
    assert "failed on 1 new finding (--fail-on required): COV001 of verde-kitchens" in failed.stderr
    assert (tmp_path / "funnelcheck-report" / "index.html").is_file()
