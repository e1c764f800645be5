"""Runs are kept in the store, one a guide and instant, the newest ones; an earlier one is the baseline of a later."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from html_samples import AS_OF, many
from run_samples import DAY, SETTINGS, WEEK, call, finding, other_guide, result, run
from store_samples import assert_one_line, look, write_lead_list, write_log

from funnelcheck import config, runs
from funnelcheck.compare import snapshot
from funnelcheck.errors import ConfigError, UsageError
from funnelcheck.reported import KeptRun
from funnelcheck.store import Store, open_store


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store() as opened:
        yield opened


def instants(store: Store) -> list[tuple[int, int, str]]:
    return [(head.number or 0, (head.as_of - AS_OF) // WEEK, head.guide) for head in runs.kept(store)]


def test_what_is_kept_is_what_was_judged(store: Store) -> None:
    judged = replace(many(9), settings=SETTINGS)
    number = runs.keep(store, judged)
    [head] = runs.kept(store)
    kept = runs.snapshot(store, head)
    assert kept == snapshot(judged, number)
    assert head.verdicts == {"not_ready": 3, "ready": 3, "undecided": 3}


def test_no_sentence_is_kept(store: Store) -> None:
    judged = run(result("acme", "not_ready", finding("COV001", "fail", message="A telling sentence.")))
    runs.keep(store, judged)
    rows = [store.rows(f"from {table}") for table in ("run", "run_advertiser", "run_finding")]
    assert "A telling sentence." not in str(rows)
    assert "Title of" not in str(rows)


def test_a_run_of_the_same_instant_and_guide_replaces_its_own_record(store: Store) -> None:
    runs.keep(store, run(result("acme", "ready")))
    runs.keep(store, run(result("acme", "ready"), as_of=AS_OF + WEEK))
    number = runs.keep(store, run(result("acme", "not_ready", finding("COV001", "fail")), result("b", "ready")))
    assert instants(store) == [(1, 0, "six-step"), (2, 1, "six-step")]
    assert (number, runs.kept(store)[0].verdicts) == (1, {"not_ready": 1, "ready": 1})
    assert store.value("select count(*) from run_finding") == 1
    runs.keep(store, other_guide(run()))
    assert instants(store) == [(1, 0, "six-step"), (3, 0, "2026-05"), (2, 1, "six-step")]


@pytest.mark.parametrize(("newest", "left"), [(1, [4]), (3, [2, 3, 4]), (5, [0, 1, 2, 3, 4]), (60, [0, 1, 2, 3, 4])])
def test_the_newest_are_kept(newest: int, left: list[int], store: Store) -> None:
    for week in range(5):
        runs.keep(store, run(result("acme", "ready", finding("COV001")), as_of=AS_OF + week * WEEK), newest=newest)
    assert [week for _, week, _ in instants(store)] == left
    for table in ("run_advertiser", "run_finding"):
        assert store.value(f"select count(distinct run_id) from {table}") == len(left)


def test_a_run_older_than_all_that_may_be_kept_is_not(store: Store) -> None:
    for week in (3, 2):
        assert runs.keep(store, run(as_of=AS_OF + week * WEEK), newest=2)
    assert runs.keep(store, run(as_of=AS_OF), newest=2) is None
    assert [week for _, week, _ in instants(store)] == [2, 3]


def head(age: float, guide: str = "six-step", number: int = 1) -> KeptRun:
    return KeptRun(number, AS_OF - round(age * DAY), guide, "0.1.0")


@pytest.mark.parametrize(
    ("ages", "chosen"),
    [
        ([], None),
        ([0.0], None),  # its own instant is no baseline
        ([-7.0], None),  # nor is a later one
        ([1.0], 1.0),  # none is a week old: the latest before
        ([3.0, 1.0, -1.0], 1.0),
        ([6.5, 1.0], 6.5),  # half a day early is still a week
        ([6.49, 1.0], 1.0),
        ([14.0, 7.0, 6.9, 2.0], 6.9),
        ([70.0], 70.0),  # after weeks that were missed, whatever its age
    ],
)
def test_the_baseline_is_the_latest_a_week_before_else_the_latest_before(
    ages: list[float], chosen: float | None
) -> None:
    found = runs.baseline([head(age) for age in ages], AS_OF, "six-step")
    assert (found and (AS_OF - found.as_of) / DAY) == (chosen and pytest.approx(chosen, abs=1e-4))


def test_of_two_at_the_same_instant_that_of_the_same_guide_is_the_baseline() -> None:
    both = [head(7, "six-step", 1), head(7, "2026-05", 2)]
    assert [getattr(runs.baseline(both, AS_OF, key), "number", None) for key in ("six-step", "2026-05")] == [1, 2]
    assert runs.baseline(both[:1], AS_OF, "2026-05") == both[0]


def test_judging_again_after_keeping_gives_the_same(store: Store) -> None:
    """With as few kept as there may be, the oldest is gone by then."""
    for week in range(3):
        runs.keep(store, run(result("acme", "ready"), as_of=AS_OF + week * WEEK), newest=3)
    judged = run(result("acme", "not_ready"), as_of=AS_OF + 3 * WEEK)
    before = runs.with_changes(store, judged, newest=3)
    runs.keep(store, before, newest=3)
    assert runs.with_changes(store, judged, newest=3) == before
    assert len(before.advertisers[0].trend) == 3


def test_a_run_of_the_past_looks_back_only(store: Store) -> None:
    for week in (0, 1, 2):
        runs.keep(store, run(result("acme", "ready"), as_of=AS_OF + week * WEEK))
    told = runs.with_changes(store, run(result("acme", "not_ready"), as_of=AS_OF + WEEK))
    assert told.since is not None
    assert told.since.was.as_of == AS_OF
    assert [point.as_of for point in told.advertisers[0].trend] == [AS_OF, AS_OF + WEEK]
    assert runs.with_changes(store, run(as_of=AS_OF - 1)).since is None


def test_the_trend_has_one_point_an_instant_of_this_guide_where_there_are_two(store: Store) -> None:
    covered = result("acme", "ready")
    other = replace(covered, coverage=replace(covered.coverage, covered=60))
    runs.keep(store, run(covered))
    runs.keep(store, other_guide(run(other)))
    for judged, expected in ((run(covered, as_of=AS_OF + WEEK), 420), (run(other, as_of=AS_OF + WEEK), 60)):
        asked = judged if expected == 420 else other_guide(judged)
        trend = runs.with_changes(store, asked).advertisers[0].trend
        assert [point.covered for point in trend] == [expected, expected]


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("last", 3), ("previous", 1), ("1", 1), ("2026-11-29", 3), ("2026-11-22", 2), ("2026-11-22T00:00", 2),
        ("2026-11-22T00:00:00Z", 2),
    ],
)  # fmt: skip
def test_a_run_is_found_by_its_number_its_day_or_its_place(name: str, number: int, store: Store) -> None:
    runs.keep(store, run())
    runs.keep(store, other_guide(run()))
    runs.keep(store, run(as_of=AS_OF + WEEK))
    assert runs.find(runs.kept(store), name).number == number


def test_a_run_that_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(UsageError, match="no run is kept"):
        runs.find(runs.kept(store), "last")
    runs.keep(store, run())
    with pytest.raises(UsageError, match="only one run"):
        runs.find(runs.kept(store), "previous")
    for name in ("2", "2026-11-23", "nonsense", ""):
        with pytest.raises(UsageError, match="no such run"):
            runs.find(runs.kept(store), name)


@pytest.mark.parametrize("text", ["keep_runs = 0", "keep_runs = -1", "keep_runs = true", "keep_runs = 'many'"])
def test_a_wrong_number_of_runs_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="keep_runs must be a whole number"):
        config.parse(text, Path("funnelcheck.toml"))
    assert config.parse("keep_runs = 1", Path("funnelcheck.toml")).keep_runs == 1
    assert config.parse("", Path("funnelcheck.toml")).keep_runs == 60


# --- the commands ---


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `run` ran for two weeks."""
    folder = tmp_path_factory.mktemp("weeks")
    write_log(folder / "logs/a.jsonl", 0, 300)
    write_lead_list(folder / "leads.csv", 0, 300)
    for day in ("2026-11-15", "2026-11-22"):
        done = run_week(folder, day)
        assert done.returncode == 0, done.stderr
    return folder


