"""Text that holds JSON as rows: one a record, with its place in the file."""

from __future__ import annotations

import json
import re

import duckdb

from funnelcheck.errors import InputError
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.plain import Plain
from funnelcheck.store import Store

_LOOK_AHEAD = 50  # lines of the beginning that are looked at
_LONG = 1 << 14  # characters of one record that are looked at
_LARGEST = 1 << 30  # bytes of one document's object
_BLANK = re.compile(r"\s*")
_PLACEHOLDERS = re.compile(r"\{\w+\}\s*[,;\t]")  # columns named like {installed_at}, as an export's template has them


def looks_like_json(head: str, *, says_so: bool = False) -> bool:
    """True when the text begins as JSON does, or one of its first lines where its name says so; else it is a table."""
    if head.lstrip()[:1] in ("{", "["):
        return not _PLACEHOLDERS.match(head.lstrip())
    lines = [line for line in head.split("\n", _LOOK_AHEAD)[:_LOOK_AHEAD] if line.strip()]
    is_table = bool(lines) and any(mark in lines[0] for mark in "\t;,")
    return says_so and (not is_table or any(line.lstrip()[:1] in ("{", "[") for line in lines))


def is_lines(source: Source, plain: Plain) -> bool:
    """True for JSON Lines, False for a document that may span lines."""
    says_so = source.is_named(".jsonl", ".ndjson")
    lines = [line.strip() for line in plain.head.lstrip().split("\n", _LOOK_AHEAD)[:_LOOK_AHEAD]]
    lines = [line for line in lines if line]
    if not lines:
        return True
    if len(lines) == 1:  # an array is quicker read value by value
        return says_so or not lines[0].startswith("[")
    if _is_whole(lines[0]):
        return True
    if lines[0] in ("{", "["):  # pretty-printed, whatever its name
        return False
    if says_so:
        return True
    if lines[0].startswith("[") or _spans_lines(plain.head.lstrip()):  # its items may each be whole
        return False
    return any(line.startswith("{") and _is_whole(line) for line in lines[1:])


def first_keys(head: str) -> list[str]:
    """The keys of the first objects of a text, as far as they end within its head."""
    decoder, place, found = json.JSONDecoder(), 0, dict[str, None]()
    text = head[: _LOOK_AHEAD * _LONG]
    for _ in range(_LOOK_AHEAD):
        place = text.find("{", place)
        if place < 0:
            break
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = text.find("\n", place)
            place = end if end >= 0 else len(text)
            continue
        found |= dict.fromkeys(value)
    return list(found)


def in_lines(text: str) -> list[str] | None:
    """The values of a small JSON document, and the items of its lists, each in one line as it stands there.

    None for what is no JSON: its fault is then looked for elsewhere.
    """
    decoder, found, place = json.JSONDecoder(), [], _skip(text, 0)
    try:
        while place < len(text):
            if text[place] == "[":
                place = _skip(text, place + 1)
                while text[place] != "]":
                    end = decoder.raw_decode(text, place)[1]
                    found.append(text[place:end])
                    place = _skip(text, end)
                    if text[place] == ",":
                        place = _skip(text, place + 1)
                        if text[place] == "]":
                            return None
                    elif text[place] != "]":
                        return None
                place += 1
            else:
                end = decoder.raw_decode(text, place)[1]
                found.append(text[place:end])
                place = end
            place = _skip(text, place)
    except (ValueError, RecursionError, IndexError):
        return None
    return [value.replace("\n", " ") for value in found]  # line ends stand between the words of JSON only


def _skip(text: str, place: int) -> int:
    return _BLANK.match(text, place).end()  # type: ignore[union-attr]


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


def read_lines(store: Store, pattern: str, longest_line: int, *, single: bool) -> None:
    """Fill the temporary table `line (text)` with every line of a file, blank ones too, in its order.

    The view `placed_line (place, part, line, text)` says of which file of a batch each is.
    """
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
        {"path": pattern, "longest": longest_line + 16, "buffer": max(1 << 23, (longest_line + 16) * 2)},
    )
    _place(store, single=single)


def _place(store: Store, *, single: bool) -> None:
    if single:
        select = "select rowid + 1 as place, 0 as part, rowid + 1 as line, text from line"
    else:
        select = """
            select line.rowid + 1 as place, part.part, line.rowid - part.first + 1 as line, text
            from line
            asof join (from part where rows > 0) as part on line.rowid >= part.first
            where line.rowid < part.first + part.rows
        """
    store.execute(f"create or replace temp view placed_line as {select}")


def read_document(store: Store, source: Source, plain: Plain) -> None:
    """Fill `line` with the values of a JSON document, or the items of its list; InputError says where it is broken."""
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
                raise InputError(f"{source.name}: {_fault(plain)}; nothing of it was loaded") from error
        else:
            break
    _place(store, single=True)


def number(store: Store) -> None:
    """Make the view `record_text (record, part, line, text)`; an array is a line's way of holding several records."""
    has_arrays = "select count(*) > 0 from line where not starts_with(text, '{') and is_open(text, '[')"
    store.run_file("ingest/arrays.sql" if store.value(has_arrays) else "ingest/lines.sql")


def _fault(plain: Plain) -> str:
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
