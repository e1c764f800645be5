"""Several processes at one store: reports are read while a load runs, loads wait for each other and lose nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import pytest
from store_samples import (
    AS_OF,
    NEWEST,
    assert_one_line,
    assert_whole,
    build,
    counts,
    fill,
    finished,
    funnelcheck,
    judged,
    loaded,
    look,
    start,
    succeeded,
    write_lead_list,
    write_log,
)

from funnelcheck import store as store_module
from funnelcheck.cli import run
from funnelcheck.errors import StoreError
from funnelcheck.store import open_store

STORE = ("--store", "store.duckdb")
HOLDER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
connection.execute("from funnelcheck_store")
print("holds", flush=True)
sys.stdin.readline()
"""


@contextmanager
def held(store: Path, access: str = "write") -> Iterator[subprocess.Popen[str]]:
    """A process of somebody else that holds a store until it is written to."""
    command = [sys.executable, "-c", HOLDER, str(store), access]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "holds\n"
        try:
            yield holder
        finally:
            if holder.poll() is None:
                let_go(holder)


def let_go(holder: subprocess.Popen[str]) -> None:
    holder.communicate("let go\n", timeout=60)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a store that holds one file, and a file that it does not hold."""
    write_log(tmp_path / "first.jsonl", 0, 200)
    write_log(tmp_path / "second.jsonl", 200, 100)
    assert funnelcheck("ingest", "first.jsonl", *STORE, cwd=tmp_path).returncode == 0
    return tmp_path


def test_reports_are_read_while_a_load_runs_and_show_whole_files(small: Path) -> None:
    sizes = [20_000, 8_000, 4_000, 12_000]
    for number, size in enumerate(sizes):
        write_log(small / f"logs/{number}.jsonl{'.gz' if number % 2 else ''}", 1_000 + number * 50_000, size)
    states = {*accumulate(sizes, initial=200)}
    load = start("ingest", "logs", *STORE, cwd=small)
    seen: list[int] = []
    while_it_ran = 0
    while load.poll() is None:
        check = start("check", *STORE, "--format", "json", "--as-of", AS_OF, cwd=small)
        report = start("report", *STORE, "--out", "out", "--as-of", AS_OF, cwd=small)
        done = succeeded(finished(check))
        assert "Could not set lock" not in done.stderr
        seen.append(loaded(done))
        succeeded(finished(report))
        seen.append(json.loads((small / "out/results.json").read_text())["inputs"]["loaded"])
        while_it_ran += load.poll() is None
    assert finished(load).returncode == 0
    assert set(seen) <= states
    assert while_it_ran, "the load should last longer than a report"
    assert loaded(funnelcheck("check", *STORE, "--format", "json", "--as-of", AS_OF, cwd=small)) == 200 + sum(sizes)
    assert_whole(small / "store.duckdb")


@pytest.mark.parametrize("pipe", ["-", "pipe.jsonl"])
def test_a_load_that_waits_for_its_input_is_in_nobodys_way(pipe: str, small: Path) -> None:
    """A log that comes through a pipe may take hours: others read and load meanwhile."""
    os.mkfifo(small / "pipe.jsonl")
    slow = subprocess.Popen(
        [sys.executable, "-m", "funnelcheck", "ingest", pipe, "--advertiser", "acme", *STORE],
        cwd=small,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert slow.stdin
    content = write_log(small / "third.jsonl", 900, 800).read_text()
    with slow.stdin if pipe == "-" else (small / pipe).open("w") as end:  # a pipe opens when its reader does
        end.write(content[:200_000])  # more than a pipe holds: it is being read when this has been written
        end.flush()
        quick = start("ingest", "second.jsonl", *STORE, cwd=small)
        try:
            quick.wait(timeout=30)  # half of what it would wait for the store
        except subprocess.TimeoutExpired:
            quick.kill()
        done = finished(quick)
        end.write(content[200_000:])
    slow.stdin = None
    assert slow.communicate(timeout=120)[1].count("Traceback") == 0
    assert slow.returncode == 0
    assert done.returncode == 0, "the load of a pipe kept others from the store"
    assert loads(small) == {200, 100, 800}
    assert_whole(small / "store.duckdb")


def loads(folder: Path) -> set[int]:
    """How many rows each file brought."""
    return {row[3] for row in counts(folder / "store.duckdb")}


def test_loads_of_different_files_at_once_lose_nothing_though_both_make_the_store(tmp_path: Path) -> None:
    for number in range(3):
        write_log(tmp_path / f"{number}/large.jsonl.gz", number * 20_000, 8_000)
        for small in range(5):
            write_log(tmp_path / f"{number}/small-{small}.jsonl", number * 20_000 + 10_000 + small * 100, 60)
        write_lead_list(tmp_path / f"leads-{number}.csv", number * 1_000, 500)
    loads = [start("ingest", f"{n}", "--leads", f"leads-{n}.csv", *STORE, cwd=tmp_path) for n in range(3)]
    for load in loads:
        done = finished(load)
        assert done.returncode == 0, done.stderr
    assert_whole(tmp_path / "store.duckdb")
    kept = """
        select
            (select count(*) from request), (select count(distinct request_id) from request),
            (select count(*) from lead), (select count(distinct file_id) from source_file)
    """
    assert look(tmp_path / "store.duckdb", kept) == [(24_900, 24_900, 1_500, 21)]
    left = {path.name for path in tmp_path.iterdir() if "store" in path.name or path.name.startswith(".")}
    assert left == {"store.duckdb"}


def test_loads_of_the_same_files_at_once_load_everything_once(tmp_path: Path) -> None:
    write_log(tmp_path / "logs/a.jsonl", 0, 200, spoilt=2)
    write_log(tmp_path / "logs/b.jsonl.gz", 200, 4_000)
    write_log(tmp_path / "logs/c.jsonl", 4_100, 300)  # 100 of them are in b
    write_lead_list(tmp_path / "leads.csv", 0, 900)
    command = ("ingest", "logs", "--leads", "leads.csv")
    assert funnelcheck(*command, "--store", "alone.duckdb", cwd=tmp_path).returncode == 0
    said = []
    for load in [start(*command, *STORE, cwd=tmp_path) for _ in range(3)]:
        done = finished(load)
        assert done.returncode == 0, done.stderr
        said.append(int(re.findall(r"([\d,]+) loaded", done.stdout)[0].replace(",", "")))
    store, alone = tmp_path / "store.duckdb", tmp_path / "alone.duckdb"
    assert_whole(store)
    assert counts(store) == counts(alone)
    assert judged(store) == judged(alone)
    assert sum(said) == sum(row[3] for row in counts(alone)), "each row was loaded by one of them, and said so"


def test_an_older_store_that_several_open_at_once_is_migrated_once(tmp_path: Path) -> None:
    build(tmp_path / "store.duckdb", 1, fill(2_000))
    checks = [start("check", *STORE, "--as-of", AS_OF, cwd=tmp_path) for _ in range(3)]
    done = [succeeded(finished(check)) for check in checks]
    assert len({one.stdout for one in done}) == 1
    assert sum("store.duckdb.version-1" in one.stderr for one in done) == 1
    assert look(tmp_path / "store.duckdb.version-1", "from funnelcheck_store") == [(1,)]
    assert look(tmp_path / "store.duckdb", "from funnelcheck_store") == [(NEWEST,)]


def test_nobody_gets_in_while_an_older_store_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing any handle of a file lets go of a process's locks on it: the copy must not."""
    build(tmp_path / "store.duckdb", 1)
    tried: list[str] = []
    steps = store_module._build

    def build_and_look(store: store_module.Store, version: int) -> int:
        code = f"import duckdb; duckdb.connect({store.path!r})"
        tried.append(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr)
        return steps(store, version)

    monkeypatch.setattr(store_module, "_build", build_and_look)
    open_store(tmp_path / "store.duckdb").close()
    assert len(tried) == 1
    assert f"PID {os.getpid()}" in tried[0]


