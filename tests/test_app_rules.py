"""Rules about App Events on logs as they are sent: what each finds is what plain Python counts in the same requests."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from funnelcheck import rulebook
from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Finding, Status
from funnelcheck.store import open_store

AS_OF = 1_800_000_000
DAY = 86_400
HOUR = 3_600
URL = "https://graph.facebook.com/v19.0/2244/activities"
EXTINFO = [
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
    "2,75",
    8,
    128,
    64,
    "Europe/Paris",
]
PURCHASE = {
    "_eventName": "fb_mobile_purchase",
    "event_id": "1",
    "_valueToSum": 21.5,
    "fb_currency": "EUR",
    "fb_num_items": 1,
    "fb_content_type": "product",
    "fb_content_id": "1234",
}
Found = dict[str, dict[str, Finding]]  # by advertiser and code


def device(number: int, *, upper: bool = False) -> str:
    text = f"38400000-8cf0-11bd-b23e-{number:012x}"
    return text.upper() if upper else text


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def sent(owner: str, events: Iterable[Mapping[str, Any]] = (PURCHASE,), **more: Any) -> dict[str, Any]:
    """A logged request of an advertiser's app; `more` belongs to the record where it has such a key, else to these."""
    record = {name: more.pop(name) for name in ("headers", "response", "status") if name in more}
    params = {
        "event": "CUSTOM_APP_EVENTS",
        "advertiser_id": device(1),
        "advertiser_tracking_enabled": 1,
        "application_tracking_enabled": 1,
        "custom_events": list(events),
    }
    at = more.pop("sent_at", AS_OF - DAY)
    return {"advertiser_id": owner, "url": URL, "params": params | more, "sent_at": at, **record}


def installed(owner: str, **more: Any) -> dict[str, Any]:
    record = sent(owner, event="MOBILE_APP_INSTALL", **more)
    del record["params"]["custom_events"]
    return record


def judged(folder: Path, log: Iterable[Mapping[str, Any]], config: Config | None = None) -> Found:
    (folder / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in log))
    with open_store() as store:
        report = ingest(store, [str(folder / "log.jsonl")], config=config or Config())
        assert report.problems == []
        run = check(store, as_of=AS_OF, config=config)
    return {
        result.advertiser_id: {finding.code: finding for finding in result.findings}
        for result in run.advertisers
        if result.channel == "app"
    }


# The tables of the guide


def test_names_of_standard_events_and_parameters_are_such_as_meta_takes() -> None:
    events, types = rulebook.app_events(), {one["name"]: one["type"] for one in rulebook.app_parameters()}
    names = [event["name"] for event in events]
    assert len(set(names)) == len(names) == 24
    assert all(re.fullmatch(r"[0-9a-zA-Z_][0-9a-zA-Z _-]{0,39}", name) for name in names)
    assert {name for event in events for name in event["parameters"]} <= set(types)
    assert set(types.values()) == {"integer", "float", "text", "flag", "json"}


def test_money_is_what_carries_a_currency_and_what_ads_earn() -> None:
    """The guide asks for fb_currency with every amount; a rating and credits are none."""
    for event in rulebook.app_events():
        assert event["money"] == ("fb_currency" in event["parameters"] or event["name"] == "AdImpression"), event[
            "name"
        ]
        assert not event["money"] or event["value"]


def test_each_standard_event_needs_each_of_its_parameters(tmp_path: Path) -> None:
    log = []
    for event in rulebook.app_events():
        whole = {"_eventName": event["name"]} | dict.fromkeys(event["parameters"], "1")
        log.append(sent(event["name"], [whole]))
        log += [
            sent(f"{event['name']} {name}", [{key: value for key, value in whole.items() if key != name}])
            for name in event["parameters"]
        ]
    found = judged(tmp_path, log)
    for event in rulebook.app_events():
        finding = found[event["name"]]["APP016"]
        assert finding.status is Status.PASS
        assert len(finding.notes) == (event["value"] is not None and not event["optional"])
        for name in event["parameters"]:
            finding = found[f"{event['name']} {name}"]["APP016"]
            assert finding.status is Status.WARN
            assert f"without {name} (1)" in finding.message


