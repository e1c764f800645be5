"""A store whose tables of events lie on a Spark cluster: what reads them runs there, what is small comes home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
from pyspark.errors import PySparkException
from pyspark.sql.pandas.types import from_arrow_schema
from sqlglot import exp

from funnelcheck.cluster import dialect, macros
from funnelcheck.errors import BrokenRuleError, StoreError
from funnelcheck.lake import MANIFEST, columns_of, export_of, read_manifest, selected
from funnelcheck.store import Store

# What grows with the events and leads of a log, whoever sent them; it never leaves the cluster.
TABLES = frozenset("request event lead activity app_event".split())
FACTS = frozenset(
    """
    app_address app_event_copy app_event_input app_event_judged app_install claimed_lead coded_claimed_lead
    coded_cohort_lead coded_due_lead coded_event coded_event_input coded_event_instant coded_lead_stage
    coded_lead_walk coded_list_lead coded_listed_lead coded_raw_arrival coded_recent_event coded_request
    coded_sent_event coded_stage_delay coded_valid_copy coded_valid_event cohort_lead due_lead event_age
    event_input event_instant event_judged flapping_device funnel_lead known_lead lead_order lead_stage lead_walk
    list_lead listed_lead lost_event mistaken_id odd_lead raw_arrival recent_activity recent_app_event
    recent_event recent_lead_id recent_request recorded_pair rounded_lead_id sent_activity sent_event sent_request
    shared_event_id shared_lead stage_delay target_delay troubled_event valid_copy valid_event
    """.split()
)
LARGE = TABLES | FACTS


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement makes, and what it reads."""

    makes: str | None
    is_view: bool
    reads: frozenset[str]
    query: Any

    @property
    def is_large(self) -> bool:
        """True where it reads what lies on the cluster."""
        return bool(self.reads & LARGE)


@cache
def understood(sql: str) -> Statement:
    """One statement of ours: `create … as select`, or a select."""
    tree = macros.parsed(sql)
    makes, is_view, query = None, False, tree
    if isinstance(tree, exp.Create):
        makes, is_view, query = tree.this.name, tree.kind == "VIEW", tree.expression
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    reads = frozenset(table.name for table in query.find_all(exp.Table)) - inner if query is not None else frozenset()
    return Statement(makes, is_view, frozenset(reads), query)


class ClusterStore(Store):
    """See the module; `read` says where the events lie."""

    def read(self, spark: Any, lake: str) -> None:
        """Take the tables of a lake for those of this store: the small ones come home, the others stay there.

        StoreError (exit code 3) when the folder is no lake, is of another version, or a table of it cannot be read.
        """
        self._spark = spark
        self._is_durable = bool(spark.conf.get("spark.checkpoint.dir", ""))
        self._there: set[str] = set()
        try:
            [[text]] = spark.read.text(f"{lake}/{MANIFEST}", wholetext=True).collect()
            export = export_of(read_manifest(text, lake), lake, self.value("select version from funnelcheck_store"))
            for row in self.rows("select table_name from duckdb_tables() where not temporary"):
                self._take(row["table_name"], lake, export)
        except PySparkException as error:
            raise StoreError(f"{lake}: the lake cannot be read ({_first_line(error)})") from error

    def _take(self, table: str, lake: str, export: str) -> None:
        files = self._spark.read.option("recursiveFileLookup", "true").option("pathGlobFilter", f"{export}-*.parquet")
        frame = files.parquet(f"{lake}/{table}")
        if table in TABLES:
            frame.createOrReplaceTempView(table)
            self._there.add(table)
            return
        columns = columns_of(self, table)
        self.connection.register("arriving", frame.select(list(columns)).toArrow())
        try:
            self.connection.execute(
                f"delete from {table}; insert into {table} select {selected(columns, 1)} from arriving"
            )
        finally:
            self.connection.unregister("arriving")

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        result = self.connection
        try:
            for one in self.connection.extract_statements(sql):
                result = self._one(one, parameters or {})
        except PySparkException as error:
            raise StoreError(f"Spark gave up: {_first_line(error)}") from error
        return result

    def relation(self, sql: str) -> duckdb.DuckDBPyRelation:
        """Of what is at home alone: BrokenRuleError where a rule of the user's own wants to see single events."""
        for name in sorted(understood(sql).reads & LARGE):
            raise BrokenRuleError(f"it reads {name}, which stays on the cluster with --engine spark")
        return super().relation(sql)

    def put_rows(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        self._there.discard(table)
        super().put_rows(table, columns, rows)

    def _one(self, statement: duckdb.Statement, parameters: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        if statement.type not in (duckdb.StatementType.SELECT, duckdb.StatementType.CREATE):
            return super().execute(statement.query, parameters)
        told = understood(statement.query)
        if told.makes:
            self._there.discard(told.makes)
        if told.query is None or not told.is_large:
            return super().execute(statement.query, parameters)
        self._ship(told.reads)
        text = dialect.translated(told.query, parameters, self._ask)
        if told.makes is None:
            return self._read(statement.query, text, parameters)
        super().execute(statement.query, parameters)  # its columns and their types, of no events
        frame = self._spark.sql(text)
        if told.makes in LARGE:
            if not told.is_view:
                self.connection.execute(f"delete from {told.makes}")
                # worked out once, and a leaf from here on: plans of facts upon facts would grow without end
                frame = (frame.checkpoint if self._is_durable else frame.localCheckpoint)(eager=False)
            frame.createOrReplaceTempView(told.makes)
            self._there.add(told.makes)
        else:
            self._bring(told.makes, frame)
        return self.connection

    def _ask(self, sql: str) -> Any:
        rows = self.connection.execute(sql).fetchall()
        return [row[0] for row in rows] if sql.startswith("describe") else rows[0][0]

    def _arrow(self, sql: str) -> Any:
        self.connection.execute("select 1").fetchall()  # ends a result that nobody has read to its end
        return self.connection.sql(sql).to_arrow_table()

    def _bring(self, table: str, frame: Any) -> None:
        """The rows of a small fact, in the place of those that it has of no events."""
        self.connection.execute(f"delete from {table}")
        fields = from_arrow_schema(self._arrow(f"from {table} limit 0").schema)
        if set(frame.columns) != set(fields.names):  # what has no name of its own is called otherwise there
            frame = frame.toDF(*fields.names)
        typed = frame.select([frame[f"`{field.name}`"].cast(field.dataType) for field in fields])
        self.connection.register("arriving", typed.toArrow())
        try:
            self.connection.execute(f"insert into {table} from arriving")
        finally:
            self.connection.unregister("arriving")

    def _read(self, sql: str, text: str, parameters: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        """The rows of a query, as DuckDB gives them."""
        super().execute(f"create or replace temp table answer as\n{sql}", parameters)
        self._bring("answer", self._spark.sql(text))
        return self.connection.execute("from answer")

    def _ship(self, names: frozenset[str]) -> None:
        """What is small and not there yet."""
        for name in sorted(names - self._there):
            rows = self._arrow(f"from {name}")
            there = self._spark.createDataFrame(rows if rows.num_rows else [], from_arrow_schema(rows.schema))
            there.createOrReplaceTempView(name)
            self._there.add(name)


def _first_line(error: PySparkException) -> str:
    return (error.getMessage() or type(error).__name__).splitlines()[0]
