"""App Events as events of the Conversions API: each accounted for once, as Meta's own library writes them."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from app_logs import APP, DEVICE, DIGEST, EXTINFO, NOW, STANDARD, STAYING, WEEK, Truth, record
from facebook_business.adobjects.adpromotedobject import AdPromotedObject
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.app_data import AppData
from facebook_business.adobjects.serverside.content import Content
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.extended_device_info import ExtendedDeviceInfo
from facebook_business.adobjects.serverside.user_data import UserData
from ingest_samples import lines, write

import funnelcheck
from funnelcheck.cli import run
from funnelcheck.errors import InputError, UsageError
from funnelcheck.migrating import Carried, Migration, folder
from funnelcheck.migrating.bodies import text
from funnelcheck.migrating.mapping import names

AS_OF = "2026-11-22T00:00:00Z"
OTHER_NAMES = {"ViewContent": "CONTENT_VIEW", "InitiateCheckout": "INITIATED_CHECKOUT", "ActivateApp": None}


def migrated(folder: Path, *records: Any, **how: Any) -> Migration:
    log = write(folder / "log.jsonl", lines(*records))
    return funnelcheck.migrate_app_events([str(log)], **({"as_of": NOW} | how))


def request(events: Sequence[dict[str, Any]] | str | None = None, **fields: Any) -> dict[str, Any]:
    """A faultless request of one purchase, with changes; a field changed to None is left out."""
    given = {
        "event": "CUSTOM_APP_EVENTS",
        "advertiser_id": DEVICE,
        "advertiser_tracking_enabled": 1,
        "application_tracking_enabled": 1,
        "extinfo": EXTINFO,
        "custom_events": [purchase()] if events is None else events,
    } | {name: value for name, value in fields.items() if name not in ("response", "sent_at", "headers", "url")}
    beside = {name: fields[name] for name in ("response", "sent_at", "headers") if name in fields}
    kept = {name: value for name, value in given.items() if value is not None}
    url = fields.get("url", f"https://graph.facebook.com/v19.0/{APP}/activities")
    return {"url": url, "params": kept, "sent_at": NOW - 60} | beside


def purchase(**changes: Any) -> dict[str, Any]:
    whole = {
        "_eventName": "fb_mobile_purchase",
        "event_id": "1",
        "_logTime": NOW - 3_600,
        "_valueToSum": 21.97,
        "fb_currency": "GBP",
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def only(migration: Migration) -> dict[str, Any]:
    (one,) = migration.carried
    return one.event


def why_lost(migration: Migration) -> str:
    (one,) = migration.lost
    assert not migration.carried
    return "; ".join(one.why)


@pytest.mark.parametrize("name", STANDARD)
def test_a_name_of_the_sdk_becomes_that_of_the_conversions_api(tmp_path: Path, name: str) -> None:
    event = only(migrated(tmp_path, request([purchase(_eventName=name)])))
    assert event["event_name"] == STANDARD[name]
    enum = OTHER_NAMES.get(
        event["event_name"], "".join(f"_{c}" if c.isupper() else c.upper() for c in event["event_name"])[1:]
    )
    if enum is not None:  # what ad sets call the standard events
        known = {value.upper() for value in vars(AdPromotedObject.CustomEventType).values() if isinstance(value, str)}
        assert enum in known | {"PURCHASE"}


@pytest.mark.parametrize("name", [*STAYING, "own event", "fb_sdk_initialize"])
def test_other_names_stay(tmp_path: Path, name: str) -> None:
    migration = migrated(tmp_path, request([purchase(_eventName=name)]))
    assert only(migration)["event_name"] == name
    (row,) = migration.events
    assert (row.app_event, row.becomes, row.carried) == (name, name, 1)
    assert row.kind == ("standard" if name in STAYING else "own")


def test_every_name_has_a_source_and_every_parameter_goes_one_way() -> None:
    known = names()
    assert set(known.events) == {*STANDARD, *STAYING}
    entries = [known.install, *known.events.values(), *known.parameters.values(), *known.request.values()]
    assert {entry.source for entry in entries} <= set(known.sources)
    places = [entry.place for entry in known.parameters.values() if entry.place != "custom_data.ad_type"]
    assert len(places) == len(set(places))
    left_out = [entry for entry in known.request.values() if entry.to is None]
    assert all(entry.why for entry in left_out)
    assert known.texts.isdisjoint(known.typed)
    assert known.texts | known.typed == set(CustomData.param_types) - {"custom_properties"}
    assert {entry.to for entry in known.request.values() if entry.section == "app_data"} - {"vendor_id"} == set(
        AppData.param_types
    )


def by_the_sdk(truth: Truth) -> dict[str, Any]:
    """The event as facebook-business writes it, from what the generator knows."""
    user = {"emails": "em", "country_codes": "country", "external_ids": "external_id"}
    given = {name: truth.user[field] for name, field in user.items() if field in truth.user}
    given |= {name: truth.user[name] for name in ("madid", "anon_id", "client_ip_address") if name in truth.user}
    custom = dict(truth.custom)
    if "contents" in custom:
        custom["contents"] = [
            Content(product_id=one["id"], quantity=one["quantity"], item_price=one["item_price"])
            for one in custom["contents"]
        ]
    own = dict(truth.own)
    custom |= {name: own.pop(name) for name in ("content_name",) if name in own}
    return Event(
        event_name=truth.name,
        event_time=truth.time,
        event_id=truth.event_id,
        action_source=ActionSource.APP,
        user_data=UserData(**given),
        app_data=AppData(**truth.app | {"extinfo": ExtendedDeviceInfo(*truth.app["extinfo"])}),
        custom_data=CustomData(**custom, custom_properties=own) if custom or own else None,
    ).normalize()


def comparable(event: dict[str, Any]) -> dict[str, Any]:
    """Without what says the same in two ways: the case of a currency, the order of a list."""
    custom = {**event.get("custom_data", {})}
    if "currency" in custom:
        custom["currency"] = custom["currency"].upper()
    user = {name: sorted(one) if isinstance(one, list) else one for name, one in event["user_data"].items()}
    return {**event, "user_data": user, "custom_data": custom}


@pytest.mark.parametrize("seed", range(12))
def test_random_logs_become_what_the_sdk_writes_and_every_event_is_accounted_for(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    made = [record(rng, number) for number in range(40)]
    migration = migrated(tmp_path, *(one for one, _ in made), batch=rng.choice([3, 1_000]))
    truths = {(line, i): truth for line, (_, told) in enumerate(made, 1) for i, truth in enumerate(told)}
    found = {(one.origin.line, one.origin.position): one for one in migration.carried}
    lost = {(one.origin.line, one.origin.position or 0): one for one in migration.lost}
    assert found.keys() | lost.keys() == truths.keys()
    assert migration.read == len(truths) == len(found) + len(lost) == len(migration.carried) + len(migration.lost)
    written = {}
    for body in migration.bodies:
        sent = json.loads(text(body, None))["data"]
        written |= {(one.origin.line, one.origin.position): event for one, event in zip(body.events, sent, strict=True)}
    assert written.keys() == found.keys()
    for place, truth in truths.items():
        if truth.lost is not None:
            assert truth.lost in "; ".join(lost[place].why), place
            continue
        assert place in found, (place, lost[place].why)
        event = written[place]
        if truth.event_id is None:
            event.pop("event_id", None)
        assert comparable(event) == comparable(by_the_sdk(truth)), place
        refused = "error" in (made[place[0] - 1][0].get("response") or {})
        assert found[place].is_taken is not refused
    assert sum(row.carried + row.lost for row in migration.events) == len(truths)


def test_what_is_written_is_the_same_at_every_run(tmp_path: Path) -> None:
    rng = random.Random(7)
    log = write(tmp_path / "log.jsonl", lines(*(record(rng, i)[0] for i in range(30))))
    out = tmp_path / "out"
    before: dict[Path, bytes] = {}
    for number in range(2):
        assert run(["migrate-app-events", str(log), "--out", str(out), "--as-of", AS_OF, "-q"]) == 0
        held = {file.relative_to(out): file.read_bytes() for file in out.rglob("*") if file.is_file()}
        assert number == 0 or held == before
        before = held
    assert len(before) > 8


def test_the_guides_own_example_is_carried_over(tmp_path: Path) -> None:
    goods = [{"id": "1234", "quantity": 2}, {"id": "5678", "quantity": 1}]
    event = only(migrated(tmp_path, request([purchase(fb_content=json.dumps(goods), fb_content_type="product")])))
    assert event == {
        "event_name": "Purchase",
        "event_time": NOW - 3_600,
        "event_id": "1",
        "action_source": "app",
        "user_data": {"madid": DEVICE},
        "app_data": {"advertiser_tracking_enabled": 1, "application_tracking_enabled": 1, "extinfo": EXTINFO},
        "custom_data": {"value": 21.97, "currency": "GBP", "contents": goods, "content_type": "product"},
    }


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (NOW, NOW),
        (NOW * 1_000 + 7, NOW),
        (str(NOW), NOW),
        (NOW - WEEK, NOW - WEEK),
        (NOW - WEEK - 1, "seven days"),
        (NOW + 86_400, "has not come"),
        ("yesterday", "_logTime"),
        (None, NOW - 60),
    ],
)
def test_times(tmp_path: Path, given: Any, wanted: int | str) -> None:
    migration = migrated(tmp_path, request([purchase(_logTime=given)]))
    if isinstance(wanted, int):
        assert only(migration)["event_time"] == wanted
    else:
        assert wanted in why_lost(migration)


def test_without_any_time_nothing_is_guessed(tmp_path: Path) -> None:
    undated = request([purchase(_logTime=None)])
    del undated["sent_at"]
    assert "does not say when" in why_lost(migrated(tmp_path, undated))


def test_an_install_happened_when_it_says_or_was_sent(tmp_path: Path) -> None:
    install = {"event": "MOBILE_APP_INSTALL", "custom_events": None}
    event = only(migrated(tmp_path, request(**install)))
    assert (event["event_name"], event["event_time"]) == ("MobileAppInstall", NOW - 60)
    assert "event_id" not in event
    assert "custom_data" not in event
    dated = only(migrated(tmp_path, request(**install, install_timestamp=NOW - 500)))
    assert dated["event_time"] == NOW - 500


def test_an_install_is_carried_over_once_whatever_events_stand_in_its_request(tmp_path: Path) -> None:
    migration = migrated(tmp_path, request([purchase(), purchase()], event="MOBILE_APP_INSTALL"))
    assert (len(migration.carried), len(migration.lost), migration.read) == (1, 0, 1)


LOST = {
    "advertiser_tracking_enabled is missing": {"advertiser_tracking_enabled": None},
    "advertiser_tracking_enabled is neither": {"advertiser_tracking_enabled": "yes"},
    "application_tracking_enabled is neither": {"application_tracking_enabled": 2},
    "extinfo is missing": {"extinfo": None},
    "extinfo has 15 values": {"extinfo": EXTINFO[:15]},
    "extinfo has 17 values": {"extinfo": [*EXTINFO, ""]},
    "extinfo does not begin": {"extinfo": ["b1", *EXTINFO[1:]]},
    "version of the system": {"extinfo": [*EXTINFO[:4], "", *EXTINFO[5:]]},
    "mobile cookie": {"advertiser_id": None, "attribution": "aB3" * 7 + "x"},
    "match nobody": {"advertiser_id": "00000000-0000-0000-0000-000000000000", "ud": {"ge": DIGEST, "fn": DIGEST}},
    "custom_events cannot be read": {"custom_events": '[{"_eventName": '},
    "no custom_events": {"custom_events": None},
    "neither an install nor events": {"event": "DEFERRED_APP_LINK"},
    "a choice about privacy": {"data_processing_options_country": "France"},
}


@pytest.mark.parametrize("reason", LOST)
def test_what_cannot_be_carried_over_says_why(tmp_path: Path, reason: str) -> None:
    assert reason in why_lost(migrated(tmp_path, request(**LOST[reason])))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"_eventName": None}, "no _eventName"),
        ({"_eventName": " "}, "no _eventName"),
        ({"fb_currency": None}, "without currency"),
        ({"fb_currency": "euros"}, "without currency"),
        ({"_valueToSum": "much"}, "without value"),
        ({"_valueToSum": None, "fb_currency": None}, "without value and currency"),
    ],
)
def test_an_event_that_meta_would_refuse_is_lost(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    assert reason in why_lost(migrated(tmp_path, request([purchase(**changes)])))


def test_choices_about_data_processing_are_carried_over(tmp_path: Path) -> None:
    given = {
        "data_processing_options": '["LDU"]',
        "data_processing_options_country": "1",
        "data_processing_options_state": 0,
    }
    event = only(migrated(tmp_path, request(**given)))
    assert [event[name] for name in given] == [["LDU"], 1, 0]


@pytest.mark.parametrize("encoded", [True, False])
def test_a_field_that_nobody_knows_ends_the_one_before_it(tmp_path: Path, encoded: bool) -> None:
    given = request([purchase(note="a&b = c")])
    texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in given.pop("params").items()}
    pairs = [(name, quote(one) if encoded else one) for name, one in texts.items()]
    body = "&".join(f"{name}={one}&made_up_{i}=x" for i, (name, one) in enumerate(pairs))
    event = only(migrated(tmp_path, given | {"body": body}))
    assert event["app_data"]["extinfo"] == EXTINFO
    assert event["custom_data"] == {"value": 21.97, "currency": "GBP", "note": "a&b = c"}


def test_optional_app_data_and_what_has_no_place(tmp_path: Path) -> None:
    migration = migrated(
        tmp_path,
        request(
            application_tracking_enabled=None,
            vendor_id="V-1",
            url_schemes='["a", "b"]',
            install_referrer="utm_source=x",
            consider_views="1",
            app_user_id="77",
            attribution="aB3" * 7 + "x",
            shoe_size=44,
        ),
    )
    assert only(migration)["app_data"] == {
        "advertiser_tracking_enabled": 1,
        "extinfo": EXTINFO,
        "vendor_id": "V-1",
        "url_schemes": ["a", "b"],
        "install_referrer": "utm_source=x",
        "consider_views": 1,
    }
    left_out = {row.parameter for row in migration.parameters if row.becomes is None}
    assert left_out == {"app_user_id", "attribution", "shoe_size"}


def test_customer_data_is_hashed_where_it_was_not_and_left_out_where_it_is_nobodys(tmp_path: Path) -> None:
    ud = {"em": " Jane@Example.com ", "ph": "0612345678", "cn": "FR", "country": DIGEST, "shoe": "44", "fn": ""}
    migration = migrated(tmp_path, request(ud=ud))
    hashed = UserData(email="jane@example.com", country_code="fr").normalize()
    assert only(migration)["user_data"] == {
        "madid": DEVICE,
        "em": hashed["em"],
        "country": [*hashed["country"], DIGEST],
    }
    left_out = {row.parameter for row in migration.parameters if row.of == "ud" and row.becomes is None}
    assert left_out == {"ph", "shoe"}


@pytest.mark.parametrize(
    ("forwarded", "kept"),
    [
        ("168.212.226.204", "168.212.226.204"),
        ("2001:0db7:85a3::8a2e:370:7334, 10.0.0.1", "2001:0db7:85a3::8a2e:370:7334"),
        ("192.168.0.99", None),
        ("nowhere", None),
    ],
)
def test_the_devices_address(tmp_path: Path, forwarded: str, kept: str | None) -> None:
    event = only(migrated(tmp_path, request(headers={"X-Forwarded-For": forwarded})))
    assert event["user_data"].get("client_ip_address") == kept


def test_own_parameters_keep_their_names_and_meta_s_names_are_not_taken(tmp_path: Path) -> None:
    own = {
        "colour": "red",
        "sizes": [1, {"a": 2.5}],
        "value": "7",  # Meta's, and said already
        "num_items": "many",  # Meta's, and a number
        "content_category": "shoes",  # Meta's, and a text
        "status": {"a": 1},
        "fb_num_items": "many",
        "_fb_debug": 1,
        "empty": "",
        "access_token": "s3cret",
    }
    migration = migrated(tmp_path, request([purchase(**own)]))
    assert only(migration)["custom_data"] == {
        "value": 21.97,
        "currency": "GBP",
        "colour": "red",
        "sizes": [1, {"a": 2.5}],
        "content_category": "shoes",
        "fb_num_items": "many",
    }
    left_out = {row.parameter for row in migration.parameters if row.becomes is None}
    assert left_out == {"value", "num_items", "status", "_fb_debug"}


OK, REFUSED = {"success": True}, {"error": {"message": "No.", "code": 100}}


def test_what_meta_has_stands_apart_from_what_it_refused(tmp_path: Path) -> None:
    bare = purchase(event_id=None)
    migration = migrated(
        tmp_path,
        request([purchase(event_id="a")], response=OK),
        request([purchase(event_id="b")], response=REFUSED),
        request([purchase(event_id="c")]),
        request([purchase(event_id="d")], response=REFUSED),
        request([purchase(event_id="d", _valueToSum=1)], response=OK, sent_at=NOW - 50),
        request([bare, bare], response=REFUSED),
        request([bare], response=OK, sent_at=NOW - 50),
    )
    taken = {(one.origin.line, one.origin.position): one.is_taken for one in migration.carried}
    assert [place for place, is_taken in sorted(taken.items()) if not is_taken] == [(2, 0), (6, 1)]
    assert [body.is_taken for body in migration.bodies] == [False, True]
    assert [body.name for body in migration.bodies] == ["0001-2244.json", "0002-2244-taken.json"]
    made = {
        place: one.event["event_id"]
        for place, one in ((o.origin.line * 10 + (o.origin.position or 0), o) for o in migration.carried)
    }
    assert made[60] == made[70] != made[61]
    assert migration.without_id == 3


def test_requests_hold_a_thousand_events_of_one_app(tmp_path: Path) -> None:
    events = [purchase(event_id=str(i)) for i in range(1_001)]
    other = request([purchase()], url="https://graph.facebook.com/v19.0/3355/activities")
    migration = migrated(tmp_path, request(events), other)
    assert sorted(len(body.events) for body in migration.bodies) == [1, 1, 1_000]
    assert {body.app_id for body in migration.bodies} == {APP, "3355"}
    with pytest.raises(UsageError):
        migrated(tmp_path, request(), batch=1_001)


def test_what_expires_soon_takes_no_other_event_with_it(tmp_path: Path) -> None:
    times = [NOW - WEEK, NOW - WEEK + 7_200, NOW]
    migration = migrated(tmp_path, request([purchase(_logTime=moment) for moment in times]))
    assert [body.deadline for body in migration.bodies] == [moment + WEEK for moment in times]


def test_repeated_records_later_ones_and_events_of_a_crm_are_counted(tmp_path: Path) -> None:
    crm = {"event_name": "Won", "event_time": NOW, "user_data": {"lead_id": 10**15}}
    write(tmp_path / "logs/a.jsonl", lines(request(), crm))
    write(tmp_path / "logs/b.jsonl", lines(request(), request(sent_at=NOW + 1), "no json"))
    write(tmp_path / "logs/c.jsonl", lines(request(), crm))
    migration = funnelcheck.migrate_app_events([str(tmp_path / "logs")], as_of=NOW)
    counts = (len(migration.carried), migration.repeated, migration.later, migration.others, len(migration.unreadable))
    assert counts == (1, 2, 1, 1, 1)
    assert migration.read == 4


def test_a_log_without_app_events_gives_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = write(tmp_path / "log.jsonl", lines({"event_name": "Won", "event_time": NOW, "user_data": {}}))
    out = tmp_path / "out"
    assert run(["migrate-app-events", str(log), "--out", str(out), "--as-of", AS_OF]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "0 App Events read = 0 carried over + 0 lost"
    assert list((out / "bodies").iterdir()) == []


SECRET = "EAA" + "secret" * 4
CANARIES = (DEVICE, "canary@example.com", "168.212.226.204", "XZ-canary", "+33699887766", SECRET, "s3cret", DIGEST)


def hostile() -> list[dict[str, Any]]:
    evil = '"];drop table app_event;--\u202e<script>=cmd()'
    events = [
        purchase(_eventName=evil, **{"=HYPERLINK(1)": "x", "a.b": 1, "": "y", "'; drop": 1}),
        purchase(_eventName="call +33699887766") | {"note": SECRET, "token": "s3cret"},
        purchase(_eventName="canary@example.com", _logTime="canary@example.com"),
        purchase(_eventName="too much", fb_content='[{"a": 1e999}]'),
        purchase(_eventName="x" * 5_000),
    ]
    personal = {"ud": {"em": "canary@example.com", "canary@example.com": 1}, "anon_id": "XZ-canary"}
    headers = {"X-Forwarded-For": "168.212.226.204"}
    return [
        request(events, **personal, headers=headers, access_token=SECRET),
        request([purchase(_eventName="\ud83d half")]),
        request('[{"_eventName": "a", "_eventName": "b", "_logTime": 1}]'),
        request(event="canary@example.com", attribution="canary@example.com"),
        {
            "url": f"https://graph.facebook.com/{APP}/activities?access_token={SECRET}",
            "body": "event=\x00&custom_events=[]",
        },
    ]


def test_nothing_personal_stands_outside_the_bodies_and_no_token_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, out = write(tmp_path / "log.jsonl", lines(*hostile())), tmp_path / "out"
    args = ["migrate-app-events", str(log), "--out", str(out), "--as-of", AS_OF]
    for form in ("text", "json"):
        assert run([*args, "--format", form]) == 0
        said = capsys.readouterr()
        files = {file.relative_to(out).as_posix(): file for file in out.rglob("*") if file.is_file()}
        lists = "".join(file.read_text() for name, file in files.items() if not name.startswith("bodies/"))
        for canary in CANARIES:
            assert canary not in lists + said.out + said.err, canary
        bodies = "".join(file.read_text() for name, file in files.items() if name.startswith("bodies/"))
        assert SECRET not in bodies
        assert "s3cret" not in bodies
        assert DEVICE in bodies
        assert "\u202e" not in lists + said.out
    assert {stat.S_IMODE(file.stat().st_mode) for file in files.values()} == {0o600}
    assert {stat.S_IMODE(one.stat().st_mode) for one in (out, out / "bodies")} == {0o700}
    for file in files.values():
        if file.suffix == ".csv":
            with file.open(newline="") as opened:
                cells = [cell for row in csv.reader(opened) for cell in row]
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
        elif file.suffix == ".json":
            json.loads(file.read_text(), parse_constant=pytest.fail)


def test_every_hostile_event_is_accounted_for(tmp_path: Path) -> None:
    migration = migrated(tmp_path, *hostile())
    assert migration.read == len(migration.carried) + len(migration.lost) == 8
    assert [one.origin.line for one in migration.unreadable] == [2]  # half a sign is no text


def test_lists_summary_and_json_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(3)
    log = write(tmp_path / "log.jsonl", lines(*(record(rng, i)[0] for i in range(40)), "no json"))
    out = tmp_path / "out"
    args = ["migrate-app-events", str(log), "--out", str(out), "--as-of", AS_OF, "--test-event-code", "TEST123"]
    assert run([*args, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)

    def rows(name: str) -> list[dict[str, str]]:
        with (out / name).open(newline="") as file:
            return list(csv.DictReader(file))

    assert told["schema"] == "funnelcheck/migration/1"
    assert len(rows("manifest.csv")) == told["events"]["carried"]
    assert len(rows("lost.csv")) == told["events"]["lost"] + told["unreadable"]
    assert list(rows("lost.csv")[0])[:4] == ["file", "line", "position", "reason"]
    assert [row["app_event"] for row in rows("names.csv")] == [row["app_event"] for row in told["names"]]
    assert sum(int(row["carried"]) for row in rows("names.csv")) == told["events"]["carried"]
    assert len(rows("parameters.csv")) == len(told["parameters"])
    bodies = {file.name: json.loads(file.read_text()) for file in (out / "bodies").iterdir()}
    assert {body["test_event_code"] for body in bodies.values()} == {"TEST123"}
    assert {f"bodies/{name}": len(body["data"]) for name, body in bodies.items()} == {
        body["file"]: body["events"] for body in told["bodies"]
    }
    for row in rows("manifest.csv"):
        sent = bodies[Path(row["body"]).name]["data"][int(row["place"])]
        assert (sent["event_name"], str(sent["event_time"])) == (row["event_name"], row["event_time"])
    readme = (out / "README.txt").read_text()
    assert all(line in readme for line in told["decide"])
    assert "never" not in readme or "Nothing was sent." in readme


def test_a_foreign_folder_is_not_touched_and_an_earlier_migration_is_replaced(tmp_path: Path) -> None:
    log, out = write(tmp_path / "log.jsonl", lines(request())), tmp_path / "out"
    args = ["migrate-app-events", str(log), "--out", str(out), "--as-of", AS_OF, "-q"]
    assert run(args) == 0
    write(log, lines("no json"))
    assert run(args) == 0
    assert list((out / "bodies").iterdir()) == []
    (out / "bodies" / "mine.txt").write_text("mine\n")
    assert run(args) == 2
    assert (out / "bodies" / "mine.txt").read_text() == "mine\n"
    repair = tmp_path / "repair"
    assert run(["repair", str(log), "--out", str(repair), "--as-of", AS_OF, "-q"]) == 0
    assert run([*args[:3], str(repair), *args[4:]]) == 2
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, out = write(tmp_path / "log.jsonl", lines(request())), tmp_path / "out"
    command = ["migrate-app-events", "--out", str(out), "--as-of", AS_OF]
    assert run(command) == 2
    assert run([*command, str(log), "--batch", "1001"]) == 2
    assert run([*command, str(log), "--test-event-code", 'x", "data']) == 2
    assert run([*command, str(tmp_path)]) == 2  # where it would be read as a log
    assert run([*command, str(tmp_path / "none")]) == 3
    assert not out.exists()
    assert run([*command, str(log), str(tmp_path / "none")]) == 3
    assert (out / "README.txt").exists()
    assert "there is no such file" in capsys.readouterr().err
    with pytest.raises(InputError):
        funnelcheck.migrate_app_events([str(tmp_path / "none")], as_of=NOW)


def test_a_process_that_is_killed_leaves_the_folder_whole(tmp_path: Path) -> None:
    events = [purchase(event_id=str(i)) for i in range(300)]
    log, out = write(tmp_path / "log.jsonl", lines(request(events))), tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "funnelcheck",
        "migrate-app-events",
        str(log),
        "--out",
        str(out),
        "--as-of",
        AS_OF,
        "--batch",
        "1",
    ]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([*command, "-q"], check=True, env=env, capture_output=True)
    for delay in (0.0, 0.003, 0.01, 0.02):
        process = subprocess.Popen([*command, "-q"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not any(tmp_path.glob(".out-*")):
            time.sleep(0.001)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if out.exists():
            assert len(list((out / "bodies").iterdir())) == 300
            assert (out / "README.txt").read_text().startswith(folder.OUTBOX.first)
        for left in tmp_path.glob(".out-*"):
            assert stat.S_IMODE(left.stat().st_mode) == 0o700
            subprocess.run(["rm", "-rf", str(left)], check=True)
    assert run([*command[3:], "-q"]) == 0
    assert len(list((out / "bodies").iterdir())) == 300


def test_carried_events_tell_where_they_stood(tmp_path: Path) -> None:
    (one,) = migrated(tmp_path, request(), advertiser="acme").carried
    assert isinstance(one, Carried)
    assert (one.origin.line, one.origin.position, one.origin.dataset_id) == (1, 0, APP)
    assert one.deadline == NOW - 3_600 + WEEK
