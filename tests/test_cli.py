"""The command line as people and pipelines meet it: a real process, its exit code, what it prints and writes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from funnelcheck import demo

AS_OF = 1_795_305_600
DAY = "2026-11-22T00:00:00Z"
# As on a machine of nobody's: neither a fixed time nor unbuffered output.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("SOURCE_DATE_EPOCH", "PYTHONUNBUFFERED")}


def funnelcheck(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "funnelcheck", *map(str, arguments)],
        cwd=cwd,
        env=ENVIRONMENT | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three advertisers: ready, blocked, too young."""
    folder = tmp_path_factory.mktemp("sample")
    wanted = ("brightside-dental", "verde-kitchens", "lumen-energy")
    demo.write(folder, as_of=AS_OF, stories=tuple(s for s in demo.STORIES if s.advertiser_id in wanted))
    return folder


@pytest.fixture(scope="module")
def store(sample: Path) -> Path:
    done = funnelcheck("ingest", "logs", "--leads", "leads", "--store", "shared.duckdb", cwd=sample)
    assert done.returncode == 0, done.stderr
    return sample / "shared.duckdb"


def only(sample: Path, tmp_path: Path, advertiser: str, **changes: str) -> Path:
    """A folder with the store of one advertiser's story."""
    demo.write(tmp_path, as_of=AS_OF, stories=tuple(s for s in demo.STORIES if s.advertiser_id == advertiser))
    done = funnelcheck("ingest", "logs", "--leads", "leads", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def assert_one_line(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """The promised code, no traceback, and a last line that names what is wrong."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    for word in words:
        assert word in last, last


def test_run_writes_the_report_and_says_one_line_an_advertiser(sample: Path, tmp_path: Path) -> None:
    done = funnelcheck(
        "run", sample / "logs", "--leads", sample / "leads", "--out", "out", "--as-of", DAY, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(
        "3 advertisers as of 2026-11-22 00:00 UTC, guide six-step: 1 not ready, 1 undecided, 1 ready"
    )
    assert [line.split()[0] for line in lines[1:]] == ["verde-kitchens", "lumen-energy", "brightside-dental"]
    assert "COV001" in lines[1]
    assert "step 3" in lines[1]
    report = json.loads((tmp_path / "out/results.json").read_text())
    assert [result["advertiser_id"] for result in report["advertisers"]] == [
        "brightside-dental",
        "lumen-energy",
        "verde-kitchens",
    ]
    inputs = report["inputs"]
    assert inputs["rows"] == inputs["loaded"] + inputs["duplicates"] + inputs["quarantined"]
    pages = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"index.html", "rules.html", "results.json"} < pages
    assert len(pages) == 6
    assert "Traceback" not in done.stderr
    assert "leaked" not in done.stderr


def test_a_second_run_of_the_same_files_changes_nothing_and_says_so(sample: Path, tmp_path: Path) -> None:
    command = ("run", sample / "logs", "--leads", sample / "leads", "--out", "out", "--as-of", DAY)
    funnelcheck(*command, cwd=tmp_path)
    first = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    again = funnelcheck(*command, cwd=tmp_path)
    assert "already known (sha256" in again.stderr
    assert first == {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}


def test_ingest_prints_figures_that_add_up(sample: Path, tmp_path: Path) -> None:
    done = funnelcheck("ingest", sample / "logs", "--leads", sample / "leads", cwd=tmp_path)
    figures = [int(word.replace(",", "")) for word in done.stdout.split() if word.replace(",", "").isdigit()]
    _, rows, loaded, duplicates, quarantined = figures[:5]
    assert rows == loaded + duplicates + quarantined > 0
    assert quarantined == 2


@pytest.mark.parametrize(
    ("advertiser", "fail_on", "code"),
    [
        ("brightside-dental", "required", 0),
        ("brightside-dental", "never", 0),
        ("brightside-dental", "undecided", 1),  # DAT001 cannot be told from a log
        ("verde-kitchens", "required", 1),
        ("verde-kitchens", "recommended", 1),
        ("verde-kitchens", "never", 0),
        ("lumen-energy", "required", 0),
        ("lumen-energy", "undecided", 1),
    ],
)
def test_fail_on_decides_the_exit_code(advertiser: str, fail_on: str, code: int, store: Path) -> None:
    done = funnelcheck(
        "check", "--store", store, "--advertiser", advertiser, "--as-of", DAY, "--fail-on", fail_on, cwd=store.parent
    )
    assert done.returncode == code, done.stdout


def test_a_recommended_rule_fails_only_where_it_is_asked_for(tmp_path: Path, sample: Path) -> None:
    folder = only(sample, tmp_path, "willow-care")
    codes = [
        funnelcheck("check", "--as-of", DAY, "--fail-on", level, cwd=folder).returncode
        for level in ("required", "recommended")
    ]
    warned = json.loads(funnelcheck("check", "--as-of", DAY, "--format", "json", cwd=folder).stdout)
    statuses = {rule["status"] for rule in warned["advertisers"][0]["rules"] if rule["severity"] != "informational"}
    assert codes == [0, int("warn" in statuses)]


def test_check_fails_on_required_rules_by_default_and_run_never(sample: Path, store: Path, tmp_path: Path) -> None:
    assert funnelcheck("check", "--store", store, "--as-of", DAY, cwd=tmp_path).returncode == 1
    done = funnelcheck("run", sample / "logs", "--leads", sample / "leads", "--as-of", DAY, cwd=tmp_path)
    assert done.returncode == 0


def test_json_goes_to_standard_output_or_to_a_file(store: Path, tmp_path: Path) -> None:
    done = funnelcheck(
        "check", "--store", store, "--as-of", DAY, "--format", "json", "--format", "text=told.txt", "-q", cwd=tmp_path
    )
    assert json.loads(done.stdout)["schema"] == "funnelcheck/results/1"
    assert (tmp_path / "told.txt").read_text().startswith("3 advertisers")
    assert done.stderr == ""


def test_as_of_comes_from_source_date_epoch_when_none_is_given(store: Path, tmp_path: Path) -> None:
    done = funnelcheck("check", "--store", store, "--format", "json", cwd=tmp_path, SOURCE_DATE_EPOCH=str(AS_OF))
    assert json.loads(done.stdout)["as_of"] == DAY


def test_the_past_can_be_judged_again(store: Path, tmp_path: Path) -> None:
    done = funnelcheck("check", "--store", store, "--as-of", "1999-01-01", "--format", "json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["advertisers"]) == (0, [])


def test_the_other_guide_judges_by_its_own_steps(store: Path, tmp_path: Path) -> None:
    done = funnelcheck(
        "check", "--store", store, "--as-of", DAY, "--guide", "2026-05", "--format", "json", cwd=tmp_path
    )
    told = json.loads(done.stdout)
    assert told["guide"] == "2026-05"
    assert {result["step_name"] for result in told["advertisers"]} <= {"connect-crm", "configure-funnel"}


def test_report_writes_what_run_writes(sample: Path, store: Path, tmp_path: Path) -> None:
    funnelcheck("run", sample / "logs", "--leads", sample / "leads", "--out", "a", "--as-of", DAY, cwd=tmp_path)
    funnelcheck("report", "--out", "b", "--as-of", DAY, cwd=tmp_path)
    pages = [{f.name: f.read_bytes() for f in (tmp_path / name).iterdir()} for name in ("a", "b")]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run",), ("SOURCE",)),
        (("nonsense",), ("nonsense",)),
        (("check", "--guide", "six-steps"), ("six-steps", "six-step")),
        (("check", "--as-of", "yesterday"), ("--as-of yesterday", "2026-11-22")),
        (("check", "--format", "yaml"), ("yaml", "json")),
        (("check", "--lang", "xx"), ("xx", "en")),
        (("check", "--store", "nodir/s.duckdb", "--config", "missing.toml"), ("missing.toml", "No such file")),
        (("explain", "FUN06"), ("FUN06", "FUN006")),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_what_is_wrong(
    arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path
) -> None:
    assert_one_line(funnelcheck(*arguments, cwd=tmp_path), 2, *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("guid = 'six-step'", ("funnelcheck.toml", "guid", "guide")),
        ("[advertiser.a]\nraw_stag = 'Lead'", ("advertiser.a.raw_stag", "raw_stage")),
        ("[advertiser.a]\ntime_zone = 'Mars/Base'", ("time_zone", "Mars/Base")),
        ("[rule.DAT003]\nmin_day = 3", ("rule.DAT003.min_day", "min_days")),
        ("[thresholds]\nmin_units = 'ten'", ("thresholds.min_units", "number")),
        ("[[waiver]]\nrule = 'FUN006'", ("waiver", "advertiser", "until")),
        (
            "[[advertiser.a.status]]\ndate = 2026-01-01\nstatus = 'Funnel analyzis'",
            ("Funnel analyzis", "funnel analysis"),
        ),
        ("not toml", ("funnelcheck.toml", "not TOML")),
    ],
)
def test_a_wrong_configuration_ends_with_2_and_names_the_key(
    text: str, words: tuple[str, ...], store: Path, tmp_path: Path
) -> None:
    (tmp_path / "funnelcheck.toml").write_text(text)
    assert_one_line(funnelcheck("check", "--store", store, cwd=tmp_path), 2, *words)


def test_a_missing_input_ends_with_3_and_the_others_are_reported(sample: Path, tmp_path: Path) -> None:
    done = funnelcheck("run", sample / "logs", "nowhere.jsonl", "--out", "out", "--as-of", DAY, cwd=tmp_path)
    assert done.returncode == 3
    assert "nowhere.jsonl: there is no such file" in done.stderr
    assert len(json.loads((tmp_path / "out/results.json").read_text())["advertisers"]) == 3


def test_without_any_readable_log_nothing_is_judged_and_an_earlier_report_stays(sample: Path, tmp_path: Path) -> None:
    command = ("run", "--leads", sample / "leads", "--out", "out", "--as-of", DAY)
    funnelcheck(*command, sample / "logs", cwd=tmp_path)
    before = (tmp_path / "out/results.json").read_bytes()
    done = funnelcheck(*command, "logz", "--store", "new.duckdb", cwd=tmp_path)
    assert_one_line(done, 3, "no log could be read", "out")
    assert "logz: there is no such file" in done.stderr
    assert (tmp_path / "out/results.json").read_bytes() == before


def test_an_advertiser_that_is_not_there_is_no_success(store: Path, tmp_path: Path) -> None:
    done = funnelcheck("check", "--store", store, "--advertiser", "verde-kitchen", "--as-of", DAY, cwd=tmp_path)
    assert_one_line(done, 2, "verde-kitchen", 'did you mean "verde-kitchens"')


def test_an_advertiser_of_the_configuration_that_is_not_there_is_told(store: Path, tmp_path: Path) -> None:
    (tmp_path / "funnelcheck.toml").write_text("[advertiser.verde-kitchen]\nraw_stage = 'Lead'")
    done = funnelcheck("check", "--store", store, "--as-of", DAY, "--fail-on", "never", cwd=tmp_path)
    assert 'verde-kitchen, of whom the store holds nothing; did you mean "verde-kitchens"' in done.stdout


def test_stopping_it_ends_with_130_and_leaves_a_store_that_opens(tmp_path: Path) -> None:
    line = '{"advertiser_id": "a", "upload_time": 1, "event": {"event_name": "Lead", "event_time": 1700000000}}\n'
    (tmp_path / "long.jsonl").write_text(line * 400_000)
    running = subprocess.Popen(
        [sys.executable, "-m", "funnelcheck", "ingest", "long.jsonl"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    assert running.stderr.readline().startswith("10 %")
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    told = running.communicate(timeout=60)[1]
    assert (running.returncode, "Traceback" in told) == (130, False), told
    assert "stopped" in told
    assert funnelcheck("check", "--fail-on", "never", cwd=tmp_path).returncode == 0


def test_a_missing_store_ends_with_3_and_is_not_made(tmp_path: Path) -> None:
    assert_one_line(funnelcheck("check", cwd=tmp_path), 3, "funnelcheck.duckdb", "no such store")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_store_ends_with_3_and_stays_as_it_was(sample: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    other.write_text("not a database")
    assert_one_line(funnelcheck("run", sample / "logs", "--store", other, cwd=tmp_path), 3, "other.duckdb", "--store")
    assert other.read_text() == "not a database"


def test_somebody_elses_database_ends_with_3_and_stays_as_it_was(sample: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table theirs as select 1 as x")
    before = other.read_bytes()
    assert_one_line(
        funnelcheck("run", sample / "logs", "--store", other, cwd=tmp_path), 3, "other.duckdb", "no funnelcheck store"
    )
    assert other.read_bytes() == before


def test_a_folder_of_somebody_elses_is_not_overwritten(store: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("years of work")
    done = funnelcheck("report", "--store", store, "--out", "out", "--as-of", DAY, cwd=tmp_path)
    assert_one_line(done, 3, "out", "--out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_an_output_that_cannot_be_written_is_never_0(store: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = funnelcheck("report", "--store", store, "--out", "file/report", "--as-of", DAY, cwd=tmp_path)
    assert_one_line(done, 3, "file/report", "cannot be written")
    done = funnelcheck("check", "--store", store, "--format", "json=file/x.json", "--fail-on", "never", cwd=tmp_path)
    assert_one_line(done, 3, "file/x.json", "cannot be written")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "funnelcheck", "check", "--store", str(store), "--fail-on", "never"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, check=False)
    assert_one_line(done, 3, "standard output")


def test_a_reader_that_has_gone_is_no_traceback(store: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m funnelcheck rules | head -1"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.stdout.startswith("ACC001")
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_report_leaves_nothing_temporary_behind(store: Path, tmp_path: Path) -> None:
    for _ in range(2):
        funnelcheck("report", "--store", store, "--out", "out", "--as-of", DAY, cwd=tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_verbose_shows_where_and_quiet_says_nothing_else(tmp_path: Path) -> None:
    assert "Traceback" in funnelcheck("check", "-v", cwd=tmp_path).stderr
    assert len(funnelcheck("check", "-q", cwd=tmp_path).stderr.splitlines()) == 1


def test_rules_lists_every_code_first_on_its_line(tmp_path: Path) -> None:
    done = funnelcheck("rules", cwd=tmp_path)
    codes = [line.split()[0] for line in done.stdout.splitlines()]
    assert {"EVT001", "EVT007", "EVT010", "TIM001", "REQ004", "DAT012", "COV002", "FUN007", "LIF001"} <= set(codes)
    assert codes == sorted(codes)
    assert all(re.fullmatch(r"[A-Z]{3}[0-9]{3}", code) for code in codes)
    assert "min_days = 7 (guide six-step)" in done.stdout
    assert "min_units = 10 (shared, ours)" in done.stdout


def test_explain_tells_why_how_and_shows_the_sql(tmp_path: Path) -> None:
    told = funnelcheck("explain", "fun006", cwd=tmp_path).stdout
    for part in ("FUN006", "Why", "What to do", "Source", "Boundaries", "SQL", "min_rate = 0.01", "funnelcheck"):
        assert part in told or part == "funnelcheck"


def test_demo_writes_a_report_and_says_where_it_is(tmp_path: Path) -> None:
    done = funnelcheck("demo", "--out", "here", "--as-of", DAY, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "here/report/index.html" in done.stderr
    assert (tmp_path / "here/report/index.html").is_file()
    again = funnelcheck("demo", "--out", "here", "--as-of", DAY, "-q", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")


def test_demo_does_not_clear_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert_one_line(funnelcheck("demo", "--out", ".", cwd=tmp_path), 2, "--out")
    assert (tmp_path / "thesis.txt").exists()


def test_the_log_may_come_from_standard_input(sample: Path, tmp_path: Path) -> None:
    log = next((sample / "logs").rglob("*.jsonl"))
    with log.open("rb") as lines:
        done = subprocess.run(
            [sys.executable, "-m", "funnelcheck", "ingest", "-", "--advertiser", "acme"],
            cwd=tmp_path,
            stdin=lines,
            capture_output=True,
            text=True,
            check=False,
            env=ENVIRONMENT,
        )
    assert done.returncode == 0, done.stderr
    assert "1 file read" in done.stdout
