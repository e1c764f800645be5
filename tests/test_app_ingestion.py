"""Logged requests to /activities: every form of them loads to the same rows, nothing is lost, nobody is kept."""

from __future__ import annotations

import csv
import io
import ipaddress
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars
import pytest
from app_samples import ADDRESS, APP, DEVICE, EXTINFO, FORMS, SENT, app_event, fields, logged, raw_query, texts
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ingest_samples import TIME, enveloped, fresh, lines

from funnelcheck import extracts, judgement, rulebook
from funnelcheck.config import Config
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.store import open_store

REQUEST = "from activity join request using (request_id) order by line"
EVENTS = "from app_event join request using (request_id) order by line, position"
# What a digest or the order of loading makes of a row is its own.
SAME = (
    "exclude (request_id, transport, file_id, line, record_digest, device_digest, user_digest, user_forms, "
    "forwarded_digest, has_headers, http_status)"
)


def loaded(folder: Path, *records: Any, name: str = "log.jsonl") -> Any:
    """A store with one log."""
    store = fresh(folder)
    report = store.load({name: lines(*records)})
    assert report.problems == []
    return store


def activities(folder: Path, *records: Any) -> list[dict[str, Any]]:
    """The rows of activity, in the order of the log."""
    return loaded(folder, *records).rows(REQUEST)


def activity(folder: Path, **changes: Any) -> dict[str, Any]:
    """The row of one request whose parameters are changed."""
    return activities(folder, logged(params=fields(**changes)))[0]


def events(folder: Path, *listed: Any, **changes: Any) -> list[dict[str, Any]]:
    """The rows of the events of one request."""
    return loaded(folder, logged(params=fields(*listed, **changes))).rows(EVENTS)


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_request_is_read(form: str, tmp_path: Path) -> None:
    given = fields(app_event(), app_event(_eventName="a&b=c+d%41", event_id="é", fb_currency=None, x="1+1 = 2 & 3"))
    store = loaded(tmp_path, FORMS[form](given))
    (row,) = store.rows(REQUEST)
    assert (row["kind"], row["event_kind"], row["leniency"]) == ("conversion", "CUSTOM_APP_EVENTS", None)
    assert (row["has_readable_events"], row["device_form"], row["extinfo_values"]) == (True, "lower", 16)
    assert (row["application_tracking"], row["advertiser_tracking"]) == ("1", "1")
    assert re.fullmatch("em:sha256:[0-9a-f]{12}", row["user_forms"])
    assert (row["platform"], row["os_version"], row["extinfo_marks"]) == ("android", "14", None)
    assert (row["advertiser_id"], row["dataset_id"], row["upload_time"]) == ("acme", APP, SENT)
    assert (row["accepted"], row["channel"], row["event_count"]) == (True, "app", 2)
    first, second = store.rows(EVENTS)
    assert (first["event_name"], first["value"], first["currency"]) == ("fb_mobile_purchase", 21.97, "GBP")
    assert (second["event_name"], second["event_id"], second["currency"]) == ("a&b=c+d%41", "é", None)
    assert second["parameters"] == ["fb_content", "fb_content_type", "fb_num_items", "x"]
    expected = {"query": "query", "params as a list": "json", "form in form": "json", "query and body": "form query"}
    kind = expected.get(form) or expected.get(form.split()[0].strip(",")) or row["transport"]
    assert row["transport"] == kind
    assert row["transport"] in ("query", "form", "multipart", "json", "form query")


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
NAMES = st.text("abcXYZ_0 -", min_size=1, max_size=20)
VALUES = st.one_of(
    TEXTS, st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6), st.booleans(), st.none(), st.lists(TEXTS, max_size=2)
)
RANDOM_EVENTS = st.fixed_dictionaries(
    {"_eventName": NAMES},
    optional={
        "_logTime": st.integers(0, 2 * 10**12) | st.sampled_from(["1790000000", 1790000000.5, "soon", ""]),
        "_valueToSum": st.floats(-1e9, 1e9) | st.integers(-5, 5) | st.sampled_from(["1.5", "free", "1,5"]),
        "fb_currency": st.sampled_from(["EUR", "eur", "Euro", "€", 978]),
        "event_id": st.integers(0, 10**18) | st.text("abc-0123", max_size=20),
        "fb_content": st.sampled_from(['[{"id":"1","quantity":1}]', '[{"id":"1",}]', "x", '[{"id":"1"}]', [1]]),
        "fb_content_type": st.sampled_from(["product", "product_group", "car"]),
        "fb_num_items": st.integers(0, 9) | st.just("2.5"),
        "fb_success": st.sampled_from([0, 1, "1", True]),
        "_ui": TEXTS,
        "note": VALUES,
        "x & y": VALUES,
    },
)
RANDOM_FIELDS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["CUSTOM_APP_EVENTS", "MOBILE_APP_INSTALL", "SDK_INITIALIZE"]),
        "custom_events": st.lists(RANDOM_EVENTS, min_size=1, max_size=4),
    },
    optional={
        "advertiser_id": st.sampled_from([DEVICE, DEVICE.upper(), "00000000-0000-0000-0000-000000000000", "x y"]),
        "attribution": st.sampled_from(["AbCdEfGhIjKlMnOpQrStUv", DEVICE, "-"]),
        "anon_id": st.just("XZ0f"),
        "advertiser_tracking_enabled": st.sampled_from(["0", "1", "true", "yes"]),
        "application_tracking_enabled": st.sampled_from(["0", "1", "false"]),
        "sdk": st.sampled_from(["android", "ios"]),
        "ud": st.dictionaries(
            st.sampled_from(["em", "ph", "fn", "zp", "shoe"]),
            st.sampled_from(["0f" * 32, "0F" * 32, "jane"]),
            min_size=1,
        ),
        "extinfo": st.lists(st.sampled_from(["a2", "i2", "", "14", 12, "2,75", "x"]), min_size=1, max_size=18),
    },
)


