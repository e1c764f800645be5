"""What a rule of the user's own may not say in SQL: anything but a select over the facts."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache

from funnelcheck import resources, sqlfile
from funnelcheck.config import nearest

# Where the rows of the facts stand in the files that were read; a rule may name these columns alone of the store.
PLACES = {"request": ("request_id", "file_id", "line"), "source_file": ("file_id", "path")}
# The only functions that stand where a table does; all that read files or settings do so there.
_ROWS = {"unnest", "range", "generate_series"}
# Functions that reach out of the query, or whose answer is another one each time. DuckDB is told to refuse files
# and networks as well (`sandbox`); here a rule hears why.
_REFUSED = {
    "reaches files": r"read_\w+|\w*_?scan(_\w+)?|glob|sniff_\w+|parquet_\w+|st_read\w*|(copy|import|write|export)_\w+",
    "reaches the network": r"http\w*|url_\w+|s3\w*|load_aws_credentials|\w*secrets?",
    "reaches other databases": r"(postgres|mysql|sqlite|iceberg|delta|ducklake|odbc|mssql|bigquery)_\w+|(at|de)tach\w*",
    "reaches other programs": r"install\w*|load|shell\w*|system|exec\w*|python_\w+|\w*_extension",
    "reaches settings": r"getenv|getvariable|setvariable|current_setting|set_config|duckdb_\w+|pragma_\w+|pg_\w+|"
    r"current_(catalog|database|user|role|schemas?|query|query_id|connection_id|transaction_id)|session_user|user|"
    r"version|platform|database_list|database_size|txid_current|has_\w+_privilege|stats",
    "runs other SQL": r"query|query_table|json_execute_serialized_sql|json_(de)?serialize_\w+",
    "waits": r"sleep_ms|pg_sleep",
    "answers differently each time": r"random|rand|setseed|uuid|uuidv\d|gen_random_uuid|nextval|currval|setval|"
    r"now|today|current_(date|time|timestamp|localtime|localtimestamp)|localtime|localtimestamp|get_current_\w+|age|"
    r"(transaction|statement|clock)_timestamp",
}
_CLOCK = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}  # without parentheses
_FACT = re.compile(r"^create or replace temp (?:table|view) (\w+)", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@cache
def facts() -> frozenset[str]:
    """The tables that rules are about, as sql/facts makes them."""
    files = sqlfile.read_folder(resources.folder("sql") / "facts")
    return frozenset(name for file in files for name in _FACT.findall(file.sql))


def complaint(sql: str) -> str | None:
    """Why one statement of a user's rule is refused; None for a select over facts that calls nothing forbidden."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    log = logging.getLogger("sqlglot")
    was = log.level
    log.setLevel(logging.CRITICAL)  # it warns of what it takes for a command, which is refused just below
    try:
        statements = [one for one in sqlglot.parse(sql, dialect="duckdb") if one is not None]
        names = list(_called(sql))
    except (SqlglotError, RecursionError) as error:
        lines = _COLOURS.sub("", str(error)).splitlines() or [type(error).__name__]
        return f"its SQL cannot be read: {lines[0].rstrip(' .')}"
    finally:
        log.setLevel(was)
    if len(statements) != 1:
        return f"it holds {len(statements)} statements where one select stands"
    return _of_tree(statements[0]) or next((told for name in names if (told := _of_function(name))), None)


def _of_tree(tree: object) -> str | None:
    """What is wrong with a statement's kind and the tables that it reads."""
    from sqlglot import exp

    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        return f"it is no select but {_kind(tree)}"
    for kind in (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Describe, exp.Summarize, exp.Pragma, exp.Show):
        found = next((node for node in tree.find_all(kind) if not isinstance(node, exp.Query)), None)
        if found is not None:
            return f"it holds {_kind(found)}, and only selects are allowed"
    inner = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            name = _name(table.this)
            if name not in _ROWS:
                return _of_function(name) or f"it reads rows from {name}(), and only facts are allowed"
        elif table.db or table.catalog or table.name.lower() not in (inner | facts() | set(PLACES)):
            hint = nearest(table.name.lower(), facts() | set(PLACES))
            return f"it reads {table.sql(dialect='duckdb')[:80]}, which is no fact{hint}"
    if tree.find(exp.TableSample):
        return "it takes a sample, which is another one each time"
    return None


def _kind(node: object) -> str:
    return "another command" if type(node).__name__ == "Command" else type(node).__name__.lower()


def _name(node: object) -> str:
    """The name of a function as DuckDB knows it."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else type(node).__name__.lower()


def _called(sql: str) -> Iterator[str]:
    """Every name that stands before a parenthesis, and the clock's, which need none."""
    from sqlglot import tokenize

    tokens = tokenize(sql, dialect="duckdb")
    for i, token in enumerate(tokens):
        if token.token_type.name == "STRING":
            continue
        is_called = i + 1 < len(tokens) and tokens[i + 1].token_type.name == "L_PAREN"
        if is_called or token.text.lower() in _CLOCK:
            yield token.text.lower()


def _of_function(name: str) -> str | None:
    for reach, names in _REFUSED.items():
        if re.fullmatch(names, name):
            return f"it calls {name}, which {reach}; a rule sees the facts alone"
    return None
