"""A load that is killed, or whose disk is full, leaves a store that is whole, and can simply be done again."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from store_samples import (
    AS_OF,
    NEWEST,
    assert_one_line,
    assert_whole,
    build,
    contents,
    counts,
    fill,
    finished,
    funnelcheck,
    judged,
    killed_while_writing,
    look,
    start,
    succeeded,
    write_lead_list,
    write_log,
)

from funnelcheck.store import open_store

# How many times each kind of process is killed; more of them by hand: FUNNELCHECK_KILLS=200 pytest tests/test_crash.py
KILLS = int(os.environ.get("FUNNELCHECK_KILLS", "3"))
FULL = ("File too large", "No space left", "disk is full")


@dataclass(frozen=True)
class Load:
    """A load that nothing disturbed: its command, how long it took, what came of it."""

    command: tuple[str | Path, ...]
    seconds: float
    store: Path
    judged: str


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Logs, plain and packed, of some hundred to some ten thousand rows, and lead lists."""
    folder = tmp_path_factory.mktemp("load")
    write_log(folder / "logs/a.jsonl", 0, 300, spoilt=3)
    write_log(folder / "logs/b.jsonl.gz", 300, 4_000)
    write_log(folder / "logs/c.jsonl", 4_300, 10_000, spoilt=5)
    write_log(folder / "logs/d.jsonl.gz", 14_000, 3_000)  # 300 of them are in c
    write_lead_list(folder / "leads/a.csv", 0, 800)
    write_lead_list(folder / "leads/b.csv.gz", 700, 3_000)
    command = ("ingest", folder / "logs", "--leads", folder / "leads", "--store", "store.duckdb")
    begin = time.monotonic()
    done = funnelcheck(*command, cwd=folder)
    seconds = time.monotonic() - begin
    assert done.returncode == 0, done.stderr
    assert_whole(folder / "store.duckdb")
    return Load(command, seconds, folder / "store.duckdb", judged(folder / "store.duckdb"))


def kill(process: subprocess.Popen[str], when: Callable[[], bool], delay: float) -> None:
    """Kill a process some time after something is so, unless it has ended before."""
    while not when() and process.poll() is None:
        pass
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    assert finished(process).returncode in (0, 1, -signal.SIGKILL)


