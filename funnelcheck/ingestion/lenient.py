"""JSON as people and templates write it, read leniently: what was meant, and in words what had to be forgiven.

One pass from left to right without going back, a stack in place of recursion: whatever comes in, it ends soon.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NoReturn
from urllib.parse import unquote

TRAILING_COMMA = "trailing_comma"  # commas too many
MISSING_COMMA = "missing_comma"
MISSING_VALUE = "missing_value"  # a key without a value: null
DECIMAL_COMMA = "decimal_comma"
OPEN_QUOTES = "open_quotes"  # quotes inside a text that are not escaped
SINGLE_QUOTES = "single_quotes"
BARE_WORDS = "bare_words"  # keys or values without quotes: NaN, True, undefined
CHARACTERS = "characters"  # line ends, or halves of a character, inside a text
ESCAPES = "escapes"  # escaped or put into quotes once too often, or with backslashes that JSON does not know
NO_LIST = "no_list"  # objects without the brackets of a list around them
SURPLUS = "surplus"  # more brackets or quotes at its end than it opened
CUT_OFF = "cut_off"  # it ends before its brackets do; what is whole in its list was read
UNREADABLE = "unreadable"
WORDS = (
    TRAILING_COMMA,
    MISSING_COMMA,
    MISSING_VALUE,
    DECIMAL_COMMA,
    OPEN_QUOTES,
    SINGLE_QUOTES,
    BARE_WORDS,
    CHARACTERS,
    ESCAPES,
    NO_LIST,
    SURPLUS,
    CUT_OFF,
    UNREADABLE,
)

_LARGEST = 1 << 24  # characters; a longer text is read only where it is strict
_DEEPEST = 100
_SPACE = re.compile(r"[\s\ufeff]*+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?=[\s,:\]}]|\Z)")
_ODD_NUMBER = re.compile(r"([+-]?)0*+([0-9]*)(?:\.([0-9]*))?", re.ASCII)
_FRACTION = re.compile(r",([0-9]++)(?=\s*[,}])")
_VALUE_WORD = re.compile(r"[^,\[\]{}\"'\\\n]++")
_KEY_WORD = re.compile(r"[A-Za-z_$][\w$.\[\]-]*+")
_STRICT_STRING = re.compile(
    r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
)
_PLAIN = {'"': re.compile(r'[^"\\\x00-\x1f]++'), "'": re.compile(r"[^'\\\x00-\x1f]++")}
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_OPENS_JSON = re.compile(r"[\"']\s*+(?:\{[\s\[{]*+[\"'}]|\[[\s\[{]*+[\"'\]}0-9-])")
_ENDS = {
    "key": re.compile(r"\s*+:"),
    "{": re.compile(r"\s*+(?:\}|,\s*+(?:[\"'},]|[A-Za-z_$][\w$]{0,60}\s*+:)|\Z)"),
    "[": re.compile(r"\s*+(?:\]|,\s*+(?:[\"'{\[\],0-9-]|(?:true|false|null|None|True|False)\b)|\Z)"),
}
_NEXT_KEY = re.compile(r"\s*+[\"'][^\"'\\]{1,60}+[\"']\s*+:")
_REST = re.compile(r"[\s\]})\"'&;,\\]*+\Z")
_OVERDONE = re.compile(r"\s*+[\[{][\s\[{]*+\\++\"")
_PERCENT = re.compile(r"\s*+%(?:5B|7B|22)", re.IGNORECASE)
_HALVES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
_CONSTANTS = {"true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null"}
_ABSENT = {"undefined", "nil", "NULL", "Null"}
_DECODER = json.JSONDecoder(parse_int=float)


@dataclass(frozen=True, slots=True)
class Lenient:
    """A text as strict JSON (None: nobody can read it), and the words for what was forgiven."""

    text: str | None
    repairs: tuple[str, ...]


def read(text: str) -> Lenient:
    """Strict JSON of a text that may have commas too many, or JSON in quotes that are not escaped.

    What is strict JSON already stays as it stands.
    """
    if is_strict(text):
        whole = _without_halves(text)
        return Lenient(whole, () if whole == text else (CHARACTERS,))
    if len(text) > _LARGEST:
        return Lenient(None, (UNREADABLE,))
    repairs: dict[str, None] = {}
    if _PERCENT.match(text):
        text = unquote(text)
        repairs[ESCAPES] = None
    for _ in range(2):
        if _OVERDONE.match(text):
            text = re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
            repairs[ESCAPES] = None
    if repairs and is_strict(text):
        return Lenient(_without_halves(text), tuple(repairs))
    reader = _Reader(text, repairs)
    try:
        found = reader.read()
    except _UnreadableError:
        return Lenient(None, (UNREADABLE,))
    return Lenient(found, _in_order(reader.repairs))


def events(text: str) -> Lenient:
    """custom_events as a strict list; what is no object in it is null there, and no list at all is unreadable.

    A list that was put into quotes once more is opened, and so is each object of it that is a text.
    """
    found = read(text)
    repairs = dict.fromkeys(found.repairs)
    for _ in range(3):
        if found.text is None or not found.text.lstrip().startswith('"'):
            break
        found = read(json.loads(found.text))
        repairs |= dict.fromkeys((ESCAPES, *found.repairs))
    whole = (found.text or "").strip()
    if whole.startswith("{"):
        repairs[NO_LIST] = None
        whole = f"[{whole}]"
    try:
        items = list(_items(whole)) if whole.startswith("[") else []
    except RecursionError:  # strict, but deeper than anybody nests an event
        items = []
    if not items:
        return Lenient(None, (UNREADABLE,))
    if all(item.startswith("{") for item in items):
        return Lenient(whole, _in_order(repairs))
    texts = []
    for item in items:
        if item.startswith('"'):
            inner = read(json.loads(item))
            if inner.text is not None and inner.text.lstrip().startswith("{"):
                repairs |= dict.fromkeys(inner.repairs)
                item = inner.text.strip()
        texts.append(item if item.startswith("{") else "null")
    return Lenient(f"[{','.join(texts)}]", _in_order(repairs))


def is_strict(text: str) -> bool:
    """True for what every reader of JSON takes."""
    try:
        json.loads(text, parse_constant=_refuse, parse_int=float)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _in_order(repairs: dict[str, None]) -> tuple[str, ...]:
    return tuple(word for word in WORDS if word in repairs)


def _items(text: str) -> Iterator[str]:
    """The values of a strict list, each as it stands there."""
    place = _skip(text, 1)
    while text[place] != "]":
        end = _DECODER.raw_decode(text, place)[1]
        yield text[place:end]
        place = _skip(text, end)
        if text[place] == ",":
            place = _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    return _SPACE.match(text, place).end()  # type: ignore[union-attr]


def _without_halves(text: str) -> str:
    """Strict JSON without escapes that stand for half a character: not every reader takes them."""
    if "\\u" not in text:
        return text
    return _HALVES.sub(lambda found: "\\ufffd" if found[1] else found[0], text)


class _UnreadableError(Exception):
    pass


@dataclass(slots=True)
class _Frame:
    """An open bracket, or a quote in front of JSON that stands in it without escapes."""

    kind: Literal["top", "{", "[", "quote"]
    mark: str = ""  # the quote
    start: int = 0  # of what is in quotes
    pieces: int = 0  # there were before
    repairs: dict[str, None] = field(default_factory=dict)  # likewise
    count: int = 0
    has_comma: bool = False
    is_keyed: bool = False  # a key waits for its value
    whole: int = 0  # pieces up to the last whole value


class _Reader:
    """Reads one text that is no strict JSON, piece by piece."""

    def __init__(self, text: str, repairs: dict[str, None]) -> None:
        self.text, self.repairs = text, repairs
        self.place = 0
        self.pieces: list[str] = []
        self.stack = [_Frame("top")]

    def read(self) -> str:
        text = self.text
        while True:
            self.place = _skip(text, self.place)
            frame = self.stack[-1]
            if self.place >= len(text):
                return self._end()
            mark = text[self.place]
            if frame.kind == "top":
                if frame.count and mark != "," and _REST.match(text, self.place):
                    self._forgive(SURPLUS)
                    return self._end()
                if mark == "," and frame.count:
                    frame.has_comma = True
                    self.place += 1
                elif mark in "[{" or (_OPENS_JSON.match(text, self.place) and not frame.count):
                    self._value(frame, mark)
                else:
                    raise _UnreadableError
            elif frame.kind == "quote" and frame.count:
                if mark != frame.mark:
                    raise _UnreadableError
                self._close_quote()
            elif frame.kind == "{" and not frame.is_keyed:
                self._member(frame, mark)
            elif frame.kind == "[" and mark in ",]}":
                self._between(frame, mark)
            else:
                self._value(frame, mark)

    def _forgive(self, word: str) -> None:
        self.repairs[word] = None

    def _end(self) -> str:
        """What was read when the text is over."""
        top = self.stack[0]
        if len(self.stack) == 1 or (top.count and self._is_rest_lost()):
            if len(self.stack) > 1:
                self._forgive(CUT_OFF)
            if not top.count:
                raise _UnreadableError
            whole = "".join(self.pieces[: top.whole])
            if top.count > 1:
                self._forgive(NO_LIST)
                return f"[{whole}]"
            return whole
        outer = self.stack[1]
        if outer.kind != "[" or not outer.count or top.count:
            raise _UnreadableError
        self._forgive(CUT_OFF)
        return "".join(self.pieces[: outer.whole]) + "]"

    def _is_rest_lost(self) -> bool:
        """Whole objects stood one after the other, and the last is cut off."""
        return self.stack[1].kind == "{"

    def _member(self, frame: _Frame, mark: str) -> None:
        """A key with its colon, or what stands between two members."""
        if mark in ",}":
            self._between(frame, mark)
            return
        if mark == "]":
            raise _UnreadableError
        self._separate(frame)
        if mark in "\"'":
            found = self._string("key")
            if found is None:
                return
            self.pieces.append(found)
        else:
            word = _KEY_WORD.match(self.text, self.place)
            if word is None:
                raise _UnreadableError
            self._forgive(BARE_WORDS)
            self.pieces.append(json.dumps(word[0]))
            self.place = word.end()
        self.place = _skip(self.text, self.place)
        if self.place < len(self.text):
            if self.text[self.place] != ":":
                raise _UnreadableError
            self.place += 1
            self.pieces.append(":")
        frame.is_keyed = True

    def _between(self, frame: _Frame, mark: str) -> None:
        """A comma or a closing bracket."""
        self.place += 1
        if mark == ",":
            if frame.has_comma or not frame.count:
                self._forgive(TRAILING_COMMA)
            frame.has_comma = frame.count > 0
            return
        if frame.kind == "[" and mark == "}":
            self._forgive(SURPLUS)
            return
        if frame.has_comma:
            self._forgive(TRAILING_COMMA)
        self.pieces.append(mark)
        self.stack.pop()
        self._whole()

    def _separate(self, frame: _Frame) -> None:
        """The comma between what stands there and what comes."""
        if frame.count:
            if not frame.has_comma and frame.kind != "top":
                self._forgive(MISSING_COMMA)
            self.pieces.append(",")
        frame.has_comma = False

    def _whole(self) -> None:
        """A value has ended."""
        frame = self.stack[-1]
        frame.count += 1
        frame.is_keyed = False
        frame.whole = len(self.pieces)

    def _value(self, frame: _Frame, mark: str) -> None:
        if frame.kind == "{":
            if mark in ",}":
                self._forgive(MISSING_VALUE)
                self.pieces.append("null")
                self._whole()
                return
        else:
            self._separate(frame)
        if mark in "[{":
            if len(self.stack) > _DEEPEST:
                raise _UnreadableError
            self.pieces.append(mark)
            self.place += 1
            self.stack.append(_Frame("[" if mark == "[" else "{"))
        elif mark in "\"'":
            found = self._string("[" if frame.kind == "[" else "{")
            if found is not None:
                self.pieces.append(found)
                self._whole()
        else:
            self._word(frame)

    def _word(self, frame: _Frame) -> None:
        """A number, or a word without quotes."""
        number = _NUMBER.match(self.text, self.place)
        if number is not None:
            self.place = number.end()
            self.pieces.append(number[0])
            fraction = _FRACTION.match(self.text, self.place) if frame.kind == "{" else None
            if fraction is not None and number[0].lstrip("-").isdigit():
                self._forgive(DECIMAL_COMMA)
                self.pieces[-1] += f".{fraction[1]}"
                self.place = fraction.end()
            self._whole()
            return
        found = _VALUE_WORD.match(self.text, self.place)
        if found is None:
            raise _UnreadableError
        self.place = found.end()
        word = found[0].strip()
        if word not in ("true", "false", "null"):
            self._forgive(BARE_WORDS)
        self.pieces.append(_CONSTANTS.get(word) or _odd_number(word) or _quoted(word))
        self._whole()

    def _string(self, role: str) -> str | None:
        """A string as strict JSON; None where it was cut off, or where JSON begins in it that is read by itself."""
        text, end_of = self.text, _ENDS[role]
        strict = _STRICT_STRING.match(text, self.place)
        if strict is not None and end_of.match(text, strict.end()):
            self.place = strict.end()
            return strict[0]
        if role != "key" and _OPENS_JSON.match(text, self.place):
            if len(self.stack) > _DEEPEST:
                raise _UnreadableError
            mark, self.place = text[self.place], self.place + 1
            self.stack.append(_Frame("quote", mark, self.place, len(self.pieces), dict(self.repairs)))
            return None
        quote, place, content = text[self.place], self.place + 1, list[str]()
        if quote == "'":
            self._forgive(SINGLE_QUOTES)
        while place < len(text):
            plain = _PLAIN[quote].match(text, place)
            if plain is not None:
                content.append(plain[0])
                place = plain.end()
                continue
            mark = text[place]
            if mark == quote:
                place += 1
                if end_of.match(text, place) or (role == "{" and _NEXT_KEY.match(text, place)):
                    self.place = place
                    return _quoted("".join(content))
                self._forgive(OPEN_QUOTES)
                content.append(quote)
            elif mark == "\\":
                place = self._escape(place, quote, content)
            else:
                self._forgive(CHARACTERS)
                content.append(mark)
                place += 1
        self.place = len(text)
        return None

    def _escape(self, place: int, quote: str, content: list[str]) -> int:
        """The place behind a backslash and what it stands for."""
        found = _ESCAPE.match(self.text, place)
        if found is None:
            following = self.text[place + 1 : place + 2]
            if following != quote:
                self._forgive(ESCAPES)
            content.append(following)
            return place + 1 + len(following)
        content.append(chr(int(found[1], 16)) if found[1] else _ESCAPED[found[2]])
        return found.end()

    def _close_quote(self) -> None:
        """The end of JSON that stood in quotes without escapes: it is a text again, as it was written."""
        frame = self.stack.pop()
        self.repairs = frame.repairs
        self._forgive(OPEN_QUOTES if frame.mark == '"' else SINGLE_QUOTES)
        self.pieces[frame.pieces :] = [_quoted(self.text[frame.start : self.place])]
        self.place += 1
        self._whole()


def _quoted(content: str) -> str:
    """A text as a JSON string, without halves of characters."""
    return _without_halves(json.dumps(content))


def _odd_number(word: str) -> str | None:
    """A number as JSON does not write it, like +5 or .5; null for what stands for nothing; None for a text."""
    if word in _ABSENT:
        return "null"
    found = _ODD_NUMBER.fullmatch(word)
    if found is None or not (found[2] or found[3] or word.strip("+-").startswith("0")):
        return None
    sign, whole, fraction = ("-" if found[1] == "-" else ""), found[2] or "0", found[3]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
