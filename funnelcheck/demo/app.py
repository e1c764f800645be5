"""What the sample's app sends: installs and App Events of its users, as a server logs the requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from urllib.parse import urlencode

from funnelcheck.demo.formats import iso
from funnelcheck.demo.stories import DAY, AppStory, Json, digest

_NOBODY = "00000000-0000-0000-0000-000000000000"
_PHONES = {"android": ("a2", "14", "Pixel 8"), "ios": ("i2", "17.5", "iPhone15,2")}
_HOUR = 3_600


def requests_of(story: AppStory, as_of: int, random: Random) -> Iterator[Json]:
    """One record a request, in the order in which they were sent."""
    app_id = str(random.randrange(10**14, 10**15))
    found = [
        record
        for number in range(story.users)
        for sent, record in _requests_of_user(story, number, app_id, as_of, random)
        if sent <= as_of
    ]
    yield from sorted(found, key=lambda record: (record["sent_at"], record["body"]))


def _requests_of_user(
    story: AppStory, number: int, app_id: str, as_of: int, random: Random
) -> Iterator[tuple[int, Json]]:
    """An install, then a visit every few days, each with a handful of events in one request."""
    user = digest(f"{story.advertiser_id} {number}")
    platform = "ios" if number % 5 < 2 else "android"
    fields = _fields(user, platform, refuses=platform == "ios" and number % 3 == 0)
    headers = {"X-Forwarded-For": f"82.{number % 200 + 10}.{random.randint(1, 250)}.{random.randint(1, 250)}"}
    time = as_of - story.days * DAY + number * story.days * DAY // story.users + random.randint(0, 8 * _HOUR)

    def record(time: int, event: str, more: Json) -> tuple[int, Json]:
        sent = time + random.randint(20, 600)
        return sent, {
            "advertiser_id": story.advertiser_id,
            "sent_at": iso(sent),
            "url": f"https://graph.facebook.com/v25.0/{app_id}/activities",
            "headers": headers,
            "body": urlencode({"event": event, **fields, **more}),
            "response": {"status": 200, "body": {"success": True}},
        }

    yield record(time, "MOBILE_APP_INSTALL", {})
    for visit in range(story.visits):
        time += random.randint(6 * _HOUR, 4 * DAY) if visit else 90
        events = list(_events(story, number, visit, time, as_of))
        yield record(time + 60 * len(events), "CUSTOM_APP_EVENTS", {"custom_events": json.dumps(events)})


def _fields(user: str, platform: str, *, refuses: bool) -> Json:
    """What every request says of the device: who refuses to be tracked has an advertising id of zeros."""
    version, system, model = _PHONES[platform]
    device = f"{user[:8]}-{user[8:12]}-4{user[13:16]}-a{user[17:20]}-{user[20:32]}"
    phone = [version, "com.example.nordicfitness", "412", "4.1.2", system, model, "sv_SE", "CET", "Telia"]
    screen = [1080, 2400, "2.75", 8, 128, 64, "Europe/Stockholm"]
    return {
        "advertiser_id": _NOBODY if refuses else device.upper() if platform == "ios" else device,
        "advertiser_tracking_enabled": 0 if refuses else 1,
        "application_tracking_enabled": 1,
        "extinfo": json.dumps(phone + screen),
        "ud": json.dumps({"em": digest(f"mail {user}")}),
    }


def _events(story: AppStory, number: int, visit: int, time: int, as_of: int) -> Iterator[Json]:
    """A visit's events; a membership is bought at the second or third."""

    def event(name: str, **parameters: Json | str | float) -> Json:
        later = 60 * (name != "fb_mobile_activate_app")
        key = digest(f"{number} {visit} {name}")[:16]
        return {"_eventName": name, "_logTime": time + later, "event_id": key, **parameters}

    yield event("fb_mobile_activate_app")
    if visit == 0:
        yield event("fb_mobile_complete_registration", fb_registration_method="email")
    plan = {"fb_content_type": "product", "fb_content_id": f"plan-{number % 3}", "fb_currency": "SEK"}
    price = (149.0, 249.0, 349.0)[number % 3]
    yield event("fb_mobile_content_view", **plan, _valueToSum=price)
    if visit == 1 and number % 2 == 0:
        start = event("StartTrial", fb_order_id=f"T{10_000 + number}", fb_currency="SEK", _valueToSum=0.0)
        yield start
    if visit == 2 and number % 3 == 0:
        # what a release of the app broke: since then the price comes without its currency
        currency = {} if time > as_of - story.without_currency_for * DAY else {"fb_currency": "SEK"}
        yield event("Subscribe", fb_order_id=f"S{10_000 + number}", **currency, _valueToSum=price)
    if visit:
        yield event(f"Workout {1 + (number + visit) % story.own_names} finished", minutes=str(20 + number % 40))
