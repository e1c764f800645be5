"""What a single value of a payload must have meant: a time, a lead id, customer data; pure, and certain or nothing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from funnelcheck.customer_data import digest, normalised, sha256

# What the rules take for blank: ASCII blanks, and all that Unicode calls a separator.
BLANKS = " \t\n\f\r\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
NOTHING = ("", "null", "none", "undefined", "nan")
_DIGESTS_OF_NOTHING = {sha256(word) for word in (*NOTHING, "None", "NULL", "NaN")}

# event_time: as EVT005 has it, and the years in which a larger number is taken for a finer unit.
_MIN_SECONDS, _MAX_SECONDS = 1_000_000_000, 100_000_000_000
_YEAR_2100 = 4_102_444_800
_UNITS = ((1_000, "milliseconds"), (1_000_000, "microseconds"), (1_000_000_000, "nanoseconds"))
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")

# lead_id
_LEAD_ID = re.compile(r"[1-9][0-9]{14,16}")
_DECIMAL = re.compile(r"([0-9]+)[.,]0*")
_EXPONENT = re.compile(r"[0-9](?:[.,][0-9]*)?[eE]\+?[0-9]+")
_THOUSANDS = re.compile(r"[0-9]{1,3}([.,'’ \xa0\u202f])[0-9]{3}(?:\1[0-9]{3})+")
_AROUND = BLANKS + "'\"`=’‘“”"
_EXACT = 1 << 53  # from here on a float keeps no longer every whole number
_LOST_IDS = (
    (re.compile(r"[0-9a-fA-F]{32,}"), "a digest or a key stands in place of the lead id"),
    (_EXPONENT, "a spreadsheet or a column of numbers has cut the last digits of the lead id off"),
    (re.compile(r"[a-z]{1,2}:.*", re.DOTALL), "the id of something else, like the form or the ad, stands in its place"),
    (re.compile(r"[0-9]{18,}"), "the lead id has more digits than Meta gives one"),
    (
        re.compile(r"[0-9]+[.,][0-9]*"),
        "a column of numbers may have changed the digits of the lead id",
    ),
    (re.compile(r"[0-9]+"), "a number of another kind, like the CRM's own key, stands in place of the lead id"),
)

# customer data
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_DIGEST = re.compile(r"[0-9a-fA-F]{32,}")
_E_MAIL = re.compile(r"[\w.!#$%&'+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+")
_QUOTED = re.compile(r"'.*|.*'")
_PHONE = re.compile(r"[(]?(?:\+|00)[0-9 ().\xa0-]{7,}")
_TRUNK = re.compile(r"\(0+\)")  # dialled within the country alone, but for some countries
_MOST_DIGITS = 15  # of a number with its country code, by E.164; two numbers have more
_LABELS = {"ph": "p:", "zp": "z:"}  # of a page's download
_FILLER = re.compile(
    r"n/a|unknown|not (?:provided|given|available)|<[^>]*>|.{0,200}(?:\{\{|\$\{|\[\[).*", re.IGNORECASE | re.DOTALL
)
_NO_PLACE = re.compile(r"0|1[01]")  # no country code; 0011 is how Australia dials abroad
_HIDDEN = re.compile(r"[*\u2022]|\b(?:redacted|filtered|hidden|masked)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Read:
    """A value as it should be sent; `why` None: as it is. A value of None: nobody can tell, and `why` says why."""

    value: Any
    why: str | None = None


def event_time(value: Any, zone: tzinfo | None) -> Read:
    """Unix seconds; a date without an offset is read in `zone`, where there is one."""
    number = _number(value)
    if isinstance(number, str):
        return _date(number.strip(BLANKS), zone)
    if number is None or not (isinstance(number, int) or math.isfinite(number)):
        return Read(None, "it is no time")
    if isinstance(number, Decimal) and number.as_tuple().exponent > 0:  # type: ignore[operator]
        return Read(None, "an exponent has cut its last digits off")
    seconds, unit = _in_seconds(number)
    if seconds is None:
        return Read(None, "the number is no time in seconds, milliseconds or microseconds")
    if unit is not None:
        return Read(seconds, f"{unit} made seconds")
    if isinstance(value, str):
        return Read(seconds, "digits in quotes made a number")
    return Read(seconds) if type(value) is int else Read(seconds, "the fraction of a second cut off")


def _number(value: Any) -> int | float | Decimal | str | None:
    """A number, of a text with nothing but a number in it too; another text as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,30}(?:\.[0-9]{0,30})?", value.strip(BLANKS)):
        text = value.strip(BLANKS)
        return int(text) if text.isdigit() else Decimal(text)
    return value


def _in_seconds(number: float | Decimal) -> tuple[int | None, str | None]:
    """Whole seconds, and the unit where it is another."""
    whole = int(number)
    if _MIN_SECONDS <= whole < _MAX_SECONDS:
        return whole, None
    for factor, unit in _UNITS:
        if _MIN_SECONDS * factor <= whole < _YEAR_2100 * factor:
            return whole // factor, unit
    return None, None


