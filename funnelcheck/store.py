"""The DuckDB file: create it, recognise it, lock it, run our SQL files in it."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from funnelcheck import resources, sqlfile
from funnelcheck.errors import RuleError, StoreError

VERSION = 1
LOCK_WAIT = 3.0  # seconds to wait for another process before giving up
_HOLDER = re.compile(r"held in (.+?) \(PID (\d+)\)")


class Store:
    """An open store; use it as a context manager so that the file is let go of."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: str) -> None:
        self.connection = connection
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run SQL statements; each takes from `parameters` the ones it names."""
        result = self.connection
        for statement in self.connection.extract_statements(sql):
            named = {name: (parameters or {})[name] for name in statement.named_parameters}
            result = self.connection.execute(statement, named) if named else self.connection.execute(statement)
        return result

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """All rows of a query, as dictionaries by column."""
        result = self.execute(sql, parameters)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def value(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row."""
        row = self.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def run_file(self, name: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one file of sql/, like "ingest/events.sql"."""
        self._run(sqlfile.read(resources.folder("sql") / name), parameters)

    def run_folder(self, name: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run every file below a folder of sql/, in the order of their names."""
        for file in sqlfile.read_folder(resources.folder("sql") / name):
            self._run(file, parameters)

    def _run(self, file: sqlfile.SqlFile, parameters: Mapping[str, Any] | None) -> None:
        try:
            self.execute(file.sql, parameters)
        except (KeyError, duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
            raise RuleError(f"{file.path}: {error}") from error

    def put_rows(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """A few rows as a temporary table; `columns` as in create table."""
        self.connection.execute(f"create or replace temp table {table} ({columns})")
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            self.connection.executemany(f"insert into {table} values ({marks})", rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what happens inside is kept only when it ends well."""
        self.connection.execute("begin")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")


def open_store(path: str | Path = ":memory:", *, read_only: bool = False) -> Store:
    """Open a store, creating it when it is not there (unless `read_only`).

    StoreError (exit code 3) when the file is locked, damaged or not ours; a store that is not ours is
    never changed.
    """
    name = str(path)
    fresh = name == ":memory:" or not Path(name).exists()
    if fresh and read_only:
        raise StoreError(
            f"{name}: there is no such store; load something first: funnelcheck ingest SOURCE --store {name}"
        )
    if not fresh and not _is_duckdb(Path(name)):
        raise StoreError(f"{name}: this file is no funnelcheck store; name another with --store")
    if not Path(name).absolute().parent.is_dir():
        raise StoreError(f"{name}: the folder of the store does not exist; make it, or name another --store")
    store = Store(_connect(name, read_only), name)
    try:
        _prepare(store, fresh)
    except BaseException:
        store.close()
        raise
    return store


def _is_duckdb(path: Path) -> bool:
    """Whether the file begins as DuckDB's do."""
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == b"DUCK"
    except OSError as error:
        raise StoreError(f"{path}: the store cannot be read ({error.strerror}); name another with --store") from error


def _connect(name: str, read_only: bool) -> duckdb.DuckDBPyConnection:
    options: dict[str, Any] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": str(Path(tempfile.gettempdir()) / "funnelcheck-spill"),
    }
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            return duckdb.connect(name, read_only=read_only, config=options)
        except duckdb.Error as error:
            if "lock" not in str(error) or time.monotonic() > deadline:
                raise _trouble(name, error) from error
            time.sleep(0.1)


def _trouble(name: str, error: duckdb.Error) -> StoreError:
    text = str(error)
    if "lock" in text:
        holder = _HOLDER.search(text)
        who = f"by process {holder[2]} ({holder[1]})" if holder else "by another process"
        return StoreError(f"{name}: the store is in use {who}; wait for it to end, or name another --store")
    first = text.splitlines()[0]
    if "Permission denied" in text or "Read-only" in text or "Cannot open file" in text:
        return StoreError(f"{name}: the store cannot be written here; name another place with --store")
    return StoreError(f"{name}: the store cannot be opened ({first}); restore a copy, or name another --store")


def _prepare(store: Store, fresh: bool) -> None:
    store.execute("set TimeZone = 'UTC'")
    store.execute("set enable_progress_bar = false")
    if fresh:
        with store.transaction():
            store.run_folder("store")
    else:
        _recognise(store)
    store.run_file("macros.sql")
    store.run_file("statistics.sql")


def _recognise(store: Store) -> None:
    tables = {row["table_name"] for row in store.rows("select table_name from duckdb_tables() where not internal")}
    if "funnelcheck_store" not in tables:
        raise StoreError(f"{store.path}: this DuckDB file is no funnelcheck store; name another with --store")
    version = store.value("select max(version) from funnelcheck_store")
    if version != VERSION:
        raise StoreError(
            f"{store.path}: the store has version {version}, this funnelcheck reads {VERSION}; "
            "load the logs into a new --store"
        )
