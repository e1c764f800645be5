"""A lake holds what its store holds, is judged alike, is read by others, and is whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import random_app_logs
import random_logs
from store_samples import (
    AS_OF,
    NEWEST,
    assert_one_line,
    build,
    contents,
    fill,
    finished,
    funnelcheck,
    look,
    start,
    write_lead_list,
    write_log,
)
from test_oracle import config_of

from funnelcheck import lake
from funnelcheck.errors import OutputError, StoreError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.render.json import render
from funnelcheck.runs import keep
from funnelcheck.store import Store, open_store

SEEDS = range(int(os.environ.get("FUNNELCHECK_SEEDS", "3")))
DAY = 86_400
LATE = 1_795_305_600  # as AS_OF
PLAIN = {"BIGINT", "INTEGER", "SMALLINT", "VARCHAR", "VARCHAR[]", "BOOLEAN", "DOUBLE", "DATE"}
HOSTILE = ["../../up", "a/b", "day=1", "'; drop table event; --", "é\u202e*?[x]", "", "x" * 300]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with rows in every table, some without advertiser or time, of advertisers with hostile names."""
    path = build(tmp_path_factory.mktemp("store") / "store.duckdb", NEWEST, fill(500))
    with duckdb.connect(str(path)) as connection:
        for table in ("request", "event", "lead", "app_event", "attributed_install"):
            for number, name in enumerate(HOSTILE):
                connection.execute(f"update {table} set advertiser_id = ? where rowid % 9 = ?", [name, number])
            second = lake.PARTITIONED[table]
            connection.execute(f"update {table} set {second} = {second} + (rowid % 40) * {DAY}")
        for second, number in ((None, 3), (-1, 5), (10**17, 7), (0, 11)):
            for table in ("request", "event", "app_event"):
                connection.execute(f"update {table} set upload_time = ? where rowid % 50 = ?", [second, number])
        connection.execute("update lead set advertiser_id = null where rowid % 20 = 1")
        connection.execute("update request set record_digest = rowid where rowid < 3")
        connection.execute("update app_event set parameters = ['a', 'b c'] where rowid % 2 = 0")
    return path


