"""A CRM event put right field by field, with what was changed and what nobody can put right."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from funnelcheck.customer_data import HASHED
from funnelcheck.mending import values
from funnelcheck.mending.values import BLANKS

_BROWSER = ("fbp", "client_ip_address", "client_user_agent")
_PARAMETERS = (
    *HASHED,
    "external_id",
    "fbc",
    *_BROWSER,
    "subscription_id",
    "fb_login_id",
    "page_id",
    "page_scoped_user_id",
    "ctwa_clid",
    "ig_account_id",
    "ig_sid",
    "madid",
    "anon_id",
)
# What Meta's SDKs call the parameters; in a payload these names hash nothing and say nothing.
_NAMES_OF_SDK = {
    "email": "em",
    "phone": "ph",
    "phone_number": "ph",
    "first_name": "fn",
    "last_name": "ln",
    "date_of_birth": "db",
    "gender": "ge",
    "city": "ct",
    "state": "st",
    "zip": "zp",
    "zip_code": "zp",
    "country_code": "country",
}
_RECIPES = ("website", "app", "physical_store", "business_messaging", "chat", "email", "phone_call", "other")
_EXTRAS = {"event_source_url": "a web event", "app_data": "an app event", "messaging_channel": "a messaging event"}
_FBC = re.compile(r"fb\.[0-9]+\.[0-9]{13}\.[^\n]+")
_PERSONAL = re.compile(
    r"[\w.+-]{1,64}(?:@|%40|\\u0040)[\w.-]{1,255}\.[^\W\d_]{2}|(?:\+|%2B)[0-9](?:[0-9 ()./+-]|%20|%28|%29){6,40}[0-9]"
)
_SOURCES = {"event_source": "EVT002", "lead_event_source": "EVT003"}
_MISSPELT = "custom_data:"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing put right, where its meaning is certain."""

    code: str  # the rule that it mends
    pointer: str  # RFC 6901, within the event
    why: str  # one sentence, without personal data


@dataclass(frozen=True, slots=True)
class Loss:
    """What nobody can put right from the event alone."""

    code: str
    pointer: str
    why: str


