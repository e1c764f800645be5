"""A second, deliberately naive judgement of App Events, to be read beside the guide and the rules that it follows.

Requests are read with the standard library alone, whatever their transport; nothing here is shared with the product.
Where the pages allow two readings the choice is marked `# reading:`.
"""

import email
import hashlib
import ipaddress
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

from oracle import DAY, WINDOW, absent, canonical, instant, parse, share_finding

WEEK = 7 * DAY
AHEAD = 300
SAME_EVENT = 48 * 3_600  # how long Meta looks back for one that was sent before
NEW_DAYS = 90
MOST_NAMES, MANY_NAMES = 1_000, 900
MOST_PARAMETERS = 25
SAME_ADDRESS = Fraction(90, 100)
MIN_UNITS = 10
RECOMMENDED = {"APP007", "APP008", "APP012", "APP014", "APP016", "APP017", "APP020", "APP024", "APP027"}
INFORMATIONAL = {"APP001", "APP006", "APP030"}
CURRENCIES = {"EUR", "USD", "GBP", "JPY", "KWD", "CHF", "XOF"}  # of those that the logs hold
PRICED = {
    "fb_mobile_add_to_cart", "fb_mobile_add_to_wishlist", "fb_mobile_content_view", "fb_mobile_initiated_checkout",
    "fb_mobile_purchase", "StartTrial", "Subscribe",
}  # fmt: skip
ITEM = {"fb_content_type", "fb_content_id", "fb_currency"}
STANDARD: dict[str, set[str]] = {
    "AdClick": {"fb_ad_type"},
    "AdImpression": {"fb_ad_type"},
    "Contact": set(),
    "CustomizeProduct": set(),
    "Donate": set(),
    "FindLocation": set(),
    "Schedule": set(),
    "SubmitApplication": set(),
    "fb_mobile_achievement_unlocked": {"fb_description"},
    "fb_mobile_activate_app": set(),
    "fb_mobile_add_payment_info": {"fb_success"},
    "fb_mobile_add_to_cart": ITEM,
    "fb_mobile_add_to_wishlist": ITEM,
    "fb_mobile_complete_registration": {"fb_registration_method"},
    "fb_mobile_content_view": ITEM,
    "fb_mobile_initiated_checkout": ITEM | {"fb_num_items", "fb_payment_info_available"},
    "fb_mobile_level_achieved": {"fb_level"},
    "fb_mobile_purchase": ITEM | {"fb_num_items"},
    "fb_mobile_rate": {"fb_content_type", "fb_content_id", "fb_max_rating_value"},
    "fb_mobile_search": {"fb_content_type", "fb_search_string", "fb_success"},
    "fb_mobile_spent_credits": {"fb_content_type", "fb_content_id"},
    "fb_mobile_tutorial_completion": {"fb_success", "fb_content_id"},
    "StartTrial": {"fb_order_id", "fb_currency"},
    "Subscribe": {"fb_order_id", "fb_currency"},
}
PEOPLE = ("em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country", "cn", "external_id")
FLAT = ("event", "custom_events", "application_tracking_enabled", "advertiser_tracking_enabled", "extinfo")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


# --- reading the files --------------------------------------------------------------------------------------


