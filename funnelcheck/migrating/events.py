"""One App Event as the Conversions API has it: every parameter in its place, or why it cannot be carried over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from funnelcheck.mending import values
from funnelcheck.mending.values import BLANKS
from funnelcheck.migrating import forms
from funnelcheck.migrating.mapping import EventName, Field, Names
from funnelcheck.repairing import reading

INSTALL = "MOBILE_APP_INSTALL"
_NAME = re.compile(r"[0-9a-zA-Z_][0-9a-zA-Z _-]{0,39}")
_FLAGS = {"0": 0, "1": 1, "false": 0, "true": 1}
_VALUES = 16  # of extinfo
_REQUIRED_VALUES = {0: "the version", 4: "the version of the system"}
# What says too little about anybody to be matched by it alone, and what says too little without another of its kind.
_BROAD = {"ct", "st", "zp", "country", "ge", "client_ip_address", "page_id"}
_HALVES = ({"fn"}, {"ln"}, {"db"})
_NO_DEVICE = {"zeros": "all zeros, which stand for a person who refuses tracking", "other": "it is no advertising id"}
_NO_ADDRESS = {"private": "an address within a network, which is nobody's outside", "other": "it is no IP address"}


@dataclass(frozen=True, slots=True)
class Clock:
    """When the events would be sent, and how old and how far ahead they may be."""

    as_of: int
    max_age: int
    max_ahead: int
    zone: ZoneInfo | None


class Use(NamedTuple):
    """One parameter of one event: what it becomes, or why it is left out."""

    of: str
    parameter: str
    becomes: str | None
    why: str | None
    source: str | None


@dataclass(slots=True)
class Draft:
    """A request, or one of its App Events, on its way: the event so far, and what is in its way."""

    row: Mapping[str, Any]
    names: Names
    clock: Clock
    app_event: str | None = None
    event: dict[str, Any] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    app: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    told: str = ""  # the event as JSON, its names in order

    @property
    def known(self) -> EventName | None:
        """What is known of its name."""
        if self.row["kind"] == "install":
            return self.names.install
        return self.names.events.get(self.app_event or "")

    @property
    def becomes(self) -> str | None:
        """Its name in the Conversions API; one that is not known stays."""
        return self.known.to if self.known else self.app_event

    def use(self, of: str, name: str, becomes: str | None, why: str | None = None, source: str | None = None) -> None:
        """Tell of a parameter; one that is left out, or is not what it was meant to be, is a note too."""
        self.uses.append(Use(of, name, becomes, why, source))
        if why:
            self.notes.append(f"{name}: {why}" if becomes else f"{name} left out: {why}")


def of_request(row: Mapping[str, Any], names: Names, clock: Clock) -> tuple[Draft, dict[str, Any]]:
    """What all events of a request have in common, and the request's parameters; `row` is one of sent_app_event."""
    draft, fields = Draft(row, names, clock), _parsed(row["fields"])
    _request(draft, fields)
    _tracking(draft)
    _device(draft)
    _people(draft)
    _address(draft)
    _whose(draft, fields)
    return draft, fields


def drafted(row: Mapping[str, Any], request: Draft, fields: Mapping[str, Any]) -> Draft:
    """A row of sent_app_event as an event beside what its request says; with a loss it is not to be sent."""
    draft = Draft(row, request.names, request.clock)
    sent = _sent(draft)
    if sent is None:
        return draft
    draft.user, draft.app = request.user, request.app
    draft.losses += request.losses
    draft.notes += request.notes
    draft.uses += request.uses
    _parameters(draft, sent)
    moment = _time(draft, sent, fields)
    draft.event = {
        "event_name": draft.becomes,
        "event_time": moment,
        **_event_id(draft, sent),
        "action_source": "app",
        "user_data": draft.user,
        "app_data": draft.app,
        **({"custom_data": draft.custom} if draft.custom else {}),
        **request.event,
    }
    _needs(draft)
    if not draft.losses:
        _write(draft)
    return draft


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which the first of a name counts, as it does for what reads the log."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def _parsed(text: str | None) -> dict[str, Any]:
    """The object in a text that the engine has written."""
    try:
        found = json.loads(text or "{}", object_pairs_hook=_first_of_each, parse_float=Decimal)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _sent(draft: Draft) -> dict[str, Any] | None:
    """The event's own parameters; None, with the reason, where there is no event."""
    row = draft.row
    if row["kind"] == "install":
        draft.app_event = INSTALL
        if row["position"] > 0:
            draft.losses.append("it stands in a request that reports an install, which is carried over once")
            return None
        return {}
    if row["request_kind"] == "other":
        draft.losses.append("its request reports neither an install nor events of the app: its event is another")
        return None
    if row["text"] is None:
        is_there = row["has_readable_events"] is not None
        draft.losses.append("custom_events cannot be read" if is_there else "the request holds no custom_events")
        return None
    sent = reading.read(row["text"])
    if sent is None:
        draft.losses.append("this is no event that can be read: no JSON object, or a key stands twice in it")
        return None
    name = sent.get("_eventName")
    if isinstance(name, str) and name.strip(BLANKS):
        draft.app_event = name.strip(BLANKS)
        draft.use("event", "_eventName", "event_name", source=draft.names.parameters["_eventName"].source)
    else:
        draft.losses.append("it has no _eventName")
    return sent


