"""A lake: the tables of a store as a folder of Parquet that DuckDB, Polars and Spark read, and that is read as a store.

    LAKE/manifest.json                                      what the lake holds; without it a folder is no lake
    LAKE/event/bucket=3/day=2026-11-21/<export>-0.parquet   a table that grows with what is sent
    LAKE/source_file/<export>-0.parquet                     any other table

`bucket` is the first eight hexadecimal digits of the MD5 of advertiser_id (UTF-8), as a number, modulo the manifest's
`buckets`: no name of an advertiser gets into a path. `day` is the calendar day in UTC of the second that PARTITIONED
names. Either is null, in Hive's spelling, where a row has none; neither is a column of the files. `<export>` is the
same in all files of one export, and the manifest names it.

Columns are those of the store by name, in types that every reader has: STORED_AS says where they differ. A table
without rows has one file without rows, so that its columns are known.
"""

from __future__ import annotations

import glob
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from funnelcheck.errors import OutputError, StoreError
from funnelcheck.store import Store
from funnelcheck.writing import replace_folder

MANIFEST = "manifest.json"
KIND = "funnelcheck lake"
LAYOUT = 1  # of the folders and types, whatever the tables are
BUCKETS = 4  # by default: sixty days of a table are 240 files then

# The second (Unix, UTC) whose day a row of the table lies under; every other table is one file.
PARTITIONED = {
    "request": "upload_time",
    "event": "upload_time",
    "activity": "upload_time",  # of its request, as its advertiser is
    "app_event": "upload_time",
    "attributed_install": "install_time",
    "lead": "created_time",
}
# Type in the store -> how the files hold a column, and how it is read back.
STORED_AS = {
    "UHUGEINT": ("upper(lpad(hex({0}), 32, '0'))", "('0x' || {0})::uhugeint"),  # 32 digits sort as the number does
    "UTINYINT": ("{0}::smallint", "{0}::utinyint"),
}
_FOREIGN = "this folder is no lake of funnelcheck export"
_OF_REQUEST = "left join (select request_id, advertiser_id, upload_time from request) using (request_id)"
_NULL = "__HIVE_DEFAULT_PARTITION__"
_PART = re.compile(
    rf"(\w+)/(?:bucket=(?:\d+|{_NULL})/day=(?:\d{{4}}-\d\d-\d\d|{_NULL})/)?[0-9a-f]{{8}}-\d+\.parquet", re.ASCII
)
_FORMAT = "format parquet, compression zstd"
_LAST_SECOND = 253_402_300_799  # of the year 9999


def write(store: Store, out: Path, *, buckets: int = BUCKETS) -> dict[str, int]:
    """Write every table of a store into a lake; how many rows each has.

    An earlier lake is replaced whole or not at all. OutputError (exit code 3) when the folder holds anything else, or
    cannot be written.
    """
    _require_ours(out)
    export = secrets.token_hex(4)
    with _writing(out), replace_folder(out.resolve()) as folder:
        rows = {table: _write_table(store, table, folder, export, buckets) for table in _tables(store)}
        files = {file.relative_to(folder).as_posix(): file.stat().st_size for file in _files(folder)}
        manifest = _manifest(store, export, buckets, rows, files)
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8", newline="\n")
    return rows


def is_lake(folder: Path) -> bool:
    """Whether an export of ours has written this folder."""
    try:
        return _read(folder).get("kind") == KIND
    except StoreError:
        return False


def attach(store: Store) -> None:
    """Put views of a lake's files in the place of a store's tables, which are there and are those of this version.

    StoreError (exit code 3) when the folder is no lake, is of another version, or is not whole.
    """
    folder = Path(store.path)
    export = _verified(folder, store.value("select version from funnelcheck_store"))
    tables = {table: columns_of(store, table) for table in _tables(store)}
    for table, columns in tables.items():
        parts = "*/*/" if table in PARTITIONED else ""
        pattern = f"{glob.escape(str(folder.absolute() / table))}/{parts}{export}-*.parquet"
        told = selected(columns, 1)
        source = f"read_parquet({_quoted(pattern)}, hive_partitioning = false)"
        store.execute(f"drop table {table}; create view {table} as select {told} from {source}")


def _write_table(store: Store, table: str, folder: Path, export: str, buckets: int) -> int:
    told = selected(columns_of(store, table), 0)
    rows: int = store.value(f"select count(*) from {table}")
    place, name = folder / table, f"{export}-0.parquet"
    if table not in PARTITIONED or not rows:
        if table in PARTITIONED:
            place = place / f"bucket={_NULL}" / f"day={_NULL}"
        place.mkdir(parents=True)
        store.connection.execute(f"copy (select {told} from {table}) to {_quoted(place / name)} ({_FORMAT})")
        return rows
    second = PARTITIONED[table]
    store.connection.execute(  # what fails here is the lake's fault, not the store's
        f"""
        copy (
            select
                {told},
                ('0x' || left(md5(advertiser_id), 8))::bigint % {int(buckets)} as bucket,
                case
                    when {second} between 0 and {_LAST_SECOND}
                        then date '1970-01-01' + ({second} // 86400)::integer
                end as day
            from {table}
            {_OF_REQUEST if table == "activity" else ""}
            order by bucket, day
        ) to {_quoted(place)}
        ({_FORMAT}, partition_by (bucket, day), filename_pattern '{export}-{{i}}')
        """
    )
    return rows


