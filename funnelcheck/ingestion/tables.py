"""Tables in any container as rows of cells: the table `table_row (record, part, line, cells, broken_text)`."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from funnelcheck.config import SourceConfig
from funnelcheck.errors import InputError
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.plain import Plain
from funnelcheck.ingestion.records import read_lines
from funnelcheck.store import Store

_DELIMITERS = "\t;,|"
_QUOTED = re.compile('"[^"]*"')
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_WIDTH = (1, 26, 702, 16_384)  # columns that names of so many letters reach
_MOST_CELLS = 1 << 28  # of the rectangle that holds them all, empty ones too: letters tell its width roughly
_LARGEST_BOOK = 2 << 30  # bytes, unpacked
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number


def delimiter_of(head: str) -> str:
    """The mark that stands most often in a table's first line, outside quotes."""
    line = _QUOTED.sub("", from_header(head)).split("\n", 1)[0]
    return max(_DELIMITERS, key=line.count)


def header_of(head: str, delimiter: str) -> list[str]:
    """The names of a delimited table's columns: the cells of its first row."""
    try:
        return next(csv.reader(io.StringIO(from_header(head), newline=""), delimiter=delimiter), [])
    except csv.Error:  # a cell of more than 128 kB
        return [name.strip('"') for name in from_header(head).split("\n", 1)[0].split(delimiter)]


def from_header(text: str) -> str:
    """A table's text from its first line that holds more than delimiters."""
    while text and not text.partition("\n")[0].strip(f'{_DELIMITERS}" '):
        text = text.partition("\n")[2]
    return text


def parquet_header(store: Store, source: Source, plain: Plain) -> list[tuple[str, str]]:
    """Names and types of a Parquet file's columns."""
    try:
        rows = store.rows(
            "describe select * from read_parquet($path, hive_partitioning = false)", {"path": plain.pattern}
        )
    except duckdb.Error as error:
        raise InputError(f"{source.name}: this Parquet file is damaged or cut short ({_first(error)})") from error
    return [(row["column_name"], row["column_type"]) for row in rows]


def read_parquet(store: Store, source: Source, plain: Plain, columns: Sequence[tuple[str, str]]) -> None:
    """Every column as text, lists and structs as JSON."""
    cells = ", ".join(_as_text(name, kind) for name, kind in columns)
    try:
        store.execute(
            f"""
            create or replace temp table table_row as
            select
                row_number() over () as record, 0 as part, row_number() over () as line,
                [{cells}]::varchar[] as cells, null::varchar as broken_text
            from read_parquet($path, hive_partitioning = false)
            """,
            {"path": plain.pattern},
        )
    except duckdb.Error as error:
        raise InputError(f"{source.name}: this Parquet file is damaged or cut short ({_first(error)})") from error


def _as_text(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "LIST")):
        return f"to_json({column})::varchar"
    return f"coalesce(try(decode({column})), {column}::varchar)" if kind == "BLOB" else f"{column}::varchar"


def _first(error: Exception) -> str:
    return str(error).splitlines()[0]


def xlsx_header(source: Source, plain: Plain) -> list[str]:
    """The first row that holds anything of the first sheet that does."""
    return _sheet(source, plain).header