def _date(text: str, zone: tzinfo | None) -> Read:
    if not _ISO.fullmatch(text):
        return Read(None, "a date in words, or without the time of day, is no instant")
    try:
        moment = datetime.fromisoformat(re.sub(r" ?(?:UTC|z)$", "Z", text))
        if moment.tzinfo is None and zone is None:
            return Read(None, "the date names no time zone")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
            if moment.utcoffset() != moment.replace(fold=1).utcoffset():
                return Read(None, "the clocks were changed then, so that the time without an offset means two instants")
        seconds = math.floor(moment.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        return Read(None, "it is no date")
    if not _MIN_SECONDS <= seconds < _MAX_SECONDS:
        return Read(None, "the date lies before September 2001")
    return Read(seconds, "a date made Unix seconds")


def lead_id(value: Any) -> Read:
    """Meta's id of a lead: digits as text stay text, numbers stay numbers."""
    bare, why = value, None
    while isinstance(bare, list) and len(bare) == 1:
        bare, why = bare[0], "taken out of its list"
    if type(bare) is int:
        return Read(bare, why) if 10**14 <= bare < 10**17 else Read(None, _lost_number(bare))
    if isinstance(bare, (float, Decimal)):
        digits = _digits_kept(str(bare))
        return Read(int(digits), "the decimal point taken off") if digits else Read(None, _lost(str(bare)))
    if not isinstance(bare, str):
        return Read(None, "what stands there is no lead id")
    text = _bare_id(bare)
    if _LEAD_ID.fullmatch(text):
        return Read(text, why if text == bare else "the label, quotes or blanks around it taken off")
    digits = _digits_kept(text)
    return Read(digits, "decimal point or thousand separators taken out") if digits else Read(None, _lost(text))


def _bare_id(text: str) -> str:
    """Without the label of a page's download and what a spreadsheet or a quoting puts around it."""
    for _ in range(3):
        text = text.strip(_AROUND).removeprefix("l:")
    return text


def _digits_kept(text: str) -> str | None:
    """The digits of a number that was written as one and has kept them all; None where that is not certain."""
    decimal, thousands = _DECIMAL.fullmatch(text), _THOUSANDS.fullmatch(text)
    if decimal:
        digits, is_whole = decimal[1], not decimal[1].endswith("000")
    elif thousands:
        digits = text.replace(thousands[1], "")
        is_whole = not (len(digits) > 15 and digits[15:].strip("0") == "")  # a spreadsheet keeps 15 digits
    else:
        return None
    return digits if is_whole and _LEAD_ID.fullmatch(digits) and int(digits) < _EXACT else None


def _lost_number(number: int) -> str:
    return _lost("1" * 18 if number >= 10**17 else "1")


def _lost(text: str) -> str:
    if text.lower() in NOTHING:
        return "a word for nothing stands in place of the lead id"
    found = (why for form, why in _LOST_IDS if form.fullmatch(text))
    return next(found, "what stands there is no lead id")


def hashed(field: str, value: Any) -> Read:
    """One value of a hashed field as a digest; None where it is to be left out."""
    text = str(value) if field == "db" and type(value) is int and 0 < value < 10**8 else value
    if not isinstance(text, str):
        return Read(None, "no text, so nobody's")
    bare = text.strip(BLANKS)
    if bare.lower() in NOTHING or bare.lower() in _DIGESTS_OF_NOTHING:
        return Read(None, "an empty field, or the digest of one")
    if _SHA256.fullmatch(bare):
        return Read(
            bare.lower(), None if bare.lower() == value else "the digest written in small letters without blanks"
        )
    if _DIGEST.fullmatch(bare):
        return Read(None, "a digest of another kind than SHA-256, or a part of one")
    return _hashed_plain(field, bare)


def _hashed_plain(field: str, bare: str) -> Read:
    bare = bare.removeprefix(_LABELS.get(field, "")).strip(BLANKS)
    if _FILLER.fullmatch(bare):
        return Read(None, "a word for nothing, or a placeholder that was not filled in")
    if _HIDDEN.search(bare):
        return Read(None, "the log hides the value")
    if field == "em" and (not _E_MAIL.fullmatch(bare) or _QUOTED.fullmatch(bare)):
        return Read(None, "no e-mail address")
    if field == "ph" and not _PHONE.fullmatch(bare):
        return Read(None, "a phone number without its country code")
    if field == "ph" and not _is_one_number(bare):
        return Read(None, "a phone number that can be read in two ways, or more than one")
    if field == "db" and not _is_day(bare):
        return Read(None, "no date of birth")
    try:
        found = digest(field, bare)
    except UnicodeEncodeError:  # half of a sign
        found = None
    if found is None:
        return Read(None, "not in a form that can be hashed as Meta wants it")
    return Read(found, "plain text normalised and hashed")


def _is_one_number(text: str) -> bool:
    """Whether the digits, as they stand, are one number with its country code."""
    digits = re.sub(r"[^0-9]", "", text).removeprefix("" if text.lstrip("(").startswith("+") else "00")
    return not _TRUNK.search(text) and not _NO_PLACE.match(digits) and len(digits) <= _MOST_DIGITS


def _is_day(text: str) -> bool:
    """False for a day that no calendar has; what is in another order is told elsewhere."""
    found = normalised("db", text)
    try:
        return found is None or bool(date.fromisoformat(found))
    except ValueError:
        return False
