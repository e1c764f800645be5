"""A store of any earlier version is brought up to date, with a copy kept; what is no store of ours stays as it was."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from store_samples import (
    AS_OF,
    NEWEST,
    assert_one_line,
    build,
    fill,
    funnelcheck,
    killed_while_writing,
    look,
    succeeded,
    write_log,
)

from funnelcheck.store import open_store

ROWS = 500
VERSIONS = range(1, NEWEST)
SCHEMA = (
    """
    select table_name, column_name, column_index, data_type, is_nullable, column_default, comment
    from duckdb_columns() where database_name = current_database() order by all
    """,
    "select table_name, comment, temporary from duckdb_tables() where database_name = current_database() order by all",
    """
    select table_name, constraint_type, constraint_text
    from duckdb_constraints() where database_name = current_database() order by all
    """,
    "select table_name, index_name, sql from duckdb_indexes() where database_name = current_database() order by all",
    "select view_name, sql from duckdb_views() where not internal order by all",
)


def schema(store: Path) -> list[list[tuple[Any, ...]]]:
    """Tables, columns, comments, constraints, indexes and views."""
    return [look(store, sql) for sql in SCHEMA]


def rows(store: Path, like: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a store in the columns that another one has; digests of people are made anew with a key."""
    columns: dict[str, list[str]] = {}
    for table, column in look(like, "select table_name, column_name from duckdb_columns() where not internal"):
        if table not in ("funnelcheck_store", "store_key") and column != "reading":  # logs are to be read anew
            columns.setdefault(table, []).append(f"{column} is null" if column == "person_digest" else column)
    return {
        table: look(store, f"select {', '.join(names)} from {table} order by all") for table, names in columns.items()
    }


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """A store of an earlier version with rows in every table, and a second one that nobody touches."""
    build(tmp_path / "untouched.duckdb", request.param, fill(ROWS))
    shutil.copy(tmp_path / "untouched.duckdb", tmp_path / "store.duckdb")
    return tmp_path / "store.duckdb", tmp_path / "untouched.duckdb"


def test_the_numbered_files_are_counted_from_one_without_a_gap(tmp_path: Path) -> None:
    for version in range(1, NEWEST + 1):
        store = build(tmp_path / f"{version}.duckdb", version)
        assert look(store, "from funnelcheck_store") == [(version,)]


@pytest.mark.parametrize("old", VERSIONS, indirect=True)
@pytest.mark.parametrize("read_only", [False, True])
def test_an_older_store_becomes_what_a_new_one_is_and_keeps_its_rows(
    old: tuple[Path, Path], read_only: bool, tmp_path: Path
) -> None:
    store, untouched = old
    before = store.read_bytes()
    [(version,)] = look(store, "from funnelcheck_store")
    told: list[str] = []
    with open_store(store, read_only=read_only, tell=told.append) as opened:
        assert opened.value("select version from funnelcheck_store") == NEWEST
    backup = Path(f"{store}.version-{version}")
    assert told == [f"{store} is now of version {NEWEST}; as it was before it is {backup}"]
    open_store(tmp_path / "fresh.duckdb").close()
    assert schema(store) == schema(tmp_path / "fresh.duckdb")
    assert rows(store, untouched) == rows(untouched, untouched)
    assert all(len(kept) == (3 if table == "source_file" else ROWS) for table, kept in rows(store, untouched).items())
    assert look(backup, "from funnelcheck_store") == [(version,)]
    assert schema(backup) == schema(untouched)
    assert rows(backup, untouched) == rows(untouched, untouched)
    assert backup.read_bytes() == before


@pytest.mark.parametrize("old", VERSIONS, indirect=True)
def test_a_store_is_brought_up_to_date_once(old: tuple[Path, Path], tmp_path: Path) -> None:
    store, _ = old
    open_store(store).close()
    after = {path.name: path.read_bytes() for path in tmp_path.glob("store.duckdb*")}
    assert len(after) == 2
    told: list[str] = []
    for read_only in (True, False):
        open_store(store, read_only=read_only, tell=told.append).close()
    assert not told
    assert {path.name: path.read_bytes() for path in tmp_path.glob("store.duckdb*")} == after


@pytest.mark.parametrize("old", VERSIONS, indirect=True)
def test_every_command_works_on_an_older_store(old: tuple[Path, Path], tmp_path: Path) -> None:
    store, untouched = old
    check = ("check", "--store", "store.duckdb", "--as-of", AS_OF)
    done = succeeded(funnelcheck(*check, cwd=tmp_path))
    assert "acme" in done.stdout
    assert f"store.duckdb.version-{look(untouched, 'from funnelcheck_store')[0][0]}" in done.stderr
    again = succeeded(funnelcheck(*check, cwd=tmp_path))
    assert again.stdout == done.stdout
    assert "version" not in again.stderr
    store.unlink()
    shutil.copy(untouched, store)
    write_log(tmp_path / "new.jsonl", 0, 100)
    assert funnelcheck("ingest", "new.jsonl", "--store", "store.duckdb", cwd=tmp_path).returncode == 0
    assert look(store, "select count(*) from request") == [(ROWS + 100,)]


@pytest.mark.parametrize("old", [1], indirect=True)
def test_digests_of_people_without_a_key_are_in_no_newer_store(old: tuple[Path, Path]) -> None:
    store, untouched = old
    open_store(store).close()
    people = "select count(distinct person_digest), count(person_digest) from event"
    assert look(store, people) == look(untouched, people)
    kept = {digest for (digest,) in look(untouched, "select distinct person_digest from event")} - {None}
    digests = {digest for (digest,) in look(store, "select distinct person_digest from event")} - {None}
    assert kept
    assert digests
    assert not kept & digests


