"""App Events requests written as text: addresses, form and multipart bodies, curl commands, requests as HTTP has them.

As guides print them: over several lines, with raw JSON inside and quotes that no shell would take.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote, quote_plus

from funnelcheck.ingestion import forms, lenient
from funnelcheck.validation.excerpts import APP
from funnelcheck.validation.places import NotJsonError, Span, spans, token
from funnelcheck.validation.records import Document, Record, Text

_MOST_LINES = 2000  # of one address or form; what is open for longer was never closed
_CURL = re.compile(r"[ \t]*(?:[$>#%][ \t]+)?curl(?:\.exe)?[ \t\\]")
_HEAD = re.compile(r"[ \t]*POST[ \t]+(\S*/activities\S*)[ \t]+HTTP/[\d.]+[ \t]*\r?$", re.MULTILINE)
_URL = re.compile(r"""(?:https?://|graph\.facebook\.com/)[^\s"'`<>?]*/activities/?(?=[\s?"'`\\<]|\Z)""")
_QUERY = re.compile(r"""["']?[\s\\]*\?""")
_FIELD = re.compile(
    r"(?<![\w.&?%/-])\??(?:event|custom_events|advertiser_id|advertiser_tracking_enabled|application_tracking_enabled|"
    r"attribution|anon_id|extinfo|ud(?:\[|%5[Bb])\w+(?:\]|%5[Dd])|format|sdk)="
)
_TELLING = re.compile(r"CUSTOM_APP_EVENTS|MOBILE_APP_INSTALL|custom_events(?:_file)?=")
_GOES_ON = re.compile(r"[ \t]*(?:[&?\]}\[{]|\"[\w]+\"[ \t]*:)")
_ENDS = re.compile(r"[ \t]*(?:```|curl\b)")
_WITH_VALUE = frozenset(
    "-H --header -d --data --data-raw --data-binary --data-ascii --data-urlencode -F --form --form-string --json -X "
    "--request --url -A --user-agent -u --user -o --output -b --cookie -m --max-time -w --write-out -e --referer "
    "--connect-timeout --retry -x --proxy".split()
)
_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode")
_OPTION = re.compile(
    r"(?<!\S)(?:(-[HdFAuobmwex])(?=[\s\"'=])|(-X)\s*(?=[\"'A-Z])|(--[a-z][a-z-]+)(?=[\s=\"']|\Z)|(-[a-zA-Z]{1,5})(?=\s|\Z))"
)
_ESCAPED = re.compile(r"\\(\r?\n|.)", re.DOTALL)
_KEY = re.compile(r"""[\[{}\]]|(?:"([^"\\,{}\[\]:]{1,60})"|'([^'\\,{}\[\]:]{1,60})')\s*:""")


def take(text: Text, start: int, end: int) -> int | None:
    """Make a record of the request that begins on a line, if one does; where it ends."""
    content = text.content
    if _CURL.match(content, start, end):
        last = _block(content, end)
        found = _of_curl(content, start, last)
    elif _HEAD.match(content, start, end):
        last = _block_of_http(content, end)
        found = _of_http(content, start, last)
    elif forms.is_multipart(content[start : start + 4000]):
        last = _end_of_parts(content, start)
        found = _of_parts(content, start, last)
    elif _URL.search(content, start, end) or _FIELD.search(content, start, end):
        last = _end_of_lines(content, end)
        found = _of_words(content, start, last)
    else:
        return None
    if found is None:
        return None
    value, begin = found
    places = {"/body": "", "/url": "", "/params": ""}
    document = Document(
        text, begin, text.next_number, is_json=False, inner=lambda: _spans(content, begin, start, last, value)
    )
    text.records.append(Record(document, "", json.dumps(value), value, places))
    return last


def take_broken(text: Text, start: int, value: str) -> bool:
    """Make a record of a body that means to be JSON and is none: it is read leniently, and judged for that."""
    read = lenient.read(value).text
    if read is None or read.lstrip()[:1] != "{" or not {"event", "custom_events"} & json.loads(read).keys():
        return False
    body = {"body": value}
    end = start + len(value)
    document = Document(text, start, text.next_number, is_json=False, inner=lambda: _of_body(text.content, start, end))
    text.records.append(Record(document, "", json.dumps(body), body, {"/body": ""}))
    return True


# --- where a request ends -------------------------------------------------------------------------------------------


def _lines(content: str, at: int) -> Iterator[tuple[int, int]]:
    """The lines from the end of one on: where each begins and ends."""
    while at < len(content):
        start, at = at + 1, content.find("\n", at + 1)
        at = len(content) if at < 0 else at
        yield start, at


def _block(content: str, end: int) -> int:
    """The end of a command: the next one, a fence, or a blank line after which it does not go on."""
    last, was_blank = end, False
    for start, stop in _lines(content, end):
        if not content[start:stop].strip():
            was_blank = True
            continue
        if _ENDS.match(content, start, stop) or _CURL.match(content, start, stop):
            break
        if was_blank and not re.compile(r"[ \t]*(?:[&?]|--?[a-zA-Z])").match(content, start, stop):
            break
        last, was_blank = stop, False
    return last


def _block_of_http(content: str, end: int) -> int:
    """The end of a request with head and body: the next one, or the end of the text."""
    following = _HEAD.search(content, end)
    return len(content[: following.start()].rstrip()) if following else len(content)


def _end_of_parts(content: str, start: int) -> int:
    boundary = content[start:].split("\n", 1)[0].strip()
    closing = content.find(f"\n{boundary}--", start)
    return len(content) if closing < 0 else closing + len(boundary) + 3


def _end_of_lines(content: str, end: int) -> int:
    """The end of an address or form: what is open goes on, and so does what the next line joins on."""
    start = content.rfind("\n", 0, end) + 1
    depth = _depth(content[start:end])
    for begin, stop in islice(_lines(content, end), _MOST_LINES):
        line = content[begin:stop]
        if depth <= 0 and not _GOES_ON.match(line):
            break
        if depth > 0 and (_CURL.match(line) or _URL.search(line)):
            break
        depth += _depth(line)
        end = stop
    return end


def _depth(line: str) -> int:
    return line.count("[") + line.count("{") - line.count("]") - line.count("}")


# --- what a request says --------------------------------------------------------------------------------------------

_Found = tuple[dict[str, Any], int]  # what is judged, and where it begins


def _of_curl(content: str, start: int, end: int) -> _Found | None:
    """A command of curl: its address, what it sends, and its headers."""
    command = content[start:end]
    begin = start + len(command) - len(command.lstrip())
    options = list(_options(command))
    bare = command
    for _, (first, last), _ in options:
        bare = bare[:first] + " " * (last - first) + bare[last:]
    address = _URL.search(bare) or _URL.search(command)
    named = next((argument for name, _, argument in options if name == "--url"), None)
    if address is None and (named is None or "/activities" not in named):
        return None
    value: dict[str, Any] = {"url": named or (address[0] if address else "")}
    if address is not None and named is None and (query := _QUERY.match(bare, address.end())):
        value["url"] += f"?{bare[query.end() :].strip()}"
    headers = (argument.partition(":") for name, _, argument in options if name in ("-H", "--header"))
    if told := {name.strip(): said.strip() for name, _, said in headers}:
        value["headers"] = told
    value |= _sent(options)
    return value, begin


def _sent(options: list[tuple[str, tuple[int, int], str]]) -> dict[str, Any]:
    """What a command sends: a body, or the fields of one."""
    parts: dict[str, str] = {}
    data: list[str] = []
    for name, _, argument in options:
        if name in ("-F", "--form", "--form-string"):
            key, _, said = argument.partition("=")
            parts.setdefault(key.strip(), said)
        elif name in _DATA or name == "--json":
            if name == "--data-urlencode" and "=" in argument:
                key, _, said = argument.partition("=")
                argument = f"{key}={quote(said, safe='')}"
            data.append(argument)
    found: dict[str, Any] = {"body": "&".join(data)} if data else {}
    return found | ({"params": parts} if parts else {})


def _options(command: str) -> Iterator[tuple[str, tuple[int, int], str]]:
    """The options of a command: name, where it stands with its argument, and the argument as a shell gives it."""
    at = 0
    while option := _OPTION.search(command, at):
        name = next(one for one in option.groups() if one)
        at = option.end()
        if name not in _WITH_VALUE:
            if name.startswith("-") and len(name) < 7:
                yield name, (option.start(), at), ""
            continue
        first = re.compile(r"[\s\\=]*").match(command, at).end()  # type: ignore[union-attr]
        last = _end_of_argument(command, first)
        yield name, (option.start(), last), _argument(command[first:last])
        at = last


def _end_of_argument(command: str, at: int) -> int:
    """Where an argument ends; one in double quotes with others in it, which no shell takes, ends at the last one."""
    mark = command[at : at + 1]
    if mark == "'":
        closing = command.find("'", at + 1)
        return len(command) if closing < 0 else closing + 1
    if mark != '"':
        return re.compile(r"\S*").match(command, at).end()  # type: ignore[union-attr]
    closed = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\s|\Z)', re.DOTALL).match(command, at)
    if closed and _depth(closed[1]) == 0:
        return closed.end()
    following = _OPTION.search(command, at) or re.compile(r"""\s["']?https?://""").search(command, at)
    limit = following.start() if following else len(command)
    closing = command.rfind('"', at + 1, limit)
    return limit if closing < 0 else closing + 1