@settings(derandomize=True, deadline=None, max_examples=8)
@given(given_fields=RANDOM_FIELDS)
def test_a_request_in_any_form_loads_to_the_same_rows(given_fields: dict[str, Any], tmp_path_factory: Any) -> None:
    records = [form(given_fields) for form in FORMS.values()]
    store = loaded(tmp_path_factory.mktemp("log"), *records)
    for sql in (
        f"select * {SAME} {REQUEST}",
        f"select * exclude (request_id, content_digest, file_id, line, record_digest, http_status) {EVENTS}",
    ):
        rows = store.rows(sql)
        assert len(rows) % len(FORMS) == 0
        size = len(rows) // len(FORMS)
        for i, name in enumerate(FORMS):
            its = [row | {"shape": "", "api_version": ""} for row in rows[i * size : (i + 1) * size]]
            assert its == [row | {"shape": "", "api_version": ""} for row in rows[:size]], name
    told = store.rows("select count(distinct device_digest) as n from activity")
    assert told[0]["n"] == int("advertiser_id" in given_fields)
    # the forms of a request's people, without what tells values apart
    forms = {re.sub("[0-9a-f]{12}", "", row["user_forms"] or "") for row in store.rows("from activity")}
    assert len(forms) == 1


def test_the_app_is_that_of_the_address_else_app_id(tmp_path: Path) -> None:
    body = fields()
    records = [
        logged(body=body, url=f"https://graph.facebook.com/{APP}/activities?access_token=x"),
        logged(body=body, url=f"graph.facebook.com/{APP}/activities", app_id="5"),
        logged(body=body, url=f"/v21.0/{APP}/activities/"),
        {"advertiser": "acme", "app_id": 77, "params": body},
        {"advertiser": "acme", "request": body | {"app_id": "78"}},
        {"advertiser": "acme", "app_id": "jane@example.com", "params": body},
    ]
    store = loaded(tmp_path, *records)
    assert [row["dataset_id"] for row in store.rows(REQUEST)] == [APP, APP, APP, "77", "78", None]
    assert [row["api_version"] for row in store.rows(REQUEST)][:3] == [None, None, "v21.0"]


