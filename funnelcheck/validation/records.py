"""A text and what it holds: records, where each stands, and which places hold none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from funnelcheck.masking import without_ids
from funnelcheck.payload import Unreadable
from funnelcheck.validation.places import NotJsonError, Span, spans


@dataclass(frozen=True)
class Document:
    """One JSON value of a text, or one request in another form; `start` is its offset."""

    text: Text
    start: int
    number: int  # of the values of the text, from 0
    is_json: bool = True
    inner: Callable[[], Mapping[str, Span]] | None = None  # where the values of what is no JSON stand

    @cached_property
    def spans(self) -> Mapping[str, Span]:
        """Where each value of it stands, by pointer; worked out when something is to be shown."""
        if not self.is_json:
            return {"": Span(self.start, self.start)} | dict(self.inner() if self.inner else {})
        try:
            return spans(self.text.content, self.start)
        except NotJsonError:  # what Python reads and JSON does not have
            return {"": Span(self.start, self.start)}

    def place(self, pointer: str) -> tuple[int, int]:
        """Line and column of a value, or of what holds it where a text hides it."""
        return self.text.line_and_column(self.span(pointer).place)

    def span(self, pointer: str) -> Span:
        """Where a value stands, or what holds it."""
        while pointer and pointer not in self.spans:
            pointer = pointer.rpartition("/")[0]
        return self.spans[pointer]


@dataclass
class Text:
    """A text with its name; knows on which line an offset lies."""

    name: str
    content: str
    records: list[Record] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    passed_over: int = 0  # lines of a log without a payload
    holds_nothing: bool = False  # neither a payload nor anything that looks like a broken one
    may_be_other: bool = False  # nobody said that it holds payloads: it only lies in a folder with some

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.content))]

    @cached_property
    def is_one_value(self) -> bool:
        """False for a text of several JSON values, like JSON Lines, whose pointers begin anew in each."""
        return len({record.document.number for record in self.records}) < 2

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Both from 1; the column in characters."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    @property
    def next_number(self) -> int:
        """The number of the next of its values."""
        return self.records[-1].document.number + 1 if self.records else 0

    def refuse(self, offset: int | None, reason: str, hint: str | None = None) -> None:
        """Note that nothing is judged here; the reason may name what the file holds."""
        line, column = (None, None) if offset is None else self.line_and_column(offset)
        self.unreadable.append(Unreadable(self.name, line, column, without_ids(reason), hint))


@dataclass(frozen=True)
class Record:
    """What is judged as one: a request with what is logged around it, or an event. `value` is it as Python reads it.

    `json` is its text as it stands in the file, so that numbers are judged as they are written.
    """

    document: Document
    pointer: str  # of the record in its document
    json: str
    value: Any
    # a pointer in `value` -> in the document, where they differ
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """The offset of its first character."""
        return self.document.span(self.pointer).start

    def pointer_of(self, inner: str) -> str:
        """The pointer from the document's root of a pointer into the record."""
        for here, there in self.places.items():
            if inner == here or inner.startswith(f"{here}/"):
                return there + inner.removeprefix(here)
        return self.pointer + inner