class Request:
    """One logged request to /activities."""

    def __init__(self, line: dict[str, Any], text: str) -> None:
        inner = line["request"] if isinstance(line.get("request"), dict) else {}
        url = line.get("url") or inner.get("url") or ""
        # reading: where parameters stand at the top they all lie there: advertiser_id is a device's.
        flat = any(key in line for key in FLAT)
        self.fields: dict[str, Any] = {}
        for place in (
            url.partition("?")[2],
            line.get("params"),
            line.get("body"),
            inner.get("body"),
            line if flat else None,
        ):
            self.fields |= {key: value for key, value in parameters(place).items() if not absent(value)}
        owner = line.get("advertiser") if flat else line.get("advertiser_id")
        app = re.search(r"/([0-9]+)/activities", url)
        self.app = app[1] if app else None
        self.owner = str(owner or self.app)
        sent = None if absent(line.get("sent_at")) else instant(line["sent_at"])
        self.upload = sent
        self.token = "access_token" in text
        self.headers = None if absent(line.get("headers")) else line["headers"]
        self.has_answer, self.success, self.received = outcome(line.get("response"))
        self.accepted = False
        self.event = word(self.fields.get("event"))
        self.listed, self.list_state = events_of(self.fields)
        if self.event == "MOBILE_APP_INSTALL":
            self.kind = "install"
        elif self.event == "CUSTOM_APP_EVENTS" or (self.event is None and self.list_state != "missing"):
            self.kind = "conversion"
        else:
            self.kind = "none" if self.event is None else "other"
        self.device = word(self.fields.get("advertiser_id"))
        self.cookie = word(self.fields.get("attribution"))
        self.people = people_of(self.fields)
        self.extinfo = extinfo_of(self.fields.get("extinfo"))
        if self.kind == "install":
            self.units = [Unit(self, "install", {})]
        elif self.listed:
            # reading: beside what is no event an event still counts.
            kinds = ["conversion" if isinstance(one, dict) else "unreadable" for one in self.listed]
            bodies = [one if isinstance(one, dict) else {} for one in self.listed]
            self.units = [Unit(self, kind, body) for kind, body in zip(kinds, bodies, strict=True)]
        else:
            self.units = [Unit(self, "unreadable", {})]
        times = [unit.time for unit in self.units if unit.time is not None and 10**9 <= unit.time < 10**11]
        # reading: a request without a time of sending stands at the latest of its events' times.
        self.sent = sent if sent is not None else max(times, default=None)

    @property
    def forwarded(self) -> str | None:
        """The first address of X-Forwarded-For."""
        headers = self.headers or {}
        several = headers.items() if isinstance(headers, dict) else headers
        for name, value in several:
            if name.lower() == "x-forwarded-for":
                first = value[0] if isinstance(value, list) else value
                return first.split(",")[0].strip() or None
        return None


class Unit:
    """One App Event, one install, or one request of which nothing else can be read."""

    def __init__(self, request: Request, kind: str, body: dict[str, Any]) -> None:
        self.request = request
        self.kind = kind
        self.body = {key: value for key, value in body.items() if not absent(value)}
        name = self.body.get("_eventName")
        self.name = name if isinstance(name, str) else None
        self.time_outcome, self.time = time_of(self.body.get("_logTime"))
        self.event_id = word(self.body.get("event_id"))

    @property
    def parameters(self) -> set[str]:
        return {key for key in self.body if not key.startswith("_") and key != "event_id"}

    @property
    def content(self) -> tuple:
        """What two events of one event_id should agree in."""
        value = self.body.get("_valueToSum")
        number = number_of(value)
        device = self.request.device
        said = [canonical(self.body.get(key)) for key in ("fb_currency", "fb_content", "fb_content_id")]
        return (number, *said, device and device.lower())


def parameters(place: Any) -> dict[str, Any]:
    """The parameters in a query string, form, multipart body, JSON text or object."""
    if isinstance(place, dict):
        return place
    if not isinstance(place, str) or not place:
        return {}
    if place.startswith("{"):
        return parse(place)
    if place.startswith("--"):
        boundary = place.split("\r\n")[0][2:]
        whole = email.message_from_string(f'Content-Type: multipart/form-data; boundary="{boundary}"\r\n\r\n{place}')
        found = {}
        for part in whole.get_payload():
            name = part.get_param("name", header="content-disposition")
            found["custom_events" if name == "custom_events_file" else name] = part.get_payload()
        return found
    found = {}
    # A raw & inside a value is none between two parameters.
    for pair in re.split(r"&(?=[A-Za-z_]+(?:\[\w*\]|%5B\w*%5D)?=)", place):
        name, _, value = pair.partition("=")
        found[unquote(name)] = value if value[:1] in ("[", "{") else unquote_plus(value)
    return found