@pytest.mark.parametrize("access", ["write", "read"])
def test_a_load_waits_for_who_holds_the_store_says_so_and_goes_on(access: str, small: Path) -> None:
    with held(small / "store.duckdb", access) as holder:
        load = start("ingest", "second.jsonl", *STORE, cwd=small)
        assert load.stderr
        said = ""
        while "is in use" not in said:
            said = load.stderr.readline()
            assert said, "it ended without a word of waiting"
        assert f"process {holder.pid} " in said
        assert load.poll() is None
        let_go(holder)
        done = finished(load)
    assert done.returncode == 0, done.stderr
    assert loads(small) == {200, 100}


def test_a_report_waits_for_who_writes_and_shares_with_who_reads(small: Path) -> None:
    check = ("check", *STORE, "--as-of", AS_OF)
    alone = succeeded(funnelcheck(*check, cwd=small))
    with held(small / "store.duckdb", "read"):
        shared = succeeded(funnelcheck(*check, cwd=small))
        assert shared.stdout == alone.stdout
        assert "in use" not in shared.stderr
    with held(small / "store.duckdb") as holder:
        waiting = start(*check, cwd=small)
        assert waiting.stderr
        while "is in use" not in waiting.stderr.readline():
            assert waiting.poll() is None
        let_go(holder)
        assert succeeded(finished(waiting)).stdout == alone.stdout