def test_contents_stand_for_their_ids(tmp_path: Path) -> None:
    event = {key: value for key, value in PURCHASE.items() if key != "fb_content_id"}
    content = json.dumps([{"id": "1", "quantity": 2}])
    found = judged(tmp_path, [sent("with", [event | {"fb_content": content}]), sent("without", [event])])
    assert found["with"]["APP016"].status is Status.PASS
    assert found["without"]["APP016"].status is Status.WARN


# Activations beside automatic logging


def test_activations_by_hand_are_told_from_those_that_the_sdk_logs(tmp_path: Path) -> None:
    activation = {"_eventName": "fb_mobile_activate_app"}
    automatic = [activation | {"_implicitlyLogged": told} for told in ("1", 1, True, "true")]
    sets = {"hand": [activation, *automatic], "sdk": automatic, "other": [PURCHASE]}
    log = [sent(f"{name} {setting}", events) for name, events in sets.items() for setting in (True, False, None)]
    settings = {
        f"{name} {setting}": AdvertiserConfig(auto_logging=setting) for name in sets for setting in (True, False)
    }
    config = Config(advertisers=settings)
    found = {name: findings["APP017"] for name, findings in judged(tmp_path, log, config).items()}
    assert {name for name, one in found.items() if one.status is Status.WARN} == {"hand True"}
    assert {one.status for name, one in found.items() if name != "hand True"} == {Status.PASS}
    assert (found["hand True"].n, found["hand True"].warned) == (5, 1)
    assert {name for name, one in found.items() if one.notes} == {"hand None"}


# Types of parameters


PARAMETERS: list[tuple[dict[str, Any], Status]] = [
    ({"fb_content": [{"id": "1", "quantity": 2}]}, Status.PASS),
    ({"fb_content": '[{"id": "1", "quantity": 2}]'}, Status.PASS),
    ({"fb_content": '[{"id": "1"}]'}, Status.FAIL),
    ({"fb_content": '[{"quantity": 1}]'}, Status.FAIL),
    ({"fb_content": "1234"}, Status.FAIL),
    ({"fb_content": '[{"id": "1", "quantity": 2,}]'}, Status.WARN),
    ({"fb_content_type": "product_group"}, Status.PASS),
    ({"fb_content_type": "Product"}, Status.WARN),
    ({"fb_num_items": "3"}, Status.PASS),
    ({"fb_num_items": 2.5}, Status.WARN),
    ({"fb_success": "1"}, Status.PASS),
    ({"fb_success": "yes"}, Status.WARN),
    ({"_eventName": "fb_mobile_rate", "_valueToSum": 5, "fb_max_rating_value": 5}, Status.PASS),
    ({"_eventName": "fb_mobile_rate", "_valueToSum": 5.5, "fb_max_rating_value": 5}, Status.WARN),
    ({"_eventName": "fb_mobile_rate", "_valueToSum": -1, "fb_max_rating_value": 5}, Status.WARN),
]


def test_parameters_are_of_their_type(tmp_path: Path) -> None:
    found = judged(tmp_path, [sent(str(i), [PURCHASE | given]) for i, (given, _) in enumerate(PARAMETERS)])
    for i, (given, status) in enumerate(PARAMETERS):
        finding = found[str(i)]["APP018"]
        assert finding.status is status, (given, finding.message)
        assert (status is Status.PASS) == ("Cause" not in finding.message)


# Customer data