def outcome(response: Any) -> tuple[bool, bool, int | None]:
    """(Is there an answer, does it tell success, how many events it says were received)."""
    if isinstance(response, str):
        response = parse(response)
    if absent(response):
        return False, False, None
    status = response.get("status")
    body = response.get("body", response)
    if isinstance(body, str):
        body = parse(body) if body else {}
    fine = (status is None or 200 <= int(status) <= 299) and absent(body.get("error"))
    return True, fine and body.get("success") is not False, body.get("events_received")


def word(value: Any) -> str | None:
    """The text of a string or number; null for anything else."""
    if absent(value) or isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    return str(value)


def strict(text: str) -> Any:
    """What a JSON text says; ValueError where it is none."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(text, parse_float=Decimal, parse_constant=refuse)


def lenient(text: str) -> Any:
    """The same of a text with commas before a bracket, or with a list in quotes that are not escaped."""
    inner = re.compile(r'("fb_content"\s*:\s*)"(\s*\[.*?\]\s*)"(?=\s*[,}])')
    text = inner.sub(lambda match: match[0] if '\\"' in match[2] else match[1] + json.dumps(match[2]), text)
    kept, is_text, previous = "", False, ""
    for sign in text:
        if sign == '"' and previous != "\\":
            is_text = not is_text
        if sign in "]}" and not is_text:
            kept = re.sub(r",\s*$", "", kept)
        kept += sign
        previous = "" if previous == "\\" else sign
    return strict(kept)


def events_of(fields: dict[str, Any]) -> tuple[list[Any], str]:
    """The events of a request, and whether their list is strict, lenient, unreadable or missing."""
    found = fields.get("custom_events")
    if absent(found):
        return [], "missing"
    state = "strict"
    if isinstance(found, str):
        try:
            found = strict(found)
        except ValueError:
            try:
                found, state = lenient(found), "lenient"
            except ValueError:
                return [], "unreadable"
    # reading: one event without the brackets of a list is read, and warned of.
    if isinstance(found, dict):
        return [found], "lenient"
    return (found, state) if isinstance(found, list) and found else ([], "unreadable")


def people_of(fields: dict[str, Any]) -> dict[str, Any]:
    """The parameters of ud, whether it is one object or ud[em]=…."""
    whole = fields.get("ud")
    if isinstance(whole, str):
        whole = strict(whole)
    found = dict(whole or {})
    for key, value in fields.items():
        match = re.fullmatch(r"ud\[(\w*)\]", key)
        if match:
            found[match[1]] = value
    return {key: value for key, value in found.items() if not absent(value)}


def extinfo_of(value: Any) -> list[str] | None:
    """Its values as texts."""
    if absent(value):
        return None
    if isinstance(value, str):
        value = strict(value) if value.startswith("[") else value.split(",")
    return ["" if one is None else str(one).strip() for one in value]


def time_of(value: Any) -> tuple[str, int | None]:
    """(outcome, seconds) of a _logTime, whatever its age; a fraction is cut off."""
    if absent(value):
        return "warn", None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return "fail", None
    if isinstance(value, str) and not re.fullmatch("[0-9]+", value):
        return "fail", None
    seconds = int(value)
    if not 10**9 <= seconds < 10**11:
        return "fail", seconds
    return "pass" if isinstance(value, int) else "warn", seconds


def any_number(value: Any) -> float | None:
    """A number, or one in a string, whether finite or not."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def number_of(value: Any) -> float | None:
    """A finite number, or one in a string."""
    number = any_number(value)
    return number if number is not None and math.isfinite(number) else None


def read_requests(paths: Iterable[Path]) -> list[Request]:
    """Every record of the logs; one equal to a record of an earlier file is a duplicate and ignored."""
    requests, earlier = [], set()
    for path in paths:
        here = set()
        for text in path.read_text(encoding="utf-8").split("\n"):
            if text and text not in earlier:
                here.add(text)
                requests.append(Request(parse(text), text))
        earlier |= here
    return requests


# --- rules about one event ----------------------------------------------------------------------------------


def worse(*outcomes: str | None) -> str | None:
    """The worst of several outcomes; null where none can be told."""
    order = ("fail", "warn", "pass")
    told = [one for one in outcomes if one is not None]
    return min(told, key=order.index) if told else None


