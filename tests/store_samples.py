"""Loads, stores and processes for the tests that kill them, fill their disk and run several at once."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from ingest_samples import LEAD, TIME, enveloped, event, lead_cells, lead_list, write

from funnelcheck import check, resources, sqlfile
from funnelcheck.cli.options import parse_as_of
from funnelcheck.render.json import render
from funnelcheck.store import open_store

AS_OF = "2026-11-22T00:00:00Z"
ADVERTISERS = ("acme", "brick-homes", "cove")
STAGES = ("Lead", "Lead", "Lead", "Qualified", "Qualified", "Won")
NEWEST = max(int(file.name.partition("_")[0]) for file in sqlfile.read_folder(resources.folder("sql") / "store"))


def environment(temporary: Path) -> dict[str, str]:
    """As on a machine of nobody's, with a folder of its own for what is temporary."""
    temporary.mkdir(parents=True, exist_ok=True)
    kept = {key: value for key, value in os.environ.items() if key not in ("SOURCE_DATE_EPOCH", "PYTHONUNBUFFERED")}
    return kept | {"TMPDIR": str(temporary)}


def start(*arguments: str | Path, cwd: Path, limit: int | None = None) -> subprocess.Popen[str]:
    """A funnelcheck in `cwd` that goes on by itself; no file of it may grow beyond `limit` bytes."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, resource.RLIM_INFINITY))

    return subprocess.Popen(
        [sys.executable, "-m", "funnelcheck", *map(str, arguments)],
        cwd=cwd,
        env=environment(cwd / "temporary"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limited if limit is not None else None,
    )


def finished(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """What a started one came to."""
    out, err = process.communicate(timeout=180)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def funnelcheck(*arguments: str | Path, cwd: Path, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """A funnelcheck from its beginning to its end."""
    return finished(start(*arguments, cwd=cwd, limit=limit))


def succeeded(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """A judgement that could be made, or a load without a problem."""
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return done


def assert_one_line(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """The promised code, no traceback, and one line of an error that says what is wrong."""
    assert done.returncode == code, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("funnelcheck: ")]
    assert len(errors) == 1, done.stderr
    assert done.stderr.splitlines()[-1] == errors[0] or code == 3, done.stderr
    for word in words:
        assert word in errors[0], errors[0]


def records(first: int, count: int) -> list[dict[str, Any]]:
    """Records of a log, each unlike any other; `first` is the number of the first."""
    return [
        enveloped(
            number,
            advertiser_id=ADVERTISERS[number % len(ADVERTISERS)],
            event=event(
                event_name=STAGES[number % len(STAGES)],
                event_time=TIME + number % 2_000_000,
                user_data={"lead_id": int(LEAD) + number % 5_000},
            ),
            request_number=number,
        )
        for number in range(first, first + count)
    ]


def write_log(path: Path, first: int, count: int, *, spoilt: int = 0) -> Path:
    """A log of `count` records and some lines that are none."""
    return write(path, [*records(first, count), *(f"no record {number}" for number in range(spoilt))])


def write_lead_list(path: Path, first: int, count: int) -> Path:
    """A lead list of `count` leads."""
    return write(path, lead_list(*(lead_cells(number) for number in range(first, first + count))))


def judged(store: Path) -> str:
    """What `check` prints as JSON."""
    with open_store(store, read_only=True) as opened:
        return render(check(opened, as_of=parse_as_of(AS_OF)))


def look(store: Path, sql: str, *, read_only: bool = True) -> list[tuple[Any, ...]]:
    """A query of DuckDB alone."""
    with duckdb.connect(str(store), read_only=read_only) as connection:
        return connection.execute(sql).fetchall()


def counts(store: Path) -> list[tuple[Any, ...]]:
    """What became of every file's rows, without the files' numbers."""
    return look(store, "select path, kind, rows_read, loaded, duplicates, quarantined from source_file order by all")


def contents(store: Path) -> list[tuple[Any, ...]]:
    """How many rows each table holds, and a digest of them all; without what a store invents for itself."""
    tables = look(store, "select table_name from duckdb_tables() where table_name <> 'store_key' order by all")
    rows = "select count(*), coalesce(sum(hash(it)), 0)::varchar from {0} as it"
    return [(name, *look(store, rows.format(name))[0]) for (name,) in tables]


def assert_whole(store: Path) -> None:
    """Every file of a store is whole, and nothing in it is without a file; read-only and not."""
    whole = """
        select file_id, path, rows_read, loaded + duplicates + quarantined,
            loaded, case kind when 'leads' then in_lead else in_request end, quarantined, in_quarantine
        from source_file
        full join (select file_id, count(*) as in_request from request group by all) using (file_id)
        full join (select file_id, count(*) as in_lead from lead group by all) using (file_id)
        full join (select file_id, count(*) as in_quarantine from quarantine group by all) using (file_id)
    """
    for read_only in (True, False):
        for file, path, rows, summed, loaded, kept, spoilt, quarantined in look(store, whole, read_only=read_only):
            assert path is not None, f"rows without a file: {file}"
            assert rows == summed, path
            assert loaded == (kept or 0), path
            assert spoilt == (quarantined or 0), path
        [(events, elements)] = look(
            store, "select (select count(*) from event), (select coalesce(sum(event_count), 0) from request)"
        )
        assert events == elements
        [(files, contents)] = look(
            store, "select count(*), count(distinct (sha256, kind, folder_owner)) from source_file"
        )
        assert files == contents, "a file was loaded twice"


Fill = Callable[[duckdb.DuckDBPyConnection], None]


def build(store: Path, version: int, put: Fill = lambda connection: None) -> Path:
    """A store of an earlier version, as the numbered files up to it make one."""
    with duckdb.connect(str(store)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for file in sqlfile.read_folder(resources.folder("sql") / "store"):
            if int(file.name.partition("_")[0]) <= version:
                connection.execute(file.sql)
        put(connection)
    return store


VALUES = {  # of a column by its name, else by its type; i is the row's number
    "file_id": "1 + i % 3",
    "kind": "'events'",
    "shape": "'enveloped event'",
    "channel": "'crm'",
    "event_count": "1",
    "position": "0",
    "advertiser_id": "'acme'",
    "upload_time": f"{TIME} + i",
    "event_time": f"{TIME} + i",
    "created_time": f"{TIME} + i",
    "event_time_form": "'integer'",
    "lead_id": f"({LEAD} + i)::varchar",
    "person_digest": "if(i % 2 = 0, left(sha256(i::varchar), 16), null)",
    "http_status": "200",
    "accepted": "true",
    "test_traffic": "false",
    "digest_forms": "'em:sha256 ph:plain'",
    "settings": "'{}'",
    "verdict": "'ready'",
    "severity": "'required'",
    "status": "'pass'",
    "BIGINT": "i",
    "INTEGER": "i",
    "UTINYINT": "i % 5",
    "UHUGEINT": "md5_number(i::varchar)",
    "VARCHAR": "'é ' || i",
    "VARCHAR[]": "['é ' || i, null]",
    "BOOLEAN": "i % 2 = 0",
    "DOUBLE": "i / 8",
    "DATE": "date '2026-01-01' + (i % 300)::integer",
}


def fill(rows: int) -> Fill:
    """Rows in every table of a version, whatever its columns are; three of them are files."""

    def put(connection: duckdb.DuckDBPyConnection) -> None:
        tables: dict[str, list[str]] = {}
        columns = "select table_name, column_name, data_type from duckdb_columns() where not internal order by all"
        for table, column, kind in connection.execute(columns).fetchall():
            if table not in ("funnelcheck_store", "store_key"):
                tables.setdefault(table, []).append(f"{VALUES.get(column) or VALUES[kind]} as {column}")
        for table, values in tables.items():
            count = 3 if table == "source_file" else rows
            connection.execute(f"insert into {table} by name select {', '.join(values)} from range({count}) _(i)")

    return put


def loaded(done: subprocess.CompletedProcess[str]) -> int:
    """How many rows a check says are loaded."""
    return int(json.loads(done.stdout)["inputs"]["loaded"])


def killed_while_writing(store: Path) -> None:
    """Another process has written a row of quarantine, and was killed before it could tidy up."""
    killed = f"""
import duckdb, os, signal
connection = duckdb.connect({str(store)!r})
connection.execute("insert into quarantine (file_id, line, reason) values (1, 1, 'late')")
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -signal.SIGKILL
    assert store.with_name(f"{store.name}.wal").exists()