def _request(draft: Draft, fields: Mapping[str, Any]) -> None:
    """What the request says besides the device, the consent and the person."""
    for name, value in fields.items():
        known = draft.names.request.get(name)
        if known is None:
            if name not in draft.names.silent and not name.startswith("ud[") and not forms.is_absent(value):
                draft.use("request", name, None, "the Conversions API has no place for it")
        elif known.form.startswith("choice"):
            _choice(draft, name, known, value)
        elif known.form == "device":
            _madid(draft, name, known, value)
        elif known.form not in ("tracking", "device values") and not forms.is_absent(value):
            _put(draft, "request", name, known, value)


def _choice(draft: Draft, name: str, known: Field, value: Any) -> None:
    """A choice about privacy: carried over as it is, or the event is not."""
    if value is None or value == "":
        return
    read: Any = forms.ids(value) if known.form == "choice list" else forms.whole(value)
    if read is None:
        draft.losses.append(f"{name}, a choice about privacy, cannot be read")
    else:
        draft.event[known.to or name] = read
        draft.use("request", name, known.place, source=known.source)


def _madid(draft: Draft, name: str, known: Field, value: Any) -> None:
    form = draft.row["device_form"]
    if form in _NO_DEVICE:
        draft.use("request", name, None, _NO_DEVICE[form], known.source)
    elif form is not None:
        _put(draft, "request", name, known, value)


def _put(draft: Draft, of: str, name: str, known: Field, value: Any) -> bool:
    """A parameter in its place; False where it has none, or its value has another form."""
    target = {"user_data": draft.user, "app_data": draft.app, "custom_data": draft.custom}.get(known.section or "")
    if known.to is None or target is None:
        draft.use(of, name, None, known.why, known.source)
        return False
    read = forms.FORMS[known.form](value)
    if read is None:
        if of == "request":
            draft.use(of, name, None, "its value has another form", known.source)
        return False
    if known.to in target:
        draft.use(of, name, None, f"{known.place} is said already", known.source)
    else:
        target[known.to] = read
        draft.use(of, name, known.place, source=known.source)
    return True


def _tracking(draft: Draft) -> None:
    """The two choices about tracking, which nobody may guess."""
    for name, column in (
        ("advertiser_tracking_enabled", "advertiser_tracking"),
        ("application_tracking_enabled", "application_tracking"),
    ):
        told, known = draft.row[column], draft.names.request[name]
        if told in _FLAGS:
            draft.app[name] = _FLAGS[told]
            draft.use("request", name, known.place, source=known.source)
        elif told is not None:
            draft.losses.append(f"{name} is neither 0 nor 1")
        elif column == "advertiser_tracking":
            draft.losses.append(f"{name} is missing, which the Conversions API requires")


def _device(draft: Draft) -> None:
    """extinfo, of which no value may be missing."""
    given, known = draft.row["extinfo"], draft.names.request["extinfo"]
    if given is None:
        draft.losses.append("extinfo is missing, which the Conversions API requires")
    elif len(given) != _VALUES:
        draft.losses.append(f"extinfo has {len(given):,} values in place of {_VALUES}")
    elif given[0] not in ("a2", "i2"):
        draft.losses.append("extinfo does not begin with a2 or i2")
    elif not given[4]:
        draft.losses.append("extinfo lacks the version of the system, which the Conversions API requires")
    else:
        draft.app["extinfo"] = [value or "" for value in given]
        draft.use("request", "extinfo", known.place, source=known.source)


def _people(draft: Draft) -> None:
    """ud: each field normalised and hashed where it was not, or left out."""
    for name, value in _parsed(draft.row["ud"]).items():
        if forms.is_absent(value):
            continue
        to = draft.names.person.get(name)
        if to is None:
            draft.use("ud", name, None, "it is no field of user_data")
            continue
        read = [_person(to, item) for item in (value if isinstance(value, list) else [value])]
        kept = [one.value for one in read if one.value is not None]
        why = "; ".join(dict.fromkeys(one.why for one in read if one.why))
        if kept:
            draft.user[to] = list(dict.fromkeys([*draft.user.get(to, []), *kept]))
        draft.use("ud", name, f"user_data.{to}" if kept else None, why or None, "customer")


