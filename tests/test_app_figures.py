"""What rules about App Events look up or count over many requests, against plain Python and Babel's own tables."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from babel.core import get_global
from test_judgement import AS_OF, DAY

from funnelcheck import rulebook
from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check, rows_at_fault
from funnelcheck.model import Status
from funnelcheck.reported import AdvertiserResult
from funnelcheck.store import Store, open_store

URL = "https://graph.facebook.com/v19.0/2244/activities"
EXTINFO = ["a2", "com.shop", 12, "1.2", "14", "Pixel 8", "fr_FR", "CET", "SFR", 1080, 2400, "2,75", 8, 128, 64]
# ISO 4217 also has codes that are tender nowhere: funds, metals, units of account and second codes of a country.
FUNDS = set("BOV CHE CHW CLF COU MXV SVC USN UYI UYW VED".split())
METALS_AND_UNITS = set("XAD XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XUA".split())
Judge = Callable[..., "Judged"]


class Judged:
    """The results of one log of App Events by advertiser, and the store with the facts that they were made from."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store, self.config = store, config
        run = check(store, as_of=AS_OF, config=config)
        self.results: dict[str, AdvertiserResult] = {result.advertiser_id: result for result in run.advertisers}

    def one(self) -> AdvertiserResult:
        (result,) = self.results.values()
        return result


@pytest.fixture
def judge(tmp_path: Path) -> Any:
    with open_store() as store:

        def judged(log: list[dict[str, Any]], config: Config | None = None) -> Judged:
            (tmp_path / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in log))
            report = ingest(store, [str(tmp_path / "log.jsonl")], [], config=config)
            assert (report.problems, report.quarantined) == ([], 0)
            return Judged(store, config or Config())

        yield judged


def request(at: int, app: str = "2244", owner: str = "a", **fields: Any) -> dict[str, Any]:
    params = {"event": "CUSTOM_APP_EVENTS", "custom_events": [{"_eventName": "fb_mobile_search"}], **fields}
    url = f"https://graph.facebook.com/v19.0/{app}/activities"
    return {"advertiser_id": owner, "url": url, "params": params, "sent_at": at}


def device(number: int) -> str:
    return str(UUID(int=0xA << 124 | number))


def test_a_price_may_be_in_every_tender_of_the_world_and_in_nothing_withdrawn() -> None:
    now = (2026, 11, 22)
    tender = {
        code
        for used in get_global("territory_currencies").values()
        for code, _since, until, is_tender in used
        if is_tender and (until is None or tuple(until) >= now)
    }
    codes = rulebook.currencies()
    assert list(codes) == sorted(set(codes)), "each once, in order"
    assert set(codes) == tender | FUNDS | METALS_AND_UNITS
    assert not {"DEM", "FRF", "HRK", "BGN", "XTS", "XXX"} & set(codes)


def test_the_table_decides_of_a_price(judge: Judge) -> None:
    codes = {"right": "EUR", "small": "eur", "unknown": "EUX", "empty": "", "missing": None, "number": 978}

    def sold(code: Any) -> dict[str, Any]:
        return {"_eventName": "fb_mobile_purchase", "_valueToSum": 2.5, "fb_currency": code}

    log = [request(AS_OF - DAY, owner=owner, custom_events=[sold(code)]) for owner, code in codes.items()]
    found = {owner: result.finding("APP015") for owner, result in judge(log).results.items()}
    assert {owner: finding.affected for owner, finding in found.items()} == {
        owner: int(owner != "right") for owner in codes
    }
    assert "small letters" in found["small"].message


@pytest.mark.parametrize("seed", range(3))
def test_devices_that_go_back_and_forth_are_those_of_three_requests_in_order(seed: int, judge: Judge) -> None:
    """Every three requests of a device in one app are looked at, at all times of the latest four weeks."""
    chance = random.Random(seed)
    log = []
    for _ in range(500):
        id_ = chance.choice([device(n) for n in range(8)] + ["0" * 8 + "-0000-0000-0000-" + "0" * 12, None])
        log.append(
            request(
                AS_OF - chance.randrange(1, 15) * 3 * DAY,
                chance.choice(["1", "2"]),
                chance.choice("ab"),
                application_tracking_enabled=chance.choice([0, 1, "true", "false", "yes", None]),
                advertiser_tracking_enabled=1,
                advertiser_id=id_ and (id_.upper() if chance.random() < 0.5 else id_),
            )
        )
    judged = judge(log)
    for owner in "ab":
        own = [one for one in log if one["advertiser_id"] == owner]
        latest = max(one["sent_at"] for one in own)
        told = defaultdict(list)
        for one in own:
            said, id_ = one["params"]["application_tracking_enabled"], one["params"]["advertiser_id"]
            if said in (0, 1, "true", "false") and id_ and UUID(id_).int and one["sent_at"] > latest - 28 * DAY:
                told[one["url"], id_.lower()].append((one["sent_at"], said in (1, "true")))
        flapping = {
            id_
            for (_url, id_), several in told.items()
            for (t1, first), (t2, second), (t3, third) in combinations(sorted(several), 3)
            if t1 < t2 < t3 and (first, second, third) == (False, True, False)
        }
        row = judged.store.rows(f"from app_tracking where advertiser_id = '{owner}'")[0]
        assert (row["devices"], row["flapping"]) == (len({id_ for _, id_ in told}), len(flapping))
    extract = rows_at_fault(judged.store, "APP006", as_of=AS_OF)
    found = judged.store.value("select count(*) from flapping_device")
    assert len(extract.rows) == found > 0
    assert all(row["first_refused"] < row["allowed_at"] < row["last_refused"] for row in extract.rows)
    assert not re.search("[0-9a-f]{8}-", json.dumps(extract.rows, default=str))


