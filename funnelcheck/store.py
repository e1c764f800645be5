"""The DuckDB file: create it, recognise it, bring it up to date, lock it, run our SQL files in it."""

from __future__ import annotations

import errno
import itertools
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

import duckdb

from funnelcheck import resources, sqlfile
from funnelcheck.errors import RuleError, StoreError

LOCK_WAIT = 60.0  # seconds to wait for another process before giving up
_PATIENCE = 1.0  # seconds to wait without a word
_HOLDER = re.compile(r"held in (.+?) \(PID (\d+)\)")
_FULL = re.compile("No space left on device|File too large|Disk quota exceeded")
_Access = Literal["read", "write"]
# What the classes of patterns hold of ASCII: of these the engine makes a pattern in a tenth of the time.
_ASCII = {r"\p{L}": "A-Za-z", r"\p{Lu}": "A-Z", r"\p{Ll}": "a-z", r"\p{N}": "0-9", r"\p{Z}": " "}
_spills = itertools.count()
_begun: list[tuple[threading.Thread, list[duckdb.DuckDBPyConnection]]] = []


class Store:
    """An open store; use it as a context manager so that the file is let go of.

    The file is held only while it is used: shared by any statement outside `apart`, alone only inside
    `transaction`. So reports can be read while a load runs.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: str,
        *,
        read_only: bool,
        tell: Callable[[str], None],
        is_ascii: bool = False,
    ) -> None:
        self.connection = connection
        self.path = path
        self._place = Path(path).absolute()  # attached again and again, whatever the current folder is by then
        self.read_only = read_only
        self.is_lake = path != ":memory:" and self._place.is_dir()
        self._tell = tell
        self._access: _Access | None = None
        self._is_apart = False
        self._is_untidy = False  # whether it was told that the .wal stays
        self._is_ascii = is_ascii

    @property
    def in_memory(self) -> bool:
        """True for a store without a file of its own: its tables, or the views of a lake's files, are in memory."""
        return self.path == ":memory:" or self.is_lake

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
        if self._access is None and not self._is_apart:
            self._attach("read")
        if self._is_ascii:
            for unicode, ascii_ in _ASCII.items():
                sql = sql.replace(unicode, ascii_)
        result = self.connection
        try:
            for statement in self.connection.extract_statements(sql):
                named = {name: (parameters or {})[name] for name in statement.named_parameters}
                result = self.connection.execute(statement, named) if named else self.connection.execute(statement)
        except duckdb.Error as error:
            is_of_file = isinstance(error, duckdb.IOException) or "Corrupt database" in str(error)
            if is_of_file and (self._access == "read" or self.is_lake):
                raise _trouble(self.path, error) from error
            raise
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

    def relation(self, sql: str) -> duckdb.DuckDBPyRelation:
        """A query that is read row by row, by another database for example."""
        return self.connection.sql(sql)

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
        """Some rows as a temporary table; `columns` as in create table: "name varchar, place integer"."""
        self.connection.execute(f"create or replace temp table {table} ({columns})")
        self.add_rows(table, columns, rows)

    def add_rows(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """More rows of a table of put_rows."""
        if rows:
            types = [column.split()[1] for column in columns.split(",")]
            lists = ", ".join(f"unnest(?::{kind}[])" for kind in types)
            self.connection.execute(
                f"insert into {table} select {lists}", [list(values) for values in zip(*rows, strict=True)]
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what happens inside is kept only when it ends well. Others wait for its end.

        StoreError (exit code 3) when another process holds the file for longer than LOCK_WAIT, and for a lake.
        """
        if self.is_lake:
            raise _only_read(self.path)
        was_apart, self._is_apart = self._is_apart, False
        try:
            self._attach("write")
            self.connection.execute("begin")
            try:
                yield
                self.connection.execute("commit")
            except BaseException:
                with suppress(duckdb.Error):  # what failed may have ended it already
                    self.connection.execute("rollback")
                raise
        finally:
            self._is_apart = was_apart
            self._release()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """The file let go of, for work on temporary tables alone."""
        was_apart = self._is_apart
        self._release()
        self._is_apart = True
        try:
            yield
        finally:
            self._is_apart = was_apart

    def _attach(self, access: _Access) -> None:
        if self.in_memory or self._access == access:
            return
        self._release()
        self._wait_for("" if access == "write" else "(read_only)")
        self.connection.execute("use store")
        self._access = access

    def _wait_for(self, option: str) -> None:
        """Attach the file as soon as nobody is in the way."""
        quoted = str(self._place).replace("'", "''")
        start, told = time.monotonic(), False
        while True:
            try:
                self.connection.execute(f"attach '{quoted}' as store {option}")
            except duckdb.Error as error:
                waited = time.monotonic() - start
                if "Could not set lock" not in str(error) or waited > LOCK_WAIT:
                    raise _trouble(self.path, error) from error
                if waited > _PATIENCE and not told:
                    self._tell(f"{self.path} is in use {_holder(error)}; waiting up to {LOCK_WAIT:.0f} seconds for it")
                    told = True
                time.sleep(0.05)
            else:
                return

    def _release(self) -> None:
        if self.in_memory or self._access is None:
            return
        self._access = None
        self.connection.execute("use memory")
        try:
            self.connection.execute("detach store")
        except duckdb.Error as error:
            if "CHECKPOINT" not in str(error):
                raise
            # What was committed is whole in the .wal, which belongs to the store and is read with it.
            if not self._is_untidy:
                why = str(error).splitlines()[-1].rpartition("Original error: ")[2]
                self._tell(f"{self.path}: what was loaded stays in {self.path}.wal until there is room ({why})")
            self._is_untidy = True


def open_store(
    path: str | Path = ":memory:",
    *,
    read_only: bool = False,
    memory_limit: str | None = None,
    tell: Callable[[str], None] = lambda line: None,
    kind: type[Store] = Store,
) -> Store:
    """Open a store, creating it when it is not there (unless `read_only`) and bringing an older one up to date.

    `path` may be a lake, a folder that `lake.write` has written, which is only read. An older store is copied beside
    itself before. `memory_limit`, like "1GB", is the engine's; what does not fit goes to the temporary folder for a
    while (without one: four fifths of the machine's memory). `tell` hears of waiting and of such a copy. StoreError
    (exit code 3) when the file is locked, damaged or not ours; a store that is not ours is never changed.
    """
    name = str(path)
    if name != ":memory:":
        _look_at(Path(name), read_only)
    store = kind(_connect(), name, read_only=read_only, tell=tell)
    try:
        if memory_limit:
            store.connection.execute(f"set memory_limit = '{memory_limit}'")
        _prepare(store)
    except duckdb.Error as error:
        store.close()
        raise _trouble(name, error) from error
    except BaseException:
        store.close()
        raise
    return store


def begin_scratch() -> None:
    """Make the connection of the next scratch beside what Python does first: the engine leaves it alone meanwhile."""
    made: list[duckdb.DuckDBPyConnection] = []

    def connect() -> None:
        with suppress(duckdb.Error):  # told when it is tried once more
            made.append(_connect())

    thread = threading.Thread(target=connect)
    thread.start()
    _begun.append((thread, made))


def _begun_connection() -> duckdb.DuckDBPyConnection:
    """The connection that was begun before, else one made now."""
    if not _begun:
        return _connect()
    thread, made = _begun.pop()
    thread.join()
    return made[0] if made else _connect()


def scratch(*, is_ascii: bool) -> Store:
    """A store without tables, in memory: for little that is judged once and not kept, where planning costs most.

    `is_ascii`: no text that it will see is anything but ASCII, so that patterns need know no other letters.
    """
    store = Store(_begun_connection(), ":memory:", read_only=False, tell=lambda line: None, is_ascii=is_ascii)
    store.execute("set threads = 1; pragma disable_optimizer")
    store.run_file("macros.sql")
    return store


def _look_at(path: Path, read_only: bool) -> None:
    """Refuse what cannot be a store before DuckDB touches it."""
    if path.is_dir():
        from funnelcheck.lake import is_lake

        if is_lake(path) and not read_only:
            raise _only_read(path)
        return
    if not path.exists():
        if read_only:
            raise StoreError(
                f"{path}: there is no such store; load something first: funnelcheck ingest SOURCE --store {path}"
            )
        if not path.absolute().parent.is_dir():
            raise StoreError(f"{path}: the folder of the store does not exist; make it, or name another --store")
        return
    try:
        with path.open("rb") as file:
            is_ours = file.read(12)[8:] == b"DUCK"
    except OSError as error:
        raise StoreError(f"{path}: the store cannot be read ({error.strerror}); name another with --store") from error
    if not is_ours:
        raise StoreError(f"{path}: this file is no funnelcheck store; name another with --store")


def _only_read(path: Path | str) -> StoreError:
    return StoreError(f"{path}: a lake is only read; load into a store, and export that again")


def _connect() -> duckdb.DuckDBPyConnection:
    spill = Path(tempfile.gettempdir()) / f"funnelcheck-spill-{os.getpid()}-{next(_spills)}"
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(spill),  # one a store: DuckDB names the files in it itself
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    return connection


def _trouble(name: str, error: duckdb.Error) -> StoreError:
    text = str(error)
    if Path(name).is_dir():
        first = text.splitlines()[0]
        return StoreError(f"{name}: the lake cannot be read ({first}); if nobody is exporting it anew, export it again")
    if "Could not set lock" in text:
        return StoreError(
            f"{name}: the store is in use {_holder(error)}, and was for {LOCK_WAIT:.0f} seconds; "
            "wait for it to end, or name another --store"
        )
    if "Unique file handle conflict" in text:
        return StoreError(f"{name}: this process has the store open already; close it, or use that one")
    if "Permission denied" in text or "Read-only" in text or "Cannot open file" in text:
        return StoreError(f"{name}: the store cannot be written here; name another place with --store")
    if "WAL does not match" in text:
        return StoreError(f"{name}: {name}.wal is left of another store; move it away, or name another --store")
    first = text.splitlines()[0]
    full = _FULL.search(text)
    if full:
        return StoreError(f"{name}: the disk is full ({full[0]}); make room, or name another --store")
    return StoreError(f"{name}: the store cannot be opened ({first}); restore a copy, or name another --store")


def _holder(error: duckdb.Error) -> str:
    """Who holds the file, in words."""
    holder = _HOLDER.search(str(error))
    return f"by process {holder[2]} ({holder[1]})" if holder else "by another process"


def _prepare(store: Store) -> None:
    if store.in_memory:
        store.connection.execute("attach ':memory:' as store")
        store.connection.execute("use store")
        store.connection.execute("begin")
        _build(store, 0)
        if store.is_lake:
            from funnelcheck import lake

            lake.attach(store)
        store.connection.execute("commit")
    else:
        if not Path(store.path).exists():
            _create(store.path)
        _recognise(store)
    store.run_file("macros.sql")
    store.run_file("statistics.sql")


def _create(path: str) -> None:
    """Make a new store whole before it gets its name, so that a store never stands there half made."""
    place = Path(path).resolve()
    try:
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".funnelcheck-new-") as folder:
            fresh = Path(folder) / "store.duckdb"
            with Store(_connect(), str(fresh), read_only=False, tell=lambda line: None) as store, store.transaction():
                _build(store, 0)
            if fresh.with_name(f"{fresh.name}.wal").exists():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            with suppress(FileExistsError):  # another process has just made it
                _give_name(fresh, place)
    except (OSError, duckdb.Error, StoreError) as error:
        full = _FULL.search(str(error))
        why = full[0] if full else getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise StoreError(f"{path}: the store cannot be made here ({why}); name another place with --store") from error


def _give_name(fresh: Path, place: Path) -> None:
    """A name for a finished file, never that of another file; FileExistsError when there is one."""
    try:
        os.link(fresh, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if place.exists():
            raise FileExistsError(place) from None
        fresh.rename(place)


def _build(store: Store, version: int) -> int:
    """Bring the tables from a version (0: there are none) to the newest, which is returned."""
    for number, file in _steps():
        if number > version:
            store.execute(file.sql)
            version = number
    return version


def _steps() -> list[tuple[int, sqlfile.SqlFile]]:
    """The files of sql/store by their numbers: what makes each version of the tables from the one before."""
    return [(int(file.name.partition("_")[0]), file) for file in sqlfile.read_folder(resources.folder("sql") / "store")]


def _recognise(store: Store) -> None:
    tables = {row["table_name"] for row in store.rows("select table_name from duckdb_tables() where not temporary")}
    if "funnelcheck_store" not in tables:
        raise StoreError(f"{store.path}: this DuckDB file is no funnelcheck store; name another with --store")
    version, newest = store.value("select max(version) from funnelcheck_store"), _steps()[-1][0]
    if version > newest:
        raise StoreError(
            f"{store.path}: the store has version {version}, this funnelcheck knows {newest}; use a newer funnelcheck"
        )
    if version < newest:
        _migrate(store, newest)


def _migrate(store: Store, newest: int) -> None:
    """Bring an older store up to date, all or nothing, and keep a copy of it as it was."""
    # This handle is closed last: closing any handle of a file lets go of the process's lock on it.
    with _readable(store) as file, store.transaction():
        version = store.value("select max(version) from funnelcheck_store")
        if version >= newest:  # another process was quicker
            return
        store.execute("checkpoint")  # what a killed process left beside the file belongs into the copy
        backup = _back_up(store, file, version)
        _build(store, version)
    store._tell(f"{store.path} is now of version {newest}; as it was before it is {backup}")


def _readable(store: Store) -> BinaryIO:
    try:
        return Path(store.path).open("rb")
    except OSError as error:
        raise StoreError(f"{store.path}: the store cannot be read ({error.strerror})") from error


def _back_up(store: Store, file: BinaryIO, version: int) -> Path:
    backup = Path(f"{store.path}.version-{version}")
    partial = backup.with_name(f"{backup.name}.partial")
    try:
        with partial.open("wb") as copy:
            shutil.copymode(store.path, partial)
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.fsync(copy.fileno())
        partial.replace(backup)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise StoreError(
            f"{store.path}: the store is of version {version}, and no copy of it can be kept as {backup} "
            f"({error.strerror}); it is as it was"
        ) from error
    return backup
