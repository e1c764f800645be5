"""Sentences with places for figures and names: those of rules' headers, and the phrases that SQL tells.

SQL makes no sentence: `phrase('a template', {'name': value})` of sql/macros.sql gives a template of ours and what
stands in its places, as a struct. Its values travel as JSON, where a text of a log is a text and nothing else.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any

from funnelcheck import numbers
from funnelcheck.language import _, day, ngettext

_LONGEST_NAME = 80
_LONGEST_PHRASE = 600
_LONGEST_QUOTE = 40
_FIELDS = {"one", "many", "n", "named"}  # of the struct that the macro `phrase` gives
# DuckDB's type of it, for what it cannot tell from the values.
SQL_TYPE = "struct(one varchar, many varchar, n bigint, named json)"


class Sentence(string.Formatter):
    """`{value:share}`, `{n:count}`, `{x:days}`: figures made fit to print, names made visible.

    `{x:date}` and `{x:instant}` are of Unix seconds, `{x:day}` of ISO 8601. A name is cut; `{x:told}` is a phrase that
    the rule itself put together, and may be long. `{x:quoted}` stands in quotes. Of a list every part is written so,
    with commas between.
    """

    def __init__(self, limits: Sequence[float] = ()) -> None:
        self._limits = limits

    def vformat(self, format_string: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        """As string.Formatter's, which reads the template anew for each of a thousand advertisers."""
        parts = _parts(format_string)
        if parts is None:
            return super().vformat(format_string, args, kwargs)
        told = []
        for literal, name, spec in parts:
            told.append(literal)
            if name is not None:
                told.append(self.format_field(kwargs[name], spec))
        return "".join(told)

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        """A column or threshold by its name alone: what hangs on it is no business of a sentence."""
        if not field_name.isidentifier():
            raise KeyError(field_name)
        return super().get_field(field_name, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        """One figure, name or phrase, or a list of them."""
        if isinstance(value, list):
            return ", ".join(self.format_field(one, format_spec) for one in value)
        if format_spec == "share":
            return numbers.percent(value, self._limits)
        if format_spec == "count":
            return numbers.count(value)
        if format_spec == "days":
            return numbers.days(value, self._limits)
        if format_spec == "date":
            return numbers.date_of(value)
        if format_spec == "instant":
            return numbers.instant(value)
        if format_spec == "day":
            return day(str(value))
        if value is None:
            return _("none")
        if format_spec == "quoted":
            return quoted(str(value))
        text = numbers.visible(str(told(value)))
        return numbers.cut(text, _LONGEST_PHRASE if format_spec == "told" else _LONGEST_NAME)


@lru_cache(maxsize=10_000)
def _parts(template: str) -> tuple[tuple[str, str | None, str], ...] | None:
    """A template as (text, name of the place behind it, its form); None where a place is more than a plain name."""
    parts = tuple(string.Formatter().parse(template))
    for _literal, name, spec, conversion in parts:
        if name is not None and (not name.isidentifier() or conversion or "{" in (spec or "")):
            return None
    return tuple((literal, name, spec or "") for literal, name, spec, _conversion in parts)


def told(value: Any) -> Any:
    """A value of a row as a reader sees it: a phrase as its sentence, also inside lists; anything else as it is."""
    if isinstance(value, list):
        return [told(one) for one in value]
    if not isinstance(value, dict):
        return value
    return _sentence(value) if value.keys() == _FIELDS else {name: told(one) for name, one in value.items()}


def quoted(text: str) -> str:
    """A text of the sender in quotes, cut to a length that a line can hold."""
    shown = text[:_LONGEST_QUOTE] + ("…" if len(text) > _LONGEST_QUOTE else "")
    return _("“{text}”").format(text=numbers.visible(shown))


def _sentence(phrase: Mapping[str, Any]) -> str:
    named = phrase["named"]
    fields = json.loads(named) if isinstance(named, str) else named or {}
    if phrase["many"] == "":  # of SQL's `joined`
        return _joined([told(part) for part in fields["parts"]], phrase["one"])
    if phrase["many"] is None:
        template = _(phrase["one"])
    else:
        template = ngettext(phrase["one"], phrase["many"], phrase["n"])
        fields = {"n": phrase["n"]} | fields
    return Sentence().format(template, **fields)


def _joined(parts: Sequence[str], sign: str) -> str:
    if sign == "and":
        return joined_by_and(parts)
    return numbers.series(parts) if sign == "; " and parts else sign.join(parts)


def joined_by_and(parts: Sequence[str]) -> str:
    """ "a and b and c"."""
    return reduce(lambda several, last: _("{several} and {last}").format(several=several, last=last), parts)