def random_user(random_: random.Random) -> tuple[dict[str, Any], int | None]:
    """Customer data, and what is to be found in it: 0, 1 (warned of), 2 (at fault), None without any."""
    known = ["em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country", "cn", "external_id"]
    levels: list[int] = []
    user: dict[str, Any] = {}
    for name in random_.sample([*known, "plain", "md5", "shoe size"], random_.randint(0, 3)):
        kind = random_.choice(["good", "good", "good", "upper", "plain", "md5", "list", "absent"])
        plain = random_.choice(["ann@example.org", "+33 6 12 34", "Ann", "f", "é"])
        user[name] = {
            "good": sha256(plain),
            "upper": sha256(plain).upper(),
            "plain": plain,
            "md5": hashlib.md5(plain.encode()).hexdigest(),
            "list": [sha256(plain), sha256("x")],
            "absent": "",
        }[kind]
        if name not in known:
            levels.append(1)
        elif kind != "absent":
            worst = 1 if name == "external_id" else 2
            levels.append({"good": 0, "list": 0, "upper": 1}.get(kind, worst))
    return user, max(levels, default=None)


def test_customer_data_is_judged_as_plain_python_judges_it(tmp_path: Path) -> None:
    random_ = random.Random(8)
    users = {f"a{i}": random_user(random_) for i in range(400)}
    log = []
    for owner, (user, _) in users.items():
        form = random_.choice(["object", "text", "brackets"])
        if form == "brackets" and all(isinstance(value, str) and " " not in name for name, value in user.items()):
            log.append(sent(owner, **{f"ud[{name}]": value for name, value in user.items()}))
        else:
            log.append(sent(owner, ud=user if form == "object" else json.dumps(user)))
    found = judged(tmp_path, log)
    expected = {None: Status.NOT_EVALUABLE, 0: Status.PASS, 1: Status.WARN, 2: Status.FAIL}
    for owner, (user, level) in users.items():
        assert found[owner]["APP019"].status is expected[level], (user, found[owner]["APP019"].message)


SPELLINGS = {
    "ge": (["f", "m"], ["F", "M", "male", "Female", "Herr"]),
    "st": (["br", "ca"], ["BR", "CA"]),
    "country": (["fr", "us"], ["FR", "US", "FRANCE", "France", "usa"]),
    "cn": (["fr", "us"], ["FR", "US", "france"]),
    "db": (
        ["19911226", "20080229"],
        [
            spelling
            for day in (date(1991, 12, 26), date(2008, 2, 29), date(1921, 1, 2), date(2020, 12, 31))
            for spelling in (
                day.isoformat(),
                f"{day:%d/%m/%Y}",
                f"{day:%m/%d/%Y}",
                f"{day:%d.%m.%Y}",
                f"{day:%d-%m-%Y}",
                f"{day:%d%m%Y}",
                f"{day:%m%d%Y}",
                f"{day:%Y/%m/%d}",
            )
        ],
    ),
}


def test_what_is_hashed_before_it_is_normalised_is_told_where_few_values_are_possible(tmp_path: Path) -> None:
    values = [
        (f"{field} {value} {'listed' if listed else 'bare'}", field, value, listed, value in right)
        for field, (right, wrong) in SPELLINGS.items()
        for value in right + wrong
        for listed in (False, True)
        if not (listed and field == "db")
    ]
    found = judged(
        tmp_path,
        [
            sent(name, ud={field: [sha256(value)] if listed else sha256(value)})
            for name, field, value, listed, _ in values
        ],
    )
    for name, field, value, _, is_right in values:
        finding = found[name]["APP020"]
        assert finding.status is (Status.PASS if is_right else Status.WARN), name
        assert (finding.n, finding.affected) == (1, int(not is_right))
        if field == "db":
            assert value not in finding.message or value in ("31/12/1990", "1990-12-31"), (
                "a date of birth is nobody's business"
            )


def test_other_customer_data_does_not_tell_how_it_was_spelt(tmp_path: Path) -> None:
    found = judged(tmp_path, [sent("plain", ud={"ge": "F"}), sent("other", ud={"em": sha256("A@b.c")}), sent("none")])
    assert {findings["APP020"].status for findings in found.values()} == {Status.NOT_EVALUABLE}


# Device information