def test_from_ios_14_5_on_everybody_is_asked(judge: Judge) -> None:
    asked, others = ("14.5", "14.5.1", "14.10", "15", "26.1"), ("14.4.2", "14", "13.7", "iOS 15", "none")
    log = [
        request(
            AS_OF - DAY - i,
            owner=f"of {version}",
            advertiser_id=device(i),
            advertiser_tracking_enabled=1,
            extinfo=["i2", *EXTINFO[1:4], "" if version == "none" else version, "iPhone15,2", *EXTINFO[6:], "CET"],
        )
        for version in (*asked, *others)
        for i in range(10)
    ]
    results = judge(log).results
    assert len(results) == 10
    assert {results[f"of {version}"].finding("APP006").affected for version in asked} == {10}
    assert {results[f"of {version}"].finding("APP006").status for version in others} == {Status.NOT_EVALUABLE}


def test_one_device_that_sends_often_and_another_answer_are_no_fixed_value(judge: Judge) -> None:
    for_ios = ["i2", *EXTINFO[1:4], "17.1", "iPhone15,2", *EXTINFO[6:], "Europe/Paris"]

    def log(owner: str, ids: list[str | None], said: list[int]) -> list[dict[str, Any]]:
        return [
            request(AS_OF - DAY - i, "1", owner, advertiser_id=id_, advertiser_tracking_enabled=flag, extinfo=for_ios)
            for i, (id_, flag) in enumerate(zip(ids, said, strict=True))
        ]

    zeros = str(UUID(int=0))
    judged = judge(
        log("one-device", [device(1)] * 30, [1] * 30)
        + log("two-answers", [device(i) for i in range(30)], [1] * 29 + [0])
        + log("all-yes", [device(i) for i in range(30)], [1] * 30)
        + log("all-no", [zeros, None] * 5, [0] * 10)
    )
    found = {owner: result.finding("APP006").affected for owner, result in judged.results.items()}
    assert found == {"one-device": 0, "two-answers": 0, "all-yes": 30, "all-no": 10}


def test_names_that_differ_by_their_digits_are_counted_as_one_would_by_hand(judge: Judge) -> None:
    names = [f"Level {i}" for i in range(7)] + [f"v{i}_{j}" for i in range(3) for j in range(2)] + ["1", "2", "x", "X"]
    judged = judge([request(AS_OF - DAY, custom_events=[{"_eventName": name} for name in names * 2])])
    families = defaultdict(set)
    for name in names:
        families["".join("0" if sign.isdigit() else sign for sign in name)].add(name)
    alike = [family for family in families.values() if len(family) > 1]
    (row,) = judged.store.rows("from app_name_count")
    assert (row["names"], row["families"]) == (len(names), len(alike)) == (17, 3)
    assert row["family_names"] == sum(map(len, alike))
    assert row["saved"] == len(names) - len(families)
    assert row["largest"] == {"first_name": "Level 0", "last_name": "Level 6", "names": 7}


def test_the_thousand_names_of_an_app_are_counted_over_its_whole_log_and_for_each_app(judge: Judge) -> None:
    """One old name more than a thousand, and as many in another app of the same advertiser."""
    recent = [{"_eventName": f"name {i}"} for i in range(1_000)]
    log = [
        request(AS_OF - DAY, custom_events=recent),
        request(AS_OF - 200 * DAY, custom_events=[{"_eventName": "old"}]),
    ]
    log += [request(AS_OF - DAY, app="1", custom_events=recent)]
    judged = judge(log)
    finding = judged.one().finding("APP011")
    assert (finding.status, finding.value, finding.subject) == (Status.FAIL, 1_001, "2244")
    extract = rows_at_fault(judged.store, "APP011", as_of=AS_OF)
    assert extract.total == 2_001
    assert extract.rows[1_000]["event_name"] == "old", "of each app the longest unused first"
    later = check(judged.store, as_of=AS_OF - 2 * DAY).advertisers[0].finding("APP011")
    assert (later.status, later.value) == (Status.PASS, 1)


