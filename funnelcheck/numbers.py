"""Figures and foreign text, made fit to print: honest, and the same in every report.

A figure is never printed as a limit that it is not: a share above 0 never as 0 %, one below 100 % never as
100 %, and one that misses a threshold never as that threshold. Nothing to count is an en dash and a word.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, reduce
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from funnelcheck import language
from funnelcheck.language import _, ngettext

if TYPE_CHECKING:
    from funnelcheck.model import Finding

DASH = "–"
DAY = 86_400
_BLANKS = {0xA0: " ", 0x202F: " "}  # that keep a figure and its unit on one line
_STEERING = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
NOUNS = {"stages": "stage", "events": "event", "leads": "lead", "datasets": "dataset", "requests": "request"}


def nothing() -> str:
    """What stands where there is nothing to count."""
    return _("– none")


def unknown() -> str:
    """What stands where a figure is not known."""
    return _("– not known")


def count(n: float | None, noun: str = "") -> str:
    """3412 -> "3,412"; with a singular noun "3,412 leads", "1 lead"."""
    if type(n) is int:
        figure = f"{n:,}"
    elif n is None or not math.isfinite(n):
        return unknown()
    else:
        figure = f"{int(n):,}" if float(n).is_integer() else f"{n:,.1f}"
    if language.current().is_english:
        return figure if not noun else f"{figure} {noun if n == 1 else _plural(noun)}"
    figure = language.figures(figure)
    return figure if not noun else ngettext(*counted(noun), n).format(n=figure)


def counted(noun: str) -> tuple[str, str]:
    """What a catalogue has of a noun that is counted: its singular and its plural, each with the figure's place."""
    return f"{{n}} {noun}", f"{{n}} {_plural(noun)}"


def percent(value: float | None, limits: Sequence[float] = ()) -> str:
    """0.2413 -> "24.1 %", with as many decimals as keep it apart from 0, 1 and `limits` (shares)."""
    if value is None or not math.isfinite(value):
        return unknown()
    return _percent(value, tuple(limits), language.current().key)


def gap(value: float | None, limits: Sequence[float] = ()) -> str:
    """By how much one figure differs from another, as a share of that: 0.2 -> "+20 %", -0.2 -> "−20 %"."""
    if value is None or not math.isfinite(value):
        return unknown()
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return f"{sign}{percent(abs(value), limits)}"


def interval(low: float | None, high: float | None, limits: Sequence[float] = ()) -> str:
    """0.2051, 0.2812 -> "20.5 % to 28.1 %"."""
    if low is None or high is None:
        return unknown()
    return span(percent(low, limits), percent(high, limits))


def span(low: str, high: str) -> str:
    """Two figures, written already, as the ends of a range."""
    return _("{low} to {high}").format(low=low, high=high)


def share(value: float | None, n: int, limits: Sequence[float] = ()) -> str:
    """A share with what it is a share of: "24.1 % of 600"; of nothing "– none"."""
    return nothing() if n == 0 else _share(value, n, tuple(limits), language.current().key)


def ratio(part: int | None, whole: int | None, limits: Sequence[float] = ()) -> str:
    """The share that `part` is of `whole`, with the whole: "61.0 % of 600"."""
    if part is None or whole is None:
        return unknown()
    return share(part / whole if whole else None, whole, limits)


def days(value: float | None, limits: Sequence[float] = ()) -> str:
    """12.25 -> "12.3 days"; below a day in hours, minutes or seconds, rounded down but never to nothing."""
    if value is None or not math.isfinite(value):
        return unknown()
    return _days(value, tuple(limits), language.current().key)


def instant(seconds: float | None) -> str:
    """Unix seconds -> "2026-11-21 22:14 UTC"."""
    if seconds is None:
        return nothing()
    moment = _moment(seconds)
    return _("– not a time") if moment is None else language.moment(moment)