@pytest.mark.parametrize(
    ("response", "accepted"),
    [
        ({"success": True}, True),
        ({"success": False}, False),
        ({"status": 200, "body": {"success": True}}, True),
        ({"status": 200, "body": '{"success": true}'}, True),
        ('{"success": true}', True),
        (True, True),
        ({"status": 400, "body": {"error": {"code": 100, "message": "Invalid parameter"}}}, False),
        ({"status": 200, "body": {"error": {"code": 100}}}, False),
        ('{"error": {"code": 190, "message": "Bad"}}', False),
        ({"events_received": 2}, True),
        (None, None),
        ({}, None),
    ],
)
def test_what_a_response_says(response: Any, accepted: bool | None, tmp_path: Path) -> None:
    (row,) = activities(tmp_path, logged(params=fields(), response=response))
    assert row["accepted"] is accepted


def test_an_error_is_kept_with_its_code(tmp_path: Path) -> None:
    error = {
        "code": 100,
        "error_subcode": 2804003,
        "message": "(#100) Can only have up to 1000 events per app",
        "fbtrace_id": "Ab1",
    }
    (row,) = activities(
        tmp_path, logged(params=fields(), response={"status": 400, "body": json.dumps({"error": error})})
    )
    assert (row["http_status"], row["error_code"], row["error_subcode"], row["trace_id"]) == (400, 100, 2804003, "Ab1")


def test_a_log_may_hold_events_of_a_crm_and_of_an_app(tmp_path: Path) -> None:
    crm = enveloped(1)
    sent = {
        "url": ADDRESS.replace("activities", "events"),
        "request": {"data": [enveloped()["event"]]},
        "sent_at": TIME,
    }
    near = {"request": {"data": [enveloped()["event"] | {"event_source_url": "https://x.example/activities"}]}}
    store = loaded(tmp_path, crm, logged(params=fields()), sent, near, logged(body=urlencode(texts(fields()))))
    channels = [row["channel"] for row in store.rows("from request order by line")]
    assert channels == ["crm", "app", "crm", "crm", "app"]
    assert store.rows("select count(*) as n from event") == [{"n": 3}]
    assert store.rows("select count(*) as n from app_event") == [{"n": 2}]


@pytest.mark.parametrize("column", ["request", "body", "params", "Request Body", "url"])
@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_column_of_a_table_may_hold_a_whole_request(column: str, kind: str, tmp_path: Path) -> None:
    given = texts(fields(app_event(), app_event(event_id="2")))
    cell = {
        "request": json.dumps({"url": ADDRESS, "body": fields(app_event(), app_event())}),
        "url": f"{ADDRESS}?{urlencode(given)}",
        "params": json.dumps(given),
    }.get(column, urlencode(given))
    header = ["advertiser", "sent_at", "app_id", column]
    rows = [["acme", str(SENT), APP, cell], ["acme", str(SENT + 1), APP, cell]]
    store = fresh(tmp_path)
    path = tmp_path / f"log.{kind}"
    if kind == "csv":
        out = io.StringIO()
        csv.writer(out).writerows([header, *rows])
        path.write_text(out.getvalue())
    elif kind == "parquet":
        polars.DataFrame(rows, schema=header, orient="row").write_parquet(path)
    else:
        import xlsxwriter

        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            for place, cells in enumerate([header, *rows]):
                sheet.write_row(place, 0, cells)
    report = store.load([str(path)])
    assert (report.loaded, report.quarantined, report.problems) == (2, 0, [])
    assert [row["event_count"] for row in store.rows(REQUEST)] == [2, 2]
    assert {(row["advertiser_id"], row["dataset_id"]) for row in store.rows(REQUEST)} == {("acme", APP)}


# --- events ---------------------------------------------------------------------------------------


