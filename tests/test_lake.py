"""A lake holds what its store holds, is judged alike, is read by others, and is whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import random_app_logs
import random_logs
from store_samples import (
    NEWEST,
    build,
    contents,
    fill,
    look,
)
from test_oracle import config_of

from funnelcheck import lake
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.render.json import render
from funnelcheck.runs import keep
from funnelcheck.store import Store, open_store

SEEDS = range(int(os.environ.get("FUNNELCHECK_SEEDS", "6")))
DAY = 86_400
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


def test_every_row_and_type_comes_back(store: Path, made: Path) -> None:
    with open_store(made, read_only=True) as read:
        rows = "select count(*), coalesce(sum(hash(it)), 0)::varchar from {0} as it"
        names = [name for name, *_ in contents(store)]
        assert [(name, *read.execute(rows.format(name)).fetchone()) for name in names] == contents(store)
        columns = "select column_name, column_type from (describe {0})"
        for name in (*names, "store_key"):
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
