"""Random requests to /activities in every form that they are sent in, each with the event that it must become."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

NOW = 1_795_305_600  # 2026-11-22 00:00:00 UTC
WEEK = 7 * 86_400
APP = "2244"
DEVICE = "38400000-8cf0-11bd-b23e-10b96e40000d"
DIGEST = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
EXTINFO = "a2 com.shop 12 1.2 14 Pixel-8 fr_FR CET SFR 1080 2400 2.75 8 128 64 Europe/Paris".split()
# The guide's names with what Meta calls them in the Conversions API, written down by hand from Meta's SDK.
STANDARD = {
    "fb_mobile_achievement_unlocked": "AchievementUnlocked",
    "fb_mobile_activate_app": "ActivateApp",
    "fb_mobile_add_payment_info": "AddPaymentInfo",
    "fb_mobile_add_to_cart": "AddToCart",
    "fb_mobile_add_to_wishlist": "AddToWishlist",
    "fb_mobile_complete_registration": "CompleteRegistration",
    "fb_mobile_content_view": "ViewContent",
    "fb_mobile_initiated_checkout": "InitiateCheckout",
    "fb_mobile_level_achieved": "LevelAchieved",
    "fb_mobile_purchase": "Purchase",
    "fb_mobile_rate": "Rate",
    "fb_mobile_search": "Search",
    "fb_mobile_spent_credits": "SpentCredits",
    "fb_mobile_tutorial_completion": "TutorialCompletion",
}
STAYING = (
    "AdClick AdImpression Contact CustomizeProduct Donate FindLocation Schedule StartTrial SubmitApplication Subscribe"
).split()


@dataclass
class Truth:
    """What one App Event must become, or a part of the reason why it is lost."""

    name: str = ""
    time: int = 0
    event_id: str | None = None
    user: dict[str, Any] = field(default_factory=dict)
    app: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)  # by Meta's names
    own: dict[str, Any] = field(default_factory=dict)
    lost: str | None = None


def conversion(rng: random.Random, number: int) -> tuple[dict[str, Any], Truth]:
    """One event of custom_events."""
    name = rng.choice([*STANDARD, *STAYING, "my event", "level_12"])
    moment = NOW - rng.randrange(WEEK)
    sent: dict[str, Any] = {
        "_eventName": name,
        "_logTime": rng.choice([moment, str(moment), moment * 1000, moment + 0.25]),
        "_ui": "Main",
        "_implicitlyLogged": "1",
    }
    truth = Truth(STANDARD.get(name, name), moment)
    if rng.random() < 0.7:
        sent["event_id"] = truth.event_id = f"id-{number}"
    value = rng.choice([21.97, 30, "1.5", "-2", 0])
    parts = [
        ("_valueToSum", "value", value, float(value)),
        ("fb_currency", "currency", *rng.choice([("EUR", "EUR"), ("gbp", "GBP")])),
        ("fb_content_id", "content_ids", *rng.choice([("12", ["12"]), ('["1", "2"]', ["1", "2"]), (7, ["7"])])),
        ("fb_content_type", "content_type", "product", "product"),
        ("fb_num_items", "num_items", *rng.choice([(3, 3), ("4", 4)])),
        ("fb_order_id", "order_id", "o:7", "o:7"),
        ("fb_search_string", "search_string", "blue & +red = 'x'", "blue & +red = 'x'"),
    ]
    goods = [{"id": "12", "quantity": 2, "item_price": 1.5}, {"id": "13", "quantity": 1, "item_price": 2}]
    parts.append(("fb_content", "contents", rng.choice([goods, json.dumps(goods)]), goods))
    for before, after, given, wanted in parts:
        if rng.random() < 0.5 or (name == "fb_mobile_purchase" and after in ("value", "currency")):
            sent[before], truth.custom[after] = given, wanted
    own = [
        ("fb_success", "success", "1", 1),
        ("fb_level", "level", 12, "12"),
        ("fb_max_rating_value", "max_rating_value", "5", 5),
        ("fb_description", "description", "é 已", "é 已"),
        ("fb_registration_method", "registration_method", "Email", "Email"),
        ("fb_payment_info_available", "payment_info_available", 0, 0),
        ("fb_ad_type", "ad_type", "banner", "banner"),
        ("colour", "colour", "red", "red"),
        ("content_name", "content_name", "Shoe", "Shoe"),
    ]
    for before, after, given, wanted in own:
        if rng.random() < 0.3:
            sent[before], truth.own[after] = given, wanted
    spoilt = rng.random()
    if spoilt < 0.05:
        truth.lost, sent["_logTime"] = "seven days", NOW - WEEK - 1 - rng.randrange(9 * WEEK)
    elif spoilt < 0.08:
        truth.lost, sent["_logTime"] = "has not come", NOW + 86_400
    elif spoilt < 0.11:
        truth.lost = "no _eventName"
        del sent["_eventName"]
    elif spoilt < 0.15 and name == "fb_mobile_purchase":
        truth.lost = "without currency"
        del sent["fb_currency"]
    return sent, truth


def person(rng: random.Random) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    """Parameters that say whose device it is, headers, and the user_data that they must become."""
    fields: dict[str, Any] = {}
    headers: dict[str, str] = {}
    user: dict[str, Any] = {"madid": DEVICE}
    fields["advertiser_id"] = DEVICE
    if rng.random() < 0.5:
        fields["anon_id"] = user["anon_id"] = "XZ5E-1"
    if rng.random() < 0.5:
        ud = {"em": DIGEST, "cn": DIGEST[::-1], "external_id": "me 7"}
        if rng.random() < 0.5:
            fields["ud"] = ud
        else:
            fields |= {f"ud[{name}]": value for name, value in ud.items()}
        user |= {"em": [DIGEST], "country": [DIGEST[::-1]], "external_id": ["me 7"]}
    if rng.random() < 0.5:
        headers["X-Forwarded-For"] = "168.212.226.204, 10.0.0.1"
        user["client_ip_address"] = "168.212.226.204"
    if rng.random() < 0.2:
        fields["attribution"] = "aB3" * 7 + "x"
    return fields, headers, user


def device(rng: random.Random) -> tuple[dict[str, Any], dict[str, Any], str | None]:
    """Parameters about tracking and device, the app_data that they must become, and why they are lost."""
    advertiser, application = (
        rng.choice([(1, 1), ("0", 0), ("true", 1), (False, 0)]),
        rng.choice([(1, 1), ("false", 0)]),
    )
    mixed = [int(value) if value.isdigit() else value for value in EXTINFO]
    fields = {
        "advertiser_tracking_enabled": advertiser[0],
        "application_tracking_enabled": application[0],
        "extinfo": rng.choice([mixed, json.dumps(mixed), ",".join(EXTINFO)]),
    }
    app = {
        "advertiser_tracking_enabled": advertiser[1],
        "application_tracking_enabled": application[1],
        "extinfo": EXTINFO,
    }
    for name, value in (("installer_package", "com.android.vending"), ("campaign_ids", "abcd1234")):
        if rng.random() < 0.3:
            fields[name] = app[name] = value
    spoilt = rng.random()
    if spoilt < 0.05:
        del fields["advertiser_tracking_enabled"]
        return fields, app, "advertiser_tracking_enabled is missing"
    if spoilt < 0.1:
        fields["extinfo"] = mixed[:15]
        return fields, app, "15 values"
    if spoilt < 0.15:
        del fields["extinfo"]
        return fields, app, "extinfo is missing"
    if spoilt < 0.2:
        fields["application_tracking_enabled"] = "perhaps"
        return fields, app, "application_tracking_enabled is neither"
    if spoilt < 0.3:
        del fields["application_tracking_enabled"], app["application_tracking_enabled"]
    return fields, app, None


def record(rng: random.Random, number: int) -> tuple[dict[str, Any], list[Truth]]:
    """One request as a log has it, with the truth of each of its events."""
    whose, headers, user = person(rng)
    fields, app, lost = device(rng)
    fields |= whose
    if rng.random() < 0.1:
        del fields["advertiser_id"], user["madid"]
        if not set(user) - {"client_ip_address"}:
            lost = lost or ("mobile cookie" if "attribution" in fields else "match nobody")
        elif "em" in user:  # who is known needs no device
            pass
    sent_at = NOW - rng.randrange(WEEK)
    if rng.random() < 0.15:
        fields["event"] = "MOBILE_APP_INSTALL"
        truths = [Truth("MobileAppInstall", sent_at)]
    else:
        fields["event"] = "CUSTOM_APP_EVENTS"
        events, truths = map(
            list, zip(*(conversion(rng, number * 10 + i) for i in range(rng.randint(1, 4))), strict=True)
        )
        fields["custom_events"] = rng.choice([events, json.dumps(events)])
        if rng.random() < 0.05:
            fields["custom_events"], truths = '[{"_eventName": ', [Truth(lost="custom_events cannot be read")]
    for truth in truths:
        truth.user, truth.app = user, app
        truth.lost = truth.lost or lost
    answer = rng.choice([{"success": True}, {"error": {"message": "No.", "code": 100}}, None])
    return (
        transported(rng, fields)
        | {"sent_at": sent_at, "headers": headers}
        | ({"response": answer} if answer is not None else {}),
        truths,
    )


def transported(rng: random.Random, fields: dict[str, Any]) -> dict[str, Any]:
    """The parameters in one of the forms that they are sent in."""
    url = f"https://graph.facebook.com/v19.0/{APP}/activities"
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    how = rng.choice(["query", "form", "multipart", "json", "params"])
    if how == "query":
        return {"url": f"{url}?{urlencode(texts)}"}
    if how == "form":
        return {"url": url, "body": urlencode(texts)}
    if how == "multipart":
        parts = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in texts.items()
        ]
        return {"url": url, "body": "".join(parts) + "--b--\r\n"}
    return {"url": url, "body" if how == "json" else "params": json.dumps(fields) if how == "json" else fields}
