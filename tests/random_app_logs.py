"""Seeded random logs of App Events in every transport, with the faults of every rule on both sides of limits."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from random_logs import DAY, HOUR, ZONES, Case, Number, alone, digest, dumps, shuffled, write_lines, written_upload

__all__ = ["Case", "alone", "owner_of", "shuffled", "write_logs"]

WEEK = 7 * DAY
INSTALL, CONVERSION = "MOBILE_APP_INSTALL", "CUSTOM_APP_EVENTS"
CURRENCIES = ("EUR", "USD", "GBP", "JPY", "KWD", "CHF", "XOF")
NO_CURRENCIES = (..., "", None, "eur", "EURO", "QQQ", "XYZ", "€", 978, "E R", " EUR")
PLAIN_EVENTS = (
    "Contact",
    "Donate",
    "FindLocation",
    "Schedule",
    "level_up",
    "Coins spent",
    "_odd-name 1",
    "fb_mobile_foo",
)
RICH_EVENTS: dict[str, dict[str, Any]] = {
    "AdClick": {"fb_ad_type": "banner"},
    "AdImpression": {"fb_ad_type": "banner", "_valueToSum": 0.02, "fb_currency": "USD"},
    "fb_mobile_achievement_unlocked": {"fb_description": "gold"},
    "fb_mobile_activate_app": {},
    "fb_mobile_add_payment_info": {"fb_success": 1},
    "fb_mobile_add_to_cart": {
        "fb_content_type": "product",
        "fb_content_id": "12",
        "fb_currency": "EUR",
        "_valueToSum": 9,
    },
    "fb_mobile_add_to_wishlist": {"fb_content_type": "product", "fb_content_id": '["1","2"]', "fb_currency": "EUR"},
    "fb_mobile_complete_registration": {"fb_registration_method": "Twitter"},
    "fb_mobile_content_view": {"fb_content_type": "product_group", "fb_content_id": "7", "fb_currency": "CHF"},
    "fb_mobile_initiated_checkout": {
        "fb_content_type": "product",
        "fb_content_id": "12",
        "fb_num_items": 2,
        "fb_payment_info_available": 0,
        "fb_currency": "JPY",
        "_valueToSum": 900,
    },
    "fb_mobile_level_achieved": {"fb_level": "12"},
    "fb_mobile_purchase": {
        "fb_num_items": "3",
        "fb_content_type": "product",
        "fb_content": '[{"id":"1234","quantity":2},{"id":"5678","quantity":1}]',
        "fb_currency": "GBP",
        "_valueToSum": Number("21.97"),
    },
    "fb_mobile_rate": {"fb_content_type": "product", "fb_content_id": "1", "fb_max_rating_value": 5, "_valueToSum": 5},
    "fb_mobile_search": {"fb_content_type": "product", "fb_search_string": "shoes & socks + more", "fb_success": "1"},
    "fb_mobile_spent_credits": {"fb_content_type": "product", "fb_content_id": "1", "_valueToSum": 10},
    "fb_mobile_tutorial_completion": {"fb_success": "0", "fb_content_id": "t1"},
    "StartTrial": {"fb_order_id": "o1", "fb_currency": "USD", "_valueToSum": 4},
    "Subscribe": {"fb_order_id": "o2", "fb_currency": "KWD", "_valueToSum": Number("4.500")},
    "SubmitApplication": {},
    "CustomizeProduct": {},
}
TYPED: dict[str, tuple[Any, ...]] = {
    "fb_content": (
        [{"id": "1", "quantity": 2}],
        '[{"id":"1","quantity":2,"item_price":3}]',
        '[{"id":"1"}]',
        [{"quantity": 1}],
        [{"id": "1", "quantity": None}],
        [{"id": "", "quantity": 1}],
        "shoes",
        '{"id":"1","quantity":2}',
        {"id": "1", "quantity": 2},
        [1],
        ["1"],
        "[]",
        [],
        '[{"id":"1","quantity":2,}]',
        '[{"id":"1"},]',
        5,
    ),
    "fb_content_id": ("1", ["1", "2"], '["1","2"]', 12, {"id": 1}, "", None),
    "fb_content_type": ("product", "product_group", "Product", "game", 1, ["product"], "", None),
    "fb_num_items": (1, "1", 0, "1.5", Number("1.5"), Number("1.0"), "two", [1], "-1", None),
    "fb_max_rating_value": (5, "5", "5.0", "five", Number("4.5"), ""),
    "fb_payment_info_available": (1, 0, "1", "0", True, "yes", 2, "true"),
    "fb_success": (1, 0, "1", "0", False, "no", "01", {}),
    "fb_level": ("3", 3, ["3"], {"level": 3}),
    "fb_description": ("x", {"x": 1}, 0),
    "fb_registration_method": ("Facebook", ["Facebook"], True),
    "fb_search_string": ("a", [], ["a"], "[a]"),
}
WRONG_TIMES: tuple[Callable[[int], Any], ...] = (
    lambda sent: ...,
    lambda sent: None,
    lambda sent: "",
    lambda sent: sent * 1000,
    lambda sent: str(sent * 1000),
    lambda sent: str(sent),
    lambda sent: Number(f"{sent}.5"),
    lambda sent: Number(f"{sent}.0"),
    lambda sent: "2026-10-01T10:00:00Z",
    lambda sent: "yesterday",
    lambda sent: f"{sent}.5",
    lambda sent: -sent,
    lambda sent: 999_999_999,
    lambda sent: 1_000_000_000,
    lambda sent: 99_999_999_999,
    lambda sent: 100_000_000_000,
    lambda sent: [sent],
    lambda sent: True,
    lambda sent: 0,
    lambda sent: sent + 300,
    lambda sent: sent + 301,
    lambda sent: sent - WEEK + 1,
    lambda sent: sent - WEEK,
    lambda sent: sent - WEEK - 1,
    lambda sent: str(sent - WEEK - 1),
    lambda sent: sent - 30 * DAY,
)
WRONG_VALUES = (
    -1,
    "12.5",
    "abc",
    "inf",
    "NaN",
    0,
    "-3",
    [1],
    True,
    "",
    None,
    Number("1e400"),
    "1e3",
    Number("-0.0"),
    {},
)
WRONG_NAMES = (
    ..., None, "", "n" * 40, "n" * 41, "n" * 150, "n" * 39 + " ", "é", " level", "-level", "_level", "0", "a.b",
    "a-b c_d", "level\n", "Level 1!", 5, ["x"],
)  # fmt: skip
WRONG_EVENTS = (..., "", None, "INSTALL", "DEFERRED_APP_LINK", "custom_app_events", 7)
WRONG_FLAGS = (..., None, "", True, False, "true", "TRUE", "False", "yes", 2, "01", Number("1.0"), -1, [1])
CLEAR_FLAGS = (0, 1, "0", "1")
WRONG_LISTS: tuple[Any, ...] = (
    ...,
    None,
    "",
    [],
    "[]",
    "[{",
    "{}",
    "null",
    [1],
    "[1]",
    "abc",
    [{"_eventName": "a"}, 5],
    "[{}]",
    "5",
)
PERSON: dict[str, str] = {
    "em": "jo@example.org",
    "ph": "16505551212",
    "fn": "jo",
    "ln": "smith",
    "ge": "f",
    "db": "19911226",
    "ct": "saintmalo",
    "st": "br",
    "zp": "94035",
    "country": "us",
    "cn": "fr",
    "external_id": "u-77",
}
BADLY_NORMALISED: dict[str, tuple[str, ...]] = {
    "ge": ("F", "M", "male", "female", "Male"),
    "country": ("US", "FR", "FRANCE", "France", "usa"),
    "cn": ("US", "GB", "united states"),
    "db": ("1991-12-26", "26/12/1991", "12/26/1991"),
    "st": ("CA", "BR"),
}
ADDRESSES = {
    "good": (
        "8.8.4.4", "81.2.69.142", "2a00:1450:4007:80e::200e", "2606:4700::1111", "::ffff:8.8.8.8", "172.32.0.1",
    ),
    "private": (
        "192.168.0.99", "10.1.2.3", "172.16.0.1", "172.31.255.255", "127.0.0.1", "169.254.1.1", "::1", "fe80::1",
        "fd45:f238:3b40:23b1:ffff:ffff:ffff:abcd", "100.64.0.1", "203.0.113.9", "2001:db8::1",
    ),
    "bad": (
        "300.1.2.3", "8.8.8", "8.8.8.8.8", "unknown", "8.8.8.08", "1::2::3", "12345::", "8.8.8.8:443", "localhost", "-",
        "1:2:3:4:5:6:7",
    ),
}  # fmt: skip
MODELS = {"a2": ("Pixel 8", "SM-G991B"), "i2": ("iPhone14", "iPad8")}


@dataclass
class Send:
    """One request before it is written; `events` is None for an install, text where it is no list."""

    fields: dict[str, Any]
    events: Any
    upload: int | None
    response: Any = ...
    headers: Any = ...
    transport: str = "params"
    token: bool = False
    app: str = ""  # another one than its advertiser's first


@dataclass
class Advertiser:
    """What one advertiser sends, and the habits of its sender."""

    rng: random.Random
    name: str
    as_of: int
    app_id: str
    version: str  # a2 or i2
    config: dict[str, Any] = field(default_factory=dict)
    transports: tuple[str, ...] = ("params",)
    answers: str = "all"
    heads: str = "none"
    timed: bool = True
    sends: list[Send] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    apps: tuple[str, ...] = ("",)

    def device(self) -> str:
        text = str(uuid.UUID(int=self.rng.getrandbits(128)))
        self.devices.append(text.upper() if self.version == "i2" else text)
        return self.devices[-1]

    def event(self, sent: int, name: str | None = None) -> dict[str, Any]:
        rng = self.rng
        name = name or rng.choice((*PLAIN_EVENTS, *RICH_EVENTS))
        if name == "fb_mobile_activate_app" and rng.random() < 0.6:
            name = "Contact"
        event: dict[str, Any] = {"_eventName": name, "event_id": f"{rng.getrandbits(60):015x}"}
        event["_logTime"] = sent - rng.choice((0, 60, HOUR, 2 * DAY))
        return event | RICH_EVENTS.get(name, {})

    def extinfo(self, os: str | None = None) -> list[Any]:
        rng = self.rng
        os = os or rng.choice(("14", "13.1") if self.version == "a2" else ("17.5", "14.5", "14.4", "15"))
        return [
            self.version, "com.shop", 12, "1.2", os, rng.choice(MODELS[self.version]), "fr_FR", "CET",
            rng.choice(("SFR", "")), 1080, "2400", rng.choice(("2.75", "2")), 8, rng.choice((128, "4096")), 64, "UTC",
        ]  # fmt: skip

    def send(self, upload: int, names: int | tuple[str, ...] | None = 1, device: str | None = None) -> Send:
        """One right request: `names` events (or events of these names), an install for None."""
        rng = self.rng
        fields: dict[str, Any] = {
            "event": INSTALL if names is None else CONVERSION,
            "application_tracking_enabled": rng.choice(CLEAR_FLAGS[2:] + CLEAR_FLAGS[1:2]),
            "advertiser_tracking_enabled": rng.choice(CLEAR_FLAGS),
            "advertiser_id": device or self.device(),
        }
        if rng.random() < 0.6:
            fields["extinfo"] = self.extinfo()
        if rng.random() < 0.3:
            keys = rng.sample(sorted(PERSON), rng.randint(1, 4))
            who = f"{rng.getrandbits(40)}"
            fields["ud"] = {
                key: digest(who + PERSON[key] if key in ("em", "ph", "external_id") else PERSON[key]) for key in keys
            }
        events = None
        if names is not None:
            wanted = [None] * names if isinstance(names, int) else names
            events = [self.event(upload, name) for name in wanted]
        made = Send(fields, events, upload if self.timed else None, transport=rng.choice(self.transports))
        made.response = self.answer()
        made.headers = self.header()
        made.app = rng.choice(self.apps)
        self.sends.append(made)
        return made

    def answer(self) -> Any:
        rng = self.rng
        if self.answers == "none" or (self.answers == "some" and rng.random() < 0.1):
            return ...
        return rng.choice(
            (
                {"success": True},
                {"success": True},
                '{"success":true}',
                {"status": 200, "body": {"success": True}},
                {"success": True, "events_received": 1},
                {"status": 200, "body": '{"success": true}'},
            )
        )

    def header(self) -> Any:
        rng = self.rng
        if self.heads == "none":
            return ...
        if self.heads == "plain":
            return {"Content-Type": "application/json", "User-Agent": "sender/1"}
        address = rng.choice(ADDRESSES["good"][:3])
        if "." in address:
            address = f"{rng.choice((8, 81, 90))}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        return with_address(rng, address)

    def lines(self) -> Iterator[tuple[str, bool]]:
        for send in self.sends:
            yield dumps(record(self.rng, self, send)), send.upload is not None


def with_address(rng: random.Random, address: Any) -> Any:
    """Headers with an X-Forwarded-For, as clients of several kinds log them."""
    kind = rng.randrange(6)
    if kind == 0:
        return {"x-forwarded-for": address, "Accept": "*/*"}
    if kind == 1:
        return {"Accept": "*/*", "X-Forwarded-For": f"{address}, 10.0.0.1"}
    if kind == 2:
        return [["Accept", "*/*"], ["X-Forwarded-For", address]]
    if kind == 3:
        return {"X-Forwarded-For": [address]}
    return {"X-Forwarded-For": address}


# --- how a request is written --------------------------------------------------------------------------------


def record(rng: random.Random, advertiser: Advertiser, send: Send) -> dict[str, Any]:
    """One line of the log: the request in its transport, and the log's own columns beside it."""
    url = f"https://graph.facebook.com/v19.0/{send.app or advertiser.app_id}/activities"
    fields = {key: value for key, value in send.fields.items() if value is not ...}
    if send.events is not ... and send.events is not None:
        fields["custom_events"] = [sent(one) for one in send.events] if isinstance(send.events, list) else send.events
    if send.token:
        fields["access_token"] = f"{advertiser.app_id}|abcdefghijklmnopqrstuvwxyz"
    kind = send.transport
    line: dict[str, Any] = {"advertiser" if kind == "flat" else "advertiser_id": advertiser.name}
    if send.upload is not None:
        line["sent_at"] = written_upload(rng, send.upload)
    if send.headers is not ...:
        line["headers"] = send.headers
    if send.response is not ...:
        line["response"] = send.response
    if kind == "query":
        return line | {"url": f"{url}?{encoded(rng, fields)}"}
    if kind == "raw query":
        return line | {"url": f"{url}?{raw(rng, fields)}"}
    if kind == "form":
        return line | {"url": url, "body": encoded(rng, fields)}
    if kind == "raw form":
        return line | {"url": url, "body": raw(rng, fields)}
    if kind == "split":
        inside = {key: value for key, value in fields.items() if key in ("custom_events", "ud", "extinfo")}
        outside = {key: value for key, value in fields.items() if key not in inside}
        return line | {"url": f"{url}?{encoded(rng, outside)}", "body": encoded(rng, inside)}
    if kind == "multipart":
        return line | {"url": url, "body": multipart(rng, fields)}
    typed = in_json(rng, fields)
    if kind == "json":
        return line | {"url": url, "body": typed}
    if kind == "json text":
        return line | {"url": url, "body": dumps(typed)}
    if kind == "request":
        return line | {"request": {"url": url, "body": typed}}
    if kind == "flat":
        return line | {"url": url} | typed
    return line | {"url": url, "params": typed}