def test_events_that_are_hardly_json_are_read_and_it_is_told(tmp_path: Path) -> None:
    sample = '[{"_eventName":"a","fb_content":"[ {"id": "1", "quantity": 2,} ]",}]'
    records = [
        logged(body=f"event=CUSTOM_APP_EVENTS&custom_events={sample}"),
        logged(url=f"{ADDRESS}?event=CUSTOM_APP_EVENTS&custom_events={sample}&ud[em]=0f"),
        logged(params=fields(custom_events='[{"_eventName":"a"},]')),
        logged(body='{"event":"CUSTOM_APP_EVENTS","custom_events":[{"_eventName":"a",}]}'),
        logged(params=fields(custom_events="[{'_eventName': 'a'}]")),
        logged(params=fields(custom_events='[{"_eventName":"a","_valueToSum":NaN}]')),
        logged(params=fields(custom_events='[{"_eventName":"a"},{"_eventN')),
        logged(params=fields(custom_events='{"_eventName":"a"}')),
    ]
    store = loaded(tmp_path, *records)
    assert [row["leniency"] for row in store.rows(REQUEST)] == [
        "open_quotes trailing_comma",
        "open_quotes trailing_comma",
        "trailing_comma",
        "trailing_comma",
        "single_quotes",
        "bare_words",
        "cut_off",
        "no_list",
    ]
    assert all(row["has_readable_events"] for row in store.rows(REQUEST))
    rows = store.rows(EVENTS)
    assert [row["event_name"] for row in rows] == ["a"] * len(records)
    assert rows[0]["parameter_marks"] == rows[1]["parameter_marks"] == "fb_content:trailing_comma"
    assert (rows[5]["value"], rows[5]["value_form"]) == (None, "other")


@pytest.mark.parametrize("given", ["garbage", "[", '[{"_eventName":"a', "[]x", "5", "[5]", '["x"]', [5], [[]]])
def test_what_nobody_can_read_is_a_row(given: Any, tmp_path: Path) -> None:
    store = loaded(tmp_path, logged(params=fields(custom_events=given)))
    (row,) = store.rows(REQUEST)
    assert (row["has_readable_events"], row["event_count"]) == (False, 0)
    (event,) = store.rows(EVENTS)
    assert (event["kind"], event["event_name"], event["parameters"]) == ("unreadable", None, None)


def test_an_element_that_is_no_event_is_a_row_of_its_own(tmp_path: Path) -> None:
    rows = events(tmp_path, app_event(), 5, json.dumps(app_event()), "x", None, {})
    assert [row["kind"] for row in rows] == ["conversion", "unreadable"] * 2 + ["unreadable", "conversion"]
    assert [row["position"] for row in rows] == list(range(6))


def test_an_install_is_one_row_whatever_else_it_says(tmp_path: Path) -> None:
    rows = events(tmp_path, app_event(), app_event(), event="MOBILE_APP_INSTALL")
    assert [row["kind"] for row in rows] == ["install"]
    (without,) = events(tmp_path / "without", custom_events=None, event="MOBILE_APP_INSTALL")
    assert (without["kind"], without["position"], without["event_count"]) == ("install", 0, 1)


@pytest.mark.parametrize(
    ("content", "marks"),
    [
        ('[{"id": "1", "quantity": 2}]', None),
        ([{"id": "1", "quantity": 2}], None),
        ('[{"id": "1", "quantity": 2, "title": "a,]"}]', None),
        ('[{"id": "1", "quantity": 2,}]', "fb_content:trailing_comma"),
        ("[{'id': '1', 'quantity': 2}]", "fb_content:single_quotes"),
        ('[{"id": "1"}]', "fb_content:id_and_quantity"),
        ('[{"id": "", "quantity": 2}]', "fb_content:id_and_quantity"),
        ('[{"id": "1",}]', "fb_content:id_and_quantity fb_content:trailing_comma"),
        ("[5]", "fb_content:id_and_quantity"),
        ('{"id": "1", "quantity": 2}', "fb_content:list"),
        ("shoes", "fb_content:list"),
        ("", None),
    ],
)
def test_contents_are_judged_as_they_were_meant(content: Any, marks: str | None, tmp_path: Path) -> None:
    (row,) = events(tmp_path, app_event(fb_content=content))
    assert row["parameter_marks"] == marks


def test_a_parameter_without_a_value_is_as_one_that_is_not_there(tmp_path: Path) -> None:
    empty = {"fb_level": None, "fb_description": "", "fb_search_string": [], "own/~key": {}, "fb_content_id": {}}
    rows = events(tmp_path, app_event(kept=0) | empty, app_event(kept=0))
    assert rows[0]["parameters"] == rows[1]["parameters"]
    assert rows[0]["parameter_marks"] is None
    assert "kept" in rows[0]["parameters"]


