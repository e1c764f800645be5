"""Where the values of a JSON text stand, and where it stops being JSON and what was probably meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from funnelcheck.masking import without_ids

_BLANK = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TOKEN = re.compile(r"[\w.+-]+")
_WORDS = ("true", "false", "null")
_DIGEST = re.compile(r"(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})")
_BYTE = re.compile(r"\\x[0-9a-f]{2}")  # as what is no UTF-8 was read
_MARKUP = re.compile(r"<(?:!doctype|\?xml|/?(?:html|head|body)\b)", re.IGNORECASE)
_QUOTE = 'a quote inside a text is written \\"; or the closing quote of the text before is missing'
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|<[A-Za-z_]|%\(")


@dataclass(frozen=True, slots=True)
class Span:
    """A value of a text: offsets of its first character and behind its last; `key`: where its key begins."""

    start: int
    end: int
    key: int | None = None

    @property
    def place(self) -> int:
        """Where a reader looks: at the key, where there is one."""
        return self.start if self.key is None else self.key


class NotJsonError(Exception):
    """The text is no JSON at `offset`, or none that all read alike; `hint` is what was probably meant."""

    def __init__(self, offset: int, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason
        self.hint = hint

    @property
    def told(self) -> str:
        """The reason as it stands behind a place."""
        return f"this is not JSON: {self.reason}"


class UnclearJsonError(NotJsonError):
    """JSON that not all readers read alike: a key stands twice, or it is nested deeper than they go."""

    @property
    def told(self) -> str:
        """The reason as it stands behind a place."""
        return self.reason


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both from 1; the column in characters."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def token(key: str | int) -> str:
    """One step of an RFC 6901 pointer."""
    return "/" + str(key).replace("~", "~0").replace("/", "~1")


def top(pointer: str) -> str:
    """The first key of a pointer; empty for the whole."""
    return pointer[1:].partition("/")[0].replace("~1", "/").replace("~0", "~")


def skip(text: str, offset: int) -> int:
    """The first offset from here on that is no blank."""
    return _BLANK.match(text, offset).end()  # type: ignore[union-attr]


def spans(text: str, start: int = 0) -> dict[str, Span]:
    """Every value of the JSON value that begins at `start`, by pointer; of a key that stands twice the last.

    NotJsonError where it is none, however deep it is nested.
    """
    return _Scanner(text, start).scan()


@dataclass(slots=True)
class _Open:
    """An object or a list that has not ended yet."""

    pointer: str
    start: int
    key_start: int | None
    is_object: bool
    count: int = 0


class _Scanner:
    """Reads one value without recursion."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.at = skip(text, start)
        self.found: dict[str, Span] = {}
        self.open: list[_Open] = []

    def scan(self) -> dict[str, Span]:
        self.value("", None)
        while self.open:
            self.item(self.open[-1])
        return self.found

    def item(self, holder: _Open) -> None:
        """The next item of the innermost object or list, or its end."""
        self.at = skip(self.text, self.at)
        closing = "}" if holder.is_object else "]"
        here = self.text[self.at : self.at + 1]
        if here == closing:
            self.at += 1
            self.open.pop()
            self.found[holder.pointer] = Span(holder.start, self.at, holder.key_start)
            return
        if holder.count:
            self.comma(holder, closing)
        holder.count += 1
        if not holder.is_object:
            self.value(holder.pointer + token(holder.count - 1), None)
            return
        key_start = self.at
        key = self.key()
        self.colon(key)
        pointer = holder.pointer + token(key)
        if pointer in self.found:
            shown = without_ids(key)[:40]
            raise UnclearJsonError(key_start, f'the key "{shown}" stands twice in one object', "keep one of the two")
        self.value(pointer, key_start)

    def comma(self, holder: _Open, closing: str) -> None:
        here = self.text[self.at : self.at + 1]
        if here != ",":
            raise self.between(here, closing)
        comma = self.at
        self.at = skip(self.text, self.at + 1)
        if self.text[self.at : self.at + 1] in ("}", "]"):
            raise NotJsonError(comma, "a comma without anything behind it", "take this trailing comma away")

    def key(self) -> str:
        here = self.text[self.at : self.at + 1]
        if here == '"':
            return self.string()
        if reason := self.foreign(here):
            raise reason
        word = _TOKEN.match(self.text, self.at)
        if word:
            raise NotJsonError(
                self.at, "a key without quotes", f'put it into double quotes: "{without_ids(word[0])[:40]}"'
            )
        raise NotJsonError(self.at, f"{_shown(here)} where a key should begin", 'keys stand in double quotes: "key"')

    def colon(self, key: str) -> None:
        self.at = skip(self.text, self.at)
        here = self.text[self.at : self.at + 1]
        if here == ":":
            self.at = skip(self.text, self.at + 1)
            return
        if key.endswith(":"):
            inside = key.rstrip(": ")
            raise NotJsonError(
                self.at,
                "no colon behind the key",
                f'the colon stands inside the quotes; write "{without_ids(inside)[:40]}":',
            )
        if here in ("=", ","):
            raise NotJsonError(self.at, f"{_shown(here)} behind a key", "between key and value stands a colon")
        if not here:
            raise self.cut()
        raise NotJsonError(self.at, "no colon behind the key", "between key and value stands a colon")

    def value(self, pointer: str, key_start: int | None) -> None:
        start, here = self.at, self.text[self.at : self.at + 1]
        if here in ("{", "["):
            if here == "{" and self.text.startswith("{{", start):
                raise NotJsonError(start, "a template that was not filled in", "render the template before it is sent")
            self.open.append(_Open(pointer, start, key_start, here == "{"))
            self.at += 1
            return
        if here == '"':
            self.string()
        else:
            self.plain(here)
        self.found[pointer] = Span(start, self.at, key_start)

    def string(self) -> str:
        """Step over a text and give it as it stands, without its quotes; escapes in keys are decoded by Python."""
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.broken_string()
        self.at = match.end()
        held = match[0]
        if "\\" in held:
            import json

            return str(json.loads(held))
        return held[1:-1]

    def broken_string(self) -> NotJsonError:
        text, at = self.text, self.at + 1
        while at < len(text):
            mark = text[at]
            if mark == "\n" and not text[at:].strip():
                break
            if mark == "\n":
                return NotJsonError(at, "a line break inside a text", "close the quotes, or write \\n for a line break")
            if mark < " ":
                return NotJsonError(at, f"{_shown(mark)} inside a text", "write it as an escape such as \\t")
            if mark == "\\":
                if byte := _BYTE.match(text, at):
                    told = f"a byte that is no UTF-8, or an escape that JSON does not know: {byte[0]}"
                    return NotJsonError(at, told, "save the file as UTF-8")
                if not re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})').match(text, at):
                    if text.startswith("\\x", at):  # so bytes that are no text were made visible
                        return NotJsonError(at, "a byte that is no UTF-8, or \\x", "save the file as UTF-8")
                    return NotJsonError(at, "an escape that JSON does not know", "a backslash is written \\\\")
                at += 1
            at += 1
        return NotJsonError(self.at, "a text that does not end", "its closing quote is missing, or the file is cut off")

    def plain(self, here: str) -> None:
        """A number, true, false or null."""
        match = _TOKEN.match(self.text, self.at)
        word = match[0] if match else ""
        if word in _WORDS:
            self.at += len(word)
            return
        number = _NUMBER.match(self.text, self.at)
        if number and number[0] == word:
            self.at = number.end()
            return
        raise self.foreign(here) or self.misspelt(here, word)

    def foreign(self, here: str) -> NotJsonError | None:
        """What other notations have and JSON has not."""
        if not here:
            return self.cut()
        if here == "'":
            return NotJsonError(self.at, "single quotes", "JSON has double quotes; a dict of Python is no JSON")
        if here == "#" or self.text.startswith(("//", "/*"), self.at):
            return NotJsonError(self.at, "a comment", "JSON has no comments; take it away")
        if here in "“”„«»‘’":
            return NotJsonError(self.at, "typographic quotes", 'write plain double quotes: "')
        if here == "…" or self.text.startswith("...", self.at):
            return NotJsonError(self.at, "dots that stand for something left out", "write what belongs there")
        if _MARKUP.match(self.text, self.at):
            return NotJsonError(self.at, "a page of HTML or XML", "this is an answer or a web page, not what was sent")
        if _TEMPLATE.match(self.text, self.at):
            return NotJsonError(self.at, "a placeholder that was not filled in", "put the value in before it is sent")
        return None

    def misspelt(self, here: str, word: str) -> NotJsonError:
        if here in ("}", "]", ",", ":"):
            return NotJsonError(self.at, f"{_shown(here)} where a value should begin", "a value is missing before it")
        if _DIGEST.fullmatch(word):
            return NotJsonError(self.at, "a hash without quotes", "put the hash into double quotes")
        if word in ("None", "True", "False"):
            right = {"None": "null", "True": "true", "False": "false"}[word]
            return NotJsonError(self.at, f"{word}, a word of Python", f"JSON writes {right}; use json.dumps")
        if word.lstrip("+-") in ("NaN", "Infinity", "inf", "nan", "undefined"):
            return NotJsonError(self.at, f"{word}, which JSON does not have", "leave the field out")
        if re.fullmatch(r"[+-]?[0-9][0-9.eE+-]*", word):
            return NotJsonError(
                self.at,
                "a number that JSON does not know",
                "no plus sign, no leading zero, digits on both sides of a point",
            )
        if word:
            return NotJsonError(self.at, "a text without quotes", "put it into double quotes")
        return NotJsonError(self.at, f"{_shown(here)} where a value should begin")

    def between(self, here: str, closing: str) -> NotJsonError:
        """What stands where only a comma or the end can."""
        if not here:
            return self.cut()
        if here == '"' or here in "{[" or _TOKEN.match(self.text, self.at):
            if found := self.foreign(here):
                return found
            if here not in '"{[' and self.text[self.at - 1] == '"':
                return NotJsonError(self.at, "a text that ends here too early", _QUOTE)
            return NotJsonError(self.at, "no comma before this", "put a comma between the two")
        if here in "}]":
            return NotJsonError(self.at, f"{_shown(here)} where {closing} should close", "the brackets do not match")
        return self.foreign(here) or NotJsonError(self.at, f"{_shown(here)} where a comma or {closing} should stand")

    def cut(self) -> NotJsonError:
        return NotJsonError(
            len(self.text), "the text ends too early", "a bracket is not closed, or the file is cut off"
        )


def _shown(mark: str) -> str:
    return mark if mark.isprintable() and mark else f"the sign U+{ord(mark):04X}" if mark else "nothing"
