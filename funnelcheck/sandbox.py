"""Where the user's own rules run: a database of its own that holds copies of facts, without files, network and time."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import duckdb

from funnelcheck import resources, sqlcheck, sqlfile
from funnelcheck.errors import BrokenRuleError
from funnelcheck.store import Store

MOST_ROWS = 1_000_000
MOST_SECONDS = 10.0
MOST_MEMORY = 2 * 2**30  # bytes; less where the store's own limit is
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_NAME = re.compile(r"\w+")
# These speak of the rule's text alone; what others quote may come from a log.
_OF_THE_TEXT = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException)


class Sandbox:
    """Facts of one judgement, copied from its store when a rule first names them; use it as a context manager."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._copied: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def rows(self, sql: str, parameters: Mapping[str, Any], table: str) -> tuple[list[str], list[dict[str, Any]]]:
        """Columns and rows of one select, kept as `table`; BrokenRuleError says what is wrong."""
        connection = self._open()
        self._copy(connection, sql)
        try:
            [statement] = _selects(connection, sql)
            named = {name: parameters[name] for name in statement.named_parameters}
        except (ValueError, KeyError) as error:
            raise BrokenRuleError("it is no single select") from error
        kept = f"create or replace temp table {table} as from (\n{sql}\n) limit {MOST_ROWS + 1}"
        with _Alarm(connection, MOST_SECONDS) as alarm:
            try:
                connection.execute(kept, named)
                result = connection.execute(f"from {table}")
                columns = [column[0] for column in result.description or []]
                rows = result.fetchall()
            except duckdb.Error as error:
                if alarm.rang:
                    raise BrokenRuleError(f"it takes longer than {MOST_SECONDS:g} seconds") from error
                if isinstance(error, duckdb.InterruptException):  # Ctrl-C
                    raise
                raise BrokenRuleError(_told(error)) from error
        if len(rows) > MOST_ROWS:
            connection.execute(f"drop table {table}")
            raise BrokenRuleError(f"it gives more than {MOST_ROWS:,} rows")
        return columns, [dict(zip(columns, row, strict=True)) for row in rows]

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = duckdb.connect(
                config={
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "allow_community_extensions": False,
                    "temp_directory": "",  # it would be a folder that may be read
                    "memory_limit": f"{self._memory() >> 20}MiB",
                }
            )
            for setting in ("TimeZone = 'UTC'", "enable_progress_bar = false", "python_enable_replacements = false"):
                self._connection.execute(f"set {setting}")
            for name in ("macros.sql", "statistics.sql"):
                self._connection.execute(sqlfile.read(resources.folder("sql") / name).sql)
            self._connection.execute("set enable_external_access = false")
            self._connection.execute("set lock_configuration = true")
        return self._connection

    def _memory(self) -> int:
        number, unit = str(self._store.value("select current_setting('memory_limit')")).split()
        return min(MOST_MEMORY, int(float(number) * 1024 ** _UNITS.index(unit)))

    def _copy(self, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
        """Every fact that the SQL may speak of, by its words; one too many does no harm."""
        words = {word.lower() for word in _NAME.findall(sql)}
        for name in sorted((words & (sqlcheck.facts() | set(sqlcheck.PLACES))) - self._copied):
            columns = ", ".join(sqlcheck.PLACES.get(name, ("*",)))
            self._store.rows("select 1")  # attaches the file where it was let go of, and ends any open result
            connection.register("arriving", _Stream(self._store.relation(f"select {columns} from {name}")))
            try:
                connection.execute(f"create table {name} as from arriving")
            finally:
                connection.unregister("arriving")
            self._copied.add(name)


class _Stream:
    """A relation of one database, as another one can read it."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


class _Alarm:
    """Stops what a connection does when its time is over; `rang` tells whether it came to that."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self.rang = False
        self._connection = connection
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def _ring(self) -> None:
        self.rang = True
        with suppress(duckdb.Error):
            self._connection.interrupt()


def _selects(connection: duckdb.DuckDBPyConnection, sql: str) -> Sequence[duckdb.Statement]:
    """The statements as DuckDB itself reads them; ValueError when one is no select."""
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise BrokenRuleError(_told(error)) from error
    if any(statement.type != duckdb.StatementType.SELECT for statement in statements):
        raise ValueError
    return statements


def _told(error: duckdb.Error) -> str:
    """DuckDB's own words in a line, without what may be somebody's id, name or number."""
    first = (str(error).splitlines() or [type(error).__name__])[0].strip()
    if isinstance(error, duckdb.OutOfMemoryException):
        return "it takes too much memory"
    if not isinstance(error, _OF_THE_TEXT):
        first = re.sub(r"""'[^']*'|"[^"]*"|\d{4,}""", "…", first)
    return first[:300]