def _person(to: str, item: Any) -> values.Read:
    if to != "external_id":
        return values.hashed(to, item)
    told = forms.text(item)
    return values.Read(told) if told else values.Read(None, "no text, so nobody's")


def _address(draft: Draft) -> None:
    form = draft.row["forwarded_form"]
    if form in ("ipv4", "ipv6"):
        draft.user["client_ip_address"] = draft.row["forwarded"]
        draft.use("request", "X-Forwarded-For", "user_data.client_ip_address", source="page")
    elif form is not None:
        draft.use("request", "X-Forwarded-For", None, _NO_ADDRESS[form], "page")


def _whose(draft: Draft, fields: Mapping[str, Any]) -> None:
    """Whether enough says whose device it is."""
    said = set(draft.user) - _BROAD
    if said and said not in _HALVES:
        return
    if not forms.is_absent(fields.get("attribution")) and not said:
        draft.losses.append(
            "only a mobile cookie (attribution) says whose device it is, and the Conversions API has no place for one"
        )
    else:
        draft.losses.append("too little says whose device it is, so that Meta can match nobody")


def _parameters(draft: Draft, sent: Mapping[str, Any]) -> None:
    """The event's parameters: those with a name in the Conversions API first, then the app's own."""
    names, own = draft.names, {}
    for name, value in sent.items():
        known = names.parameters.get(name)
        if forms.is_absent(value) or (known and known.section is None):
            continue
        if known is None:
            own[name] = value
        elif not _put(draft, "event", name, known, value):
            own[name] = value
            draft.notes.append(f"{name}: its value has another form than {known.place}")
    for name, value in own.items():
        _own(draft, name, value)


def _own(draft: Draft, name: str, value: Any) -> None:
    known, place = draft.names.parameters.get(name), f"custom_data.{name}"
    if name.startswith("_"):
        draft.use("event", name, None, "its value is no number" if known else "the SDK keeps it for itself")
    elif name in draft.custom:
        draft.use("event", name, None, f"{place} is said already")
    elif name in draft.names.typed or (name in draft.names.texts and forms.text(value) is None):
        draft.use("event", name, None, f"Meta reads {place} itself, and in another form")
    else:
        draft.custom[name] = value
        draft.use("event", name, place)


def _time(draft: Draft, sent: Mapping[str, Any], fields: Mapping[str, Any]) -> int | None:
    """When it happened, in seconds; of what does not say it when it was sent, as the App Events API has it."""
    clock, is_install = draft.clock, draft.row["kind"] == "install"
    name = "install_timestamp" if is_install else "_logTime"
    given = (fields if is_install else sent).get(name)
    if forms.is_absent(given):
        moment: int | None = draft.row["upload_time"]
        if moment is None:
            draft.losses.append(f"it has no {name}, and the log does not say when it was sent")
            return None
        draft.notes.append(f"no {name}: the time of sending taken")
    else:
        read = values.event_time(given, clock.zone)
        if read.value is None:
            draft.losses.append(f"{name}: {read.why}")
            return None
        moment = int(read.value)
        draft.use("request" if is_install else "event", name, "event_time", read.why, "sdk")
    if clock.as_of - moment > clock.max_age:
        draft.losses.append("more than seven days old: Meta refuses it, and its whole request")
    elif moment - clock.as_of > clock.max_ahead:
        draft.losses.append("its time has not come yet, so that a clock or a time zone is wrong")
    return moment


def _event_id(draft: Draft, sent: Mapping[str, Any]) -> dict[str, str]:
    given, known = sent.get("event_id"), draft.names.parameters["event_id"]
    told = forms.text(given)
    if told is None or not told.strip(BLANKS):
        if not forms.is_absent(given):
            draft.use("event", "event_id", None, "its value has another form", known.source)
        return {}
    draft.use("event", "event_id", known.place, source=known.source)
    return {"event_id": told}


def _needs(draft: Draft) -> None:
    lacking = [name for name in (draft.known.needs if draft.known else ()) if name not in draft.custom]
    if lacking:
        draft.losses.append(f"{draft.becomes} without {' and '.join(lacking)}: Meta refuses it")


def _write(draft: Draft) -> None:
    """A number beyond all that JSON can hold may stand deep in a text."""
    try:
        draft.told = json.dumps(draft.event, default=float, allow_nan=False, sort_keys=True)
    except (ValueError, RecursionError):
        draft.losses.append("it holds what cannot be written as JSON")


def decision(name: str, known: EventName | None) -> str | None:
    """What a person has to decide about a name."""
    if known is not None:
        return known.decide
    if name.startswith("fb_"):
        return "An event that an SDK logs for itself: see whether the server has to send it at all."
    if not _NAME.fullmatch(name):
        return "App Events takes no such name: choose one of up to 40 letters, digits, blanks, - and _."
    return "The app's own event: audiences, custom conversions and ad sets that use it need it from the dataset too."