def _manifest(
    store: Store, export: str, buckets: int, rows: Mapping[str, int], files: Mapping[str, int]
) -> dict[str, Any]:
    from funnelcheck import __version__

    return {
        "kind": KIND,
        "layout": LAYOUT,
        "version": __version__,
        "store_version": store.value("select max(version) from funnelcheck_store"),
        "export": export,
        "buckets": buckets,
        "bucket": "first 8 hexadecimal digits of md5(advertiser_id) as a number, modulo buckets; null without one",
        "day": "calendar day in UTC of the table's column day_of; null without one",
        "tables": {
            table: {"rows": count, "partitioned_by": ["bucket", "day"], "day_of": PARTITIONED[table]}
            if table in PARTITIONED
            else {"rows": count, "partitioned_by": []}
            for table, count in rows.items()
        },
        "files": files,
    }


def _read(folder: Path) -> dict[str, Any]:
    """A lake's manifest, if it is one at all."""
    path = folder / MANIFEST
    try:
        return read_manifest(path.read_bytes(), str(folder))
    except FileNotFoundError as error:
        raise StoreError(f"{folder}: {_FOREIGN}; name another with --store") from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})") from error


def read_manifest(text: str | bytes, lake: str) -> dict[str, Any]:
    """The manifest of a lake, wherever it lies; StoreError where it is none."""
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(lake) from error
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise StoreError(f"{lake}: {_FOREIGN}; name another with --store")
    return manifest


def _damaged(lake: str) -> StoreError:
    return StoreError(f"{lake}/{MANIFEST}: is damaged; export the lake again, or name another with --store")


def export_of(manifest: Mapping[str, Any], lake: str, version: int) -> str:
    """What the names of a lake's files begin with; StoreError where it is of another version than the tables."""
    export, held, layout = (manifest.get(key) for key in ("export", "store_version", "layout"))
    if not isinstance(layout, int) or not isinstance(held, int):
        raise _damaged(lake)
    if layout > LAYOUT or held > version:
        raise StoreError(
            f"{lake}: the lake has version {held} (layout {layout}), this funnelcheck knows {version} "
            f"(layout {LAYOUT}); use a newer funnelcheck"
        )
    if held < version:
        raise StoreError(
            f"{lake}: the lake has version {held}, this funnelcheck reads {version}; export it again from its store"
        )
    if not isinstance(manifest.get("files"), dict) or not re.fullmatch("[0-9a-f]{8}", str(export)):
        raise _damaged(lake)
    return str(export)


def _verified(folder: Path, version: int) -> str:
    """What the names of a whole lake's files begin with."""
    manifest = _read(folder)
    export, files = export_of(manifest, str(folder), version), manifest["files"]
    found = {file.relative_to(folder).as_posix(): file.stat().st_size for file in _files(folder)}
    for name, size in files.items():
        if found.pop(name, None) != size:
            raise StoreError(f"{folder / name}: this file of the lake is missing or damaged; export the lake again")
    for name in found:
        raise StoreError(f"{folder / name}: is no part of this lake; move it away, or export the lake again")
    return export


def _require_ours(out: Path) -> None:
    with _writing(out):
        if not out.exists() or (out.is_dir() and not any(out.iterdir())):
            return
        if not out.is_dir() or not is_lake(out):
            raise OutputError(f"{out}: holds something that is no lake of ours; name another folder with --lake")
        for file in sorted(out.rglob("*")):
            name = file.relative_to(out).as_posix()
            if not file.is_dir() and name != MANIFEST and not _PART.fullmatch(name):
                raise OutputError(f"{file}: is no part of a lake and would be deleted; move it, or name another --lake")


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise OutputError(f"{out}: the lake cannot be written ({why}); name another folder with --lake") from error


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*.parquet")) if file.is_file())


def _tables(store: Store) -> list[str]:
    """Of a lake, which may be exported too, the views that stand for them."""
    found = store.rows("select distinct table_name from duckdb_columns() where database_name = 'store' order by all")
    return [row["table_name"] for row in found]


def columns_of(store: Store, table: str) -> dict[str, str]:
    """The columns of a store's table and their types."""
    found = store.rows(
        """
        select column_name, data_type
        from duckdb_columns()
        where database_name = 'store' and table_name = $name
        order by column_index
        """,
        {"name": table},
    )
    return {row["column_name"]: row["data_type"] for row in found}


def selected(columns: Mapping[str, str], way: int) -> str:
    """Columns as the files hold them (0), or as the store does (1)."""
    stored = {column: STORED_AS.get(kind, ("{0}", "{0}"))[way] for column, kind in columns.items()}
    return ", ".join(f"""{how.format(f'"{column}"')} as "{column}\"""" for column, how in stored.items())


def _quoted(text: Path | str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