def app002(unit: Unit) -> str | None:
    kind = unit.request.event
    if kind is None:
        return "fail"
    return "pass" if kind in ("MOBILE_APP_INSTALL", "CUSTOM_APP_EVENTS") else "warn"


def identity(unit: Unit, anonymous: bool) -> str:
    request = unit.request
    if request.device is not None or request.cookie is not None:
        return "pass"
    substitute = not absent(request.fields.get("anon_id")) or request.people
    return "warn" if anonymous and substitute else "fail"


def app003(unit: Unit, settings: dict[str, Any]) -> str | None:
    if unit.kind != "install":
        return None
    flags = ("application_tracking_enabled", "advertiser_tracking_enabled")
    if any(absent(unit.request.fields.get(flag)) for flag in flags):
        return "fail"
    # reading: what may stand for a device in a conversion may in an install.
    return identity(unit, settings.get("anonymous_ids", False))


def app004(unit: Unit, settings: dict[str, Any]) -> str | None:
    # reading: a request for conversions is judged even where its events cannot be read.
    if unit.kind != "conversion" and unit.request.kind != "conversion":
        return None
    fields = unit.request.fields
    return worse(
        "fail" if absent(fields.get("advertiser_tracking_enabled")) else "pass",
        "warn" if absent(fields.get("application_tracking_enabled")) else "pass",
        identity(unit, settings.get("anonymous_ids", False)),
    )


def flag_of(value: Any) -> str | None:
    """0, 1, true, false or other; null without it."""
    if absent(value):
        return None
    text = canonical(value).strip('"').lower() if isinstance(value, bool | int | str) else "other"
    return text if text in ("0", "1", "true", "false") else "other"


def app005(unit: Unit) -> str | None:
    outcomes = {"0": "pass", "1": "pass", "true": "warn", "false": "warn", "other": "fail", None: None}
    fields = unit.request.fields
    flags = ("application_tracking_enabled", "advertiser_tracking_enabled")
    return worse(*(outcomes[flag_of(fields.get(flag))] for flag in flags))


def app007(unit: Unit) -> str | None:
    device = unit.request.device
    if device is None:
        return None
    if not UUID.fullmatch(device):
        return "fail"
    if set(device) <= set("0-"):
        return "warn"
    # reading: letters of both cases are no device's own way of writing.
    return "pass" if device in (device.lower(), device.upper()) else "warn"


def app008(unit: Unit) -> str | None:
    cookie = unit.request.cookie
    if cookie is None:
        return None
    if not re.fullmatch("[A-Za-z0-9]{22}", cookie) and not UUID.fullmatch(cookie):
        return "fail"
    extinfo = unit.request.extinfo or []
    if extinfo[:1] == ["i2"] and len(extinfo) > 4:
        major = re.match("[0-9]+", extinfo[4])
        if major and int(major[0]) >= 6:
            return "warn"
    return "pass"


def app009(unit: Unit) -> str | None:
    if unit.request.kind != "conversion":
        return None
    if unit.kind == "unreadable":
        return "fail"
    return {"strict": "pass", "lenient": "warn"}[unit.request.list_state]


def app010(unit: Unit) -> str | None:
    if unit.kind != "conversion":
        return None
    return "pass" if unit.name and re.fullmatch("[0-9a-zA-Z_][0-9a-zA-Z _-]{0,39}", unit.name) else "fail"


def app013(unit: Unit) -> str | None:
    if unit.kind != "conversion":
        return None
    upload, time = unit.request.upload, unit.time
    if unit.time_outcome == "fail" or upload is None or time is None:
        return unit.time_outcome
    # reading: nothing is said of times ahead of the sending; five minutes are what clocks may differ by.
    return worse(unit.time_outcome, "warn" if upload - time > WEEK or time - upload > AHEAD else "pass")


def app014(unit: Unit) -> str | None:
    value = unit.body.get("_valueToSum")
    if value is None:
        return None
    number = number_of(value)
    if number is None:
        return "fail"
    return "warn" if isinstance(value, str) or number < 0 else "pass"