def test_quiet_waits_without_a_word(small: Path) -> None:
    with held(small / "store.duckdb") as holder:
        load = start("ingest", "second.jsonl", *STORE, "-q", cwd=small)
        with pytest.raises(subprocess.TimeoutExpired):  # long enough for a word
            load.wait(3)
        let_go(holder)
        done = finished(load)
    assert done.returncode == 0
    assert done.stderr == ""


def test_who_waits_too_long_gives_up_with_3_and_names_the_holder(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store_module, "LOCK_WAIT", 1.0)
    monkeypatch.setattr(store_module, "_PATIENCE", 0.2)
    store = small / "store.duckdb"
    before = store.read_bytes()
    with held(store) as holder:
        told: list[str] = []
        with pytest.raises(StoreError, match=rf"in use by process {holder.pid} \(.+\), and was for 1 seconds; wait"):
            open_store(store, tell=told.append)
        assert len(told) == 1
        assert f"is in use by process {holder.pid} " in told[0]
        for command in (["check"], ["ingest", str(small / "second.jsonl")]):
            assert run([*command, "--store", str(store)]) == 3
            done = subprocess.CompletedProcess(command, 3, *capsys.readouterr())
            assert_one_line(done, 3, "store.duckdb", f"process {holder.pid} ", "wait for it to end")
    assert store.read_bytes() == before


def test_a_load_that_gives_up_has_loaded_what_it_says(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody comes in between and stays: exit code 3, and the store is as it was."""
    monkeypatch.setattr(store_module, "LOCK_WAIT", 0.5)
    store = small / "store.duckdb"
    with held(store, "read") as holder:  # opening is possible, keeping is not
        assert run(["ingest", str(small / "second.jsonl"), "--store", str(store)]) == 3
        done = subprocess.CompletedProcess([], 3, *capsys.readouterr())
        assert_one_line(done, 3, "store.duckdb", f"process {holder.pid} ")
    assert loads(small) == {200}
    assert run(["ingest", str(small / "second.jsonl"), "--store", str(store)]) == 0
    assert loads(small) == {200, 100}


def test_a_process_that_has_the_store_open_already_is_told(small: Path) -> None:
    store = small / "store.duckdb"
    with open_store(store) as one, open_store(store) as other:
        assert one.value("select count(*) from request") == other.value("select count(*) from request") == 200
        with pytest.raises(StoreError, match="this process has the store open already"), other.transaction():
            pass