def date_of(seconds: float | None) -> str:
    """Unix seconds -> the day in UTC, "2026-11-21"."""
    if seconds is None:
        return nothing()
    moment = _moment(seconds)
    return _("– not a time") if moment is None else language.day(moment.date().isoformat())


def date(iso: str | None) -> str:
    """A day in ISO 8601 as a reader sees it."""
    return nothing() if iso is None else language.day(iso)


def day(seconds: int, time_zone: str) -> str:
    """The calendar day of Unix seconds in a time zone, in ISO 8601."""
    return datetime.fromtimestamp(seconds, ZoneInfo(time_zone)).date().isoformat()


def threshold(limit: float | Sequence[float] | None, unit: str = "") -> str:
    """What a rule asks for: 0.6 -> "60 %", (0.01, 0.4) -> "1 % to 40 %", 7 in days -> "7 days"."""
    if limit is None:
        return ""
    if isinstance(limit, Sequence):
        first, *others = (threshold(one, unit) for one in limit)
        return span(first, others[-1]) if others else first
    if unit in ("share", "gap"):
        return language.percent(_plain(limit * 100))
    if unit == "days":
        return _in_days(_plain(limit), limit)
    return _counted(limit, unit)


def value(finding: Finding) -> str:
    """A finding's value in its unit, never rounded onto its threshold; "– not known" without one."""
    return measured(finding.value, finding.unit, finding.n, finding.threshold)


def measured(found: float | None, unit: str, n: int, limit: float | Sequence[float] | None) -> str:
    """What a rule found, in its unit, of `n`; never rounded onto a limit; "– not known" without one."""
    if found is None or not math.isfinite(found):
        return unknown()
    asked = limits(limit)
    if unit == "share":
        return share(found, n, asked) if n else percent(found, asked)
    if unit == "gap":
        return gap(found, asked)
    return days(found, asked) if unit == "days" else _counted(found, unit)


def of(shown: int, total: int) -> str:
    """What a cut list says about itself: "20 of 3,412"; nothing when it is whole."""
    return "" if shown >= total else _("{shown} of {total}").format(shown=count(shown), total=count(total))


def number(figure: float) -> str:
    """A threshold as it is typed into a configuration: 2419200, 0.6."""
    return _six_decimals(figure, separator="")


def listed(words: Iterable[str]) -> str:
    """ "a, b and c"."""
    *others, last = words
    return _("{several} and {last}").format(several=", ".join(others), last=last) if others else last


def series(parts: Iterable[str]) -> str:
    """ "a; b; c", with the signs of the present language."""
    return reduce(lambda several, last: _("{several}; {last}").format(several=several, last=last), parts)


def labelled(label: str, told: str) -> str:
    """ "label: told", with the signs of the present language."""
    return _("{label}: {told}").format(label=label, told=told)


def visible(text: str) -> str:
    """Text from a log without what hides or reorders: C0 controls go, other invisible signs are named.

    Tabs and line ends become blanks; a joiner between letters beyond ASCII is spelling and stays.
    """
    if is_visible(text):
        return text
    return "".join(_seen(text, i) for i in range(len(text)))


def harmless_json(text: str) -> str:
    """JSON that says the same, with signs that steer a terminal, reorder a line or are no text written as escapes."""
    return _STEERING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def is_visible(text: str) -> bool:
    """True where nothing in a text hides or reorders."""
    return text.isprintable() or text.translate(_BLANKS).isprintable()


def named(text: str, length: int) -> str:
    """A name from a log, made visible and cut; one without any sign is said to be so."""
    shown = visible(cut(text, length))
    return shown if shown.strip() else _("(nothing but blanks)")


def first_clause(text: str) -> str:
    """What to do, as short as it makes sense: up to the first stop or semicolon."""
    return re.split(r"[.;:] ", text, maxsplit=1)[0].rstrip(".\u00a0\u202f ")