def read_xlsx(store: Store, source: Source, plain: Plain, workspace: Path) -> list[str]:
    """The rows below the header; the names of the sheets that were not read.

    A number of 16 digits or more comes out in the exponent form: a spreadsheet has kept only 15 of them.
    """
    sheet = _sheet(source, plain)
    target = workspace / "sheet.jsonl"
    longest = 1 << 16
    with target.open("w", encoding="utf-8") as out:
        for row in sheet.rows:
            cells = [_cell(cell) for cell in row]
            line = json.dumps(cells) if any(cells) else ""
            longest = max(longest, len(line))
            out.write(line + "\n")
    read_lines(store, str(target), longest, single=True)
    store.execute(
        """
        create or replace temp table table_row as
        select
            place as record, part, line + $offset as line,
            from_json(text, '["VARCHAR"]') as cells, null::varchar as broken_text
        from placed_line
        where not is_blank(text)
        """,
        {"offset": sheet.offset},
    )
    return sheet.others


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet: its header, the rows below it, how many rows stand before these, the other sheets that hold rows."""

    header: list[str]
    rows: list[list[Any]]
    offset: int
    others: list[str]


def _refuse_bomb(source: Source, plain: Plain) -> None:
    """InputError for a file that would unpack to more than a spreadsheet holds, or whose cells lie far apart."""
    try:
        with zipfile.ZipFile(plain.path) as archive:
            sheets = [entry for entry in archive.infolist() if entry.filename.startswith("xl/worksheets/sheet")]
            too_large = sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BOOK
            for entry in [] if too_large else sheets:
                rows, columns, before = 0, 0, b""
                with archive.open(entry) as content:
                    while chunk := content.read(1 << 20):
                        for column, row in _CELL.findall(before + chunk):
                            rows = max(rows, int(row))
                            columns = max(columns, len(column))
                        before = chunk[-40:]
                too_large = too_large or rows * _WIDTH[min(columns, 3)] > _MOST_CELLS
    except (OSError, zipfile.BadZipFile, ValueError, zlib.error) as error:
        raise InputError(f"{source.name}: this is no Excel file, or a damaged one ({_first(error)})") from error
    if too_large:
        raise InputError(
            f"{source.name}: this Excel file is too large to be read, or has a cell far away from the others; "
            "save the table as CSV"
        )


def _sheet(source: Source, plain: Plain) -> _Sheet:
    import python_calamine

    _refuse_bomb(source, plain)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(plain.path))
        sheets = [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
        filled = [(name, rows) for name, rows in sheets if any(any(_is_filled(cell) for cell in row) for row in rows)]
        rows = filled[0][1] if filled else []
    except Exception as error:  # whatever the library makes of a damaged file
        raise InputError(f"{source.name}: this is no Excel file, or a damaged one ({_first(error)})") from error
    filled_cells = [sum(_is_filled(cell) for cell in row) for row in rows]
    # a title may stand above the header
    first = next(
        (i for i, n in enumerate(filled_cells) if n > 1), next((i for i, n in enumerate(filled_cells) if n), 0)
    )
    header = [_cell(cell) or "" for cell in rows[first]] if first < len(rows) else []
    return _Sheet(header, rows[first + 1 :], first + 1, [name for name, _ in filled[1:]])


def _is_filled(cell: Any) -> bool:
    return cell not in ("", None)


def _cell(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        if abs(value) >= _EXACT:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(float(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def read_json_table(store: Store, settings: SourceConfig | None) -> list[str]:
    """JSON objects (view record_text) as table_row; the columns: what the settings name, else all keys.

    A configured column is a key or a path like properties.owner or stages.0.name. With `records` the objects are
    the items of that list of each record, with `each` every item of that list of an object is a row.
    """
    if settings is None:
        names = _keys(store)
        _cells(store, [(name, False, _key(name)) for name in names], None)
        return names
    if settings.records:
        _unfold(store, path_of(settings.records))
    names = list(dict.fromkeys(_wanted(settings)))
    inner = f"{settings.each}." if settings.each else None
    columns = [
        (name, True, path_of(name.removeprefix(inner)))
        if inner and name.startswith(inner)
        else (name, False, _path(store, name))
        for name in names
    ]
    _cells(store, columns, path_of(settings.each) if settings.each else None)
    return names


def _wanted(settings: SourceConfig) -> list[str]:
    """The columns that a source names."""
    join = [settings.join.on] if settings.join else []
    return [name for name in (*settings.fields.values(), *settings.stages, *settings.where, *join) if name]


def _keys(store: Store) -> list[str]:
    """The keys of all records, in the order in which they come up."""
    rows = store.rows(
        """
        with key as (
            select record, unnest(json_keys(text)) as name, generate_subscripts(json_keys(text), 1) as place
            from record_text
            where case when json_valid(text) then is_open(text, '{') end
        )
        select name from key
        where not regexp_matches(name, '["*\\\\]') and name <> ''  -- no name of a column
        group by name
        order by min(record), arg_min(place, record)
        """
    )
    return [row["name"] for row in rows]


def _unfold(store: Store, path: str) -> None:
    """The items of a list in each record as the records."""
    store.execute(
        """
        create or replace temp table item as
        with opened as (
            select
                record, part, line, text,
                case when json_valid(text) then case
                    when json_type(text, $list) = 'ARRAY' then json_extract(text, $items)
                end end as items
            from record_text
        ), unfolded as (
            -- what has no such list is a record itself: an error, or items that were written one a line
            select
                record as document, part, line,
                unnest(if(items is null, [text], items::varchar[])) as text,
                generate_subscripts(if(items is null, [text], items::varchar[]), 1) as place
            from opened
        )
        select row_number() over (order by document, place) as record, part, line, text from unfolded
        """,
        {"list": path, "items": f"{path}[*]"},
    )
    store.execute("create or replace temp view record_text as select record, part, line, text from item")


def _cells(store: Store, columns: Sequence[tuple[str, bool, str]], each: str | None) -> None:
    """table_row of the paths of columns: (name, whether its path starts at an item of `each`, path)."""
    outer = [path for _, is_inner, path in columns if not is_inner]
    inner = [path for _, is_inner, path in columns if is_inner]
    places = {False: iter(range(1, len(outer) + 1)), True: iter(range(1, len(inner) + 1))}
    cells = ", ".join(f"{'inner_cells' if i else 'outer_cells'}[{next(places[i])}]" for _, i, _ in columns)
    items = "json_extract(object, $each)"
    store.execute(
        f"""
        create or replace temp table table_row as
        with typed as (
            select
                record, part, line, text,
                case when json_valid(text) then case when is_open(text, '{{') then text::json end end as object
            from record_text
        ), opened as (
            select
                record, part, line, text, object,
                {"json_extract_string(object, $outer)" if outer else "null::varchar[]"} as outer_cells,
                {f"unnest(if(len({items}) > 0, {items}, [null]))" if each else "null"} as item
            from typed
        ), taken as (
            select *, {"json_extract_string(item, $inner)" if inner else "null::varchar[]"} as inner_cells
            from opened
        )
        select
            {"row_number() over ()" if each else "record"} as record, part, line,
            case when object is not null then [{cells}]::varchar[] end as cells,
            case when object is null then text end as broken_text
        from taken
        """,
        {"outer": outer, "inner": inner, "each": f"{each}[*]"},
    )


def _path(store: Store, name: str) -> str:
    """The path that a column means: a key that has dots in it comes before a path of several keys."""
    whole = "select bool_or(case when json_valid(text) then json_exists(text, $path) end) from record_text"
    return _key(name) if "." in name and store.value(whole, {"path": _key(name)}) else path_of(name)


def path_of(name: str) -> str:
    """A dotted path as DuckDB's JSON path; a number is a place in a list, from 0."""
    return "$" + "".join(f"[{part}]" if part.isdecimal() else _quoted(part) for part in name.split("."))


def _key(name: str) -> str:
    """The path of a key, whatever it is made of."""
    return "$" + _quoted(name)


def _quoted(part: str) -> str:
    return '."' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
