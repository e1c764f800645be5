"""Text that holds JSON as rows: one a record, with its place in the file."""

from __future__ import annotations

import json
import re

import duckdb

from funnelcheck.errors import InputError
from funnelcheck.ingestion.files import Plain, Source
from funnelcheck.store import Store

_LOOK_AHEAD = 50  # lines of the beginning that are looked at
_LARGEST = 1 << 30  # bytes of one document's object
_BLANK = re.compile(r"\s*")


def looks_like_json(head: str) -> bool:
    """True when the text begins as JSON does; everything else is read as a table."""
    return head.lstrip()[:1] in ("{", "[")


def read_json(store: Store, source: Source, plain: Plain) -> None:
    """Make the view `record_text (record, line, text)`: JSON Lines line by line, a document value by value."""
    if _is_lines(plain.head, says_so=source.is_named(".jsonl", ".ndjson")):
        read_lines(store, plain)
        _number(store)
    else:
        _read_document(store, source, plain)


def _is_lines(head: str, *, says_so: bool) -> bool:
    lines = [line.strip() for line in head.lstrip().split("\n", _LOOK_AHEAD)[:_LOOK_AHEAD]]
    lines = [line for line in lines if line]
    if len(lines) == 1:  # an array is quicker read value by value
        return says_so or not lines[0].startswith("[")
    if _is_whole(lines[0]):
        return True
    if lines[0] in ("{", "["):  # pretty-printed, whatever its name
        return False
    if says_so:
        return True
    if lines[0].startswith("[") or _spans_lines(head.lstrip()):  # its items may each be whole
        return False
    return any(line.startswith("{") and _is_whole(line) for line in lines[1:])


def _is_whole(line: str) -> bool:
    try:
        return isinstance(json.loads(line), (dict, list))
    except (ValueError, RecursionError):
        return False


def _spans_lines(head: str) -> bool:
    """True when the first value ends after the first line."""
    try:
        return "\n" in head[: json.JSONDecoder().raw_decode(head)[1]]
    except (ValueError, RecursionError):
        return False


def read_lines(store: Store, plain: Plain) -> None:
    """Fill the temporary table `line (text)`: every line of the file, blank ones too, in its order."""
    store.execute(
        """
        create or replace temp table line as
        select text
        from read_csv(
            $path, columns = {'text': 'VARCHAR'}, header = false, auto_detect = false, delim = '\x01',
            quote = '', escape = '', new_line = '\\n', strict_mode = false, max_line_size = $longest,
            buffer_size = $buffer, compression = 'none', hive_partitioning = false
        )
        """,
        {"path": plain.pattern, "longest": plain.longest_line + 16, "buffer": (plain.longest_line + 16) * 8},
    )


def _read_document(store: Store, source: Source, plain: Plain) -> None:
    forms = ("array", "unstructured") if plain.head.lstrip().startswith("[") else ("unstructured",)
    largest = min(_LARGEST, max(plain.path.stat().st_size, 1 << 24))
    for form in forms:
        try:
            store.execute(
                """
                create or replace temp table line as
                select json::varchar as text
                from read_json_objects(
                    $path, format = $form, maximum_object_size = $largest, compression = 'none',
                    hive_partitioning = false
                )
                """,
                {"path": plain.pattern, "form": form, "largest": largest},
            )
        except duckdb.Error as error:
            if form == forms[-1]:
                raise InputError(f"{source.name}: {_place(plain)}; nothing of it was loaded") from error
        else:
            break
    _number(store)


def _number(store: Store) -> None:
    """Number lines and records; an array is a line's way of holding several records."""
    has_arrays = "select count(*) > 0 from line where not starts_with(text, '{') and is_open(text, '[')"
    store.run_file("ingest/arrays.sql" if store.value(has_arrays) else "ingest/lines.sql")


def _place(plain: Plain) -> str:
    """Where a document stops being JSON, in words."""
    text, decoder, end = plain.path.read_text(encoding="utf-8"), json.JSONDecoder(), 0
    try:
        while (end := _BLANK.match(text, end).end()) < len(text):  # type: ignore[union-attr]
            end = decoder.raw_decode(text, end)[1]
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})"
    except (RecursionError, MemoryError):
        return "the JSON is nested too deep to be read"
    return "the JSON holds a value that is neither an object nor a list of objects"