def app015(unit: Unit) -> str | None:
    if "_valueToSum" not in unit.body or unit.name not in PRICED | {"AdImpression"}:
        return None
    if unit.body.get("fb_currency") in CURRENCIES:
        return "pass"
    return "warn" if unit.name == "AdImpression" else "fail"


def app016(unit: Unit) -> str | None:
    if unit.name not in STANDARD:
        return None
    present = unit.parameters | ({"fb_content_id"} if "fb_content" in unit.parameters else set())
    return "warn" if STANDARD[unit.name] - present else "pass"


def app017(unit: Unit, settings: dict[str, Any]) -> str | None:
    if unit.kind != "conversion":
        return None
    # reading: what the SDK logs of itself is automatic logging, and nobody's mistake.
    by_hand = unit.name == "fb_mobile_activate_app" and str(unit.body.get("_implicitlyLogged")) not in ("1", "true")
    # reading: automatic logging is off where nobody says that it is on.
    return "warn" if by_hand and settings.get("auto_logging") else "pass"


def app018(unit: Unit) -> str | None:
    if unit.kind != "conversion":
        return None
    body = unit.body
    # reading: id and quantity are required, the other types are recommended.
    found = [content_outcome(body.get("fb_content"))]
    for key in ("fb_num_items", "fb_max_rating_value"):
        if key in body:
            is_whole = not isinstance(body[key], bool | Decimal) and re.fullmatch("-?[0-9]+", str(body[key]))
            found.append("pass" if is_whole else "warn")
    for key in ("fb_payment_info_available", "fb_success"):
        if key in body:
            found.append("pass" if not isinstance(body[key], bool) and body[key] in (0, 1, "0", "1") else "warn")
    if "fb_content_type" in body:
        found.append("pass" if body["fb_content_type"] in ("product", "product_group") else "warn")
    # reading: a number stands for its digits.
    for key in ("fb_level", "fb_description", "fb_registration_method", "fb_search_string"):
        found.append("warn" if isinstance(body.get(key), list | dict) else "pass")
    found.append("warn" if isinstance(body.get("fb_content_id"), dict) else "pass")
    value, most = any_number(body.get("_valueToSum")), number_of(body.get("fb_max_rating_value"))
    if unit.name == "fb_mobile_rate" and value is not None:
        # reading: what is not finite lies outside of every range.
        is_within = value >= 0 if most is None else 0 <= value <= most
        found.append("pass" if is_within else "warn")
    return worse(*found)


def content_outcome(content: Any) -> str:
    if content is None:
        return "pass"
    outcome = "pass"
    if isinstance(content, str):
        try:
            content = strict(content)
        except ValueError:
            try:
                content, outcome = lenient(content), "warn"
            except ValueError:
                return "fail"
    if not isinstance(content, list):
        return "fail"
    whole = all(
        isinstance(one, dict) and not absent(one.get("id")) and not absent(one.get("quantity")) for one in content
    )
    return outcome if whole else "fail"


def app019(unit: Unit) -> str | None:
    people = unit.request.people
    if not people:
        return None
    found = []
    for key, value in people.items():
        is_right = isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value)
        if key not in PEOPLE:
            found.append("warn")
        elif key == "external_id":
            found.append("pass" if is_right else "warn")
        elif is_right:
            # reading: the digest of nothing tells nothing of anybody.
            nothing = value == hashlib.sha256(b"").hexdigest()
            found.append("fail" if nothing else "pass")
        else:
            upper = isinstance(value, str) and re.fullmatch("[0-9a-fA-F]{64}", value)
            found.append("warn" if upper else "fail")
    return worse(*found)


BADLY_NORMALISED: dict[str, tuple[str, ...]] = {
    "ge": ("F", "M", "male", "female", "Male", "Female", "MALE", "FEMALE"),
    "country": ("US", "FR", "FRANCE", "France", "usa", "USA"),
    "cn": ("US", "GB", "united states", "United States"),
    "db": ("1991-12-26", "26/12/1991", "12/26/1991"),
    "st": ("CA", "BR"),
}


