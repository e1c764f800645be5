"""Seeded random CRM events: a right one with a few things changed, most of them close to what a rule asks."""

from __future__ import annotations

import copy
import hashlib
import random
import re
from typing import Any

from random_logs import Number

from funnelcheck import resources

LEAD = 4820103573628105
TIME = 1_790_000_000
DIGEST = hashlib.sha256(b"someone@example.com").hexdigest()
HASHED = "em ph fn ln db ge ct st zp country".split()
# As the ingestion knows them: a parameter that the rules learn of and a schema does not makes the two disagree.
_SQL = (resources.folder("sql") / "ingest/events.sql").read_text(encoding="utf-8")
PARAMETERS = sorted(set(re.findall(r"'\$\.(\w+)'", _SQL)) - {"lead_id", "custom_data"})
OTHERS = [name for name in PARAMETERS if name not in HASHED]
NOTHING = ("", "null", "none", "undefined", "nan", "None", "NULL", "NaN")
ABSENT: tuple[Any, ...] = (None, "", [], {})
JUNK: tuple[Any, ...] = (*ABSENT, True, False, 0, -1, 0.5, "x", " ", "null", [None], [[]], [{}], {"x": None}, ["x"])
WORDS = ("system_generated", "crm", "HubSpot", "website", "Qualified", "other")
BLANKS = "\t\n\x0b\x0c\r \x1c\x85\xa0\u1680\u2000\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff\u180e"


def right_event() -> dict[str, Any]:
    """An event that no rule finds fault with."""
    return {
        "event_name": "Qualified",
        "event_time": TIME,
        "action_source": "system_generated",
        "user_data": {"lead_id": LEAD},
        "custom_data": {"event_source": "crm", "lead_event_source": "HubSpot"},
    }


def random_event(rng: random.Random) -> dict[str, Any]:
    """A right event after one to three changes."""
    event = right_event()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        rng.choice(CHANGES)(rng, event)
    return event


def _inside(event: dict[str, Any], name: str) -> dict[str, Any]:
    """The object of a name; one that is no object any more is left alone and the change is lost."""
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def _remove(rng: random.Random, event: dict[str, Any]) -> None:
    holder = rng.choice((event, event, _inside(event, "user_data"), _inside(event, "custom_data")))
    if holder:
        del holder[rng.choice(list(holder))]


def _replace(rng: random.Random, event: dict[str, Any]) -> None:
    holder = rng.choice((event, event, _inside(event, "user_data"), _inside(event, "custom_data")))
    if holder:
        holder[rng.choice(list(holder))] = copy.deepcopy(rng.choice(JUNK + WORDS))


def _rename(rng: random.Random, event: dict[str, Any]) -> None:
    """In capitals, with the colon of a misprint, or as another key."""
    name = rng.choice(list(event) or ["x"])
    event[rng.choice((name.upper(), f"{name}:", f" {name}", "user_data", "custom_data"))] = event.pop(name, None)


def _misplace(rng: random.Random, event: dict[str, Any]) -> None:
    holder = _inside(event, rng.choice(("user_data", "custom_data")))
    if holder:
        name = rng.choice(list(holder))
        rng.choice((event, _inside(event, "user_data"), _inside(event, "custom_data")))[name] = holder.pop(name)


def _respell(rng: random.Random, event: dict[str, Any]) -> None:
    holder, name = rng.choice(((event, "action_source"), (event, "event_name"), (_inside(event, "custom_data"), "")))
    name = name or rng.choice(("event_source", "lead_event_source"))
    text = str(holder.get(name))
    holder[name] = rng.choice((text.upper(), f" {text}", f"{text}\n", text[:-1], f"{text}+x@y.org", *WORDS))


def _blank(rng: random.Random, event: dict[str, Any]) -> None:
    holder, name = rng.choice(
        ((event, "event_name"), (event, "event_name"), (_inside(event, "custom_data"), "lead_event_source"))
    )
    holder[name] = "".join(rng.choice(BLANKS) for _ in range(rng.randrange(4)))


def _time(rng: random.Random, event: dict[str, Any]) -> None:
    limit = rng.choice((10**9, 10**11, TIME, 10**14, 10**17, 10**20, 0, 44_292))
    number = limit + rng.choice((-1, 0, 1))
    fraction = rng.choice((f"{number}.0", f"{number}.5", f"{number}e0", "1.79e9", "1E+10", "9.99999999e8"))
    text = rng.choice(("{}", "{}", "0{}", "000{}", "-{}", "+{}", " {}", "{} ", "{}\n", "{}.0", "{}Z", "٣{}"))
    event["event_time"] = rng.choice(
        (number, number, -number, Number(fraction), text.format(number), "2026-09-21T14:13:20Z", [number])
    )


def _lead(rng: random.Random, event: dict[str, Any]) -> None:
    """Never a whole number with a point or an exponent: a schema takes 1234567890123456.0 for a whole one."""
    number = 10 ** rng.randrange(13, 19) + rng.choice((-1, 0, 1, 7))
    text = rng.choice(
        ("{}", "{}", "0{}", "l:{}", " {}", "{} ", "{}\n", "'{}", "{}.0", "-{}", "+{}", "٣{}", "１{}", "{}a")
    )
    _inside(event, "user_data")["lead_id"] = rng.choice(
        (number, number, -number, Number(f"{number % 2**50}.5"), text.format(number), [number], [str(number)], DIGEST)
    )


def _digest(rng: random.Random) -> Any:
    nothing = hashlib.sha256(rng.choice(NOTHING).encode()).hexdigest()
    wrong = (nothing, nothing.upper(), DIGEST[:32], DIGEST[:40], DIGEST[:63], f"{DIGEST}0", f"{DIGEST}\n", f" {DIGEST}")
    return rng.choice((DIGEST, DIGEST, DIGEST.upper(), *wrong, "g" * 64, "someone@example.com", *JUNK))


def _contact(rng: random.Random, event: dict[str, Any]) -> None:
    user = _inside(event, "user_data")
    value = _digest(rng) if rng.random() < 0.5 else [_digest(rng) for _ in range(rng.choice((1, 1, 2, 3)))]
    user[rng.choice(PARAMETERS)] = copy.deepcopy(value)
    if rng.random() < 0.5:
        user.pop("lead_id", None)


def _other(rng: random.Random, event: dict[str, Any]) -> None:
    user = _inside(event, "user_data")
    user.pop("lead_id", None)
    for _ in range(rng.choice((1, 1, 2))):
        user[rng.choice((*OTHERS, "EM", "email", "leadid"))] = copy.deepcopy(
            rng.choice((*ABSENT, "x", 7, ["x"], {"x": 1}))
        )


def _beside(rng: random.Random, event: dict[str, Any]) -> None:
    name = rng.choice("event_id partner_agent event_source_url opt_out event_source lead_event_source".split())
    event[name] = copy.deepcopy(rng.choice((*JUNK, "https://example.org", "crm", "datapartner")))


CHANGES = (
    *(_remove, _replace, _rename, _misplace, _respell, _blank, _beside),
    *(_time, _time, _lead, _lead, _contact, _contact, _other),
)
