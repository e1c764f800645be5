"""A second, deliberately naive judgement of App Events, to be read beside the guide and the rules that it follows.

Requests are read with the standard library alone, whatever their transport; nothing here is shared with the product.
Where the pages allow two readings the choice is marked `# reading:`.
"""

import email
import hashlib
import ipaddress
import itertools
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
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


# --- reading the files --------------------------------------------------------------------------------------


class Request:
    """One logged request to /activities."""

    def __init__(self, line: dict[str, Any], text: str) -> None:
        inner = line["request"] if isinstance(line.get("request"), dict) else {}
        url = line.get("url") or inner.get("url") or ""
        # reading: where `event` or `custom_events` stand at the top, parameters lie flat: advertiser_id is a device's.
        flat = "event" in line or "custom_events" in line
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
        self.has_answer, self.success = outcome(line.get("response"))
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
        self.is_sdk = self.fields.get("sdk") in ("android", "ios") or any(
            "_implicitlyLogged" in one for one in self.listed
        )
        if self.kind == "install":
            self.units = [Unit(self, "install", {})]
        elif self.listed:
            self.units = [Unit(self, "conversion", one) for one in self.listed]
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


def outcome(response: Any) -> tuple[bool, bool]:
    """(Is there an answer, does it tell success)."""
    if isinstance(response, str):
        response = parse(response)
    if absent(response):
        return False, False
    status = response.get("status")
    body = response.get("body", response)
    if isinstance(body, str):
        body = parse(body) if body else {}
    fine = (status is None or 200 <= int(status) <= 299) and absent(body.get("error"))
    return True, fine and body.get("success") is not False


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
    text = inner.sub(lambda match: match[1] + json.dumps(match[2]), text)
    kept, is_text, previous = "", False, ""
    for sign in text:
        if sign == '"' and previous != "\\":
            is_text = not is_text
        if sign in "]}" and not is_text:
            kept = re.sub(r",\s*$", "", kept)
        kept += sign
        previous = "" if previous == "\\" else sign
    return strict(kept)