def app020(recent: list[Request]) -> dict[str, Any]:
    # reading: its units are hashed values in requests, of fields that have few values.
    sent = [(key, value) for request in recent for key, value in request.people.items() if key in BADLY_NORMALISED]
    hashed = [(key, value) for key, value in sent if isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value)]
    wrong = sum(
        any(value == hashlib.sha256(text.encode()).hexdigest() for text in BADLY_NORMALISED[key])
        for key, value in hashed
    )
    return shared("APP020", len(hashed), wrong)


def app021(unit: Unit) -> str | None:
    values = unit.request.extinfo
    if values is None:
        return None
    if len(values) != 16 or not values[0] or not values[4]:
        return "fail"
    found = []
    for index in (9, 10, 12, 13, 14):
        found.append("pass" if not values[index] or re.fullmatch("-?[0-9]+", values[index]) else "warn")
    storage = [int(values[i]) if re.fullmatch("-?[0-9]+", values[i]) else None for i in (13, 14)]
    found.append("warn" if any(size is not None and size > 4_096 for size in storage) else "pass")
    found.append("warn" if None not in storage and storage[1] > storage[0] else "pass")
    return worse(*found)


def app022(unit: Unit) -> str | None:
    values = unit.request.extinfo
    if values is None:
        return None
    version = values[0]
    if version not in ("a2", "i2"):
        return "fail"
    model = values[5] if len(values) > 5 else ""
    apple = model.startswith(("iPhone", "iPad", "iPod"))
    if (version == "a2" and apple) or (version == "i2" and model.startswith(("SM-", "Pixel"))):
        return "fail"
    device = unit.request.device or ""
    # reading: "usually" makes the other case a warning.
    unusual = device.upper() if version == "a2" else device.lower()
    is_told = UUID.fullmatch(device) and re.search("[a-fA-F]", device)
    return "warn" if is_told and device == unusual else "pass"


def address_of(request: Request) -> Any:
    """The address in X-Forwarded-For, an IPv4 address in an IPv6 one as itself; null for what is none."""
    try:
        address = ipaddress.ip_address(request.forwarded or "")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


UNIT_RULES = {
    "APP002": app002,
    "APP005": app005,
    "APP007": app007,
    "APP008": app008,
    "APP009": app009,
    "APP010": app010,
    "APP013": app013,
    "APP014": app014,
    "APP015": app015,
    "APP016": app016,
    "APP018": app018,
    "APP019": app019,
    "APP021": app021,
    "APP022": app022,
}


CODES = tuple(f"APP{number:03}" for number in (*range(1, 28), 30))


# --- rules about an advertiser ------------------------------------------------------------------------------


def worst_of(faults: bool, warns: bool = False) -> str:
    return "fail" if faults else "warn" if warns else "pass"


def shared(code: str, n: int, affected: int, level: str = "warn", warned: int = 0) -> dict[str, Any]:
    """A rule without tolerance: one fault suffices."""
    if n == 0:
        return {"code": code, "status": "not_evaluable", "value": None, "n": 0, "affected": 0}
    status = level if affected else "warn" if warned else "pass"
    return {"code": code, "status": status, "value": float(Fraction(affected, n)), "n": n, "affected": affected}


def app001(requests: list[Request], as_of: int) -> dict[str, Any]:
    sent = [request.sent for request in requests if request.sent is not None]
    age = as_of - min(sent) if sent else None
    is_new = age is not None and age < NEW_DAYS * DAY
    return {"status": worst_of(False, is_new), "value": None if age is None else age / DAY, "n": len(requests)}


def is_device(request: Request) -> bool:
    """Whether it names a device: neither a text of another form, nor the zeros of those who refuse tracking."""
    return request.device is not None and bool(UUID.fullmatch(request.device)) and not set(request.device) <= set("0-")


SAID = {"0": "0", "false": "0", "1": "1", "true": "1"}