def sent(event: Any) -> Any:
    """An event without the keys that it is to lack."""
    return {key: value for key, value in event.items() if value is not ...} if isinstance(event, dict) else event


TRANSPORTS = (
    "query",
    "raw query",
    "form",
    "raw form",
    "split",
    "multipart",
    "json",
    "json text",
    "request",
    "flat",
    "params",
)


def pairs(rng: random.Random, fields: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and texts of a form; user data as ud[em]=… or as one object, extinfo as a list or with commas."""
    found: list[tuple[str, str]] = []
    for key, value in fields.items():
        if value is None:
            continue
        if key == "ud" and isinstance(value, dict) and rng.random() < 0.6:
            found += [(f"ud[{name}]", as_text(inner)) for name, inner in value.items() if inner is not None]
        elif key == "extinfo" and isinstance(value, list) and rng.random() < 0.4:
            found.append((key, rng.choice((",", ", ")).join(as_text(one) for one in value)))
        else:
            found.append((key, as_text(value)))
    if rng.random() < 0.3:
        rng.shuffle(found)
    return found


def as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return dumps(value)


def encoded(rng: random.Random, fields: dict[str, Any]) -> str:
    return urlencode(pairs(rng, fields), quote_via=rng.choice((quote, quote_plus)))


def raw(rng: random.Random, fields: dict[str, Any]) -> str:
    """As people paste it: JSON stands as it is, with & and + in it, and only single words are encoded."""
    return "&".join(
        f"{key}={value if value[:1] in ('[', '{') else quote_plus(value)}" for key, value in pairs(rng, fields)
    )


def multipart(rng: random.Random, fields: dict[str, Any]) -> str:
    boundary = rng.choice(("3i2ndDfv2rTHiSisAbouNdArYfORhtTPEefj3q2f", "----x"))
    parts = []
    for key, value in pairs(rng, fields):
        head = f'Content-Disposition: form-data; name="{key}"'
        if key == "custom_events" and rng.random() < 0.5:
            head = 'Content-Disposition: form-data; name="custom_events_file"; filename="custom_events_file"\r\n'
            head += "Content-Type: content/unknown"
        parts.append(f"--{boundary}\r\n{head}\r\n\r\n{value}\r\n")
    return "".join(parts) + f"--{boundary}--\r\n"


def in_json(rng: random.Random, fields: dict[str, Any]) -> dict[str, Any]:
    """The parameters as an object; lists and objects now and then as text."""
    made: dict[str, Any] = {}
    for key, value in fields.items():
        if key == "ud" and isinstance(value, dict) and rng.random() < 0.4:
            made |= {f"ud[{name}]": inner for name, inner in value.items()}
        elif isinstance(value, list | dict) and rng.random() < 0.4:
            made[key] = dumps(value)
        else:
            made[key] = value
    return made


# --- what goes wrong ----------------------------------------------------------------------------------------


def wrong_identity(rng: random.Random, send: Send) -> None:
    """Nobody named, or somebody by other means."""
    fields = send.fields
    fields["advertiser_id"] = rng.choice((..., None, ""))
    kind = rng.randrange(5)
    if kind == 0:
        fields["anon_id"] = "XZ12345678-1234"
    elif kind == 1:
        fields["ud"] = {"em": digest("jo@example.org")}
    elif kind == 2:
        fields["attribution"] = "aB3" * 7 + "x"
    else:
        fields.pop("ud", None)


def wrong_device(rng: random.Random, send: Send) -> None:
    text = str(uuid.UUID(int=rng.getrandbits(128)))
    fields = send.fields
    fields["advertiser_id"] = rng.choice(
        (
            "00000000-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000000",
            text.upper(),
            text,
            text[:10] + text[10:].upper(),
            text.replace("-", ""),
            "12345678-1234-1234-1234-123456789012",
            "nobody",
            f"{{{text}}}",
            text[:-1],
            12345,
            "g" + text[1:],
        )
    )


def wrong_cookie(rng: random.Random, send: Send) -> None:
    send.fields["attribution"] = rng.choice(
        (
            "a1B2c3D4e5F6g7H8i9J0kk",
            "a1B2c3D4e5F6g7H8i9J0k",
            "a1B2c3D4e5F6g7H8i9J0kkk",
            "a1B2c3D4e5F6g7H8i9J0-k",
            str(uuid.UUID(int=rng.getrandbits(128))).upper(),
            "x",
            "é" * 22,
        )
    )
    if rng.random() < 0.5:
        send.fields["extinfo"] = [
            "i2",
            "com.shop",
            "1",
            "1.0",
            rng.choice(("5.1.1", "6.0", "17.5", "10.0", "5.9", "six")),
        ]
        send.fields["extinfo"] += ["iPhone4", "fr_FR", "CET", "SFR", 320, 480, "2", 1, 16, 8, "Europe/Paris"]


def wrong_extinfo(rng: random.Random, send: Send) -> None:
    values: list[Any] = list(send.fields.get("extinfo") or ["a2", *EXTINFO[1:]])
    if not isinstance(values, list) or len(values) != 16:
        return
    kind = rng.randrange(14)
    if kind == 0:
        values.pop()
    elif kind == 1:
        values.append("x")
    elif kind == 2:
        values[0] = rng.choice(("b1", "", "A2", "a1", "i3", None))
    elif kind == 3:
        values[4] = rng.choice(("", None))
    elif kind == 4:
        values[rng.choice((1, 2, 3, 5, 6, 7, 8, 9, 15))] = ""
    elif kind == 5:
        values[13], values[14] = rng.choice(((4096, 4096), (4097, 10), (64, 65), (64, 64), ("131072", "99"), (8, "")))
    elif kind == 6:
        values[rng.choice((9, 10, 12, 13, 14))] = rng.choice(("wide", "1080.5", Number("12.5"), "-1"))
    elif kind == 7:
        values[5] = "iPhone15" if values[0] == "a2" else "SM-G991B"
    elif kind == 8:
        values[0] = "i2" if values[0] == "a2" else "a2"
    elif kind == 9:
        values = values[: rng.choice((1, 2, 14))]
    else:
        return
    send.fields["extinfo"] = values


EXTINFO: list[Any] = [
    "a2",
    "com.shop",
    12,
    "1.2",
    "14",
    "Pixel 8",
    "fr_FR",
    "CET",
    "SFR",
    1080,
    2400,
    "2.75",
    8,
    128,
    64,
    "UTC",
]


RIGHT = digest("jo@example.org")
DOUBTFUL_PEOPLE: tuple[dict[str, Any], ...] = (
    {"em": RIGHT.upper()},
    {"em": RIGHT, "shoe_size": digest("44")},
    {"external_id": "u-77"},
    {"madid": "38400000-8cf0-11bd-b23e-10b96e40000d"},
    {"external_id": digest("u-77"), "em": RIGHT},
    {"em": None, "fn": digest("jo")},
    {"em": ""},
    {},
)
WRONG_PEOPLE: tuple[dict[str, Any], ...] = (
    {"em": "jo@example.org"},
    {"em": RIGHT, "ph": "16505551212"},
    {"em": RIGHT[:-1]},
    {"em": RIGHT[:-1] + "g"},
    {"em": digest("")},
    {"ge": "f"},
    {"unknown": "1", "em": "plain"},
    {"country": "us", "cn": digest("us")},
    {"em": RIGHT[:32]},
)


def doubtful_people(rng: random.Random, send: Send) -> None:
    send.fields["ud"] = dict(rng.choice(DOUBTFUL_PEOPLE))


def wrong_people(rng: random.Random, send: Send) -> None:
    send.fields["ud"] = dict(rng.choice(WRONG_PEOPLE))


def badly_normalised(rng: random.Random, send: Send) -> None:
    key = rng.choice(sorted(BADLY_NORMALISED))
    send.fields["ud"] = {key: digest(rng.choice(BADLY_NORMALISED[key])), "fn": digest("jo")}


def wrong_forwarding(rng: random.Random, send: Send) -> None:
    kind = rng.randrange(5)
    if kind == 0:
        send.headers = ...
    elif kind == 1:
        send.headers = {"Accept": "*/*"}
    elif kind == 2:
        send.headers = rng.choice(({"X-Forwarded-For": ""}, {}, {"X-Forwarded-For": rng.choice(ADDRESSES["good"])}))
    else:
        send.headers = with_address(rng, rng.choice(ADDRESSES[rng.choice(("bad", "private"))]))


def wrong_answer(rng: random.Random, send: Send) -> None:
    send.response = rng.choice(
        (
            ...,
            {"success": False},
            {"error": {"message": "(#100) Invalid parameter", "type": "OAuthException", "code": 100}},
            {"status": 400, "body": {"error": {"message": "Invalid parameter", "code": 100}}},
            {"status": 500, "body": ""},
            {"status": 200, "body": {"success": False}},
            {"status": 200, "body": {"success": True, "error": None}},
            {"status": 200},
            {},
            {"events_received": 1},
        )
    )


def wrong_list(rng: random.Random, send: Send) -> None:
    if send.events is None or rng.random() < 0.4:
        if send.events is not None:
            send.events = leniently_written(rng, send.events)
        return
    send.events = rng.choice(WRONG_LISTS)


def leniently_written(rng: random.Random, events: list[Any]) -> Any:
    """The same events with commas too many, or with JSON in quotes that are not escaped, as the guide writes it."""
    whole = [{key: value for key, value in one.items() if value is not ...} for one in events if isinstance(one, dict)]
    if not whole or len(whole) != len(events):
        return events
    text = dumps(whole)
    if rng.random() < 0.5:
        return text[:-2] + ",}" + rng.choice(("]", ",]", " , ]"))
    whole[0]["fb_content"] = "@content@"
    content = rng.choice(
        ('[ {"id": "1234", "quantity": 2,}, {"id": "5678", "quantity": 1,} ]', '[{"id": "1", "quantity": 2}]')
    )
    return dumps(whole).replace("@content@", content)


def on_event(change: Callable[[random.Random, dict[str, Any], Send], None]) -> Callable[[random.Random, Send], None]:
    """A fault of one event of a request."""

    def spoil(rng: random.Random, send: Send) -> None:
        if isinstance(send.events, list):
            found = [one for one in send.events if isinstance(one, dict)]
            if found:
                change(rng, rng.choice(found), send)

    return spoil


def wrong_name(rng: random.Random, event: dict[str, Any], send: Send) -> None:
    event["_eventName"] = rng.choice(WRONG_NAMES)


def wrong_time(rng: random.Random, event: dict[str, Any], send: Send) -> None:
    event["_logTime"] = rng.choice(WRONG_TIMES)(send.upload or 1_780_000_000)


def wrong_value(rng: random.Random, event: dict[str, Any], send: Send) -> None:
    event["_valueToSum"] = rng.choice(WRONG_VALUES)


def wrong_currency(rng: random.Random, event: dict[str, Any], send: Send) -> None:
    name = rng.choice(
        ("fb_mobile_purchase", "AdImpression", "fb_mobile_rate", "fb_mobile_content_view", "Subscribe", "Donate")
    )
    event |= {"_eventName": name} | RICH_EVENTS.get(name, {})
    event |= {"_valueToSum": rng.choice((..., 3, "3", 0, 0)), "fb_currency": rng.choice(NO_CURRENCIES)}


def wrong_parameters(rng: random.Random, event: dict[str, Any], send: Send) -> None:
    name = rng.choice(sorted(RICH_EVENTS))
    event |= {"_eventName": name} | RICH_EVENTS[name]
    kept = [key for key in event if key not in ("_eventName", "event_id", "_logTime")]
    if kept:
        event[rng.choice(kept)] = rng.choice((..., ..., None, ""))


def wrong_type(rng: random.Random, event: dict[str, Any], send: Send) -> None:
    key = rng.choice((*sorted(TYPED), *["fb_content"] * 5))
    event[key] = rng.choice(TYPED[key])


def wrong_rating(rng: random.Random, event: dict[str, Any], send: Send) -> None:
    event |= {"_eventName": "fb_mobile_rate"} | RICH_EVENTS["fb_mobile_rate"]
    event |= {
        "_valueToSum": rng.choice((5, 6, 0, -1, "6", ..., Number("5.0"), Number("5.01"))),
        "fb_max_rating_value": rng.choice((5, "5")),
    }


def no_event_id(rng: random.Random, event: dict[str, Any], send: Send) -> None:
    event["event_id"] = rng.choice((..., None, "", 0, 12345, "12345"))


def wrong_kind(rng: random.Random, send: Send) -> None:
    send.fields["event"] = rng.choice(WRONG_EVENTS)


def wrong_flag(rng: random.Random, send: Send) -> None:
    flag = rng.choice(("application_tracking_enabled", "advertiser_tracking_enabled"))
    send.fields[flag] = rng.choice((..., *WRONG_FLAGS, *CLEAR_FLAGS))


def with_token(rng: random.Random, send: Send) -> None:
    send.token = True


FAULTS: dict[str, Callable[[random.Random, Send], None]] = {
    "kind": wrong_kind,
    "identity": wrong_identity,
    "flag": wrong_flag,
    "device": wrong_device,
    "cookie": wrong_cookie,
    "list": wrong_list,
    "name": on_event(wrong_name),
    "time": on_event(wrong_time),
    "value": on_event(wrong_value),
    "currency": on_event(wrong_currency),
    "parameters": on_event(wrong_parameters),
    "type": on_event(wrong_type),
    "rating": on_event(wrong_rating),
    "doubtful people": doubtful_people,
    "people": wrong_people,
    "normalisation": badly_normalised,
    "extinfo": wrong_extinfo,
    "forwarding": wrong_forwarding,
    "event id": on_event(no_event_id),
    "answer": wrong_answer,
    "token": with_token,
}


# --- recipes ------------------------------------------------------------------------------------------------


def mixed(advertiser: Advertiser, count: int, kinds: list[str]) -> None:
    """Requests spread over the last weeks, with faults of some kinds at some rates."""
    rng = advertiser.rng
    span = rng.choice((5, 27, 27, 60, 120)) * DAY
    for _ in range(count):
        upload = advertiser.as_of - HOUR - rng.randrange(span)
        if rng.random() < 0.25:
            advertiser.send(upload, None)
        else:
            advertiser.send(upload, rng.choice((1, 1, 1, 2, 5)))
    for kind in kinds:
        rate = rng.choice((0.02, 0.08, 0.12, 0.3, 1.0))
        for send in advertiser.sends:
            if rng.random() < rate:
                FAULTS[kind](rng, send)
    if rng.random() < 0.3:
        advertiser.send(advertiser.as_of + rng.choice((-1, 0, 1, DAY)), 2)
    newest = max((send.upload for send in advertiser.sends if send.upload is not None), default=None)
    if newest is not None and rng.random() < 0.3:  # on the edge of what is recent
        for edge in (28 * DAY - 1, 28 * DAY, 28 * DAY + 1):
            send = advertiser.send(newest - edge, 1)
            for kind in kinds:
                FAULTS[kind](rng, send)


def exactly(advertiser: Advertiser, events: int, faulty: int, kind: str) -> None:
    """So many events in few requests, so many of them just beyond a limit, all others on it."""
    upload = advertiser.as_of - DAY
    for start in range(0, events, 50):
        advertiser.send(upload, ("n" * 40,) * min(50, events - start))
    whole = [event for one in advertiser.sends for event in one.events]
    beyond = set(advertiser.rng.sample(range(events), faulty))
    for number, event in enumerate(whole):
        key, right, wrong = {
            "name": ("_eventName", "n" * 40, "n" * 41),
            "age": ("_logTime", upload - WEEK, upload - WEEK - 1),
            "ahead": ("_logTime", upload + 300, upload + 301),
            "time": ("_logTime", upload, 100_000_000_000),
        }[kind]
        event[key] = wrong if number in beyond else right


def many_names(advertiser: Advertiser, count: int) -> None:
    """So many names of one app, among them a numbered series, each sent once or twice."""
    upload = advertiser.as_of - DAY
    names = [f"Level {i} done" if i % 2 else f"name_{i}" for i in range(count)]
    for start in range(0, count, 100):
        advertiser.send(upload - start, tuple(names[start : start + 100])).headers = ...
    advertiser.send(upload, tuple(names[:3]))


def many_parameters(advertiser: Advertiser, count: int) -> None:
    """So many parameters of one name over several events."""
    upload = advertiser.as_of - DAY
    for start in range(0, count, 9):
        send = advertiser.send(upload - start, ("custom thing", "Contact"))
        send.events[0] |= {f"p{i}": i for i in range(start, min(count, start + 9))} | {"_own": 1}
        if advertiser.rng.random() < 0.3:
            send.events[0]["nothing"] = advertiser.rng.choice((None, ""))
    for _ in range(5):
        advertiser.send(upload)


def repeated_events(advertiser: Advertiser) -> None:
    """Events sent again under one event_id, with the same content and with another."""
    rng = advertiser.rng
    mixed(advertiser, rng.randint(5, 25), [])
    some = [send for send in advertiser.sends if isinstance(send.events, list)]
    if not some:
        return
    for _ in range(rng.choice((1, 1, 2, 5))):
        send = rng.choice(some)
        again = Send(
            dict(send.fields),
            [dict(event) for event in send.events],
            send.upload,
            send.response,
            send.headers,
            send.transport,
            app=rng.choice((send.app, send.app, send.app, "")),
        )
        if again.upload is not None:
            again.upload = min(again.upload + rng.choice((0, 5, 48 * HOUR, 48 * HOUR + 1)), advertiser.as_of)
        kind = rng.randrange(7)
        event = rng.choice(again.events)
        if kind == 1:
            event["_valueToSum"] = 77
        elif kind == 2:
            again.fields["advertiser_id"] = advertiser.device()
        elif kind == 3:
            event["fb_content_id"] = "other"
        elif kind == 4:
            event["_eventName"] = "Another name"
        elif kind == 5 and isinstance(again.fields["advertiser_id"], str):
            again.fields["advertiser_id"] = again.fields["advertiser_id"].swapcase()
        advertiser.sends.append(again)


def several_installs(advertiser: Advertiser) -> None:
    """Installs of which some devices, or some people, have more than one."""
    rng = advertiser.rng
    count = rng.choice((3, 12, 40))
    start = advertiser.as_of - rng.choice((20, 60, 150)) * DAY
    for i in range(count):
        advertiser.send(start + i * HOUR, None)
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        first = rng.choice([send for send in advertiser.sends if isinstance(send.fields["advertiser_id"], str)])
        kind = rng.randrange(6)
        again = advertiser.send(start + rng.randrange(19) * DAY, None)
        device = first.fields["advertiser_id"]
        if kind == 0:
            again.fields["advertiser_id"] = device
        elif kind == 1:
            again.fields["advertiser_id"] = device.swapcase()
        elif kind == 2:
            again.fields["advertiser_id"], again.response = device, {"success": False}
        elif kind == 3:
            first.fields["ud"] = again.fields["ud"] = {"em": digest("same@example.org"), "fn": digest("jo")}
        elif kind == 4:
            again.fields["advertiser_id"] = first.fields["advertiser_id"] = "00000000-0000-0000-0000-000000000000"
        else:
            again.fields["advertiser_id"] = first.fields["advertiser_id"] = ...
    for _ in range(3):
        advertiser.send(advertiser.as_of - DAY)


def constant_address(advertiser: Advertiser) -> None:
    """One address for nine in ten devices, or one more or less."""
    rng = advertiser.rng
    count = rng.choice((9, 10, 10, 20, 30))
    same = rng.choice((count * 9 // 10, count * 9 // 10, count * 9 // 10 + 1, count // 2))
    if rng.random() < 0.7:
        advertiser.config["server_to_server"] = True
    for i in range(count):
        send = advertiser.send(advertiser.as_of - DAY - i)
        send.headers = {"X-Forwarded-For": "81.2.69.142" if i < same else f"8.8.{i}.1"}


def constant_flags(advertiser: Advertiser) -> None:
    """Flags that never change, or change to and fro for a device."""
    rng = advertiser.rng
    count = rng.choice((4, 9, 10, 11, 30))
    value = rng.choice((0, 1, 1, "1"))
    os = rng.choice(("14.4", "14.5", "14.10", "17.5", "9.0")) if advertiser.version == "i2" else "14"
    for i in range(count):
        send = advertiser.send(advertiser.as_of - DAY - i)
        send.fields["advertiser_tracking_enabled"] = value
        send.fields["extinfo"] = advertiser.extinfo(os)
    if rng.random() < 0.5:
        rng.choice(advertiser.sends).fields["advertiser_tracking_enabled"] = rng.choice((0, 1))
    for _ in range(rng.choice((0, 1, 2))):
        device = advertiser.device()
        for i, flag in enumerate(
            rng.choice(((0, 1, 0), (1, 0, 1), (0, 1), (1, 0), (0, 1, 1, 0), (1, "true", 0, "false", 1), (0, 0, 0)))
        ):
            again = advertiser.send(advertiser.as_of - 2 * DAY + i * 60, device=device)
            again.fields["application_tracking_enabled"] = flag


def first_seen(advertiser: Advertiser) -> None:
    """Traffic that began ninety days ago, to the second."""
    advertiser.send(advertiser.as_of - 90 * DAY + advertiser.rng.choice((-DAY, -1, 0, 1, DAY)))
    for _ in range(5):
        advertiser.send(advertiser.as_of - DAY)


def sdk(advertiser: Advertiser) -> None:
    """Meta's own SDKs: words for flags, events out of order, keys of their own, an anonymous id beside the device."""
    rng = advertiser.rng
    android = advertiser.version == "a2"
    advertiser.transports = ("form",) if android else ("multipart",)
    for i in range(rng.randint(5, 30)):
        upload = advertiser.as_of - DAY - i * HOUR
        send = advertiser.send(
            upload, rng.choice((("fb_mobile_activate_app", "Contact"), ("fb_mobile_content_view",), None))
        )
        send.fields |= {"format": "json", "sdk": "android" if android else "ios", "anon_id": "XZ0a1b2c3d-0000"}
        send.fields["application_tracking_enabled"] = rng.choice((True, "true", False))
        if rng.random() < 0.2:
            send.fields["advertiser_id"] = ...
        send.fields["extinfo"] = advertiser.extinfo()
        send.fields["extinfo"][11] = rng.choice(("2,75", "2.75"))
        for event in send.events or []:
            event |= {
                "_ui": "Main",
                "_session_id": "5f2",
                "_implicitlyLogged": "1",
                "_logTime": upload - rng.randrange(DAY),
            }
            if rng.random() < 0.5:
                del event["event_id"]


RECIPES = (
    ("clean", 1),
    ("one fault", 6),
    ("faults", 6),
    ("exactly", 1),
    ("names", 1),
    ("parameters", 1),
    ("repeated", 2),
    ("installs", 2),
    ("address", 2),
    ("flags", 2),
    ("first", 1),
    ("sdk", 1),
)


def make_advertiser(rng: random.Random, name: str, recipe: str, as_of: int) -> Advertiser:
    """One advertiser after a recipe."""
    advertiser = Advertiser(rng, name, as_of, str(10**15 + rng.randrange(10**12)), rng.choice(("a2", "i2")))
    advertiser.config = {"time_zone": rng.choice(ZONES)}
    for key, chance in (("server_to_server", 0.4), ("auto_logging", 0.5), ("anonymous_ids", 0.3)):
        if rng.random() < chance:
            advertiser.config[key] = rng.random() < 0.7
    advertiser.transports = tuple(rng.sample(TRANSPORTS, rng.choice((1, 3, len(TRANSPORTS)))))
    advertiser.answers = rng.choice(("all", "all", "all", "some", "none"))
    advertiser.heads = rng.choice(("forwarded", "forwarded", "none", "plain"))
    advertiser.timed = rng.random() < 0.92
    if rng.random() < 0.25:
        advertiser.apps = ("", "77001234")
    if recipe == "clean":
        mixed(advertiser, rng.randint(1, 20), [])
    elif recipe == "one fault":
        mixed(advertiser, rng.choice((1, 5, 10, 11, 20, 40)), [rng.choice(sorted(FAULTS))])
    elif recipe == "faults":
        mixed(advertiser, rng.choice((3, 10, 25)), rng.sample(sorted(FAULTS), rng.choice((2, 4, len(FAULTS)))))
    elif recipe == "exactly":
        events, faulty = rng.choice(
            ((1000, 9), (1000, 10), (1000, 11), (900, 10), (40, 4), (39, 4), (90, 9), (89, 9), (100, 10))
        )
        exactly(advertiser, events, faulty, rng.choice(("name", "time", "age", "ahead")))
    elif recipe == "names":
        many_names(advertiser, rng.choice((899, 900, 999, 1000, 1001)))
    elif recipe == "parameters":
        many_parameters(advertiser, rng.choice((24, 25, 26, 40)))
    elif recipe == "first":
        first_seen(advertiser)
    else:
        {
            "repeated": repeated_events,
            "installs": several_installs,
            "address": constant_address,
            "flags": constant_flags,
            "sdk": sdk,
        }[recipe](advertiser)
    return advertiser


def write_logs(folder: Path, seed: int) -> Case:
    """One case; the same seed writes the same bytes."""
    rng = random.Random(f"app {seed}")
    folder.mkdir(parents=True, exist_ok=True)
    as_of = 1_780_000_000 + rng.randrange(0, 20_000_000)
    names, weights = zip(*RECIPES, strict=True)
    # One advertiser of each recipe and some more: to judge many at once costs little more than one.
    recipes = [*rng.sample(names, len(names)), *rng.choices(names, weights, k=rng.randint(3, 8))]
    made = [make_advertiser(rng, f"app-{i:02}", recipe, as_of) for i, recipe in enumerate(recipes)]
    if rng.random() < 0.2:
        made[1].app_id = made[0].app_id  # one app of two advertisers
    paths = write_lines(rng, folder, made)
    return Case(paths, [], as_of, "six-step", {one.name: one.config for one in made})


def owner_of(line: str) -> str:
    """The advertiser that a line of these logs names: where parameters lie flat, advertiser_id is the device's."""
    found = json.loads(line)
    owner: str = found.get("advertiser") or found["advertiser_id"]
    return owner