def run_week(folder: Path, day: str, *more: str) -> subprocess.CompletedProcess[str]:
    return call("run", "logs", "--leads", "leads.csv", "--as-of", day, "-q", *more, cwd=folder)


def test_runs_lists_what_run_kept_and_check_and_report_keep_nothing(weeks: Path) -> None:
    done = call("check", "--as-of", "2026-12-20", "--advertiser", "acme", "--format", "json", cwd=weeks)
    [acme] = json.loads(done.stdout)["advertisers"]
    assert {change["advertiser_id"] for change in acme["changes"]} <= {"acme"}
    told = call("runs", cwd=weeks).stdout.splitlines()
    assert [line.split()[:2] for line in told] == [["2", "2026-11-22"], ["1", "2026-11-15"]]
    heads = json.loads(call("runs", "--format", "json", cwd=weeks).stdout)["runs"]
    assert [head["as_of"] for head in heads] == ["2026-11-15T00:00:00Z", "2026-11-22T00:00:00Z"]
    assert sum(heads[0]["verdicts"].values()) == 3


def test_report_after_run_gives_the_same_bytes_and_a_second_run_too(weeks: Path) -> None:
    names = ("index.html", "results.json")
    first = [(weeks / "funnelcheck-report" / name).read_bytes() for name in names]
    assert run_week(weeks, "2026-11-22", "--out", "again").returncode == 0
    assert call("report", "--as-of", "2026-11-22", "--out", "third", cwd=weeks).returncode == 0
    for folder in ("again", "third"):
        assert [(weeks / folder / name).read_bytes() for name in names] == first
    assert look(weeks / "funnelcheck.duckdb", "select count(*) from run") == [(2,)]


def test_diff_and_digest_answer_with_their_exit_codes(weeks: Path) -> None:
    told = json.loads(call("diff", "1", "last", "--format", "json", cwd=weeks).stdout)
    assert (told["from"]["number"], told["to"]["number"], told["comparable"], told["days"]) == (1, 2, True, 7)
    done = call("digest", "--format", "json", cwd=weeks)
    assert (done.returncode, json.loads(done.stdout)["from"]["as_of"]) == (0, "2026-11-15T00:00:00Z")
    assert (weeks / "funnelcheck-report/digest.html").read_text().startswith("<!doctype html>")
    first = call("digest", "--as-of", "2026-11-15", "--out", "first.html", cwd=weeks)
    assert "so nothing can be compared yet" in first.stdout
    assert "advertiser-" not in (weeks / "first.html").read_text()
    assert_one_line(call("diff", "1", "7", cwd=weeks), 2, "7", "no such run")
    assert_one_line(call("digest", "--as-of", "1999-01-01", cwd=weeks), 2, "no run is kept")
    assert_one_line(call("digest", "--out", "nowhere/x.html", cwd=weeks), 3, "nowhere")
    assert_one_line(call("digest", "--out", "funnelcheck-report/index.html", cwd=weeks), 2, "index.html")