@dataclass(frozen=True, slots=True)
class Mended:
    """An event as it should be sent; with a loss it should not be."""

    event: dict[str, Any]
    changes: tuple[Change, ...] = ()
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the event does not say itself."""

    partner_agent: str | None = None  # the one agreed on
    request_agent: str | None = None  # what its request names
    crm: str | None = None  # the name of the CRM
    zone: tzinfo | None = None  # of dates without an offset
    lead_id_required: bool = True
    for_production: bool = False  # test codes are taken out
    from_crm: bool = False  # whatever recipe the event follows


def mend(
    event: Mapping[str, Any],
    *,
    partner_agent: str | None = None,
    request_agent: str | None = None,
    crm: str | None = None,
    zone: tzinfo | None = None,
    lead_id_required: bool = True,
    for_production: bool = False,
    from_crm: bool = False,
) -> Mended:
    """The event put right where that is certain, and what is lost; `event` itself stays as it is.

    Any JSON object will do; numbers may be Decimal, which keeps how they were written. `partner_agent` is the agent
    agreed on and `request_agent` what the event's request names; `crm` is the name of the CRM for events that tell
    none; `zone` that of dates without an offset; `lead_id_required` False as the guide of May 2026 has it. Test codes
    are taken out only `for_production`. `from_crm`: it is known that the CRM sent the event, so that one with a lead id
    is put right whatever recipe it follows.
    """
    known = Known(partner_agent, request_agent, crm, zone, lead_id_required, for_production, from_crm)
    return _Bench(dict(event), known).mended()


@dataclass
class _Bench:
    """One event being put right."""

    event: dict[str, Any]
    known: Known
    changes: list[Change] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def mended(self) -> Mended:
        self.user = self._opened("user_data", "EVT006")
        self._spell()
        self.custom = self._opened("custom_data", "EVT002")
        self._name()
        self._time()
        self._lead_id()
        if self._is_of_a_crm():
            self._sources()
            self._recipe()
        else:
            self._lose("EVT012", "/action_source", "an event of another kind, which may be no stage of a CRM")
        self._customer_data()
        self._who()
        self._agent()
        self._test_code()
        self._personal()
        return Mended(self.event, tuple(self.changes), tuple(self.losses))

    def _change(self, code: str, pointer: str, why: str) -> None:
        self.changes.append(Change(code, pointer, why))

    def _lose(self, code: str, pointer: str, why: str) -> None:
        self.losses.append(Loss(code, pointer, why))

    def _opened(self, name: str, code: str) -> dict[str, Any]:
        """The object under a key, a copy that is the event's own from now on where it is there."""
        value = self.event.get(name)
        inner = _unpacked(value)
        if isinstance(inner, dict):
            if inner is not value:
                self._change(code, f"/{name}", "the object taken out of a text or a list")
            own = dict(inner)
            self.event[name] = own
            return own
        if not _is_absent(value):
            self._lose(code, f"/{name}", "no object, so that nothing can be read from it")
        return {}

    def _set(self, where: str, name: str, value: Any, code: str, why: str) -> None:
        """A field of user_data or custom_data, which is made where it is not there."""
        own = self.user if where == "user_data" else self.custom
        if not isinstance(self.event.get(where), dict):
            self.event[where] = own
        own[name] = value
        self._change(code, f"/{where}/{name}", why)

    def _spell(self) -> None:
        """`custom_data:` is a slip that one page of Meta's has in its example."""
        inner = _unpacked(self.event.get(_MISSPELT))
        there = _unpacked(self.event.get("custom_data"))
        said = {} if _is_absent(there) else there
        if not isinstance(inner, dict) or not isinstance(said, dict):
            return
        lacking = [
            code for name, code in _SOURCES.items() if _is_absent(said.get(name)) and not _is_absent(inner.get(name))
        ]
        if not lacking:
            return
        del self.event[_MISSPELT]
        self.event["custom_data"] = inner | {name: value for name, value in said.items() if not _is_absent(value)}
        self._change(lacking[0], "/custom_data", "the key had a colon in it")

    def _name(self) -> None:
        name = self.event.get("event_name")
        if type(name) is int and 0 <= name < 10**18:
            self.event["event_name"] = str(name)
            self._change("EVT004", "/event_name", "the number made a text")
        elif not isinstance(name, str) or not name.strip(BLANKS):
            self._lose("EVT004", "/event_name", "no event_name, so that the stage is not known")
        elif name != name.strip(BLANKS):
            self.event["event_name"] = name.strip(BLANKS)
            self._change("EVT004", "/event_name", "blanks around it taken off")

    def _time(self) -> None:
        value = self.event.get("event_time")
        if _is_absent(value):
            self._lose("EVT005", "/event_time", "no event_time, and the time of sending is none")
            return
        read = values.event_time(value, self.known.zone)
        if read.value is None:
            self._lose("EVT005", "/event_time", read.why or "")
        elif read.why:
            self.event["event_time"] = read.value
            self._change("EVT005", "/event_time", read.why)

    def _lead_id(self) -> None:
        """Whether there is one that can be sent stands in `has_lead_id`; one beyond repair is judged in `_who`."""
        self.lost_id: str | None = None
        given = self.user.get("lead_id")
        if _is_absent(given):
            top = values.lead_id(self.event.get("lead_id"))
            self.has_lead_id = top.value is not None and self._holds("user_data")
            if self.has_lead_id:
                del self.event["lead_id"]
                self._set("user_data", "lead_id", top.value, "EVT006", "moved from the top level into user_data")
            return
        read = values.lead_id(given)
        self.has_lead_id = read.value is not None
        if not self.has_lead_id:
            self.lost_id = read.why
        elif read.why:
            self._set("user_data", "lead_id", read.value, "EVT007", read.why)

    def _holds(self, where: str) -> bool:
        """Whether something can be put there: an object, or nothing yet."""
        return isinstance(self.event.get(where), dict) or _is_absent(self.event.get(where))

    def _is_of_a_crm(self) -> bool:
        """False for an event put together for a website, an app or a shop: sending it as a stage would invent one."""
        if _folded(self.event.get("action_source")) not in _RECIPES:
            return True
        if "crm" in (_folded(self.custom.get("event_source")), _folded(self.event.get("event_source"))):
            return True
        marks = [name for name in _EXTRAS if not _is_absent(self.event.get(name))]
        marks += [name for name in _BROWSER if not _is_absent(self.user.get(name))]
        return self.has_lead_id and (self.known.from_crm or not marks)

    def _sources(self) -> None:
        if not self._holds("custom_data"):
            return  # told already
        for name, code in _SOURCES.items():
            value = self.event.get(name)
            if _is_absent(self.custom.get(name)) and not _is_absent(value):
                del self.event[name]
                self._set("custom_data", name, value, code, "moved from the top level into custom_data")
        source, crm = self.custom.get("event_source"), self.custom.get("lead_event_source")
        if _folded(crm) == "crm" and _folded(source) not in ("", "crm", *_RECIPES):
            self._set("custom_data", "lead_event_source", source, "EVT003", "stood in event_source")
        elif _folded(crm) == "":
            if self.known.crm is None:
                self._lose("EVT003", "/custom_data/lead_event_source", "the event does not say which CRM it comes from")
            else:
                self._set("custom_data", "lead_event_source", self.known.crm, "EVT003", "the name of the CRM put in")
        if source != "crm":
            self._set("custom_data", "event_source", "crm", "EVT002", "this integration sends nothing but crm")

    def _recipe(self) -> None:
        if self.event.get("action_source") != "system_generated":
            self.event["action_source"] = "system_generated"
            self._change("EVT001", "/action_source", "an event of a CRM has no other action_source")
        for name, kind in _EXTRAS.items():
            if not _is_absent(self.event.get(name)):
                del self.event[name]
                self._change("EVT012", f"/{name}", f"left out: it is a field of {kind}")

    def _customer_data(self) -> None:
        for name in [name for name in _NAMES_OF_SDK if not _is_absent(self.user.get(name))]:
            value, own = self.user.pop(name), _NAMES_OF_SDK[name]
            if _is_absent(self.user.get(own)):
                self._set("user_data", own, value, "EVT010", f"stood under the name {name}")
            else:
                self._change("EVT010", f"/user_data/{name}", f"left out: {own} says it")
        for name in HASHED:
            if not _is_absent(self.user.get(name)):
                self._digests(name)
        fbc = self.user.get("fbc")
        if not _is_absent(fbc) and not (isinstance(fbc, str) and _FBC.fullmatch(fbc)):
            self._leave_out("fbc", "EVT011", "/user_data/fbc", "no click id as the browser has it")
        others = [name for name in _PARAMETERS if not _is_absent(self.user.get(name))]
        if others and set(others) <= set(_BROWSER):
            for name in others:
                self._leave_out(name, "EVT012", f"/user_data/{name}", "a browser's data, of no use beside a lead id")

    def _digests(self, name: str) -> None:
        """The values of one hashed field; those that are nobody's are left out."""
        given = self.user[name]
        items = given if isinstance(given, list) else [given]
        read = [values.hashed(name, item) for item in items]
        kept = [one.value for one in read if one.value is not None]
        if not kept:
            why = next(one.why for one in read if one.why)
            self._leave_out(name, "EVT010", f"/user_data/{name}", why)
            return
        for i, one in enumerate(read):
            if one.why:
                place = f"/user_data/{name}" + (f"/{i}" if isinstance(given, list) else "")
                self._change("EVT010", place, one.why if one.value else f"left out: {one.why}")
        self.user[name] = kept if isinstance(given, list) else kept[0]

    def _leave_out(self, name: str, code: str, pointer: str, why: str) -> None:
        """Without a parameter of user_data, as long as another one says who it is."""
        others = [one for one in _PARAMETERS if one != name and not _is_absent(self.user.get(one))]
        if self.has_lead_id or (not self.known.lead_id_required and not set(others) <= set(_BROWSER)):
            del self.user[name]
            self._change(code, pointer, f"left out: {why}")
        else:
            self._lose(code, pointer, why)

    def _who(self) -> None:
        """The lead: without its id there is none in the six-step guide; since May 2026 contact data will do."""
        if self.has_lead_id or any(loss.pointer == "/user_data" for loss in self.losses):
            return
        code = "EVT006" if self.lost_id is None else "EVT007"
        why = self.lost_id or "no lead id, and nobody can guess it"
        said = [name for name in _PARAMETERS if not _is_absent(self.user.get(name))]
        if self.known.lead_id_required or not said:
            self._lose(code, "/user_data/lead_id", why)
        elif self.lost_id is not None:
            del self.user["lead_id"]
            self._change(code, "/user_data/lead_id", f"left out: {why}")

    def _agent(self) -> None:
        own, of_request, wanted = self.event.get("partner_agent"), self.known.request_agent, self.known.partner_agent
        if wanted is None:
            if of_request and not _is_absent(own) and str(own) != of_request:
                self._lose("EVT013", "/partner_agent", "event and request name two agents, and either may be right")
            return
        named = of_request if _is_absent(own) else own
        if not isinstance(named, str) or named.strip(" ") != wanted:
            self.event["partner_agent"] = wanted
            self._change("EVT013", "/partner_agent", "the agent agreed on put in")

    def _test_code(self) -> None:
        if self.known.for_production and not _is_absent(self.event.get("test_event_code")):
            del self.event["test_event_code"]
            self._change("EVT015", "/test_event_code", "left out: with it the event counts as a test alone")

    def _personal(self) -> None:
        """Personal data in custom_data, which nobody hashes; the two fields that must be there stay."""
        for name in [name for name in self.custom if name not in _SOURCES]:
            if _PERSONAL.search(_as_text(self.custom[name])):
                del self.custom[name]
                place = name.replace("~", "~0").replace("/", "~1")
                self._change("EVT016", f"/custom_data/{place}", "left out: personal data that nobody hashed")


def _is_absent(value: Any) -> bool:
    """What counts as not sent."""
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _folded(value: Any) -> str:
    return value.strip(BLANKS).lower() if isinstance(value, str) else ""


def _unpacked(value: Any) -> Any:
    """An object that was written as JSON into a text, or put into a list of its own."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value[0]
    if isinstance(value, str) and value.strip(BLANKS).startswith("{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return ""