def _argument(written: str) -> str:
    if written[:1] == "'":
        return written[1:].removesuffix("'")
    if written[:1] != '"':
        return written
    inner = written[1:].removesuffix('"')
    is_clean = re.fullmatch(r'(?:[^"\\]|\\.)*', inner, re.DOTALL)
    return (
        _ESCAPED.sub(lambda found: "" if found[1][-1:] == "\n" else _unescaped(found[1]), inner) if is_clean else inner
    )


def _unescaped(mark: str) -> str:
    return mark if mark in '"\\$`' else f"\\{mark}"


def _of_http(content: str, start: int, end: int) -> _Found:
    """A request as HTTP has it: a line, headers, and the body behind a blank line."""
    head, _, body = re.sub(r"\r\n", "\n", content[start:end]).partition("\n\n")
    first, *lines = head.strip().split("\n")
    path = first.split()[1]
    headers = {name.strip(): said.strip() for name, mark, said in (line.partition(":") for line in lines) if mark}
    host = next((said for name, said in headers.items() if name.lower() == "host"), "graph.facebook.com")
    value: dict[str, Any] = {"url": path if "://" in path else f"https://{host}{path}", "headers": headers}
    if body.strip():
        value["body"] = body.strip()
    return value, start


def _of_parts(content: str, start: int, end: int) -> _Found | None:
    body = content[start:end]
    return ({"body": body}, start) if APP.search(body) else None