def assert_can_be_done_again(load: Load, folder: Path) -> None:
    """After a load was killed in a folder: what is there is whole, and the same command completes it."""
    store = folder / "store.duckdb"
    if store.exists():
        copies = folder / "copies"  # to look at them also for writing, which tidies up what the kill left
        copies.mkdir()
        for file in folder.glob("store.duckdb*"):
            shutil.copy(file, copies)
        assert_whole(copies / "store.duckdb")
        assert set(counts(store)) <= set(counts(load.store))
        with open_store(store, read_only=True) as opened:
            kept = opened.value("select count(*) from request")
            assert kept == opened.value("select coalesce(sum(loaded), 0) from source_file where kind = 'events'")
    done = funnelcheck(*load.command, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert_whole(store)
    assert counts(store) == counts(load.store)
    assert contents(store) == contents(load.store)
    assert judged(store) == load.judged
    strange = {path.name for path in folder.iterdir() if not path.name.startswith(".funnelcheck-new-")}
    assert strange <= {"store.duckdb", "temporary", "copies"}


@pytest.mark.parametrize("number", range(KILLS))
def test_a_load_that_is_killed_at_any_instant_can_be_done_again(load: Load, number: int, tmp_path: Path) -> None:
    delay = load.seconds * (number + random.Random(number).random()) / KILLS
    kill(start(*load.command, cwd=tmp_path), lambda: True, delay)
    assert_can_be_done_again(load, tmp_path)


@pytest.mark.parametrize("number", range(max(2, KILLS // 2)))
def test_a_load_that_is_killed_while_the_store_is_made_can_be_done_again(
    load: Load, number: int, tmp_path: Path
) -> None:
    process = start(*load.command, cwd=tmp_path)
    kill(process, lambda: any(tmp_path.glob(".funnelcheck-new-*")), random.Random(number).random() * load.seconds / 20)
    assert_can_be_done_again(load, tmp_path)


@pytest.mark.parametrize("number", range(max(3, KILLS)))
def test_a_load_that_is_killed_while_it_commits_can_be_done_again(load: Load, number: int, tmp_path: Path) -> None:
    log, seen = tmp_path / "store.duckdb.wal", [False]
    commits = iter(range(number % 3 + 1))

    def commits_again() -> bool:
        """At the first, second or third time that there is a log of what is committed."""
        before, seen[0] = seen[0], log.exists()
        return seen[0] and not before and next(commits, None) == number % 3

    process = start(*load.command, cwd=tmp_path)
    kill(process, commits_again, random.Random(number).choice((0, 0.001, 0.01)))
    assert_can_be_done_again(load, tmp_path)


@pytest.fixture(scope="module")
def old_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the version before the newest with so many rows that bringing it up to date takes a while."""
    return build(tmp_path_factory.mktemp("old") / "store.duckdb", NEWEST - 1, fill(60_000))


@pytest.mark.parametrize("number", range(max(4, KILLS)))
def test_an_older_store_whose_migration_is_killed_is_migrated_by_the_next(
    old_store: Path, number: int, tmp_path: Path
) -> None:
    store, backup = tmp_path / "store.duckdb", tmp_path / f"store.duckdb.version-{NEWEST - 1}"
    shutil.copy(old_store, store)
    begins = (
        lambda: Path(f"{backup}.partial").exists(),
        backup.exists,
        backup.exists,
        lambda: Path(f"{store}.wal").exists(),
    )
    process = start("check", "--store", "store.duckdb", "--as-of", AS_OF, cwd=tmp_path)
    kill(process, begins[number % 4], random.Random(number).random() * (0, 0, 0.3, 0.03)[number % 4])
    succeeded(funnelcheck("check", "--store", "store.duckdb", "--as-of", AS_OF, cwd=tmp_path))
    tables = "select (select count(*) from request), (select count(*) from event), (select count(*) from lead)"
    assert look(store, tables) == look(backup, tables) == look(old_store, tables)
    assert look(store, "from funnelcheck_store") == [(NEWEST,)]
    assert look(backup, "from funnelcheck_store") == [(NEWEST - 1,)]
    left = {path.name for path in tmp_path.iterdir()}
    assert left - {f"{store.name}.wal"} == {store.name, backup.name, "temporary"}


def test_a_copy_of_an_older_store_holds_what_a_killed_process_had_not_tidied_up(tmp_path: Path) -> None:
    store = build(tmp_path / "store.duckdb", NEWEST - 1)
    killed_while_writing(store)
    with open_store(store) as opened:
        assert opened.value("select reason from quarantine") == "late"
    assert look(Path(f"{store}.version-{NEWEST - 1}"), "select reason from quarantine") == [("late",)]


# --- a full disk ---


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds one file."""
    folder = tmp_path_factory.mktemp("first")
    write_log(folder / "first.jsonl", 100_000, 300)
    done = funnelcheck("ingest", "first.jsonl", "--store", "store.duckdb", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "store.duckdb"


@pytest.fixture
def folder(first: Path, tmp_path: Path) -> Path:
    """A folder with a store of its own that holds one file."""
    shutil.copy(first, tmp_path)
    return tmp_path


def assert_as_it_was(folder: Path, first: Path) -> None:
    """The store of a folder is whole and holds what the first one does."""
    assert_whole(folder / "store.duckdb")
    assert contents(folder / "store.duckdb") == contents(first)
    assert judged(folder / "store.duckdb") == judged(first)


def assert_full(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """A full disk is exit code 3 and a line that says so."""
    assert_one_line(done, 3, *words)
    assert any(word in done.stderr for word in FULL), done.stderr


def test_a_disk_too_full_to_unpack_a_log_costs_that_log_and_no_other(folder: Path, first: Path) -> None:
    log = write_log(folder / "packed.jsonl.gz", 0, 12_000)
    limit = 2_000_000
    assert log.stat().st_size < limit
    done = funnelcheck("ingest", "packed.jsonl.gz", "--store", "store.duckdb", cwd=folder, limit=limit)
    assert_full(done, "packed.jsonl.gz")
    assert_as_it_was(folder, first)
    assert not any((folder / "temporary").iterdir())
    done = funnelcheck("ingest", "packed.jsonl.gz", "--store", "store.duckdb", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert_whole(folder / "store.duckdb")


@pytest.mark.parametrize("limit", [1, 1_000_000])
def test_a_disk_too_full_to_commit_leaves_the_store_as_it_was(folder: Path, first: Path, limit: int) -> None:
    write_log(folder / "large.jsonl", 0, 12_000)
    done = funnelcheck("ingest", "large.jsonl", "--store", "store.duckdb", cwd=folder, limit=limit)
    assert_full(done, "large.jsonl", "store.duckdb")
    assert_as_it_was(folder, first)
    done = funnelcheck("ingest", "large.jsonl", "--store", "store.duckdb", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert_whole(folder / "store.duckdb")
    assert sum(rows[3] for rows in counts(folder / "store.duckdb")) == 12_300


@pytest.mark.parametrize("limit", [1, 45_000])
def test_a_full_disk_leaves_no_file_out_without_a_word(folder: Path, limit: int) -> None:
    """Small files are loaded together, large ones alone: each that is not in the store is named, or said to follow."""
    names = [f"logs/{name}.jsonl" for name in "abcdef"]
    for number, name in enumerate(names):
        write_log(folder / name, number * 5_000, 2_000 if name in ("logs/c.jsonl", "logs/f.jsonl") else 60)
    done = funnelcheck("ingest", "logs", "--store", "store.duckdb", "-q", cwd=folder, limit=limit)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert_whole(folder / "store.duckdb")
    held = {row[0] for row in counts(folder / "store.duckdb")}
    stopped = next((name for name in names if f"{name}: loading stopped" in done.stderr), "z")
    assert (stopped == "z") or "neither it nor the files after it" in done.stderr
    assert [name for name in names if name < stopped and name not in held and name not in done.stderr] == []
    assert funnelcheck("ingest", "logs", "--store", "store.duckdb", cwd=folder).returncode == 0
    assert len(counts(folder / "store.duckdb")) == len(names) + 1


def test_what_could_be_committed_is_loaded_though_there_is_no_room_to_tidy_up(folder: Path, first: Path) -> None:
    """The log of what is committed has room, the store itself does not grow: nothing is lost, and that is told."""
    write_log(folder / "small.jsonl", 0, 300)
    limit = (folder / "store.duckdb").stat().st_size - 1
    done = funnelcheck("ingest", "small.jsonl", "--store", "store.duckdb", cwd=folder, limit=limit)
    assert done.returncode == 0, done.stderr
    assert (folder / "store.duckdb.wal").exists()
    kept = [*counts(first), ("small.jsonl", "events", 300, 300, 0, 0)]
    assert counts(folder / "store.duckdb") == kept
    said = judged(folder / "store.duckdb")
    write_log(folder / "more.jsonl", 300, 300)
    assert funnelcheck("ingest", "small.jsonl", "more.jsonl", "--store", "store.duckdb", cwd=folder).returncode == 0
    assert_whole(folder / "store.duckdb")
    assert sorted(counts(folder / "store.duckdb")) == sorted([*kept, ("more.jsonl", "events", 300, 300, 0, 0)])
    assert judged(folder / "store.duckdb") != said
    assert "store.duckdb.wal" in done.stderr


@pytest.mark.parametrize("limit", [1, 300_000])
def test_a_disk_too_full_to_make_a_store_leaves_none(limit: int, tmp_path: Path) -> None:
    write_log(tmp_path / "first.jsonl", 0, 20)
    done = funnelcheck("ingest", "first.jsonl", "--store", "store.duckdb", cwd=tmp_path, limit=limit)
    assert_full(done, "store.duckdb: ")
    assert ".funnelcheck-new" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"first.jsonl", "temporary"}
    assert funnelcheck("ingest", "first.jsonl", "--store", "store.duckdb", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("limit", [100_000, 1_000_000])
def test_a_disk_too_full_for_a_migration_leaves_the_older_store_as_it_was(
    old_store: Path, limit: int, tmp_path: Path
) -> None:
    store = Path(shutil.copy(old_store, tmp_path / "store.duckdb"))
    done = funnelcheck("check", "--store", "store.duckdb", "--as-of", AS_OF, cwd=tmp_path, limit=limit)
    assert_full(done, "store.duckdb", f"version {NEWEST - 1}")
    assert store.read_bytes() == old_store.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"store.duckdb", "temporary"}
    succeeded(funnelcheck("check", "--store", "store.duckdb", "--as-of", AS_OF, cwd=tmp_path))


def test_a_disk_too_full_for_a_report_leaves_the_earlier_one(folder: Path, first: Path) -> None:
    command = ("report", "--store", "store.duckdb", "--out", "out", "--as-of", AS_OF)
    assert_full(funnelcheck(*command, cwd=folder, limit=1), "out")
    assert not (folder / "out").exists()
    assert funnelcheck(*command, cwd=folder).returncode == 0
    report = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    assert_full(funnelcheck(*command, cwd=folder, limit=10_000), "out")
    assert {path.name: path.read_bytes() for path in (folder / "out").iterdir()} == report
    assert {path.name for path in folder.iterdir()} == {"store.duckdb", "temporary", "out"}
    results = ("check", "--store", "store.duckdb", "--format", "json=results.json", "--as-of", AS_OF)
    assert_full(funnelcheck(*results, cwd=folder, limit=100), "results.json")
    assert (folder / "store.duckdb").read_bytes() == first.read_bytes()


# --- what is temporary ---


def test_nothing_temporary_is_left_after_a_normal_end(folder: Path) -> None:
    write_log(folder / "packed.jsonl.gz", 0, 2_000)
    (folder / "broken.jsonl.gz").write_bytes(b"\x1f\x8bno gzip")
    assert funnelcheck("ingest", "packed.jsonl.gz", "--store", "store.duckdb", cwd=folder).returncode == 0
    assert funnelcheck("ingest", "broken.jsonl.gz", "--store", "store.duckdb", cwd=folder).returncode == 3
    assert not any((folder / "temporary").iterdir())
    left = {"packed.jsonl.gz", "broken.jsonl.gz", "store.duckdb", "temporary"}
    assert {path.name for path in folder.iterdir()} == left


def test_a_folder_of_what_does_not_fit_in_memory_is_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with open_store(tmp_path / "store.duckdb") as one, open_store(tmp_path / "other.duckdb") as other:
        for store in (one, other):
            store.execute("set memory_limit = '100MB'")
            store.execute("set threads = 2")
            store.execute("create temp table wide as select range as i, repeat(uuid()::varchar, 9) from range(600000)")
        folders = list((tmp_path / "temporary").glob("funnelcheck-spill-*"))
        assert len(folders) == 2
        assert all(any(folder.iterdir()) for folder in folders)
    assert not any((tmp_path / "temporary").iterdir())
