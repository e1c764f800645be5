"""Whole runs on one store come one after the other, in real processes; a killed one is in nobody's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from run_samples import call
from store_samples import assert_one_line, environment, write_log

from funnelcheck import lock
from funnelcheck.errors import StoreError

HOLD = """
import sys, time
from funnelcheck.lock import whole_run
with whole_run(sys.argv[1]):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT", 0.6)
    monkeypatch.setattr(lock, "_PATIENCE", 0.2)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is at work on store.duckdb for a minute."""
    process = hold(tmp_path / "store.duckdb", 60)
    yield process
    process.kill()
    process.communicate()


def hold(store: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(store), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_waits_a_stated_time_says_for_whom_and_ends_with_3(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    write_log(tmp_path / "a.jsonl", 0, 5)
    begun = time.monotonic()
    done = call("run", "a.jsonl", "--store", "store.duckdb", cwd=tmp_path)
    assert 0.5 < time.monotonic() - begun < 10
    assert_one_line(done, 3, "store.duckdb", "another run", f"process {holder.pid}", "was for 1 seconds")
    assert f"another run is at work on store.duckdb (process {holder.pid}" in done.stderr
    assert "waiting up to" in done.stderr
    assert not (tmp_path / "funnelcheck-report").exists()


def test_a_killed_run_leaves_no_lock_behind(tmp_path: Path) -> None:
    """A whole `run` that reads its log from a pipe nobody ends, killed while it is at work."""
    write_log(tmp_path / "a.jsonl", 0, 5)
    command = [sys.executable, "-m", "funnelcheck", "run", "-", "--advertiser", "acme", "--store", "store.duckdb"]
    first = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, env=environment(tmp_path / "t"), text=True)
    try:
        wait_for(tmp_path / "store.duckdb.lock.holder")
        done = call("run", "a.jsonl", "--store", "store.duckdb", cwd=tmp_path)
        assert_one_line(done, 3, f"process {first.pid}")
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
    assert first.returncode == -signal.SIGKILL
    done = call("run", "a.jsonl", "--store", "store.duckdb", cwd=tmp_path)
    assert (done.returncode, "another run" in done.stderr) == (0, False), done.stderr
    assert not (tmp_path / "store.duckdb.lock.holder").exists()


def wait_for(path: Path) -> None:
    for _ in range(600):
        if path.exists() and path.read_text():
            return
        time.sleep(0.05)
    pytest.fail(f"{path} is not there after half a minute")


def test_who_waits_goes_on_when_the_other_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT", 30.0)
    told: list[str] = []
    other = hold(tmp_path / "store.duckdb", 0.6)
    with lock.whole_run(tmp_path / "store.duckdb", told.append):
        assert other.wait(timeout=10) == 0
    assert len(told) == 1
    assert f"process {other.pid}" in told[0]


def test_other_stores_and_readers_are_in_nobodys_way(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    write_log(tmp_path / "a.jsonl", 0, 5)
    with lock.whole_run(tmp_path / "other.duckdb"), lock.whole_run(":memory:"):
        assert not (tmp_path / ":memory:.lock").exists()
    for command in (("ingest", "a.jsonl"), ("check", "--fail-on", "never"), ("runs",)):
        assert call(*command, "--store", "store.duckdb", "-q", cwd=tmp_path).returncode == 0


def test_a_failure_inside_lets_go(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), lock.whole_run(tmp_path / "store.duckdb"):
            raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["store.duckdb.lock"]


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.duckdb.lock").mkdir()
    with (
        pytest.raises(StoreError, match=r"store\.duckdb\.lock: cannot be written"),
        lock.whole_run(tmp_path / "store.duckdb"),
    ):
        pytest.fail("it got in")