def _of_words(content: str, start: int, end: int) -> _Found | None:
    """An address with a query, or a form, among other words."""
    address = _URL.search(content, start, end)
    if address is not None:
        query = _QUERY.match(content, address.end(), end)
        if query is None:
            return None
        last = _end_of_word(content, query.end(), end)
        url = f"{address[0]}?{content[query.end() : last].strip()}"
        return ({"url": url}, address.start()) if forms.fields(url.partition("?")[2]) else None
    field = _FIELD.search(content, start, end)
    if field is None or not _TELLING.search(content, start, end):
        return None
    last = _end_of_word(content, field.start(), end)
    return {"body": content[field.start() : last].strip()}, field.start()


def _end_of_word(content: str, start: int, end: int) -> int:
    """The end of an address or form: of the word, unless something is open there or the next line joins on."""
    word = re.compile(r"[^\s\"'<>]*").match(content, start, end).end()  # type: ignore[union-attr]
    rest = content[word:end]
    is_whole = _depth(content[start:word]) == 0 and not _FIELD.search(content, word, end) and "&" not in rest
    return word if is_whole else end


# --- where in the text it says it -----------------------------------------------------------------------------------


def _spans(content: str, begin: int, start: int, end: int, value: Mapping[str, Any]) -> dict[str, Span]:
    """Where each parameter stands, and what raw JSON holds; by pointers as if all parameters were one object's."""
    found = {"": Span(begin, begin)}
    for name in _names(value):
        place = _place_of(content, start, end, name)
        if place is not None:
            key, at = place
            found.setdefault(token(name), Span(at, at, key))
            if content[at : at + 2].strip(" \t\r\n'\"")[:1] in ("[", "{"):
                for pointer, span in _within(content, at, end, token(name)).items():
                    found.setdefault(pointer, span)
    for name in value.get("headers", {}):
        at = content.lower().find(f"{name.lower()}:", start, end)
        if at >= 0:
            found[f"/headers{token(name)}"] = Span(at, at)
            found.setdefault("/headers", Span(at, at))
    body = value.get("body")
    if isinstance(body, str) and body[:1] in ("{", "[") and (at := content.find(body[:40], start, end)) >= 0:
        found |= _within(content, at, end, "")
    return found


