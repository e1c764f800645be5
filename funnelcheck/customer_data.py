"""Customer information as Meta wants it: each field normalised, then hashed, and what shows that it was not.

Source: Meta, Conversions API, customer information parameters (em, ph, fn, ln, db, ge, ct, st, zp, country,
external_id). Every figure of the tests is one that this page publishes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from string import ascii_uppercase

from funnelcheck.errors import UsageError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|\D+([0-9]{1,2})\D+([0-9]{1,2}))")
# Words that CRMs write for a gender, and for the countries that most of them serve; guesses, not a register.
_GENDERS = {
    "f": "female femme frau weiblich mujer femenino femmina feminino vrouw w ms mrs mme",
    "m": "male homme herr männlich hombre masculino maschio man mr monsieur",
}
_COUNTRIES = {
    "ae": "are|united arab emirates|uae",
    "ar": "arg|argentina",
    "at": "aut|austria|österreich",
    "au": "aus|australia",
    "be": "bel|belgium|belgique|belgië",
    "br": "bra|brazil|brasil",
    "ca": "can|canada",
    "ch": "che|switzerland|suisse|schweiz|svizzera",
    "cl": "chl|chile",
    "co": "col|colombia",
    "cz": "cze|czech republic|czechia",
    "de": "deu|germany|deutschland|allemagne",
    "dk": "dnk|denmark|danmark",
    "eg": "egy|egypt",
    "es": "esp|spain|españa|espagne",
    "fi": "fin|finland|suomi",
    "fr": "fra|france",
    "gb": "gbr|united kingdom|great britain|england|royaume-uni|uk|u.k.",
    "gr": "grc|greece",
    "id": "idn|indonesia",
    "ie": "irl|ireland",
    "il": "isr|israel",
    "in": "ind|india",
    "it": "ita|italy|italia|italie",
    "jp": "jpn|japan",
    "ma": "mar|morocco|maroc",
    "mx": "mex|mexico|méxico",
    "my": "mys|malaysia",
    "nl": "nld|netherlands|nederland|the netherlands|pays-bas",
    "no": "nor|norway|norge",
    "nz": "nzl|new zealand",
    "pe": "per|peru|perú",
    "ph": "phl|philippines",
    "pl": "pol|poland|polska",
    "pt": "prt|portugal",
    "ro": "rou|romania",
    "sa": "sau|saudi arabia",
    "se": "swe|sweden|sverige",
    "sg": "sgp|singapore",
    "th": "tha|thailand",
    "tn": "tun|tunisia|tunisie",
    "tr": "tur|turkey|türkiye",
    "us": "usa|united states|united states of america|u.s.|u.s.a.|états-unis",
    "vn": "vnm|vietnam",
    "za": "zaf|south africa",
}

COUNTRY_CODES = frozenset(  # ISO 3166-1, alpha-2
    """
    ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by
    bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk
    fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir
    is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk
    ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm
    pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf
    tg th tj tk tl tm tn to tr tt tv tw tz ua ug um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
    """.split()
)
_TWO_LETTERS = re.compile(r"([a-z])\.? ?([a-z])\.?")


def normalised(field: str, value: str) -> str | None:
    """`value` as Meta wants it before it is hashed; None where it cannot be made so.

    UsageError for a field that is none of the hashed ones.
    """
    if field not in _NORMALISED:
        raise UsageError(f"{field}: is no field that is hashed; these are {', '.join(_NORMALISED)}")
    return _NORMALISED[field](value) or None


def digest(field: str, value: str) -> str | None:
    """The SHA-256 of the normalised value as 64 lower-case hex digits; a value that is one already stays."""
    if _SHA256.fullmatch(value):
        return value
    plain = normalised(field, value)
    return None if plain is None else sha256(plain)


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def unnormalised() -> tuple[tuple[str, str, str], ...]:
    """Field, value and digest of what senders hash without normalising, where few values are possible at all."""
    return tuple((field, value, sha256(value)) for field, value in _guesses() if normalised(field, value) != value)


def _guesses() -> Iterator[tuple[str, str]]:
    pairs = [first + second for first in ascii_uppercase for second in ascii_uppercase]
    yield from (("country", pair) for pair in pairs)
    yield from (("st", pair) for pair in pairs)
    names = [("ge", word) for letter, words in _GENDERS.items() for word in (letter, *words.split())]
    names += [("country", name) for words in _COUNTRIES.values() for name in words.split("|")]
    for field, name in names:
        yield from ((field, spelt) for spelt in dict.fromkeys((name, name.title(), name.upper())))


def _e_mail(value: str) -> str:
    """Trimmed, lower case."""
    return value.strip().lower()


def _phone(value: str) -> str:
    """Digits alone, without leading zeros; the country code must be there already and cannot be checked."""
    return re.sub(r"[^0-9]", "", value).lstrip("0")


def _name(value: str) -> str:
    """Lower case without punctuation; accents and other alphabets stay, blanks inside too."""
    return _composed(_without("PS", value.strip().lower()).strip())


def _date(value: str) -> str | None:
    """YYYYMMDD, with or without separators; any other order of the parts is ambiguous."""
    found = _DATE.fullmatch(value.strip())
    if found is None:
        return None
    year, month, day = found[1], found[2] or found[4], found[3] or found[5]
    if not (year >= "1900" and 1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return f"{year}{int(month):02}{int(day):02}"


def _gender(value: str) -> str | None:
    """f or m, the initial; of words in any language the letter that they stand for."""
    word = value.strip().lower()
    return next((letter for letter, words in _GENDERS.items() if word in (letter, *words.split())), None)


def _place(value: str) -> str:
    """Lower case letters alone: no blanks, punctuation, digits or special characters."""
    return _composed("".join(sign for sign in value.lower() if unicodedata.category(sign)[0] in "LM"))


def _postcode(value: str) -> str:
    """Lower case without blanks and dashes; of a United States code with its extension the first five digits."""
    code = value.strip().lower()
    if re.fullmatch(r"[0-9]{5}-[0-9]{4}", code):
        return code[:5]
    return re.sub(r"[\s-]", "", code)


def _country(value: str) -> str | None:
    """The two letters of ISO 3166-1 in lower case; of a name or three letters those of a country known here."""
    name = value.strip().lower()
    known = next((code for code, words in _COUNTRIES.items() if name in words.split("|")), None)
    if known is None and (letters := _TWO_LETTERS.fullmatch(name)) and letters[1] + letters[2] in COUNTRY_CODES:
        known = letters[1] + letters[2]
    return known


def _external_id(value: str) -> str:
    """As it is: the sender's own id, for which hashing is recommended alone."""
    return value


def _composed(text: str) -> str:
    """A letter and its accent as one sign, as keyboards write them; macOS and some exports keep them apart."""
    return unicodedata.normalize("NFC", text)


def _without(kinds: str, text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign)[0] not in kinds)


_NORMALISED: dict[str, Callable[[str], str | None]] = {
    "em": _e_mail,
    "ph": _phone,
    "fn": _name,
    "ln": _name,
    "db": _date,
    "ge": _gender,
    "ct": _place,
    "st": _place,
    "zp": _postcode,
    "country": _country,
    "external_id": _external_id,
}
# The fields that Meta takes in no other form; hashing an external_id is recommended alone.
HASHED = tuple(field for field in _NORMALISED if field != "external_id")