def app006(recent: list[Request]) -> dict[str, Any]:
    """Flags that never change, and a choice of the app's user that does not last."""
    said: list[str] = []
    senders: set[Any] = set()
    for request in recent:
        values = request.extinfo or []
        flag = SAID.get(flag_of(request.fields.get("advertiser_tracking_enabled")) or "")
        version = [int(part) for part in re.findall("[0-9]+", values[4])[:2]] if len(values) > 4 else []
        if values[:1] == ["i2"] and flag and version and (version >= [14, 5] or version[0] > 14):
            said.append(flag)
            # reading: who names no device cannot be told from others.
            is_named = request.device is not None and set(request.device) != set("0-")
            senders.add(request.device.lower() if is_named else request)  # type: ignore[union-attr]
    # reading: zeros are looked for where ones are, on iOS 14.5 and later; fewer than ten senders show no habit.
    fixed = len(senders) >= MIN_UNITS and len(set(said)) == 1
    devices, flapping = choices(recent)
    if not said and not devices:
        return {"status": "not_evaluable", "value": None, "n": 0, "affected": 0}
    share = said.count("1") / len(said) if said else None
    affected = len(said) if fixed else 0
    return {"status": worst_of(False, fixed or flapping > 0), "value": share, "n": len(said), "affected": affected}


def choices(recent: list[Request]) -> tuple[int, int]:
    """(devices that say a choice in the app, those that refused, allowed and refused again)."""
    told: dict[Any, list[tuple[int, str]]] = defaultdict(list)
    devices = set()
    for request in recent:
        flag = SAID.get(flag_of(request.fields.get("application_tracking_enabled")) or "")
        if request.device and set(request.device) != set("0-") and flag:
            devices.add(request.device.lower())
            if request.sent is not None:
                told[request.app, request.device.lower()].append((request.sent, flag))
    flapping = set()
    for (_, device), flags in told.items():
        refused = [moment for moment, flag in flags if flag == "0"]
        if any(flag == "1" and refused and min(refused) < moment < max(refused) for moment, flag in flags):
            flapping.add(device)
    return len(devices), len(flapping)


def conversions(requests: list[Request]) -> list[Unit]:
    return [unit for request in requests for unit in request.units if unit.kind == "conversion"]


def app011(requests: list[Request]) -> dict[str, Any]:
    names: dict[Any, set[str]] = defaultdict(set)
    for unit in conversions(requests):
        if unit.name is not None:
            names[unit.request.app].add(unit.name)
    most = max((len(some) for some in names.values()), default=0)
    return {"status": worst_of(most > MOST_NAMES, most >= MANY_NAMES), "value": most, "n": most}


def app012(requests: list[Request]) -> dict[str, Any]:
    union: dict[Any, set[str]] = defaultdict(set)
    for unit in conversions(requests):
        if unit.name is not None:
            union[unit.request.app, unit.name] |= unit.parameters
    most = max((len(some) for some in union.values()), default=0)
    over = sum(len(some) > MOST_PARAMETERS for some in union.values())
    return {"status": worst_of(False, over > 0), "value": most, "n": len(union), "affected": over}


def app023(recent: list[Request], settings: dict[str, Any], has_forwarded: bool) -> dict[str, Any]:
    is_server = settings.get("server_to_server")
    if is_server is False:
        return {"status": "pass", "n": 0}
    # reading: only a server sends the header, so that its log says what nobody configured.
    if is_server is None and not has_forwarded:
        return {"status": "not_evaluable", "n": 0}
    devices: dict[str, set[Any]] = defaultdict(set)
    for request in recent:
        address = address_of(request)
        if address is not None and is_device(request):
            devices[request.device.lower()].add(address)  # type: ignore[union-attr]
    behind: dict[Any, int] = defaultdict(int)
    for addresses in devices.values():
        for address in addresses:
            behind[address] += 1
    # reading: of fewer than ten devices nothing can be told.
    own = {one for one, n in behind.items() if len(devices) >= MIN_UNITS and n > SAME_ADDRESS * len(devices)}
    outcomes = []
    for request in recent:
        # reading: a log without any header of a request does not say that this one was missing.
        if request.headers is not None:
            address = address_of(request)
            is_faulty = address is None or address in own
            outcomes.append("fail" if is_faulty else "pass" if address.is_global else "warn")
    found = share_finding("APP023", outcomes)
    return found | {"status": "fail"} if own and outcomes else found