def test_parameters_of_a_name_are_counted_over_all_its_events(judge: Judge) -> None:
    def event(first: int, last: int) -> dict[str, Any]:
        own = {"_logTime": AS_OF, "_ui": "Main", "_valueToSum": 1, "event_id": "1"}
        return {"_eventName": "sold", **own, **{f"p{i}": 1 for i in range(first, last)}}

    log = [
        request(AS_OF - DAY * i, owner=owner, custom_events=[event(5 * i, 5 * i + width)])
        for owner, width in (("at-most", 10), ("above", 11))
        for i in range(4)
    ]
    judged = judge(log)
    found = {owner: result.finding("APP012") for owner, result in judged.results.items()}
    assert (found["at-most"].status, found["at-most"].value, found["at-most"].subject) == (Status.PASS, 25, "sold")
    assert (found["above"].status, found["above"].value, found["above"].affected) == (Status.WARN, 26, 1)
    assert [row["parameters"] for row in rows_at_fault(judged.store, "APP012", as_of=AS_OF).rows] == [26]


def sdk_request(at: int, **more: Any) -> dict[str, Any]:
    """As the Android SDK of Meta writes it: a form body, flags as words, texts of JSON, events out of their order."""
    events = [
        {"_eventName": "fb_mobile_purchase", "_logTime": at - 20, "_valueToSum": 21.5, "fb_currency": "EUR"},
        {"_eventName": "fb_mobile_activate_app", "_logTime": at - 60, "_ui": "Main", "_implicitlyLogged": "1"},
    ]
    fields = {
        "format": "json",
        "sdk": "android",
        "event": "CUSTOM_APP_EVENTS",
        "anon_id": "XZ0b1c",
        "advertiser_tracking_enabled": "true",
        "application_tracking_enabled": "true",
        "extinfo": json.dumps([*EXTINFO, "Europe/Paris"]),
        "custom_events": json.dumps(events),
        **more,
    }
    return {"advertiser_id": "a", "url": URL, "body": urlencode(fields), "sent_at": at, "response": {"success": True}}


def found(result: AdvertiserResult, status: Status) -> set[str]:
    """The rules APP001 to APP015 of one status."""
    return {one.code for one in result.findings if one.status is status and one.code <= "APP015"}


def test_what_metas_own_sdk_sends_fails_nothing_and_warns_of_its_words_alone(judge: Judge) -> None:
    log = [sdk_request(AS_OF - DAY - i, advertiser_id=device(i)) for i in range(20)]
    result = judge([*log, sdk_request(AS_OF - DAY - 99, event="DEFERRED_APP_LINK", custom_events="")]).one()
    assert found(result, Status.FAIL) == set()
    assert found(result, Status.WARN) == {"APP002", "APP005"}
    assert "SDK" in result.finding("APP005").message


def test_without_an_id_of_the_device_it_fails_unless_anon_id_is_agreed(judge: Judge) -> None:
    log = [sdk_request(AS_OF - DAY - i) | {"advertiser_id": owner} for owner in ("agreed", "not") for i in range(12)]
    results = judge(log, Config(advertisers={"agreed": AdvertiserConfig(anonymous_ids=True)})).results
    assert found(results["not"], Status.FAIL) == {"APP004"}
    assert found(results["agreed"], Status.FAIL) == set()
    assert found(results["agreed"], Status.WARN) == {"APP004", "APP005"}


def test_what_a_rule_shows_as_wrong_is_found_and_what_it_shows_as_right_is_not(judge: Judge) -> None:
    """The fragments that `explain` prints, each as a request of its own; one with _eventName is an event."""
    rules = [one for one in rulebook.load(Config()).rules if one.is_app and one.about_events and one.code <= "APP015"]
    shown = [rule for rule in rules if rule.bad and rule.good]
    assert len(shown) == 11
    log = []
    for rule in shown:
        for side, text in (("bad", rule.bad), ("good", rule.good)):
            fragment = json.loads(str(text))
            sent = fragment.get("_logTime", AS_OF)
            fields = {"custom_events": [fragment]} if "_eventName" in fragment else fragment
            log.append({**request(min(sent, AS_OF), owner=f"{rule.code} {side}", **fields)})
            if "event" in fragment:
                log[-1]["params"] = fragment
    results = judge(log).results
    for rule in shown:
        wrong, right = (results[f"{rule.code} {side}"].finding(rule.code) for side in ("bad", "good"))
        assert wrong.status in (Status.FAIL, Status.WARN), rule.code
        assert "Cause: " in wrong.message
        assert (right.status, right.n) == (Status.PASS, 1), rule.code