def _names(value: Mapping[str, Any]) -> Iterator[str]:
    yield from value.get("params", {})
    for text in (value.get("body"), str(value.get("url", "")).partition("?")[2]):
        if isinstance(text, str) and text[:1] not in ("{", "["):
            yield from forms.fields(text)


def _place_of(content: str, start: int, end: int, name: str) -> tuple[int, int] | None:
    """Where a parameter's name stands in a query, form or part, and where its value begins."""
    spelt = "|".join(re.escape(one) for one in dict.fromkeys((name, quote(name, safe=""), quote_plus(name))))
    field = re.compile(rf"(?<![\w%.\[-])(?:{spelt})=").search(content, start, end)
    if field is not None:
        return field.start(), field.end()
    part = re.compile(rf'[ ;]name="?{re.escape(name)}"?', re.IGNORECASE).search(content, start, end)
    if part is None:
        return None
    blank = re.compile(r"\r?\n\r?\n").search(content, part.end(), end)
    return part.start() + 1, blank.end() if blank else part.end()


def _within(content: str, start: int, end: int, pointer: str) -> dict[str, Span]:
    """The values of raw JSON by pointer; of what is hardly JSON, the objects of its list and their keys."""
    opening = re.compile(r"[\s'\"]*").match(content, start, end).end()  # type: ignore[union-attr]
    try:
        read = spans(content[:end], opening)
        return {pointer + inner: span for inner, span in read.items() if inner}
    except NotJsonError:
        return _loosely(content, opening, end, pointer)


def _of_body(content: str, start: int, end: int) -> dict[str, Span]:
    """The values of a body that is hardly JSON: its members, and what is in each."""
    found = _within(content, start, end, "")
    for name, span in list(found.items()):
        if content[span.start : end].lstrip(" \t\r\n'\"")[:1] in ("[", "{"):
            found = _within(content, span.start, end, name) | found
    return found


def _loosely(content: str, start: int, end: int, pointer: str) -> dict[str, Span]:
    found: dict[str, Span] = {}
    is_list = content[start : start + 1] == "["
    level, depth, count, here = (2 if is_list else 1), 0, -1, pointer
    for mark in _KEY.finditer(content, start, end):
        key = mark[1] or mark[2]
        if key is not None:
            if depth == level:
                found.setdefault(here + token(key), Span(mark.end(), mark.end(), mark.start()))
        elif mark[0] in "[{":
            depth += 1
            if depth == level and mark[0] == "{" and is_list:
                count += 1
                here = pointer + token(count)
                found[here] = Span(mark.start(), mark.start())
        else:
            depth -= 1
            if depth <= 0:
                break
    return found