def events_of(fields: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
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
    if isinstance(found, list) and found and all(isinstance(one, dict) for one in found):
        return found, state
    return [], "unreadable"


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


def number_of(value: Any) -> float | None:
    """A finite number, or one in a string."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


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
    return {"strict": "pass", "lenient": "warn", "unreadable": "fail", "missing": "fail"}[unit.request.list_state]


def app010(unit: Unit) -> str | None:
    if unit.kind != "conversion":
        return None
    return "pass" if unit.name and re.fullmatch("[0-9a-zA-Z_][0-9a-zA-Z _-]{0,39}", unit.name) else "fail"


def app013(unit: Unit) -> str | None:
    if unit.kind != "conversion":
        return None
    upload, time = unit.request.upload, unit.time
    is_old = unit.time_outcome != "fail" and None not in (upload, time) and upload - time > WEEK
    return worse(unit.time_outcome, "warn" if is_old else "pass")


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


def app018(unit: Unit) -> str | None:
    if unit.kind != "conversion":
        return None
    body = unit.body
    found = [content_outcome(body.get("fb_content"))]
    for key in ("fb_num_items", "fb_max_rating_value"):
        if key in body:
            is_whole = not isinstance(body[key], bool | Decimal) and re.fullmatch("-?[0-9]+", str(body[key]))
            found.append("pass" if is_whole else "fail")
    for key in ("fb_payment_info_available", "fb_success"):
        if key in body:
            found.append("pass" if not isinstance(body[key], bool) and body[key] in (0, 1, "0", "1") else "fail")
    if "fb_content_type" in body:
        found.append("pass" if body["fb_content_type"] in ("product", "product_group") else "fail")
    # reading: a number stands for its digits.
    for key in ("fb_level", "fb_description", "fb_registration_method", "fb_search_string"):
        found.append("fail" if isinstance(body.get(key), list | dict) else "pass")
    found.append("fail" if isinstance(body.get("fb_content_id"), dict) else "pass")
    value, most = number_of(body.get("_valueToSum")), number_of(body.get("fb_max_rating_value"))
    if unit.name == "fb_mobile_rate" and value is not None:
        found.append("fail" if value < 0 or (most is not None and value > most) else "pass")
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


def app020(unit: Unit) -> str | None:
    people = unit.request.people
    known = {key: value for key, value in people.items() if key in BADLY_NORMALISED and isinstance(value, str)}
    if not known:
        return None
    wrong = any(
        value.lower() == hashlib.sha256(text.encode()).hexdigest()
        for key, value in known.items()
        for text in BADLY_NORMALISED[key]
    )
    return "fail" if wrong else "pass"


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


def address_outcome(request: Request) -> str:
    if request.forwarded is None:
        return "fail"
    try:
        address = ipaddress.ip_address(request.forwarded)
    except ValueError:
        return "fail"
    mapped = getattr(address, "ipv4_mapped", None)
    return "pass" if (mapped or address).is_global else "warn"


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
    "APP020": app020,
    "APP021": app021,
    "APP022": app022,
}


CODES = tuple(f"APP{number:03}" for number in (*range(1, 28), 30))


# --- rules about an advertiser ------------------------------------------------------------------------------


def worst_of(faults: bool, warns: bool = False) -> str:
    return "fail" if faults else "warn" if warns else "pass"


def app001(requests: list[Request], as_of: int) -> dict[str, Any]:
    sent = [request.sent for request in requests if request.sent is not None]
    is_new = bool(sent) and as_of - min(sent) < NEW_DAYS * DAY
    return {"status": worst_of(False, is_new)}


def app006(recent: list[Request]) -> dict[str, Any]:
    """Flags that never change, and a choice of the app's user that does not last."""
    # reading: fewer than ten requests show no habit.
    ios = []
    for request in recent:
        values = request.extinfo or []
        if values[:1] == ["i2"] and len(values) > 4:
            version = [int(part) for part in re.findall("[0-9]+", values[4])[:2]]
            if version >= [14, 5]:
                ios.append(flag_of(request.fields.get("advertiser_tracking_enabled")))
    ones = [flag for flag in ios if flag is not None]
    all_ones = len(ones) >= MIN_UNITS and set(ones) <= {"1", "true"}
    every = [flag_of(request.fields.get("advertiser_tracking_enabled")) for request in recent]
    every = [flag for flag in every if flag is not None]
    all_zeros = len(every) >= MIN_UNITS and set(every) <= {"0", "false"}
    return {"status": worst_of(False, all_ones or all_zeros or bool(flapping(recent)))}


def flapping(requests: list[Request]) -> list[str]:
    """Devices whose application_tracking_enabled goes to and fro."""
    said: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for request in requests:
        flag = flag_of(request.fields.get("application_tracking_enabled"))
        if request.device and flag in ("0", "1", "true", "false") and request.sent is not None:
            said[request.device.lower()].append((request.sent, "1" if flag in ("1", "true") else "0"))
    found = []
    for device, flags in said.items():
        order = [flag for _, flag in sorted(flags)]
        changes = sum(one != other for one, other in itertools.pairwise(order))
        if changes >= 2:
            found.append(device)
    return found


def conversions(requests: list[Request]) -> list[Unit]:
    return [unit for request in requests for unit in request.units if unit.kind == "conversion"]


def app011(requests: list[Request]) -> dict[str, Any]:
    names: dict[Any, set[str]] = defaultdict(set)
    for unit in conversions(requests):
        if unit.name is not None:
            names[unit.request.app].add(unit.name[:100])
    most = max((len(some) for some in names.values()), default=0)
    return {"status": worst_of(most > MOST_NAMES, most >= MANY_NAMES), "value": most}


def app012(requests: list[Request]) -> dict[str, Any]:
    union: dict[Any, set[str]] = defaultdict(set)
    for unit in conversions(requests):
        if unit.name is not None:
            union[unit.request.app, unit.name] |= unit.parameters
    most = max((len(some) for some in union.values()), default=0)
    over = sum(len(some) > MOST_PARAMETERS for some in union.values())
    return {"status": worst_of(False, over > 0), "value": most, "affected": over}


def app017(recent: list[Request], settings: dict[str, Any]) -> dict[str, Any]:
    # reading: without a word about automatic logging nothing can be told; the SDK's own event is no second one.
    if settings.get("auto_logging") is None:
        return {"status": "not_evaluable"}
    sent = [unit for unit in conversions(recent) if unit.name == "fb_mobile_activate_app" and not unit.request.is_sdk]
    return {"status": worst_of(False, bool(settings["auto_logging"] and sent)), "affected": len(sent)}


def app023(recent: list[Request], settings: dict[str, Any], has_forwarded: bool) -> dict[str, Any]:
    is_server = settings.get("server_to_server")
    is_server = has_forwarded if is_server is None else is_server
    if not is_server:
        return {"status": "not_evaluable"}
    found = share_finding("APP023", [address_outcome(request) for request in recent for _ in request.units])
    devices: dict[str, set[str]] = defaultdict(set)
    for request in recent:
        if request.device and request.forwarded:
            devices[request.device.lower()].add(request.forwarded)
    shared: dict[str, int] = defaultdict(int)
    for addresses in devices.values():
        for address in addresses:
            shared[address] += 1
    # reading: of fewer than ten devices nothing can be told.
    if len(devices) >= MIN_UNITS and max(shared.values(), default=0) > SAME_ADDRESS * len(devices):
        found["status"] = "fail"
    return found


def app024(recent: list[Request]) -> dict[str, Any]:
    together: dict[Any, list[Unit]] = defaultdict(list)
    units = conversions(recent)
    for unit in units:
        if unit.event_id is not None:
            together[unit.request.app, unit.event_id, unit.name].append(unit)
    contradicting = sum(len({unit.content for unit in some}) > 1 for some in together.values())
    missing = sum(unit.event_id is None for unit in units)
    if not units:
        return {"status": "not_evaluable"}
    return {"status": worst_of(contradicting > 0, missing > 0), "value": contradicting}


def app025(requests: list[Request]) -> dict[str, Any]:
    # reading: a refused install may be sent again, and the id of those who refuse tracking is nobody's.
    devices: dict[Any, int] = defaultdict(int)
    for request in requests:
        if request.kind == "install" and request.accepted:
            device = request.device
            if device and UUID.fullmatch(device) and not set(device) <= set("0-"):
                devices[request.app, "device", device.lower()] += 1
            who = next((request.people[key] for key in ("em", "ph", "external_id") if key in request.people), None)
            if who:
                devices[request.app, "person", who] += 1
    several = sum(count > 1 for count in devices.values())
    if not any(request.kind == "install" for request in requests):
        return {"status": "not_evaluable"}
    return {"status": worst_of(several > 0)}


def app026(recent: list[Request], has_answers: bool) -> dict[str, Any]:
    if not has_answers:
        return {"status": "not_evaluable"}
    return share_finding("APP026", ["pass" if request.accepted else "fail" for request in recent])


def app027(recent: list[Request]) -> dict[str, Any]:
    if not recent:
        return {"status": "not_evaluable"}
    told = sum(request.token for request in recent)
    return {"status": worst_of(False, told > 0), "affected": told, "n": len(recent)}


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
    for code, rule in (("APP003", app003), ("APP004", app004)):
        found[code] = share_finding(code, [told for unit in units if (told := rule(unit, settings)) is not None])
    found |= {
        "APP001": app001(requests, as_of),
        "APP006": app006(recent),
        "APP011": app011(requests),
        "APP012": app012(requests),
        "APP017": app017(recent, settings),
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