def app024(recent: list[Request]) -> dict[str, Any]:
    units = conversions(recent)
    together: dict[Any, list[Unit]] = defaultdict(list)
    for unit in units:
        # reading: what was refused is no copy of what was accepted.
        if unit.request.accepted and None not in (unit.event_id, unit.name):
            together[unit.request.app, unit.event_id, unit.name].append(unit)
    contradicting = late = 0
    for some in together.values():
        moments = [unit.request.sent for unit in some if unit.request.sent is not None]
        if len({unit.content for unit in some}) > 1:
            contradicting += len(some)
        elif moments and max(moments) - min(moments) > SAME_EVENT:
            late += 1
    missing = sum(unit.event_id is None for unit in units)
    return shared("APP024", len(units), contradicting, "fail", missing + late)


def app025(requests: list[Request]) -> dict[str, Any]:
    # reading: a refused install may be sent again.
    installs = []
    for request in requests:
        if request.kind == "install" and request.accepted:
            person = next((request.people[key] for key in ("em", "ph", "external_id") if key in request.people), None)
            device = request.device.lower() if is_device(request) else None  # type: ignore[union-attr]
            if device or person:
                installs.append((request.sent or 0, request.app, device, person))
    devices: set[Any] = set()
    people: set[Any] = set()
    affected = 0
    for _, app, device, person in sorted(installs, key=lambda one: one[0]):
        affected += (app, device) in devices or (app, person) in people
        devices |= {(app, device)} if device else set()
        people |= {(app, person)} if person else set()
    return shared("APP025", len(installs), affected, "fail")


def app026(recent: list[Request], has_answers: bool) -> dict[str, Any]:
    outcomes = []
    for request in recent if has_answers else ():
        sent = sum(unit.kind != "unreadable" for unit in request.units)
        is_short = request.received is not None and request.received < sent
        outcomes.append("pass" if request.accepted and not is_short else "fail")
    return share_finding("APP026", outcomes)


def app027(recent: list[Request]) -> dict[str, Any]:
    told = sum(request.token for request in recent)
    return {"status": worst_of(False, told > 0), "value": told, "affected": told, "n": len(recent)}


def judge(
    paths: Iterable[Path], as_of: int, advertisers: dict[str, dict[str, Any]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """By advertiser and code what is right: status, and those figures that have one reading."""
    by_owner: dict[str, list[Request]] = defaultdict(list)
    for request in read_requests(paths):
        if request.sent is None or request.sent <= as_of:
            by_owner[request.owner].append(request)
    return {owner: findings(some, as_of, advertisers.get(owner, {})) for owner, some in sorted(by_owner.items())}


def findings(requests: list[Request], as_of: int, settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every rule of one advertiser."""
    has_answers = any(request.has_answer for request in requests)
    for request in requests:
        request.accepted = request.success if has_answers else True
    latest = max((request.sent for request in requests if request.sent is not None), default=None)
    recent = [one for one in requests if one.sent is None or latest is None or one.sent > latest - WINDOW]
    units = [unit for request in recent for unit in request.units]
    found = {
        code: share_finding(code, [told for unit in units if (told := rule(unit)) is not None])
        for code, rule in UNIT_RULES.items()
    }
    for code, rule in (("APP003", app003), ("APP004", app004), ("APP017", app017)):
        found[code] = share_finding(code, [told for unit in units if (told := rule(unit, settings)) is not None])
    found |= {
        "APP001": app001(requests, as_of),
        "APP006": app006(recent),
        "APP011": app011(requests),
        "APP012": app012(requests),
        "APP020": app020(recent),
        "APP023": app023(recent, settings, any(request.forwarded for request in requests)),
        "APP024": app024(recent),
        "APP025": app025(requests),
        "APP026": app026(recent, has_answers),
        "APP027": app027(recent),
        "APP030": {"status": "pass"},
    }
    for code, finding in found.items():
        finding["said"] = finding["status"]
        if code in INFORMATIONAL and finding["status"] in ("warn", "fail"):
            finding["status"] = "pass"
        if code in RECOMMENDED and finding["status"] == "fail":
            finding["status"] = "warn"
        finding["code"] = code
    return {code: found[code] for code in sorted(found)}
