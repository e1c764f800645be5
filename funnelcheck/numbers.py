"""Figures and foreign text, made fit to print: honest, and the same in every report.

A figure is never printed as a limit that it is not: a share above 0 never as 0 %, one below 100 % never as
100 %, and one that misses a threshold never as that threshold. Nothing to count is an en dash and a word.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from funnelcheck.model import Finding

DASH = "–"
NOTHING = f"{DASH} none"
UNKNOWN = f"{DASH} not known"
DAY = 86_400
_NOUNS = {"stages": "stage", "events": "event", "leads": "lead", "datasets": "dataset", "requests": "request"}


def count(n: float | None, noun: str = "") -> str:
    """3412 -> "3,412"; with a singular noun "3,412 leads", "1 lead"."""
    if n is None or not math.isfinite(n):
        return UNKNOWN
    figure = f"{int(n):,}" if float(n).is_integer() else f"{n:,.1f}"
    return figure if not noun else f"{figure} {noun if n == 1 else _plural(noun)}"


def percent(value: float | None, limits: Sequence[float] = ()) -> str:
    """0.2413 -> "24.1 %", with as many decimals as keep it apart from 0, 1 and `limits` (shares)."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return _apart(value, (0.0, 1.0, *limits), 100, range(1, 5), "%")


def interval(low: float | None, high: float | None, limits: Sequence[float] = ()) -> str:
    """0.2051, 0.2812 -> "20.5 % to 28.1 %"."""
    if low is None or high is None:
        return UNKNOWN
    return f"{percent(low, limits)} to {percent(high, limits)}"


def share(value: float | None, n: int, limits: Sequence[float] = ()) -> str:
    """A share with what it is a share of: "24.1 % of 600"; of nothing "– none"."""
    if value is None or n == 0:
        return NOTHING if n == 0 else f"{UNKNOWN} of {count(n)}"
    return f"{percent(value, limits)} of {count(n)}"


def ratio(part: int | None, whole: int | None, limits: Sequence[float] = ()) -> str:
    """The share that `part` is of `whole`, with the whole: "61.0 % of 600"."""
    if part is None or whole is None:
        return UNKNOWN
    return share(part / whole if whole else None, whole, limits)


def days(value: float | None, limits: Sequence[float] = ()) -> str:
    """12.25 -> "12.3 days"; below a day in hours, minutes or seconds, rounded down but never to nothing."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if float(value).is_integer():
        return count(value, "day")
    if 0 < value < 1:
        return _below_a_day(value * DAY)
    return _apart(value, tuple(limits), 1, range(1, 7), "days")


def instant(seconds: float | None) -> str:
    """Unix seconds -> "2026-11-21 22:14 UTC"."""
    if seconds is None:
        return NOTHING
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return f"{DASH} not a time"
    return f"{moment:%Y-%m-%d %H:%M} UTC".rjust(20, "0")


def day(seconds: int, time_zone: str) -> str:
    """The calendar day of Unix seconds in a time zone, in ISO 8601."""
    return datetime.fromtimestamp(seconds, ZoneInfo(time_zone)).date().isoformat()


def threshold(limit: float | Sequence[float] | None, unit: str = "") -> str:
    """What a rule asks for: 0.6 -> "60 %", (0.01, 0.4) -> "1 % to 40 %", 7 in days -> "7 days"."""
    if limit is None:
        return ""
    if isinstance(limit, Sequence):
        return " to ".join(threshold(one, unit) for one in limit)
    if unit == "share":
        return f"{_plain(limit * 100)} %"
    if unit == "days":
        return f"{_plain(limit)} {'day' if limit == 1 else 'days'}"
    return _counted(limit, unit)


def value(finding: Finding) -> str:
    """A finding's value in its unit, never rounded onto its threshold; "– not known" without one."""
    return measured(finding.value, finding.unit, finding.n, finding.threshold)


def measured(found: float | None, unit: str, n: int, limit: float | Sequence[float] | None) -> str:
    """What a rule found, in its unit, of `n`; never rounded onto a limit; "– not known" without one."""
    if found is None or not math.isfinite(found):
        return UNKNOWN
    limits = _limits(limit)
    if unit == "share":
        return share(found, n, limits) if n else percent(found, limits)
    return days(found, limits) if unit == "days" else _counted(found, unit)


def of(shown: int, total: int) -> str:
    """What a cut list says about itself: "20 of 3,412"; nothing when it is whole."""
    return "" if shown >= total else f"{count(shown)} of {count(total)}"


def number(figure: float) -> str:
    """A threshold as it is typed into a configuration: 2419200, 0.6."""
    return _plain(figure, separator="")


def visible(text: str) -> str:
    """Text from a log without what hides or reorders: C0 controls go, other invisible signs are named.

    Tabs and line ends become blanks; a joiner between letters beyond ASCII is spelling and stays.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_seen(text, i) for i in range(len(text)))


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
        return " "
    if kind == "Cs":
        return "\ufffd"
    if sign in "\u200c\u200d" and not (text[max(0, i - 1)] + text[i + 1 : i + 2]).isascii():
        return sign
    return f"⟨U+{ord(sign):04X}⟩"


def _counted(figure: float, unit: str) -> str:
    if unit == "step":
        return f"step {count(figure)}"
    return count(figure, _NOUNS.get(unit, ""))


def _limits(limit: float | Sequence[float] | None) -> tuple[float, ...]:
    if limit is None:
        return ()
    return tuple(limit) if isinstance(limit, Sequence) else (limit,)


def _plural(noun: str) -> str:
    return f"{noun}s"


def _plain(figure: float, separator: str = ",") -> str:
    """Up to six decimals without trailing zeros."""
    text = f"{figure:{separator}.6f}"
    return text.rstrip("0").rstrip(".")


@lru_cache(maxsize=8_192)
def _apart(value: float, limits: tuple[float, ...], scale: int, decimals: range, unit: str) -> str:
    """`value` with the fewest of `decimals` that do not make it look like a limit that it is not."""
    if value in limits:
        return f"{_plain(value * scale)} {unit}"
    for places in decimals:
        shown = _rounded(value, scale, places)
        if all(shown != _rounded(limit, scale, places) for limit in limits):
            return f"{shown} {unit}"
    edge = min(limits, key=lambda one: abs(one - value))
    step = 10.0 ** -decimals[-1]
    if edge == 0:
        return f"{'<' if value > 0 else '>'} {_plain(step if value > 0 else -step)} {unit}"
    return f"{'just over' if value > edge else 'just under'} {_plain(edge * scale)} {unit}"


def _rounded(figure: float, scale: int, places: int) -> str:
    """Half up, as people round: 12.25 -> "12.3"; the summand is far below the last place ever shown."""
    return f"{figure * scale + 5e-10:,.{places}f}"


def _below_a_day(seconds: float) -> str:
    if seconds < 60:
        return count(max(1, math.floor(seconds)), "second")
    if seconds < 3_600:
        return count(math.floor(seconds / 60), "minute")
    return count(math.floor(seconds / 360) / 10, "hour")
