"""What the benchmark suite measures is what it says: one world, told alike by SQL and by plain Python."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parent / "bench"
CPU = "times the floor, CPU"  # other work on the machine disturbs it least
GUARDED = 20_000  # leads: enough to tell, and soon done
MARGIN = 3
GROWING = ("the first 59 days", "one more day", "nothing new")


def program(name: str, *arguments: object) -> str:
    """What a program of the suite prints."""
    command = [sys.executable, str(BENCH / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_floor_and_plain_python_find_the_same_in_the_same_world(tmp_path: Path) -> None:
    worlds = [tmp_path / name for name in ("a", "b")]
    for folder in worlds:
        program("world.py", folder, 6_000, 40)
    files = [sorted(path.relative_to(folder) for path in folder.rglob("*.*")) for folder in worlds]
    assert files[0] == files[1]
    assert len(files[0]) == 62
    assert all((worlds[0] / name).read_bytes() == (worlds[1] / name).read_bytes() for name in files[0])
    told = program("floor.py", worlds[0], tmp_path / "floor.duckdb")
    assert told == program("plain.py", worlds[0])
    advertisers, passing = map(int, told.split())
    assert advertisers == 40
    assert 0 < passing < 40


def test_a_world_is_of_the_size_that_was_asked_for_and_loads_without_a_fault(tmp_path: Path) -> None:
    program("world.py", tmp_path, 2_000, 7)
    leads = [line for path in (tmp_path / "leads").iterdir() for line in path.read_text().splitlines()[1:]]
    events = [line for path in (tmp_path / "logs").iterdir() for line in path.read_text().splitlines()]
    assert len(leads) == 2_000
    assert 1.45 < len(events) / len(leads) < 1.6
    command = ["run", "logs", "--leads", "leads", "--as-of", "2026-11-22T00:00:00Z", "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "funnelcheck", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["inputs"]["events"] == len(events)
    assert told["inputs"]["quarantined"] == 0
    for advertiser in told["advertisers"]:
        assert not [rule["code"] for rule in advertiser["rules"] if rule["code"].startswith("EVT") and rule["affected"]]


def test_the_suite_prints_a_ratio_for_every_part(tmp_path: Path) -> None:
    figures = tmp_path / "figures.jsonl"
    told = program("suite.py", 300, "--out", figures)
    (line,) = figures.read_text().splitlines()
    parts = json.loads(line)["times the floor"]
    assert set(parts) == {
        "floor",
        "plain Python",
        "ingest",
        "check",
        "facts",
        "event rules",
        "rules",
        "pages",
        "run",
        *GROWING,
    }
    assert parts["floor"] == 1
    assert all(f"| {part} |" in told for part in parts)


def test_judging_twice_as_many_advertisers_takes_no_four_times_as_long() -> None:
    told = program("many.py", "--scale", 0.04, "--case", "20,000 advertisers", "--part", "check")
    grows = float(told.splitlines()[-1].rpartition("grows by ")[2])
    assert 1 < grows < 3.2, told  # 2 is linear, 4 is quadratic


def test_no_part_has_become_much_slower_than_the_figures_that_are_kept(tmp_path: Path) -> None:
    kept = [json.loads(line) for line in (BENCH / "figures.jsonl").read_text().splitlines()]
    kept = [line for line in kept if line["leads"] == GUARDED]
    now = tmp_path / "now.jsonl"
    program("suite.py", GUARDED, "--out", now)
    ratios = json.loads(now.read_text())[CPU]
    for part in ("ingest", "facts", "run"):
        usual = statistics.median(line[CPU][part] for line in kept)
        assert ratios[part] < MARGIN * usual, f"{part} takes {ratios[part]} times the floor; it was {usual}"