def test_a_name_that_is_too_long_stays_too_long_where_its_digits_are_hidden(tmp_path: Path) -> None:
    long, longest = (
        row["event_name"] for row in events(tmp_path, app_event(_eventName="a" * 40), app_event(_eventName="a" * 41))
    )
    assert len(long) <= 40 < len(longest)
    assert "aaaa" not in long + longest


def test_keys_of_the_sdk_are_no_parameters_and_no_errors(tmp_path: Path) -> None:
    (row,) = events(tmp_path, app_event(_ui="Main", _session_id="s", _implicitlyLogged="1", zeta=1, alpha=2))
    assert row["parameters"] == ["alpha", "fb_content", "fb_content_type", "fb_currency", "fb_num_items", "zeta"]
    assert row["parameter_marks"] is None
    (request,) = loaded(tmp_path / "b", logged(params=fields(app_event(_implicitlyLogged="1")))).rows(REQUEST)
    assert request["is_sdk"] is True


def test_ten_thousand_events_in_one_request_and_deep_and_huge_values(tmp_path: Path) -> None:
    many = [app_event(event_id=str(i)) for i in range(10_000)]
    deep = "[" * 5_000 + "]" * 5_000
    records = [
        logged(body=urlencode(texts(fields(*many)))),
        logged(body=raw_query(fields(*many))),
        logged(params=fields(custom_events=json.dumps(many)[:-1] + ",]")),
        logged(params=fields(custom_events='[{"_eventName":"deep","x":' + deep + "}]")),
        logged(params=fields(custom_events='[{"_eventName":"deep","x":' + deep + ",}]")),
        logged(params=fields(app_event(_eventName="n" * 100_000, note="x" * 300_000))),
    ]
    told = [loaded(tmp_path / str(i), record) for i, record in enumerate(records)]
    rows = [store.rows(REQUEST)[0] for store in told]
    assert [row["event_count"] for row in rows] == [10_000, 10_000, 10_000, 1, 0, 1]
    assert [row["leniency"] for row in rows] == [None, None, "trailing_comma", None, "unreadable", None]
    assert told[-1].rows("select max(length(event_name)) as n from app_event") == [{"n": 100}]


def test_a_record_cut_off_at_any_place_is_read_or_left_out_with_its_line(tmp_path: Path) -> None:
    whole = json.dumps(logged(body=raw_query(fields())))
    cut = [whole[:i] for i in range(1, len(whole), 37)]
    bodies = [logged(body=urlencode(texts(fields()))[:i]) for i in range(0, 900, 31)]
    store = fresh(tmp_path)
    report = store.load({"log.jsonl": lines(whole, *cut, *bodies)})
    assert (report.loaded, report.quarantined) == (len(bodies) + 1, len(cut))


# --- what a device says ---------------------------------------------------------------------------

PRINTED = st.text("abcXYZ019 ._/+-", max_size=8).map(str.strip)


@settings(derandomize=True, deadline=None, max_examples=8)
@given(lists=st.lists(st.lists(PRINTED, min_size=1, max_size=18), min_size=1, max_size=12))
@example(lists=[["a2"] * 16, ["i2"] * 15, ["x"] * 17, ["", "", "", "", ""], ["a2", "", "", "", "14"]])
def test_device_information_is_counted_and_judged(lists: list[list[str]], tmp_path_factory: Any) -> None:
    lists = [one for one in lists if any(one)]
    forms = {
        "a list": lambda one: one,
        "JSON in a text": json.dumps,
        "values with commas": ",".join,
        "values in quotes": lambda one: ",".join(f'"{value}"' for value in one),
    }
    written = [(one, name, form(one)) for one in lists for name, form in forms.items()]
    rows = activities(tmp_path_factory.mktemp("x"), *(logged(params=fields(extinfo=text)) for _, _, text in written))
    for (one, name, _), row in zip(written, rows, strict=True):
        marks = set((row["extinfo_marks"] or "").split())
        assert row["extinfo_values"] == len(one), (one, name)
        assert ("no_version" in marks) == (one[0] == ""), (one, name)
        assert ("version" in marks) == (one[0] not in ("", "a2", "i2")), (one, name)
        assert ("no_os" in marks) == (len(one) < 5 or one[4] == ""), (one, name)
        assert row["platform"] == {"a2": "android", "i2": "ios"}.get(one[0]), (one, name)
        wrong = {
            f"number:{i}"
            for i in (9, 10, 12, 13, 14)
            if len(one) == 16 and one[i] and not re.fullmatch("-?[0-9]+", one[i])
        }
        assert {mark for mark in marks if mark.startswith("number")} == wrong, (one, name)