@pytest.fixture(scope="module")
def made(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of it, in a folder with a name of signs that mean something elsewhere; never changed."""
    return written(store, tmp_path_factory.mktemp("lake") / "it's [a] lake*")


def written(store: Path, out: Path, **options: Any) -> Path:
    with open_store(store, read_only=True) as opened:
        lake.write(opened, out, **options)
    return out


def copied(made: Path, folder: Path) -> Path:
    return Path(shutil.copytree(made, folder / "copy"))


def held(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def manifest_of(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / lake.MANIFEST).read_text())
    return told


def change(folder: Path, **changes: Any) -> Path:
    (folder / lake.MANIFEST).write_text(json.dumps(manifest_of(folder) | changes))
    return folder


def results(store: Path | Store, **options: Any) -> str:
    if isinstance(store, Store):
        return render(check(store, rows=20, **options))
    with open_store(store, read_only=True) as opened:
        return results(opened, **options)


# What a lake holds


def rows_of(folder: Path) -> list[tuple[Any, ...]]:
    """As `contents` of a store: of every table how many rows, and a digest of them all."""
    rows = "select count(*), coalesce(sum(hash(it)), 0)::varchar from {0} as it"
    with open_store(folder, read_only=True) as read:
        tables = sorted(manifest_of(folder)["tables"].keys() - {"store_key"})
        return [(name, *read.execute(rows.format(name)).fetchone()) for name in tables]


def test_every_row_and_type_comes_back(store: Path, made: Path) -> None:
    assert rows_of(made) == contents(store)
    with open_store(made, read_only=True) as read:
        columns = "select column_name, column_type from (describe {0})"
        for name in manifest_of(made)["tables"]:
            assert read.execute(columns.format(name)).fetchall() == look(store, columns.format(name)), name
        assert read.execute("from store_key").fetchall() == look(store, "from store_key")


def test_the_manifest_says_what_is_there(store: Path, made: Path) -> None:
    told = manifest_of(made)
    tables = [name for (name,) in look(store, "select table_name from duckdb_tables() order by all")]
    assert list(told["tables"]) == tables
    for name in tables:
        assert [(told["tables"][name]["rows"],)] == look(store, f"select count(*) from {name}")
    files = {name: len(content) for name, content in held(made).items()} | {lake.MANIFEST: 0}
    assert files == told["files"] | {lake.MANIFEST: 0}
    assert (told["store_version"], told["buckets"]) == (NEWEST, lake.BUCKETS)


def test_every_type_is_one_that_spark_reads(made: Path) -> None:
    for table in manifest_of(made)["tables"]:
        one = str(next((made / table).rglob("*.parquet")))
        kinds = duckdb.execute("select column_type from (describe from read_parquet($one))", {"one": glob_of(one)})
        assert {kind for (kind,) in kinds.fetchall()} <= PLAIN, table


def glob_of(path: str) -> str:
    return path.replace("[", "[[]").replace("*", "[*]")


def test_a_bucket_can_be_worked_out_elsewhere_and_a_day_is_that_of_the_row(made: Path) -> None:
    rows = scanned(made, "event").select("advertiser_id", "upload_time", "bucket", "day").unique().rows()
    assert len(rows) > 400
    for advertiser, upload, bucket, day in rows:
        assert bucket == int(hashlib.md5(advertiser.encode()).hexdigest()[:8], 16) % lake.BUCKETS
        expected = None if upload is None or not 0 <= upload < 253_402_300_800 else upload // DAY
        assert (day and day.toordinal() - 719_163) == expected
    assert {day is None for *_, day in rows} == {True, False}


def test_no_name_of_an_advertiser_gets_into_a_path(made: Path) -> None:
    for name in held(made):
        assert name == lake.MANIFEST or lake._PART.fullmatch(name), name
    assert not list(made.parent.parent.glob("up*"))


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    with open_store(tmp_path / "empty.duckdb"):
        pass
    empty = written(tmp_path / "empty.duckdb", tmp_path / "lake")
    assert results(empty, as_of=1) == results(tmp_path / "empty.duckdb", as_of=1)
    for table, columns in (("event", 23), ("source_file", 12)):
        frame = scanned(empty, table)
        assert (frame.height, len(set(frame.columns) - {"bucket", "day"})) == (0, columns)


# Read by others


def scanned(folder: Path, table: str) -> pl.DataFrame:
    """A table of a lake as Polars reads it."""
    parts = sorted((folder / table).rglob("*.parquet"))
    options: dict[str, Any] = {}
    if table in lake.PARTITIONED:
        options = {"hive_partitioning": True, "hive_schema": {"bucket": pl.Int64, "day": pl.Date}}
    return pl.scan_parquet(parts, glob=False, **options).collect()


def test_polars_sees_the_same_sums(store: Path, made: Path) -> None:
    for table, sums in {
        "event": ("event_time", "customer_parameters", "upload_time"),
        "request": ("event_count", "line"),
        "lead": ("created_time",),
        "app_event": ("position", "value"),
        "run_finding": ("n", "affected"),
    }.items():
        frame = scanned(made, table)
        told = ", ".join(f"sum({name})" for name in sums)
        assert [(frame.height, *(frame[name].sum() for name in sums))] == look(
            store, f"select count(*), {told} from {table}"
        )
    by_advertiser = scanned(made, "event").group_by("advertiser_id").len().rows()
    assert sorted(by_advertiser) == look(store, "select advertiser_id, count(*) from event group by all order by all")


def test_duckdb_alone_reads_only_the_folders_that_are_asked_for(made: Path, tmp_path: Path) -> None:
    plain = copied(made, tmp_path)
    day = scanned(made, "event")["day"].drop_nulls()[0]
    wanted = f"bucket = 1 and day = date '{day}'"
    sql = f"select count(*) from read_parquet('{plain}/event/*/*/*.parquet') where {wanted}"
    [(count,)] = duckdb.execute(sql).fetchall()
    for file in (plain / "event" / "bucket=2").rglob("*.parquet"):
        file.write_bytes(b"nobody reads this")
    assert duckdb.execute(sql).fetchall() == [(count,)]
    assert count > 0


# Judged


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lake_is_judged_as_its_store_is(seed: int, tmp_path: Path) -> None:
    case = random_logs.write_logs(tmp_path / "case", seed)
    config = config_of(case)
    logs, leads, histories = (
        [str(p) for p in paths] for paths in (case.log_paths, case.lead_paths, case.history_paths)
    )
    path = tmp_path / "store.duckdb"
    with open_store(path) as opened:
        ingest(opened, logs, leads, history_sources=histories, config=config)
        keep(opened, check(opened, as_of=case.as_of - 8 * DAY, config=config, guide=case.guide))
    made = written(path, tmp_path / "lake", buckets=1 + seed)
    expected = results(path, as_of=case.as_of, config=config, guide=case.guide)
    assert results(made, as_of=case.as_of, config=config, guide=case.guide) == expected
    assert '"since": {' in expected


@pytest.mark.parametrize("seed", SEEDS)
def test_app_events_are_judged_as_in_their_store(seed: int, tmp_path: Path) -> None:
    case = random_app_logs.write_logs(tmp_path / "case", seed)
    path = tmp_path / "store.duckdb"
    with open_store(path) as opened:
        ingest(opened, [str(file) for file in case.log_paths])
    assert results(written(path, tmp_path / "lake"), as_of=case.as_of) == results(path, as_of=case.as_of)


def test_a_lake_can_be_exported_again_also_over_itself(store: Path, made: Path, tmp_path: Path) -> None:
    copy = copied(made, tmp_path)
    written(copy, copy, buckets=2)
    assert manifest_of(copy)["buckets"] == 2
    assert rows_of(copy) == contents(store)


# By the command line


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that has loaded something and kept a run, and its lake."""
    folder = tmp_path_factory.mktemp("home")
    write_log(folder / "logs/a.jsonl", 0, 3_000, spoilt=3)
    write_lead_list(folder / "leads.csv", 0, 900)
    run = ("run", "logs", "--leads", "leads.csv", "--store", "store.duckdb", "--as-of", AS_OF, "--out", "report")
    assert funnelcheck(*run, cwd=folder).returncode == 0
    done = funnelcheck("export", "--store", "store.duckdb", "--lake", "lake", cwd=folder)
    tables = manifest_of(folder / "lake")["tables"]
    rows = sum(table["rows"] for table in tables.values())
    assert (done.returncode, done.stderr) == (0, f"{rows:,} rows of {len(tables)} tables written to lake\n")
    return folder


def test_run_writes_the_report_of_a_lake_and_loads_nothing(home: Path) -> None:
    before = held(home / "lake")
    done = funnelcheck("run", "--store", "lake", "--as-of", AS_OF, "--out", "of-lake", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "this run is not kept: a lake is only read" in done.stderr
    assert held(home / "of-lake") == held(home / "report")
    assert held(home / "lake") == before


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--as-of", AS_OF, "--format", "json"),
        ("rows", "COV001", "--as-of", AS_OF),
        ("runs", "--format", "json"),
        ("digest", "--format", "json", "--out", "digest.html"),
        ("quarantine",),
        ("quarantine", "--exact"),
        ("notify", "--as-of", AS_OF),
        ("compare-mmp", "--as-of", AS_OF),
        ("select", "--as-of", AS_OF, "--out", "selection"),
    ],
    ids=lambda command: command[0],
)
def test_a_command_that_reads_a_store_reads_a_lake(command: tuple[str, ...], home: Path) -> None:
    of_store, of_lake = (funnelcheck(*command, "--store", name, cwd=home) for name in ("store.duckdb", "lake"))
    assert (of_lake.returncode, of_lake.stdout) == (of_store.returncode, of_store.stdout)
    assert of_lake.returncode in (0, 1), of_lake.stderr


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("run", "logs", "--store", "lake"), 3, "lake: a lake is only read; load into a store"),
        (("ingest", "logs", "--store", "lake"), 3, "lake: a lake is only read; load into a store"),
        (("run", "lake", "--store", "new.duckdb"), 3, "lake: is a lake of funnelcheck export; give it as --store"),
        (("ingest", "lake", "--store", "new.duckdb"), 3, "lake: is a lake of funnelcheck export; give it as --store"),
        (("run", "--store", "logs"), 3, "logs: this folder is no lake of funnelcheck export; name another"),
        (("run", "--store", "store.duckdb"), 2, "give a SOURCE"),
        (("export", "--store", "store.duckdb"), 2, "give --out FILE for the findings, or --lake DIR"),
        (("export", "--store", "store.duckdb", "--out", "f.csv", "--lake", "x"), 2, "give --out FILE for the findings"),
        (("export", "--store", "store.duckdb", "--lake", "x", "--advertiser", "acme"), 2, "--advertiser: is about"),
        (("export", "--store", "store.duckdb", "--lake", "x", "--show-ids"), 2, "--show-ids: is about findings"),
        (("export", "--store", "store.duckdb", "--lake", "logs"), 3, "logs: holds something that is no lake of ours"),
        (("export", "--store", "store.duckdb", "--lake", "leads.csv"), 3, "leads.csv: holds something that is no lake"),
        (
            ("export", "--store", "store.duckdb", "--lake", "leads.csv/x"),
            3,
            "leads.csv/x: the lake cannot be written (",
        ),
        (("export", "--store", "none.duckdb", "--lake", "x"), 3, "none.duckdb: there is no such store"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_call_that_cannot_be_done_says_what_to_do(
    command: tuple[str, ...], code: int, words: str, home: Path
) -> None:
    before = held(home / "lake"), held(home / "logs")
    done = funnelcheck(*command, cwd=home)
    errors = [line for line in done.stderr.splitlines() if line.startswith("funnelcheck: ")]
    assert done.returncode == code, done.stderr
    assert words in errors[0]
    assert (held(home / "lake"), held(home / "logs")) == before
    assert not (home / "x").exists()


# Whole or not there


def test_a_lake_takes_the_place_of_an_earlier_one_and_of_nothing_else(store: Path, made: Path, tmp_path: Path) -> None:
    copy = copied(made, tmp_path)
    written(store, copy, buckets=1)
    assert {name for name in held(copy) if "bucket=2" in name} == set()
    assert held(copy).keys() - {lake.MANIFEST} == manifest_of(copy)["files"].keys()
    for name in ("notes.txt", "event/bucket=1/notes.txt", "event/part-0.parquet"):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text("mine")
        before = held(copy)
        with pytest.raises(OutputError, match=rf"{name}: is no part of a lake and would be deleted"):
            written(store, copy)
        assert held(copy) == before
        (copy / name).unlink()
    assert [entry.name for entry in tmp_path.iterdir()] == ["copy"]


def test_an_export_that_is_killed_leaves_the_lake_as_it_was(home: Path) -> None:
    expected, killed = rows_of(home / "lake"), set()
    for depth in range(3):  # when its folder is there, a table's, a part of one
        before = held(home / "lake")
        process = start("export", "--store", "store.duckdb", "--lake", "lake", cwd=home)
        while process.poll() is None and not list(home.glob(".lake-*/" + "*/" * depth)):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        code = finished(process).returncode
        killed.add(code)
        assert code == 0 or held(home / "lake") == before
        assert rows_of(home / "lake") == expected
        for left in home.glob(".lake-*"):
            shutil.rmtree(left)
    assert -signal.SIGKILL in killed


def test_a_full_disk_leaves_the_lake_as_it_was_and_nothing_else(home: Path) -> None:
    before = held(home / "lake")
    done = funnelcheck("export", "--store", "store.duckdb", "--lake", "lake", cwd=home, limit=8_000)
    assert_one_line(done, 3, "lake: the lake cannot be written (", "name another folder with --lake")
    assert held(home / "lake") == before
    assert list(home.glob(".lake-*")) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"store_version": NEWEST + 1}, "has version .*; use a newer funnelcheck"),
        ({"layout": lake.LAYOUT + 1}, r"\(layout 2\), this funnelcheck knows .*; use a newer funnelcheck"),
        ({"store_version": NEWEST - 1}, "export it again from its store"),
        ({"store_version": None}, "manifest.json: is damaged"),
        ({"layout": "one"}, "manifest.json: is damaged"),
        ({"files": ["event"]}, "manifest.json: is damaged"),
        ({"export": "*"}, "manifest.json: is damaged"),
        ({"kind": "other"}, "is no lake of funnelcheck export"),
    ],
    ids=str,
)
def test_a_manifest_that_cannot_be_read_by_is_refused(
    changes: dict[str, Any], words: str, made: Path, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        open_store(change(copied(made, tmp_path), **changes), read_only=True)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_manifest_that_is_none_is_refused(content: bytes, store: Path, made: Path, tmp_path: Path) -> None:
    copy = copied(made, tmp_path)
    (copy / lake.MANIFEST).write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged|is no lake"):
        open_store(copy, read_only=True)
    with pytest.raises(OutputError, match="holds something that is no lake of ours"):
        written(store, copy)


def first_file(folder: Path) -> Path:
    return sorted((folder / "event").rglob("*.parquet"))[0]


def test_a_file_that_is_missing_cut_short_or_one_too_many_is_told(made: Path, tmp_path: Path) -> None:
    copy = copied(made, tmp_path)
    file = first_file(copy)
    content = file.read_bytes()
    file.unlink()
    with pytest.raises(StoreError, match=rf"{file}: this file of the lake is missing or damaged"):
        open_store(copy, read_only=True)
    file.write_bytes(content[:-1])
    with pytest.raises(StoreError, match=rf"{file}: this file of the lake is missing or damaged"):
        open_store(copy, read_only=True)
    file.write_bytes(content)
    more = file.with_name("other.parquet")
    more.write_bytes(content)
    with pytest.raises(StoreError, match=rf"{more}: is no part of this lake"):
        open_store(copy, read_only=True)
    more.unlink()
    assert rows_of(copy) == rows_of(made)


def test_a_file_with_other_content_is_told(made: Path, tmp_path: Path) -> None:
    copy = copied(made, tmp_path)
    file = first_file(copy)
    file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises(StoreError, match="the lake cannot be read"), open_store(copy, read_only=True) as opened:
        opened.value("select max(event_time) from event")


def test_who_reads_while_a_lake_is_replaced_is_told_and_never_mixes_the_two(
    store: Path, made: Path, tmp_path: Path
) -> None:
    copy = copied(made, tmp_path)
    with open_store(copy, read_only=True) as opened:
        assert opened.value("select count(*) from event") > 0
        written(store, copy)
        with pytest.raises(StoreError, match=r"the lake cannot be read .*; if nobody is exporting it anew"):
            opened.value("select count(*) from event")


def test_a_lake_is_never_written_to(made: Path) -> None:
    with pytest.raises(StoreError, match="a lake is only read"):
        open_store(made)
    with open_store(made, read_only=True) as opened, pytest.raises(StoreError, match="a lake is only read"):
        keep(opened, check(opened, as_of=LATE))


def test_a_lake_is_no_source(made: Path) -> None:
    with open_store() as opened:
        [problem] = ingest(opened, [str(made)]).problems
    assert problem.endswith("is a lake of funnelcheck export; give it as --store, it needs no loading")
