"""The language of what is told: sentences from a catalogue, figures and days as the language writes them.

English is what stands in the source; every other language is a file of reports/languages. A sentence is written
`_("{n} of {all} leads").format(...)`: whole, with named places, so that it can be put into another order.
"""

from __future__ import annotations

import gettext as stdlib
import io
import math
import re
import string
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from funnelcheck.errors import UsageError
from funnelcheck.resources import folder

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages import Catalog, Message


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its catalogue, and the signs of its figures (`signs` maps "," and "." of an English figure)."""

    key: str
    catalogue: stdlib.NullTranslations = field(default_factory=stdlib.NullTranslations)
    signs: dict[int, str] = field(default_factory=dict)
    percent: str = "{n} %"  # a share in per cent

    @property
    def is_english(self) -> bool:
        """True for the language of the source."""
        return self.key == "en"

    @property
    def tag(self) -> str:
        """The key as pages and mails name a language: pt-BR."""
        return self.key.replace("_", "-")


_ENGLISH = Language("en")
_current: ContextVar[Language] = ContextVar("language", default=_ENGLISH)


def _(text: str) -> str:
    """The text in the present language; as it is where the catalogue has none."""
    return _current.get().catalogue.gettext(text) if text else text


def ngettext(one: str, many: str, n: float) -> str:
    """The form that goes with a number, in the present language."""
    language = _current.get()
    return language.catalogue.ngettext(one, many, n if language.is_english else math.floor(abs(n)))  # type: ignore[arg-type]


def current() -> Language:
    """The present language."""
    return _current.get()


@contextmanager
def use(key: str) -> Iterator[None]:
    """Tell everything in this language inside; UsageError for one that has no catalogue."""
    token = _current.set(_load(key))
    try:
        yield
    finally:
        _current.reset(token)


def languages() -> tuple[str, ...]:
    """Keys of all languages: English, then those with a catalogue."""
    return ("en", *sorted(file.stem for file in _catalogues().glob("*.po")))


def figures(text: str) -> str:
    """An English figure like 3,412.5 with the signs of the present language."""
    signs = _current.get().signs
    return text.translate(signs) if signs else text


def percent(figure: str) -> str:
    """A figure, written already, in per cent."""
    language = _current.get()
    return f"{figure} %" if language.is_english else language.percent.format(n=figure)


def day(iso: str) -> str:
    """A day of ISO 8601 as the present language writes it; English keeps ISO 8601, which nobody can misread."""
    return iso if _current.get().is_english else _day_written("yMMMd", iso)


def short_day(iso: str) -> str:
    """A day of ISO 8601 without its year: 11-22."""
    return iso[5:] if _current.get().is_english else _day_written("MMMd", iso)


def moment(instant: datetime) -> str:
    """An instant in UTC, to the minute."""
    if _current.get().is_english:
        return f"{instant:%Y-%m-%d %H:%M} UTC".rjust(20, "0")
    return f"{_written('yMMMd', instant)}, {_written('Hm', instant)} UTC"


def _day_written(fields: str, iso: str) -> str:
    try:
        return _written(fields, date.fromisoformat(iso))
    except ValueError:  # no day after all
        return iso


def _written(fields: str, moment: date) -> str:
    """A time by the fields that it shows, as the present language writes it, kept on one line."""
    from babel.dates import format_skeleton

    return format_skeleton(fields, moment, locale=_current.get().key).replace(" ", "\u00a0")


def _catalogues() -> Path:
    return folder("reports") / "languages"


@cache
def _load(key: str) -> Language:
    if key == "en":
        return _ENGLISH
    if key not in languages():
        raise UsageError(f"--lang {key}: there is no such language; known are {', '.join(languages())}")
    from babel.messages import mofile

    locale, catalogue = _read(_catalogues() / f"{key}.po")
    for message in list(catalogue):
        if message.id and not _fits(message):
            catalogue.delete(message.id, message.context)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalogue)
    compiled.seek(0)
    signs = locale.number_symbols["latn"]
    return Language(
        key,
        stdlib.GNUTranslations(compiled),
        {ord(","): signs["group"], ord("."): signs["decimal"]},
        re.sub(r"[#,.0]+", "{n}", locale.percent_formats[None].pattern, count=1),
    )


def _read(file: Path) -> tuple[Locale, Catalog]:
    """A catalogue as it stands in its file; UsageError for one that cannot be read or is called after no language."""
    from babel import Locale, UnknownLocaleError
    from babel.messages import pofile

    try:
        locale = Locale.parse(file.stem)
    except (UnknownLocaleError, ValueError) as error:
        raise UsageError(f"{file}: is called after no language; a name is like fr.po or pt_BR.po") from error
    try:
        with file.open("rb") as source:
            return locale, pofile.read_po(source, locale=file.stem, abort_invalid=True)
    except (pofile.PoFileError, ValueError) as error:
        raise UsageError(f"{file}: cannot be read as a catalogue ({error})") from error


def _fits(message: Message) -> bool:
    """Whether a translation can stand for its text: one with places of its own would break every page that says it."""
    sources, told = (text if isinstance(text, list | tuple) else (text,) for text in (message.id, message.string))
    try:
        known = set().union(*(_places(text or "") for text in sources))
    except (ValueError, TypeError):  # no text that anything is put into
        return True
    try:
        return all(_places(text or "") <= known for text in told)
    except (ValueError, TypeError):
        return False


def _places(text: str) -> set[str]:
    """The places of a text: {n:count}, or %(n)s of a template; ValueError or TypeError where nothing can be put in."""
    found = set(re.findall(r"%\((\w+)\)", text))
    if found or "%%" in text:
        text % dict.fromkeys(found, "")  # as the template will do
    parts = string.Formatter().parse(text)
    return found | {f"{{{name}!{sign}:{form}}}" for __, name, form, sign in parts if name is not None}