def test_a_copy_of_an_older_store_is_as_private_as_the_store(tmp_path: Path) -> None:
    store = build(tmp_path / "store.duckdb", 1)
    store.chmod(0o600)
    open_store(store).close()
    assert Path(f"{store}.version-1").stat().st_mode == store.stat().st_mode


def test_a_copy_is_of_the_store_as_it_was_before_the_last_migration(tmp_path: Path) -> None:
    """Somebody goes back to the copy, loads more with the older funnelcheck, and comes again."""
    store, backup = build(tmp_path / "store.duckdb", 1), tmp_path / "store.duckdb.version-1"
    open_store(store).close()
    shutil.copy(backup, store)
    with duckdb.connect(str(store)) as connection:
        fill(7)(connection)
    open_store(store).close()
    assert look(store, "select count(*) from request") == look(backup, "select count(*) from request") == [(7,)]


def test_a_store_is_found_again_though_the_current_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store("store.duckdb") as store:
        with store.apart():
            monkeypatch.chdir("/")
        assert store.value("select count(*) from event") == 0


# --- what is no store ---


def refused(store: Path, tmp_path: Path, *words: str) -> None:
    """Every command refuses a file in one line, and the folder stays as it was."""
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    write_log(tmp_path / "logs/new.jsonl", 0, 3)
    for command in (("check",), ("ingest", "logs")):
        done = funnelcheck(*command, "--store", store.name, cwd=tmp_path)
        assert_one_line(done, 3, store.name, *words)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_store_of_a_newer_version_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    store = build(tmp_path / "store.duckdb", NEWEST)
    with duckdb.connect(str(store)) as connection:
        connection.execute(f"update funnelcheck_store set version = {NEWEST + 1}")
    refused(store, tmp_path, f"version {NEWEST + 1}", f"knows {NEWEST}", "use a newer funnelcheck")


def test_a_database_without_tables_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "store.duckdb")).close()
    refused(tmp_path / "store.duckdb", tmp_path, "no funnelcheck store")


@pytest.mark.parametrize("content", [b"", b"id,created_time\n1,2\n" * 999, b"SQLite format 3\0" + bytes(9_000)])
def test_a_file_that_is_no_database_is_refused_and_stays_as_it_was(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "store.duckdb").write_bytes(content)
    refused(tmp_path / "store.duckdb", tmp_path, "no funnelcheck store")


def test_a_folder_in_the_place_of_the_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.duckdb").mkdir()
    refused(tmp_path / "store.duckdb", tmp_path)


def test_a_folder_in_which_no_store_can_be_made_is_refused(tmp_path: Path) -> None:
    write_log(tmp_path / "new.jsonl", 0, 3)
    for place in ("/proc/store.duckdb", "/sys/store.duckdb", "missing/store.duckdb"):
        assert_one_line(funnelcheck("ingest", "new.jsonl", "--store", place, cwd=tmp_path), 3, place)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the newest version with rows."""
    folder = tmp_path_factory.mktemp("whole")
    write_log(folder / "a.jsonl", 0, 3_000)
    assert funnelcheck("ingest", "a.jsonl", "--store", "store.duckdb", cwd=folder).returncode == 0
    return folder / "store.duckdb"


@pytest.mark.parametrize("size", [20, 12_288, 300_000])
def test_a_store_that_was_cut_short_is_refused_and_stays_as_it_was(size: int, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "store.duckdb").write_bytes(whole.read_bytes()[:size])
    refused(tmp_path / "store.duckdb", tmp_path)


@pytest.mark.parametrize("place", [8, 20])
def test_a_store_whose_header_is_damaged_is_refused_and_stays_as_it_was(
    place: int, whole: Path, tmp_path: Path
) -> None:
    content = bytearray(whole.read_bytes())
    content[place] ^= 0xFF
    (tmp_path / "store.duckdb").write_bytes(content)
    refused(tmp_path / "store.duckdb", tmp_path)


@pytest.mark.parametrize("number", range(3))
def test_a_damage_anywhere_is_found_or_does_no_harm(number: int, whole: Path, tmp_path: Path) -> None:
    """A damaged store is judged as the whole one is, or refused in one line."""
    content, chance = bytearray(whole.read_bytes()), random.Random(number)
    for _ in range(4):
        content[chance.randrange(4_096, len(content))] ^= 0xFF
    (tmp_path / "store.duckdb").write_bytes(content)
    check = ("check", "--store", "store.duckdb", "--as-of", AS_OF)
    done = funnelcheck(*check, cwd=tmp_path)
    if done.returncode in (0, 1):
        assert done.stdout == funnelcheck(*check, cwd=whole.parent).stdout
    else:
        assert_one_line(done, 3, "store.duckdb")
    assert (tmp_path / "store.duckdb").read_bytes() == content


def test_what_another_store_has_left_is_told(tmp_path: Path) -> None:
    """A killed load leaves a .wal; somebody deletes the store alone and begins anew."""
    killed_while_writing(build(tmp_path / "store.duckdb", NEWEST))
    (tmp_path / "store.duckdb").unlink()
    write_log(tmp_path / "new.jsonl", 0, 3)
    ingest = ("ingest", "new.jsonl", "--store", "store.duckdb")
    assert_one_line(funnelcheck(*ingest, cwd=tmp_path), 3, "store.duckdb.wal", "another store")
    (tmp_path / "store.duckdb.wal").unlink()
    assert funnelcheck(*ingest, cwd=tmp_path).returncode == 0