def test_what_is_wrong_with_device_information(tmp_path: Path) -> None:
    def told(*changes: tuple[int, Any]) -> str | None:
        listed = list(EXTINFO)
        for place, value in changes:
            listed[place] = value
        number = sum(1 for _ in tmp_path.iterdir())
        marks: str | None = activity(tmp_path / str(number), extinfo=listed)["extinfo_marks"]
        return marks

    assert told() is None
    assert told((13, 4096)) is None
    assert told((13, 4097)) == "megabytes"
    assert told((14, 128)) is None
    assert told((14, 129)) == "free"
    assert told((5, "iPhone15,2")) == "model"
    assert told((0, "i2")) == "model"
    assert told((9, "1080px")) == "number:9"
    assert told((4, "")) == "no_os"
    comma = activity(tmp_path / "comma", extinfo=",".join(map(str, EXTINFO)))
    assert (comma["extinfo_values"], comma["extinfo_marks"]) == (17, "decimal_comma")
    quoted = activity(tmp_path / "quoted", extinfo=",".join(f'"{v}"' for v in EXTINFO))
    assert (quoted["extinfo_values"], quoted["extinfo_marks"]) == (16, None)


IPV4 = st.integers(0, 2**32 - 1).map(lambda n: str(ipaddress.IPv4Address(n)))
IPV6 = st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)
NEAR = st.sampled_from(
    "0.0.0.0 0.255.255.255 1.0.0.0 9.255.255.255 10.0.0.0 10.255.255.255 11.0.0.0 100.63.255.255 100.64.0.0 "
    "100.127.255.255 100.128.0.0 126.0.0.1 127.0.0.1 128.0.0.0 169.253.0.0 169.254.0.0 169.255.0.0 172.15.255.255 "
    "172.16.0.0 172.31.255.255 172.32.0.0 192.0.0.0 192.0.0.9 192.0.0.10 192.0.0.11 192.0.0.255 192.0.1.0 192.0.2.0 "
    "192.0.3.0 192.167.0.0 192.168.0.99 192.169.0.0 198.17.255.255 198.18.0.0 198.19.255.255 198.20.0.0 198.51.99.0 "
    "198.51.100.0 198.51.101.0 203.0.112.0 203.0.113.0 203.0.114.0 223.255.255.255 240.0.0.0 255.255.255.255 "
    ":: ::1 ::2 0:0:0:0:0:0:0:1 fbff:: fc00:: fd45:f238:3b40:23b1:ffff:ffff:ffff:abcd fdff::1 fe7f::1 fe80::1 febf::1 "
    "2001:db7::1 2001:db8::1 2001:db9::1 2606:4700::1111 2a00:1450:4007::200e 64:ff9b::1 100::1 100:0:0:1::1 "
    "1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1::3:4:5:6:7:8 2001:4860:4860::8888".split()
)
BROKEN_ADDRESSES = st.text("0123456789abcdefg:.", min_size=1, max_size=20) | st.sampled_from(
    "1.2.3 1.2.3.4.5 01.2.3.4 256.1.1.1 1.2.3.4:80 [::1] ::: 1::2::3 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 12345:: g:: "
    "1.2.3.4. .1.2.3.4 unknown localhost ::1.2.3 ::1.2.3.256 1:2:3:4:5:6:7:1.2.3.4 1:2:3:4:5:6:7:8:: 1:::2".split()
)
ADDRESSES = st.one_of(IPV4, IPV6.map(str), IPV6.map(lambda a: a.exploded.upper()), NEAR, BROKEN_ADDRESSES)
# On purpose: a multicast address is nobody's who could be sent something; Python calls some global. Tables of what IANA
# set aside grew with Python's versions: what this one does not know is not compared.
UNLIKE_PYTHON = [
    ipaddress.ip_network(network)
    for network in (
        "224.0.0.0/4 ff00::/8 fec0::/10 2001::/23 2002::/16 3fff::/20 5f00::/16 64:ff9b:1::/48 ::ffff:0:0/96 "
        "192.0.0.0/24 100::/63"
    ).split()
]