def random_extinfo(random_: random.Random) -> tuple[Any, int, int]:
    """Device information as it is sent, and the levels that APP021 and APP022 give it."""
    values: list[Any] = list(EXTINFO)
    values[11] = random_.choice(["2.75", "2", "3.0"])
    shape, version, model = 0, 0, 0
    if random_.random() < 0.3:
        values[0], values[5] = "i2", "iPhone15,2"
        model = 1  # the id is in small letters
    change = random_.choice(
        ["none", "none", "short", "long", "os", "version", "other", "model", "word", "mega", "free", "empty"]
    )
    if change == "short":
        del values[random_.randrange(6, len(values))]
        shape = 2
    elif change == "long":
        values.append("more")
        shape = 2
    elif change == "os":
        values[4], shape = "", 2
    elif change == "version":
        values[0], shape, version = "", 2, 2
    elif change == "other":
        values[0], version = "a1", 2
    elif change == "model":
        values[0], values[5], version = ("a2", "iPad13,4", 2) if random_.random() < 0.5 else ("i2", "SM-G991B", 2)
    elif change == "word":
        values[random_.choice([9, 10, 12, 13, 14])], shape = random_.choice(["wide", "1080.5"]), 1
    elif change == "mega":
        values[13], values[14], shape = 128_000, 64, 1
    elif change == "free":
        values[13], values[14], shape = 64, 65, 1
    elif change == "empty":
        for place in random_.sample([1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 5):
            values[place] = ""
    if values[0] == "a2":
        model = 0
    form = random_.choice(["list", "text", "commas"])
    if form == "commas" and not any("," in str(value) for value in values):
        return ",".join(str(value) for value in values), shape, version or model
    return values if form == "list" else json.dumps(values), shape, version or model


def test_device_information_is_judged_as_plain_python_judges_it(tmp_path: Path) -> None:
    random_ = random.Random(8)
    drawn = {f"a{i}": random_extinfo(random_) for i in range(400)}
    found = judged(tmp_path, [sent(owner, extinfo=extinfo) for owner, (extinfo, _, _) in drawn.items()])
    statuses = (Status.PASS, Status.WARN, Status.FAIL)
    for owner, (extinfo, shape, version) in drawn.items():
        assert found[owner]["APP021"].status is statuses[shape], (extinfo, found[owner]["APP021"].message)
        if shape < 2 or version == 2:
            assert found[owner]["APP022"].status is statuses[version], (extinfo, found[owner]["APP022"].message)


def test_what_an_sdk_sends_is_right(tmp_path: Path) -> None:
    """The Android SDK's own traffic: numbers among texts, a comma in the density, an id in small letters."""
    found = judged(tmp_path, [sent("android", extinfo=json.dumps(EXTINFO)), sent("none")])
    assert found["android"]["APP021"].status is found["android"]["APP022"].status is Status.PASS
    assert found["none"]["APP021"].status is found["none"]["APP022"].status is Status.NOT_EVALUABLE


# Addresses


def behind(address: str, devices: Iterable[int]) -> list[dict[str, Any]]:
    return [sent("", advertiser_id=device(i), headers={"X-Forwarded-For": address}) for i in devices]


ADDRESSES = [
    ([one for i in range(20) for one in behind(f"8.8.4.{i}", [i])], Status.PASS, 0),
    (behind("8.8.4.4", range(10)), Status.FAIL, 10),
    (behind("8.8.4.4", range(9)), Status.PASS, 0),
    (behind("8.8.4.4", range(9)) + behind("8.8.4.5", [9]), Status.PASS, 0),
    (behind("8.8.4.4", range(10)) + behind("8.8.4.5", [10]), Status.FAIL, 10),
    (behind("2001:4860:4860::8888", range(3)), Status.PASS, 0),
    (behind("192.168.0.99", range(3)), Status.WARN, 0),
    (behind("8.8.4.999", range(3)), Status.FAIL, 3),
    ([*behind("8.8.4.4", range(3)), sent("", headers={"Accept": "*/*"})], Status.FAIL, 1),
]


def test_a_server_names_addresses_of_devices(tmp_path: Path) -> None:
    config = Config(advertisers={str(i): AdvertiserConfig(server_to_server=True) for i in range(len(ADDRESSES))})
    log = [one | {"advertiser_id": str(i)} for i, (requests, _, _) in enumerate(ADDRESSES) for one in requests]
    found = judged(tmp_path, log, config)
    for i, (requests, status, affected) in enumerate(ADDRESSES):
        finding = found[str(i)]["APP023"]
        assert (finding.status, finding.affected, finding.n) == (status, affected, len(requests)), finding.message
        assert not re.search(r"8\.8\.4\.|192\.168", finding.message)


SERVERS: list[tuple[bool | None, dict[str, str] | None, Status]] = [
    (True, None, Status.NOT_EVALUABLE),
    (True, {"Accept": "*/*"}, Status.FAIL),
    (None, {"Accept": "*/*"}, Status.NOT_EVALUABLE),
    (None, {"X-Forwarded-For": "8.8.4.4"}, Status.PASS),
    (False, {"Accept": "*/*"}, Status.PASS),
    (False, None, Status.PASS),
]


def test_only_a_server_must_name_them_and_only_headers_tell(tmp_path: Path) -> None:
    config = Config(advertisers={str(i): AdvertiserConfig(server_to_server=one[0]) for i, one in enumerate(SERVERS)})
    log = [sent(str(i), **({"headers": one[1]} if one[1] else {})) for i, one in enumerate(SERVERS)]
    found = judged(tmp_path, log, config)
    assert [found[str(i)]["APP023"].status for i in range(len(SERVERS))] == [status for _, _, status in SERVERS]


# Copies and installs


def random_copies(seed: int) -> tuple[list[dict[str, Any]], tuple[int, int, int, int]]:
    """A log, and what is to be counted in it: events, contradicting ones, ones to warn of, copies that count once."""
    random_ = random.Random(seed)
    log: list[dict[str, Any]] = []
    accepted: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    without_id = 0
    for _ in range(120):
        at = AS_OF - random_.randrange(1, 10 * DAY)
        ok = random_.random() < 0.8
        name, amount = random_.choice(["fb_mobile_purchase", "Subscribe"]), random_.choice([21.5] * 5 + [3])
        event_id = random_.choice([None, *"abcdefgh", *map(str, range(60))])
        event = PURCHASE | {"_eventName": name, "event_id": event_id, "_valueToSum": amount}
        log.append(sent(f"copies {seed}", [event], sent_at=at, response={"success": ok}))
        if event_id is None:
            without_id += 1
        elif ok:
            accepted[name, event_id].append((at, amount))
    copies = [several for several in accepted.values() if len(several) > 1]
    contradicting = [several for several in copies if len({amount for _, amount in several}) > 1]
    agreeing = [several for several in copies if several not in contradicting]
    late = [several for several in agreeing if max(several)[0] - min(several)[0] > 48 * HOUR]
    once = sum(len(several) - 1 for several in agreeing if several not in late)
    return log, (len(log), sum(map(len, contradicting)), without_id + len(late), once)


def random_installs(seed: int) -> tuple[list[dict[str, Any]], tuple[int, int, int, int]]:
    """A log, and what is to be counted in it: installs, repeated ones, when the first and last of these were sent."""
    random_ = random.Random(seed)
    zeros = "00000000-0000-0000-0000-000000000000"
    log, known = [], []
    for i in range(80):
        ok = random_.random() < 0.7
        at = AS_OF - 40 * DAY + i * DAY // 2
        one = random_.choice([zeros, "unknown", *[device(k, upper=random_.random() < 0.3) for k in range(40)]])
        user = random_.choice([None, None, *[sha256(str(k)) for k in range(20)]])
        more = {"ud": {"em": user}} if user else {}
        log.append(installed(f"installs {seed}", advertiser_id=one, sent_at=at, response={"success": ok}, **more))
        identity = None if one in (zeros, "unknown") else one.lower()
        if ok and (identity or user):
            known.append((at, identity, user))
    seen: set[str | None] = {None}
    again = []
    for at, identity, user in sorted(known, key=lambda install: install[0]):
        if {identity, user} & (seen - {None}):
            again.append(at)
        seen |= {identity, user}
    random_.shuffle(log)
    return log, (len(known), len(again), min(again), max(again))


def test_copies_and_installs_are_counted_as_plain_python_counts_them(tmp_path: Path) -> None:
    copies = {f"copies {seed}": random_copies(seed) for seed in range(5)}
    installs = {f"installs {seed}": random_installs(seed) for seed in range(5)}
    found = judged(tmp_path, [one for log, _ in (*copies.values(), *installs.values()) for one in log])
    for owner, (_, expected) in copies.items():
        one = found[owner]["APP024"]
        assert (one.n, one.affected, one.warned, one.evidence["counted_once"]) == expected
    for owner, (_, expected) in installs.items():
        one = found[owner]["APP025"]
        assert (one.n, one.affected, one.evidence["first_again"], one.evidence["last_again"]) == expected
        assert one.status is Status.FAIL


def test_meta_looks_back_for_48_hours(tmp_path: Path) -> None:
    log = [
        sent(name, sent_at=AS_OF - 5 * DAY + at)
        for name, apart in (("in", 0), ("out", 1))
        for at in (0, 48 * HOUR + apart)
    ]
    found = judged(tmp_path, log)
    assert [found[name]["APP024"].status for name in ("in", "out")] == [Status.PASS, Status.WARN]


def test_a_retry_of_a_refused_install_is_no_second_one(tmp_path: Path) -> None:
    log = [
        installed("retried", sent_at=AS_OF - DAY, response={"success": False}),
        installed("retried", sent_at=AS_OF - DAY + 60, response={"success": True}),
        installed("untold", sent_at=AS_OF - DAY),
        installed("untold", sent_at=AS_OF - DAY + 60),
    ]
    found = judged(tmp_path, log)
    assert found["retried"]["APP025"].status is Status.PASS
    assert found["untold"]["APP025"].status is Status.FAIL, "without responses all count"


# Answers and tokens


def test_refused_requests_are_told_with_what_is_known_of_their_code(tmp_path: Path) -> None:
    expired = {"error": {"message": "Session has expired", "code": 190}}
    log = [sent("app", response=expired, status=400), sent("app", [PURCHASE] * 2, response={"events_received": 1})]
    log += [sent("app", response={"success": True}), sent("well", response={"success": True}), sent("untold")]
    found = judged(tmp_path, log)
    finding = found["app"]["APP026"]
    assert (finding.status, finding.n, finding.affected) == (Status.FAIL, 3, 2)
    assert "error 190" in finding.message
    assert (
        next(one["means"] for one in rulebook.known_errors() if (one["code"], one["subcode"]) == (190, None))
        in finding.message
    )
    assert found["well"]["APP026"].status is Status.PASS
    assert found["untold"]["APP026"].status is Status.NOT_EVALUABLE


def test_a_token_in_the_log_is_told_and_not_shown(tmp_path: Path) -> None:
    told = sent("app")
    told["url"] += "?access_token=2244|secretsecret"
    found = judged(tmp_path, [told, sent("well")])
    assert found["app"]["APP027"].status is Status.WARN
    assert found["well"]["APP027"].status is Status.PASS
    assert "secretsecret" not in found["app"]["APP027"].message


def test_what_is_older_than_four_weeks_counts_for_installs_alone(tmp_path: Path) -> None:
    old = AS_OF - 40 * DAY
    log = [sent("app", [{"_eventName": "AdClick"}], sent_at=old, ud={"em": "plain"}, extinfo=["a2"])]
    log += [installed("app", sent_at=old), installed("app"), sent("app")]
    found = judged(tmp_path, log)["app"]
    assert found["APP016"].n == 1
    assert found["APP019"].status is found["APP021"].status is Status.NOT_EVALUABLE
    assert found["APP025"].affected == 1