def cut(text: str, length: int) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _seen(text: str, i: int) -> str:
    sign = text[i]
    if sign.isprintable():
        return sign
    if sign in "\t\n\r":
        return " "
    if sign < " " or sign == "\x7f":
        return ""
    kind = unicodedata.category(sign)
    if kind == "Zs":
        return sign if ord(sign) in _BLANKS else " "
    if kind == "Cs":
        return "\ufffd"
    if sign in "\u200c\u200d" and not (text[max(0, i - 1)] + text[i + 1 : i + 2]).isascii():
        return sign
    return f"⟨U+{ord(sign):04X}⟩"


def _counted(figure: float, unit: str) -> str:
    if unit == "step":
        return _("step {n}").format(n=count(figure))
    return count(figure, NOUNS.get(unit, ""))


def limits(limit: float | Sequence[float] | None) -> tuple[float, ...]:
    """A rule's threshold as the limits that a figure must not be rounded onto."""
    if limit is None:
        return ()
    return tuple(limit) if isinstance(limit, Sequence) else (limit,)


def _plural(noun: str) -> str:
    return f"{noun}s"


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _plain(figure: float) -> str:
    """Up to six decimals without trailing zeros, as the present language writes it."""
    return language.figures(_six_decimals(figure))


def _six_decimals(figure: float, separator: str = ",") -> str:
    return f"{figure:{separator}.6f}".rstrip("0").rstrip(".")


def _in_unit(figure: str, value: float, unit: str) -> str:
    """A figure, written already, with % or days."""
    return language.percent(figure) if unit == "%" else _in_days(figure, value)


def _in_days(figure: str, value: float) -> str:
    return ngettext("{n} day", "{n} days", value).format(n=figure)


# One entry of these serves one language: `key` is that of the present one.
@lru_cache(maxsize=8_192)
def _percent(value: float, limits: tuple[float, ...], key: str) -> str:
    return _apart(value, (0.0, 1.0, *limits), 100, range(1, 5), "%")


@lru_cache(maxsize=8_192)
def _share(value: float | None, n: int, limits: tuple[float, ...], key: str) -> str:
    return _("{share} of {n}").format(share=percent(value, limits), n=count(n))


@lru_cache(maxsize=8_192)
def _days(value: float, limits: tuple[float, ...], key: str) -> str:
    if float(value).is_integer():
        return count(value, "day")
    if 0 < value < 1:
        return _below_a_day(value * DAY)
    return _apart(value, limits, 1, range(1, 7), "days")


def _apart(value: float, limits: tuple[float, ...], scale: int, decimals: range, unit: str) -> str:
    """`value` with the fewest of `decimals` that do not make it look like a limit that it is not."""
    if value in limits:
        return _in_unit(_plain(value * scale), value, unit)
    for places in decimals:
        shown = _rounded(value, scale, places)
        # one that is farther away than a decimal need not be written to see that it is another
        if all(abs(value - limit) * scale > 0.2 or shown != _rounded(limit, scale, places) for limit in limits):
            return _in_unit(language.figures(shown), value, unit)
    edge = min(limits, key=lambda one: abs(one - value))
    step = 10.0 ** -decimals[-1]
    if edge == 0:
        return f"{'<' if value > 0 else '>'} {_in_unit(_plain(step if value > 0 else -step), value, unit)}"
    figure = _in_unit(_plain(edge * scale), value, unit)
    return (_("just over {figure}") if value > edge else _("just under {figure}")).format(figure=figure)


def _rounded(figure: float, scale: int, places: int) -> str:
    """Half up, as people round: 12.25 -> "12.3"; the summand is far below the last place ever shown."""
    return f"{figure * scale + 5e-10:,.{places}f}"


def _below_a_day(seconds: float) -> str:
    if seconds < 60:
        return count(max(1, math.floor(seconds)), "second")
    if seconds < 3_600:
        return count(math.floor(seconds / 60), "minute")
    return count(math.floor(seconds / 360) / 10, "hour")