def form_by_python(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "other"
    if not address.is_global:
        return "private"
    return f"ipv{address.version}"


@settings(derandomize=True, deadline=None, max_examples=8)
@given(addresses=st.lists(ADDRESSES, min_size=1, max_size=60))
def test_addresses_are_what_pythons_ipaddress_takes_them_for(addresses: list[str], tmp_path_factory: Any) -> None:
    records = [
        logged(params=fields(), headers={"X-Forwarded-For": one}, sent_at=SENT + i) for i, one in enumerate(addresses)
    ]
    rows = activities(tmp_path_factory.mktemp("x"), *records)
    digests: dict[Any, set[str]] = {}
    for one, row in zip(addresses, rows, strict=True):
        expected = form_by_python(one)
        if expected != "other":
            address = ipaddress.ip_address(one)
            digests.setdefault(address, set()).add(row["forwarded_digest"])
            if any(address in network for network in UNLIKE_PYTHON):
                assert row["forwarded_form"] in ("private", "ipv4", "ipv6"), one
                continue
        assert row["forwarded_form"] == expected, one
    assert all(len(same) == 1 for same in digests.values())


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("224.0.0.1", "private"),
        ("ff02::1", "private"),
        ("fec0::1", "private"),
        ("2002:c000:204::1", "private"),
        ("2001::1", "private"),
        ("::ffff:81.2.69.160", "ipv4"),
        ("::ffff:192.168.0.1", "private"),
        ("::ffff:5102:45a0", "ipv4"),
        ("fe80::1%eth0", "private"),
        ("192.0.0.8", "private"),
    ],
)
def test_addresses_that_python_takes_for_others(address: str, form: str, tmp_path: Path) -> None:
    (row,) = activities(tmp_path, logged(params=fields(), headers={"x-forwarded-for": address}))
    assert row["forwarded_form"] == form


HEADERS = [
    {"X-Forwarded-For": "81.2.69.160"},
    {"x-forwarded-for": "81.2.69.160, 10.0.0.1"},
    {"Host": "h", "X-FORWARDED-FOR": ["81.2.69.160", "10.0.0.1"]},
    {"HTTP_X_FORWARDED_FOR": "81.2.69.160"},
    [{"name": "Host", "value": "h"}, {"name": "X-Forwarded-For", "value": "81.2.69.160"}],
    [{"value": "81.2.69.160", "name": "X-Forwarded-For"}],
    [["Host", "h"], ["X-Forwarded-For", " 81.2.69.160"]],
    ["Host: h", "X-Forwarded-For: 81.2.69.160"],
    "Host: h\r\nX-Forwarded-For: 81.2.69.160\r\nAccept: *\r\n",
    "X-Forwarded-For:81.2.69.160",
]


@pytest.mark.parametrize("headers", HEADERS, ids=range(len(HEADERS)))
@pytest.mark.parametrize("place", ["record", "request"])
def test_headers_are_found_however_they_are_written(headers: Any, place: str, tmp_path: Path) -> None:
    inner = {"url": ADDRESS, "body": fields(), "headers": headers}
    record = logged(params=fields(), headers=headers) if place == "record" else {"advertiser": "acme", "request": inner}
    plain = logged(params=fields(), headers={"X-Forwarded-For": "81.2.69.160"}, sent_at=SENT + 9)
    first, second = activities(tmp_path, record, plain)
    assert (first["has_headers"], first["forwarded_form"]) == (True, "ipv4")
    assert first["forwarded_digest"] == second["forwarded_digest"]


def test_other_headers_are_not_the_address(tmp_path: Path) -> None:
    for i, headers in enumerate(
        ({"Host": "1.2.3.4"}, [], "", {"X-Forwarded-For": ""}, {"X-Forwarded-Host": "1.2.3.4"})
    ):
        (row,) = activities(tmp_path / str(i), logged(params=fields(), headers=headers))
        assert (row["forwarded_form"], row["forwarded_digest"]) == (None, None)


# --- nothing personal -----------------------------------------------------------------------------

