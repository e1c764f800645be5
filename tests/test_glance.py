"""A file that lies unchanged where it was read is known without being read; any other is looked at whole."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ingest_samples import event, lines

from funnelcheck.config import Config
from funnelcheck.ingestion import IngestReport, ingest
from funnelcheck.ingestion.glance import glance
from funnelcheck.store import Store, open_store

MANY = 60  # events whose lines reach beyond what is looked at of either end


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file, as users have it."""
    with open_store(tmp_path / "store.duckdb") as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of many events."""
    path = tmp_path / "log.jsonl"
    path.write_text(text())
    return path


def text(middle: str = "Qualified") -> str:
    """A log; `middle` is the name of the event in its middle."""
    return lines(*(event(lead_id=10**15 + i, event_name=middle if i == MANY // 2 else "Lead") for i in range(MANY)))


def rewrite(log: Path, content: str | bytes, *, at: int | None = None) -> None:
    """Another content, changed at an instant (None: as the file that was there)."""
    status = log.stat()
    log.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(log, ns=(status.st_atime_ns, status.st_mtime_ns if at is None else at))


def load(store: Store, *paths: Path, kind: str = "sources", config: Config | None = None) -> IngestReport:
    """Load files, and check that none was in trouble."""
    given = {"sources": [str(path) for path in paths]} if kind == "sources" else {"sources": [], kind: list(paths)}
    report = ingest(store, **given, config=config)  # type: ignore[arg-type]
    assert not report.problems
    return report


def test_bytes_between_the_ends_of_an_unchanged_file_are_not_read_again(store: Store, log: Path) -> None:
    load(store, log)
    before = glance(log)
    rewrite(log, text("Converted"))  # as long as Qualified, and nobody can see it from outside
    assert glance(log) == before
    assert [known.rows for known in load(store, log).known] == [MANY]
    assert store.value("select count(*) from event where event_name = 'Converted'") == 0


@pytest.mark.parametrize("packed", [False, True])
def test_a_later_time_of_change_has_the_file_read_again(store: Store, log: Path, packed: bool) -> None:
    pack = gzip.compress if packed else lambda content: content
    rewrite(log, pack(text().encode()))
    load(store, log)
    rewrite(log, pack(text("Converted").encode()), at=log.stat().st_mtime_ns + 1)
    report = load(store, log)
    assert (report.loaded, report.known) == (1, [])
    assert store.value("select count(*) from event where event_name = 'Converted'") == 1
    assert len(load(store, log).known) == 1


@pytest.mark.parametrize("end", ["first", "last"])
def test_a_file_with_another_end_is_read_again_though_its_size_and_time_are_the_same(
    store: Store, log: Path, end: str
) -> None:
    before, after = '"Lead"', '"Deal"'
    load(store, log)
    content = text()
    changed = content.replace(before, after, 1) if end == "first" else after.join(content.rsplit(before, 1))
    rewrite(log, changed)
    assert load(store, log).loaded == 1
    assert len(load(store, log).known) == 1


def test_a_touched_file_is_read_once_and_then_known_at_a_glance(store: Store, log: Path) -> None:
    load(store, log)
    os.utime(log, ns=(0, 1))
    assert len(load(store, log).known) == 1  # its bytes are the same
    assert store.rows("select changed from seen_file") == [{"changed": 1}]
    rewrite(log, text("Converted"))
    assert len(load(store, log).known) == 1


def test_the_same_file_is_read_as_each_kind_that_it_is_offered_as(store: Store, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("id,created_time\n1234567890123456,1700000000\n")
    assert load(store, table, kind="lead_sources").loaded == 1
    assert load(store, table, kind="lead_sources").loaded == 0
    assert store.value("select count(*) from seen_file") == 1
    load(store, table)  # a log that is a list of leads: the same kind in the end
    assert store.value("select count(*) from seen_file") == 2


def test_another_way_of_reading_has_the_file_read_again(store: Store, log: Path) -> None:
    load(store, log)
    assert load(store, log, config=Config(time_zone="Europe/Berlin")).loaded == MANY
    assert load(store, log, config=Config(time_zone="Europe/Berlin")).loaded == 0


def test_a_file_that_the_store_wants_read_again_is(store: Store, log: Path) -> None:
    load(store, log)
    with store.transaction():
        store.execute("update source_file set reading = '(to be read again)'")
    assert load(store, log).loaded == MANY


def test_what_is_no_file_has_no_glance(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert [glance(tmp_path / "pipe"), glance(tmp_path), glance(tmp_path / "none"), glance(None)] == [None] * 4
    (tmp_path / "empty").touch()
    found = glance(tmp_path / "empty")
    assert found is not None
    assert found.size == 0