EMAIL, PHONE, TOKEN = "jane.canary@example.com", "+4915112345678", "EAAcanary" + "x1Y2" * 20
APP_TOKEN, PLACE, PLACE_6 = f"{APP}|canaryCanaryCanary0123456789", "81.2.69.213", "2a00:1450:4007:80e::200e"
COOKIE = "canaryCookie0123456789"
SECRETS = (EMAIL, PHONE, TOKEN, APP_TOKEN, DEVICE, DEVICE.upper(), PLACE, PLACE_6, "0f" * 32)


def everywhere(secret: str) -> dict[str, Any]:
    """The parameters of a request with the same in every field, as value and as name."""
    one = dict.fromkeys(app_event(), secret) | {"_ui": secret, secret: secret, "fb_search_string": secret}
    numbered = app_event(_valueToSum=5, fb_content=json.dumps([{"id": secret, "quantity": secret}]))
    broken = app_event(fb_content=f'[{{"id": "{secret}",}}]', _eventName=f"bought by {secret}")
    names = ("event", "advertiser_id", "attribution", "anon_id", "sdk", "app_user_id", "device_token")
    flags = ("advertiser_tracking_enabled", "application_tracking_enabled")
    return fields(one, numbered, broken, secret) | {
        **dict.fromkeys((*names, *flags), secret),
        "event": f"CUSTOM_APP_EVENTS {secret}",
        "attribution": COOKIE,
        "extinfo": [secret] * 16,
        "ud": {"em": secret, "ph": [secret], secret: secret, "external_id": secret},
    }


def personal_log(folder: Path) -> list[str]:
    """Files in which every form and field of a request holds what must not be kept."""
    folder.mkdir()
    records: list[Any] = []
    for secret in SECRETS:
        given = everywhere(secret)
        error = {"code": secret, "message": f"Bad {secret}", "error_user_title": secret, "error_user_msg": secret}
        said = {"headers": {"X-Forwarded-For": secret, "Cookie": secret}} | {
            "response": {"status": 400, "body": {"error": error | {"fbtrace_id": secret}}, "messages": [secret]}
        }
        whole = [form(given) | said for form in FORMS.values()]
        whole += [logged(params=given | {"access_token": secret}, url=f"{ADDRESS}?access_token={secret}") | said]
        whole += [logged(params=fields(custom_events=f'[{{"_eventName":"{secret}","x":"{secret}')) | said]
        whole += [
            logged(params=given, sent_at=secret),
            logged(params=given, app_id=secret),
            {"advertiser_id": DEVICE, "url": ADDRESS, "body": given},
        ]
        records += whole
        records += [json.dumps(record)[: len(json.dumps(record)) * 2 // 3] for record in whole]
    (folder / "log.jsonl").write_text(lines(*records))
    out = io.StringIO()
    header = ["sent_at", "app_id", "body", "note"]
    csv.writer(out).writerows([header, *([str(SENT), APP, raw_query(everywhere(s)), s] for s in SECRETS)])
    (folder / "log.csv").write_text(out.getvalue())
    return [str(folder / "log.jsonl"), str(folder / "log.csv")]


def test_nothing_personal_is_in_a_store_nor_in_what_is_said(tmp_path: Path) -> None:
    paths = personal_log(tmp_path / "in")
    with open_store(tmp_path / "store.duckdb") as store:
        report = ingest(store, paths)
        assert report.loaded > 200
        assert report.quarantined > 200
        run = check(store, as_of=SENT + 86_400)
        tables = store.rows("select table_name as t from duckdb_tables() where not internal and not temporary")
        rows = [str(row) for entry in tables for row in store.rows(f"from {entry['t']}")]
        said = [str(run), str(report)]
        book = rulebook.load(Config())
        parameters = judgement.parameters_of(book, SENT + 86_400)
        for rule in book.rules:
            found = extracts.rows_at_fault(store, rule, parameters)
            said.append(str(found.rows if found else ""))
    told = "\n".join([*rows, *said])
    content = told.encode() + b"".join(path.read_bytes() for path in tmp_path.glob("store.duckdb*"))
    sought = (*SECRETS, APP_TOKEN.split("|")[1], COOKIE)
    assert [secret for secret in sought if secret.encode() in content] == []
