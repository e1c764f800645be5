"""Whatever a log or a lead list looks like, every row of it is loaded, a duplicate, or quarantined with a reason."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_samples import (
    DATASET,
    DIGEST,
    LEAD,
    LEAD_HEADER,
    TIME,
    URL,
    Load,
    Loaded,
    enveloped,
    event,
    form_body,
    fresh,
    lead_cells,
    lead_list,
    lines,
    table,
    write,
)

from funnelcheck.config import Config
from funnelcheck.ingestion import ingest
from funnelcheck.store import open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Loaded]:
    """An empty store in memory."""
    loaded = fresh(tmp_path)
    yield loaded
    loaded.store.close()


@pytest.fixture
def load(store: Loaded) -> Load:
    """Load records as one JSON Lines file."""

    def load_records(*records: Any, **options: Any) -> Loaded:
        store.load({"log.jsonl": lines(*records)}, **options)
        return store

    return load_records


@pytest.fixture
def load_leads(store: Loaded) -> Load:
    """Load one lead list, given as text."""

    def load_text(text: Any, name: str = "leads.csv", **options: Any) -> Loaded:
        store.load((), {name: text}, **options)
        return store

    return load_text


# Shapes of a record


def test_a_bare_event_is_read_with_the_columns_that_stand_beside_its_keys(load: Load) -> None:
    log = load(event() | {"advertiser": "acme", "pixel_id": int(DATASET), "logged_at": TIME + 60, "http_status": 200})
    assert log.rows("from event") == [
        {
            "request_id": 1,
            "position": 0,
            "channel": "crm",
            "advertiser_id": "acme",
            "dataset_id": DATASET,
            "upload_time": TIME + 60,
            "accepted": True,
            "test_traffic": False,
            "event_name": "Qualified",
            "event_time": TIME,
            "event_time_form": "integer",
            "lead_id": LEAD,
            "customer_parameters": 1,
            "digest_forms": None,
            "person_digest": None,
            "action_source": "system_generated",
            "event_source": "crm",
            "lead_event_source": "My CRM",
            "payload_fields": None,
            "user_data": None,
            "event_id": None,
            "partner_agent": None,
            "payload_marks": "",
        }
    ]
    assert log.requests("shape") == ["event"]


def test_an_enveloped_event_is_read_with_its_envelope(load: Load) -> None:
    log = load(enveloped())
    row = log.rows("from request")[0]
    assert row | {"record_digest": 0} == {
        "request_id": 1,
        "file_id": 1,
        "line": 1,
        "record_digest": 0,
        "shape": "enveloped event",
        "channel": "crm",
        "advertiser_id": "acme",
        "dataset_id": DATASET,
        "upload_time": TIME + 600,
        "event_count": 1,
        "http_status": 200,
        "accepted": True,
        "events_received": None,
        "messages": None,
        "error_code": None,
        "error_subcode": None,
        "error_title": None,
        "trace_id": None,
        "api_version": None,
        "partner_agent": None,
        "has_token": False,
        "error_detail": None,
    }
    assert log.events("event_time") == [TIME]


@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        ({}, ""),
        ({"user_data": {"lead_id": LEAD}}, "lead_id:string"),
        ({"user_data": {"lead_id": [LEAD]}}, "lead_id:list"),
        ({"event_source_url": "https://shop.example", "app_data": {"a": 1}}, "event_source_url app_data"),
        ({"messaging_channel": "whatsapp"}, "messaging_channel"),
        ({"app_data": {}, "messaging_channel": ""}, ""),
        ({"event_source": "crm", "lead_event_source": "X"}, ""),
        (
            {"custom_data": {}, "event_source": "crm", "lead_event_source": "X"},
            "top:event_source top:lead_event_source",
        ),
        ({"custom_data": None, "custom_data:": {"event_source": "crm"}}, "custom_data:"),
        ({"user_data": {"fbc": "fb.1.1234567890123.AbC"}}, "fbc"),
        ({"user_data": {"fbc": "fb.1.12345.AbC"}}, "fbc:malformed"),
        ({"user_data": {"lead_id": int(LEAD), "fbp": "fb.1.2", "client_ip_address": "::1"}}, "user:browser_only"),
        ({"user_data": {"fbp": "fb.1.2", "em": ["0" * 64]}}, ""),
        ({"custom_data": {"event_source": "crm", "note": "call ann@example.com"}}, "custom:personal"),
        ({"custom_data": {"note": "call +49 151 2345678"}}, "custom:personal"),
        ({"custom_data": {"note": "1 + 1 @ noon"}}, ""),
        ({"custom_data": {"value": 12.5, "currency": "eur"}}, "value"),
        ({"custom_data": {"value": "0", "currency": "EUR"}}, "value value:not_positive"),
        ({"custom_data": {"value": "12 EUR"}}, "value value:not_positive value:no_currency"),
    ],
)
def test_what_else_a_payload_shows_is_kept_as_marks(load: Load, changes: dict[str, Any], marks: str) -> None:
    assert load(event() | changes).events("payload_marks") == [marks]


@pytest.mark.parametrize(
    ("own", "of_request", "kept", "marks"),
    [
        ("dp", None, "dp", ""),
        (None, "dp", "dp", ""),
        ("dp", "dp", "dp", ""),
        ("dp", "other", "dp", "agent:conflict"),
        (None, None, None, ""),
    ],
)
def test_an_agent_stands_in_the_event_or_in_its_request(
    load: Load, own: str | None, of_request: str | None, kept: str | None, marks: str
) -> None:
    log = load({"request": {"data": [event() | {"partner_agent": own}], "partner_agent": of_request}})
    assert log.rows("select partner_agent, payload_marks from event") == [
        {"partner_agent": kept, "payload_marks": marks}
    ]


def test_of_a_request_its_version_its_token_and_the_explanation_of_its_error_are_told(load: Load) -> None:
    error = {"code": 100, "error_user_title": "Too old", "error_user_msg": "Sent by ann@example.com too late."}
    url = f"https://graph.facebook.com/v25.0/{DATASET}/events"
    log = load(
        {"url": f"{url}?access_token=EAAsecret", "request": {"data": [event()]}, "response": {"error": error}},
        {"url": url, "request": {"data": [event(), event()]}},
    )
    assert log.rows("select api_version, has_token, error_detail from request order by line") == [
        {"api_version": "v25.0", "has_token": True, "error_detail": "Sent by (e-mail) too late."},
        {"api_version": "v25.0", "has_token": False, "error_detail": None},
    ]
    assert "EAAsecret" not in log.texts()


TWO = [event(event_name="One + %"), event(event_name="Zwei", event_time=TIME + 1)]
AS_STRINGS = [json.dumps(one) for one in TWO]


WAYS: dict[str, dict[str, Any]] = {
    "request, a list": {"data": TWO},
    "request, a JSON string": {"data": json.dumps(TWO)},
    "request, a list of JSON strings": {"data": AS_STRINGS},
    "request, a string that holds a list of JSON strings": {"data": json.dumps(AS_STRINGS)},
    "exchange, an object": {"url": URL, "request": {"data": TWO}},
    "exchange, a JSON string": {"url": URL, "request": json.dumps({"data": TWO})},
    "exchange, the SDK's form": {"url": URL, "request": {"data": json.dumps(AS_STRINGS)}},
    "exchange, form-urlencoded": {"url": URL, "body": form_body(TWO, partner_agent="me")},
    "exchange, %20 for a blank": {"url": URL, "body": "user_data=x&data=" + quote(json.dumps(TWO)) + "&x=%ZZ"},
    "exchange, a custom client's params": {"url": URL, "params": {"data": AS_STRINGS}},
    "exchange, a form": {"url": URL, "form": {"data": json.dumps(TWO)}},
    "exchange, a request with a body": {"request": {"url": URL, "body": {"data": TWO}}},
    "exchange, a request with a form body": {"request": {"url": URL, "body": form_body(TWO)}},
    "exchange, a request with json": {"request": {"url": URL, "json": {"data": TWO}}},
    "exchange, a request with an empty body": {"request": {"url": URL, "body": None, "params": {"data": TWO}}},
    "exchange, an empty request": {"request": "", "url": URL, "body": {"data": TWO}},
    "exchange, a bare list": {"url": URL, "request": TWO},
}


def test_every_way_of_writing_a_request_gives_the_same_events(load: Load) -> None:
    log = load(*WAYS.values())
    assert log.quarantine() == []
    what = "[event_name, event_time::varchar, lead_id, lead_event_source, position::varchar]"
    for line, way in enumerate(WAYS, start=1):
        read = log.column(what, f"event join request using (request_id) where line = {line}")
        wanted = [["One + %", str(TIME), LEAD, "My CRM", "0"], ["Zwei", str(TIME + 1), LEAD, "My CRM", "1"]]
        assert read == wanted, way
    assert log.requests("event_count") == [2] * len(WAYS)


def test_the_dataset_is_the_one_that_the_url_names(load: Load) -> None:
    ways = {way: record for way, record in WAYS.items() if way.startswith("exchange")}
    assert load(*ways.values()).requests("dataset_id") == [DATASET] * len(ways)


def test_a_request_without_events_is_a_request_and_no_event(load: Load) -> None:
    log = load({"data": []}, {"request": {"data": "[]"}})
    assert log.requests("event_count") == [0, 0]
    assert log.events("event_name") == []


def test_a_request_that_holds_no_list_of_events_is_quarantined(load: Load) -> None:
    texts = ["data=%FF%FE", "data=%ZZ%", "data=", "data=[1", "data", "{", "access_token=x"]
    bodies = [*texts, {"data": "[5"}, {"data": 5}, {"data": {}}, {"data": None}, {"nothing": 1}, 5, True]
    log = load(enveloped(), *({"request": body} for body in bodies), enveloped(1))
    reason = 'the request holds no readable list "data"'
    assert log.quarantine() == [(line, reason) for line in range(2, len(bodies) + 2)]
    assert log.requests("line") == [1, len(bodies) + 2]


NEITHER = "neither an event nor a request: "
NO_KEY = NEITHER + "none of the keys event_name, data, request, event"
NOT_READ = {
    "hello": "this is not JSON",
    '{"event_name": "Cut': "this is not JSON",
    "5": NEITHER + "a JSON number",
    "-5": NEITHER + "a JSON number",
    "1e99": NEITHER + "a JSON number",
    '"event"': NEITHER + "a JSON string",
    "null": NEITHER + "a JSON null",
    "true": NEITHER + "a JSON boolean",
    "[[]]": NEITHER + "a JSON list",
    "{}": NO_KEY,
    '{"event": "x"}': NO_KEY,
    '{"data": null}': NO_KEY,
    '{"id": "7", "created_time": "2026-09-21"}': (
        "looks like a lead, not like a sent event; hand its file over with --leads"
    ),
    '{"data": [{"id": "7", "created_time": "2026-09-21"}]}': (
        "looks like a list of leads, not like sent events; hand its file over with --leads"
    ),
}


def test_what_is_no_event_is_quarantined_with_its_reason_and_its_line(load: Load) -> None:
    log = load(enveloped(), "", *NOT_READ, enveloped(1))
    assert dict(log.quarantine()) == dict(enumerate(NOT_READ.values(), start=3))
    assert log.requests("line") == [1, len(NOT_READ) + 3]


# Secrets

CANARIES = ["CaNaRyToken123", "EAAGcanary1234567890abcdefghij", "jane.canary@example.com", "+49 151 5550 1234"]
SECRET = {
    "access_token": CANARIES[0],
    "user_data": {"em": [CANARIES[2]], "ph": CANARIES[3], "fn": DIGEST, "ln": [DIGEST[:32], DIGEST[:40]]},
}


def secret_records() -> list[Any]:
    token = CANARIES[0]
    body = {"data": [event(user_data=SECRET["user_data"])], "access_token": token}
    return [
        {"url": f"{URL}?access_token={token}", "request": body},
        {"url": URL, "request": json.dumps(body)},
        {"url": URL, "body": form_body([event(user_data=SECRET["user_data"])], access_token=token)},
        {"url": URL, "params": body | {"access_token": CANARIES[1]}},
        body,
        enveloped(access_token=token, event=event(**SECRET)),
        event(**SECRET),
        event(user_data={"lead_id": CANARIES[2]}),
        event(user_data={"lead_id": {"ph": CANARIES[3]}}),
        enveloped(error={"message": f"Malformed access token {CANARIES[1]}", "code": 190}),
        enveloped(response={"body": {"events_received": 1, "messages": [f"see {CANARIES[2]}, {CANARIES[1]}"]}}),
    ]


def broken(record: Any) -> list[Any]:
    """The same secrets where they land in the quarantine: cut off, escaped, under keys that nobody knows."""
    text = json.dumps(record)
    return [text[:-1], json.dumps(text), {"unknown": record}, {"unknown": text}, {"request": "data=" + quote(text)}]


def test_no_secret_is_in_the_store_whether_its_record_was_read_or_not(load: Load) -> None:
    good = secret_records()
    bad = [copy for record in good for copy in broken(record)]
    log = load(*good, *bad)
    assert log.report.rows == len(good) + len(bad)
    assert log.requests("line")[: len(good)] == list(range(1, len(good) + 1))
    assert log.report.quarantined >= 4 * len(good)
    kept = log.texts()
    assert [secret for secret in (*CANARIES, DIGEST, DIGEST[:40], DIGEST[:32]) if secret in kept] == []


def test_no_secret_is_in_the_store_when_a_lead_list_is_broken(load_leads: Load) -> None:
    shifted = [lead_cells(id=CANARIES[2]), lead_cells(id=f"p:{CANARIES[3]}"), lead_cells(created_time=CANARIES[2])]
    log = load_leads(lead_list(lead_cells(email=CANARIES[2]), *shifted))
    assert (log.report.loaded, log.report.quarantined) == (1, 3)
    assert [secret for secret in CANARIES if secret in log.texts()] == []


def test_no_secret_is_in_the_store_when_the_time_of_sending_is_one(load: Load) -> None:
    log = load(enveloped(upload_time=CANARIES[2]), enveloped(upload_time=CANARIES[1]))
    assert log.report.quarantined == 2
    assert [secret for secret in CANARIES if secret in log.texts()] == []


# Files

THREE = [enveloped(number) for number in range(3)]
DOCUMENTS: dict[str, Any] = {
    "lines.jsonl": lines(*THREE),
    "lines.json": lines(*THREE),
    "lines.log": lines(*THREE),
    "array over several lines.json": json.dumps(THREE, indent=2),
    "array of one line each.json": "[\n" + ",\n".join(json.dumps(one) for one in THREE) + "\n]\n",
    "array in one line.json": json.dumps(THREE),
    "array in one line.jsonl": json.dumps(THREE),
    "arrays and objects.jsonl": lines(THREE[0], THREE[1:]),
    "objects one after another.json": "\n".join(json.dumps(one, indent=1) for one in THREE),
    "objects without a gap.json": "".join(json.dumps(one, indent="\t") for one in THREE),
    "pretty-printed under another name.jsonl": json.dumps(THREE, indent=2),
    "packed.jsonl.gz": lines(*THREE),
    "packed document.json.gz": json.dumps(THREE, indent=2),
    "packed twice in a row.jsonl.gz": gzip.compress(lines(THREE[0]).encode())
    + gzip.compress(lines(*THREE[1:]).encode()),
    "packed without saying so.jsonl": gzip.compress(lines(*THREE).encode()),
    "not packed but called so.jsonl.gz": lines(*THREE).encode(),
    "called after another packer.zst": lines(*THREE).encode(),
    "with a mark.jsonl": lines(*THREE).encode("utf-8-sig"),
    "UTF-16 with a mark.jsonl": lines(*THREE).encode("utf-16"),
    "UTF-16LE.jsonl": lines(*THREE).encode("utf-16-le"),
    "UTF-16BE.jsonl": lines(*THREE).encode("utf-16-be"),
    "UTF-16BE with a mark.jsonl": ("\ufeff" + lines(*THREE)).encode("utf-16-be"),
    "UTF-16 packed.jsonl.gz": gzip.compress(lines(*THREE).encode("utf-16")),
    "CRLF.jsonl": lines(*THREE).replace("\n", "\r\n"),
    "CR.jsonl": lines(*THREE).replace("\n", "\r"),
    "no end.jsonl": lines(*THREE).rstrip(),
    "blank lines.jsonl": "\n\n" + lines(THREE[0], "", " \t", *THREE[1:]) + "\n \n",
    "a megabyte of nothing first.jsonl": "\n" * (1 << 20) + lines(*THREE),
    "CRLF document.json": json.dumps(THREE, indent=2).replace("\n", "\r\n"),
    "in a [bracket] and a star*?.jsonl": lines(*THREE),
    "two\nlines and 'quotes'\".jsonl": lines(*THREE),
    "umlaut ä/back\\slash.jsonl": lines(*THREE),
}


def test_the_same_records_in_any_file_give_the_same_events(tmp_path: Path) -> None:
    wanted = None
    for name, content in DOCUMENTS.items():
        log = fresh(tmp_path)
        report = log.load({name: content})
        assert (report.problems, report.loaded, log.quarantine()) == ([], 3, []), name
        events = log.rows("select * exclude (request_id) from event order by request_id")
        wanted = wanted or events
        assert events == wanted, name
        log.store.close()


def test_the_same_records_in_another_file_are_duplicates_whatever_the_file(store: Loaded) -> None:
    store.load({"first.jsonl": lines(*THREE)})
    report = store.load(DOCUMENTS)
    assert report.loaded == 0
    assert report.duplicates == 3 * len(report.files)
    assert len(report.files) + len(report.known) == len(DOCUMENTS)
    assert store.events("event_time") == [TIME, TIME + 1, TIME + 2]


def test_a_name_with_a_star_means_that_file_and_no_other(store: Loaded) -> None:
    files = {"a[1].jsonl": [enveloped(1)], "a1.jsonl": [enveloped(2), enveloped(3)], "b*.json": [enveloped(4)]}
    report = store.load(files | {"b2.json": [enveloped(5), enveloped(6)]})
    assert {Path(file.path).name: file.rows for file in report.files} == {
        "a[1].jsonl": 1,
        "a1.jsonl": 2,
        "b*.json": 1,
        "b2.json": 2,
    }
    report = store.load((), {"c[1].csv": lead_list(lead_cells()), "c1.csv": lead_list(lead_cells(1), lead_cells(2))})
    assert [file.rows for file in report.files] == [2, 1] or [file.rows for file in report.files] == [1, 2]


def test_hive_folders_own_and_never_stand_in_for_a_column(store: Loaded) -> None:
    store.load({"advertiser_id=acme/text=5/c0=6/log.jsonl": [event()]})
    assert store.events("advertiser_id") == ["acme"]
    store.load((), {"advertiser_id=acme/c0=6/leads.csv": lead_list(lead_cells())})
    assert store.rows("select advertiser_id, lead_id from lead") == [{"advertiser_id": "acme", "lead_id": LEAD}]


ODD_LINES = {
    "a NUL": "a\x00b",
    "a control character": "{}\x01{}",
    "a raw line end in a string": '{"event_name": "a\tb"}',
    "another line separator": "\u2028",
    "a form feed": "\f",
    "a lone surrogate": '{"event_name": "\\ud800"}',
    "a mark in the middle": "\ufeff{}",
    "a comment": "// {}",
    "single quotes": "{'event_name': 'a'}",
    "deep lists": "[" * 20_000 + "]" * 20_000,
    "an open list": "[" * 20_000,
}


def test_an_odd_line_costs_itself_and_no_other(load: Load) -> None:
    log = load(enveloped(), *ODD_LINES.values(), enveloped(1))
    assert [line for line, _ in log.quarantine()] == list(range(2, len(ODD_LINES) + 2))
    assert log.requests("line") == [1, len(ODD_LINES) + 2]


def test_bytes_that_are_no_text_cost_their_line_alone(store: Loaded) -> None:
    text = lines(enveloped(), enveloped(1), enveloped(2)).encode().replace(b'"acme"', b'"acm\xe9"', 2).split(b"\n")
    store.load({"log.jsonl": b"\n".join([text[2], *text[:2], b"\xff\xfe", text[2], b""])})
    assert [line for line, _ in store.quarantine()] == [2, 3, 4]
    assert store.requests("line") == [1, 5]


def test_a_line_of_five_megabytes_is_read(load: Load) -> None:
    log = load(enveloped(), enveloped(1, event=event(event_name="x" * 5_000_000)), enveloped(2))
    assert log.events("length(event_name)") == [9, 5_000_000, 9]


def test_a_list_in_a_line_is_as_many_records_as_it_holds(load: Load) -> None:
    log = load("[]", [enveloped(), 5, enveloped(1)], enveloped(2), "  [null]")
    assert log.report.rows == 5
    assert log.quarantine() == [(2, NEITHER + "a JSON number"), (4, NEITHER + "a JSON null")]
    assert sorted(log.requests("line")) == [2, 2, 3]


def test_one_array_may_hold_what_is_no_record(store: Loaded) -> None:
    store.load({"log.json": json.dumps([enveloped(), 5, None, "x", [enveloped(1)], enveloped(2)], indent=1)})
    assert (store.report.rows, store.report.loaded) == (6, 3)
    assert [line for line, _ in store.quarantine()] == [2, 3, 4]


def test_a_request_over_several_lines_is_one_request_though_its_events_are_lines(store: Loaded) -> None:
    body = '{"data": [\n' + ",\n".join(AS_STRINGS) + '\n], "test_event_code": "TEST1"}\n'
    store.load({"log.json": body})
    assert store.requests("shape") == ["request"]
    assert store.events("test_traffic") == [True, True]


EMPTY = {
    "nothing.jsonl": b"",
    "nothing.json": b"\n",
    "blank.jsonl": b"\n \n\t\n\r\n",
    "mark.jsonl": b"\xef\xbb\xbf",
    "packed.jsonl.gz": gzip.compress(b""),
    "no list.json": b"[\n]",
    "big and blank.jsonl": b"\n" * 3_000_000,
}


def test_a_file_of_nothing_holds_nothing_and_is_no_problem(store: Loaded) -> None:
    report = store.load(EMPTY)
    assert (report.problems, report.rows) == ([], 0)
    assert len(report.files) + len(report.known) == len(EMPTY)
    report = store.load((), {"leads.csv": b"", "header.csv": ",".join(LEAD_HEADER), "leads.json": "[]"})
    assert (report.problems, report.rows) == ([], 0)


PACKED = gzip.compress(lines(*(enveloped(number) for number in range(2000))).encode())
UNREADABLE = {
    "cut.jsonl.gz": (PACKED[: len(PACKED) // 2], "the gzip is damaged or cut short; nothing of it was loaded"),
    "cut at its sum.jsonl.gz": (PACKED[:-4], "the gzip is damaged or cut short; nothing of it was loaded"),
    "two bytes.jsonl.gz": (PACKED[:2], "the gzip is damaged or cut short; nothing of it was loaded"),
    "wrong sum.jsonl.gz": (PACKED[:-8] + b"xxxxxxxx", "the gzip is damaged or cut short; nothing of it was loaded"),
    "rest.jsonl.gz": (PACKED + b"rest", "the gzip is damaged or cut short; nothing of it was loaded"),
    "twice.jsonl.gz": (gzip.compress(PACKED), "a packed file inside a gzip; unpack it once"),
    "broken.json": (b'{\n "event_name": "A",\n "event_time": 5,,\n}\n', "line 3, column 18: this is not JSON"),
    "one line.json": (b'[{"event_name": "A"}, {"event_name": }]', "line 1, column 38: this is not JSON"),
    "open.json": (b'[\n {"event_name": "A"}\n', "line 3, column 1: this is not JSON"),
    "second.json": (b'{\n "event_name": "A"\n}\n{\n "event_name": \n}', "line 6, column 1: this is not JSON"),
    "rest.json": (b'{\n "event_name": "A"\n}\nand so on', "line 4, column 1: this is not JSON"),
    "deep.json": (b"[\n" * 200_000, "the JSON is nested too deep to be read"),
    "prose.txt": (b"Dear all,\nsee below", "neither JSON nor a table that names lead, stage and time"),
    "table.csv": (b"a,b\n1,2\n", "neither JSON nor a table that names lead, stage and time"),
    "one long line.csv": (b"x" * 300_000, "neither JSON nor a table that names lead, stage and time"),
    "archive.log": (b"PK\x03\x04\x00\x00", "this is no Excel file, or a damaged one"),
}


def test_a_file_that_cannot_be_read_is_a_line_that_says_why_and_where_and_the_others_are_loaded(store: Loaded) -> None:
    files = {name: content for name, (content, _) in UNREADABLE.items()}
    report = store.load({"a.jsonl": [enveloped(7000)]} | files | {"z.jsonl": [enveloped(7001)]})
    assert store.events("event_time") == [TIME + 7000, TIME + 7001]
    assert len(report.problems) == len(UNREADABLE)
    for name, (_, reason) in UNREADABLE.items():
        assert any(f"{name}: {reason}" in problem for problem in report.problems), name
    assert len(report.files) == 2


def test_a_file_of_lines_is_read_though_its_first_line_is_broken(store: Loaded) -> None:
    store.load(
        {"a.json": lines("{broken", enveloped()), "b.ndjson": lines("#", enveloped(1)), "c.jsonl.gz": lines("-")}
    )
    assert [reason for _, reason in store.quarantine()] == ["this is not JSON"] * 3
    assert store.report.loaded == 2


# Sources


def test_a_folder_gives_the_logs_below_it_and_says_what_it_passed_over(store: Loaded, tmp_path: Path) -> None:
    write(tmp_path / "logs/a/1.jsonl", [enveloped()])
    write(tmp_path / "logs/a.jsonl/2.json.gz", [enveloped(1)])
    write(tmp_path / "logs/readme.md", "x")
    write(tmp_path / "logs/.hidden/3.jsonl", [enveloped(2)])
    (tmp_path / "logs/loop").symlink_to(tmp_path / "logs", target_is_directory=True)
    (tmp_path / "logs/self.jsonl").symlink_to(tmp_path / "logs/self.jsonl")
    report = store.load([str(tmp_path / "logs")])
    assert [Path(file.path).name for file in report.files] == ["2.json.gz", "1.jsonl"]
    assert report.hints == [f"{tmp_path}/logs/readme.md: passed over, its ending is not that of a log"]
    assert report.problems == []


def test_a_glob_gives_its_files_and_an_empty_folder_among_them_is_no_loss(store: Loaded, tmp_path: Path) -> None:
    write(tmp_path / "logs/b.jsonl", [enveloped()])
    write(tmp_path / "logs/c/d.jsonl", [enveloped(1)])
    (tmp_path / "logs/a").mkdir()
    (tmp_path / "logs/gone.jsonl").symlink_to(tmp_path / "nowhere")
    assert store.load([str(tmp_path / "logs/*")]).problems == []
    assert store.report.loaded == 2


def test_what_is_not_there_is_a_line_and_the_others_are_loaded(store: Loaded, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    missing = [str(tmp_path / name) for name in ("no.jsonl", "no*.jsonl", "empty", "gone.jsonl", "x" * 5000, "a\0b")]
    good = write(tmp_path / "good.jsonl", [enveloped()])
    report = store.load([*missing, str(good), str(good)])
    assert len(report.problems) == len(missing)
    assert (report.loaded, len(report.known)) == (1, 1)


def test_a_name_that_is_no_text_is_read_and_told(store: Loaded, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/advertiser_id=caf\xe9"
    os.mkdir(path)  # noqa: PTH102
    write(Path(os.fsdecode(path + b"/log\xff.jsonl")), [event()])
    report = store.load([str(tmp_path)])
    assert report.problems == []
    assert report.files[0].path.endswith("/advertiser_id=caf\\udce9/log\\udcff.jsonl")
    assert store.events("advertiser_id") == ["caf\\udce9"]


def test_a_pipe_is_read_as_a_file_is(store: Loaded, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    writer = threading.Thread(target=write, args=(tmp_path / "pipe.jsonl", [enveloped(), enveloped(1)]))
    writer.start()
    assert store.load([str(tmp_path / "pipe.jsonl")]).loaded == 2
    writer.join()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_dash_is_standard_input(
    store: Loaded, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    content = pack(lines(enveloped(), "x").encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    report = store.load(["-"])
    assert [(file.path, file.rows, file.loaded) for file in report.files] == [("standard input", 2, 1)]


# The same again


def test_the_same_file_again_is_known_whatever_its_name_and_changes_nothing(store: Loaded) -> None:
    files = {"log.jsonl": lines(*THREE, "broken")}
    store.load(files, {"leads.csv": lead_list(lead_cells(), lead_cells(1, id="no"))})
    before = store.texts()
    for again in (files, {"renamed/other.log": files["log.jsonl"]}):
        report = store.load(again, {"leads.csv": lead_list(lead_cells(), lead_cells(1, id="no"))})
        assert (report.rows, report.loaded, report.files) == (0, 0, [])
        assert [known.rows for known in report.known] == [2, 4]
        assert len(report.known[0].sha256) == 64
    assert store.texts() == before


def test_the_same_records_in_another_file_are_duplicates(store: Loaded) -> None:
    store.load({"a.jsonl": [enveloped(), enveloped(1), {"data": TWO}]})
    report = store.load({"b.json": json.dumps([enveloped(2), enveloped(1), {"data": TWO}, 5], indent=3)})
    assert (report.rows, report.loaded, report.duplicates, report.quarantined) == (4, 1, 2, 1)
    assert sorted(store.column("event_time", "event where advertiser_id = 'acme'")) == [TIME, TIME + 1, TIME + 2]


def test_equal_records_inside_one_file_are_all_loaded(store: Loaded) -> None:
    assert store.load({"a.jsonl": [enveloped()] * 3}).loaded == 3
    report = store.load({"b.jsonl": [enveloped()] * 2})
    assert (report.loaded, report.duplicates) == (0, 2)
    cells = lead_cells()
    assert store.load((), {"a.csv": lead_list(cells, cells)}).loaded == 2
    assert store.load((), {"b.csv": lead_list(cells, cells, cells)}).duplicates == 3


def test_a_record_that_differs_in_any_column_is_no_duplicate(store: Loaded) -> None:
    first = {"advertiser_id": "acme", "dataset_id": "1", "upload_time": TIME, "event": event()}
    others: list[dict[str, Any]] = [
        {"advertiser_id": "other"},
        {"dataset_id": "2"},
        {"dataset_id": None},
        {"upload_time": TIME + 1},
        {"upload_time": None},
        {"status": 200},
        {"http_status": 200},
        {"response": {"status": 200}},
        {"response": {"events_received": 1}},
        {"error": {"code": 1}},
        {"test_event_code": "TEST1"},
        {"event": event(event_time=TIME + 1)},
        {"event": event(user_data={"lead_id": LEAD})},
    ]
    store.load({"first.jsonl": [first]})
    report = store.load({"others.jsonl": [first | other for other in others]})
    assert (report.loaded, report.duplicates) == (len(others), 0)
    base = lead_cells()
    store.load((), {"first.csv": lead_list(base)})
    changed = [lead_cells(1), lead_cells(created_time="2026-09-21T19:43:21+05:30"), lead_cells(form_id="f:9")]
    changed += [lead_cells(campaign_id="c:9"), lead_cells(is_organic="true"), lead_cells(email="<test lead: dummy>")]
    report = store.load((), {"others.csv": lead_list(*changed)})
    assert (report.loaded, report.duplicates) == (len(changed), 0)


def test_the_same_instant_under_another_offset_is_a_duplicate(store: Loaded) -> None:
    store.load((), {"a.csv": lead_list(lead_cells(created_time="2026-09-21T19:43:20+05:30"))})
    report = store.load((), {"b.csv": lead_list(lead_cells(created_time="2026-09-21T14:13:20+0000"))})
    assert (report.loaded, report.duplicates) == (0, 1)


def test_a_load_that_is_stopped_keeps_nothing_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = fresh(tmp_path)
    log.load({"a.jsonl": [enveloped()]})
    monkeypatch.setattr("funnelcheck.ingestion.keeping.Keeper._heal", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        log.load({"b.jsonl": [enveloped(1), "x"]})
    monkeypatch.undo()
    assert (log.events("event_time"), log.quarantine()) == ([TIME], [])
    assert log.load({"b.jsonl": [enveloped(1), "x"]}).loaded == 1


def test_a_store_in_a_file_goes_on_where_the_last_run_ended(tmp_path: Path) -> None:
    for turn, (loaded, known) in enumerate([(2, 0), (1, 1)]):
        with open_store(tmp_path / "store.duckdb") as opened:
            names = ["a.jsonl", "b.jsonl"][: turn + 1]
            paths = [
                str(write(tmp_path / name, [enveloped(), enveloped(place)])) for place, name in enumerate(names, 5)
            ]
            report = ingest(opened, paths)
            assert (report.loaded, len(report.known)) == (loaded, known)
            ids = opened.rows("select count(*) as n, count(distinct request_id) as ids from request")[0]
            assert ids["n"] == ids["ids"]


# Owners, datasets


def test_the_owner_is_the_first_that_somebody_names(store: Loaded) -> None:
    config = Config(datasets={DATASET: "by table"})
    with_dataset = {"pixel_id": DATASET, "event": event()}
    store.load({"a.jsonl": [with_dataset | {"advertiser_id": "by record"}]}, config=config, advertiser="by option")
    store.load({"advertiser_id=by folder/b.jsonl": [with_dataset]}, config=config, advertiser="by option")
    store.load({"c.jsonl": [with_dataset | {"ts": TIME}]}, config=config, advertiser="by option")
    store.load({"d.jsonl": [with_dataset, event()]}, config=Config(datasets={"1": "x"}), advertiser="by option")
    store.load({"e.jsonl": [with_dataset, event(event_time=1)]})
    owners = ["by record", "by folder", "by table", "by option", "by option", DATASET, "(unnamed)"]
    assert store.events("advertiser_id") == owners
    assert store.requests("advertiser_id") == owners


def test_a_record_names_its_owner_under_any_alias_and_an_empty_name_is_none(load: Load) -> None:
    aliases = ["advertiser_id", "advertiser", "account_id", "client_id", "tenant"]
    named = [{alias: f" {alias} ", "event": event()} for alias in aliases]
    empty = [{"advertiser_id": nothing, "event": event()} for nothing in (None, "", " ", [], {}, True, ["x"], {"a": 1})]
    both = {"advertiser_id": "", "tenant": 12345678901234567, "event": event()}
    log = load(*named, *empty, both, advertiser="option")
    assert log.events("advertiser_id") == aliases + ["option"] * len(empty) + ["12345678901234567"]


def test_a_dataset_is_named_by_a_column_or_by_the_url(load: Load) -> None:
    log = load(
        {"dataset_id": int(DATASET), "event": event()},
        {"pixel_id": "7", "url": URL, "event": event()},
        {"url": URL + "?access_token=x", "data": TWO},
        {"url": "https://graph.facebook.com/v26.0/me/events", "data": TWO},
        {"url": "https://graph.facebook.com/v26.0/77/leads", "data": TWO},
        {"url": 5, "dataset_id": "", "data": TWO},
    )
    assert log.requests("dataset_id") == [DATASET, "7", DATASET, None, None, None]


# Time of sending


def test_the_time_of_sending_is_read_in_every_form_and_under_every_alias(load: Load) -> None:
    forms = [TIME, str(TIME), TIME + 0.9, TIME * 1000, str(TIME * 1000 + 999), f"{TIME}.5"]
    texts = ["14:13:20Z", "14:13:20+00:00", "14:13:20+0000", "19:43:20+05:30", "19:43:20+0530", "10:13:20-04"]
    texts += ["14:13:20.999Z", "14:13:20 UTC", "16:13:20"]  # the last is naive
    forms += [f"2026-09-21T{text}" for text in texts] + ["2026-09-21 14:13:20+00:00", "2026-09-21 16:13:20.5"]
    aliases = [{alias: TIME} for alias in ("upload_time", "sent_at", "logged_at", "timestamp", "ts")]
    first = {"upload_time": TIME, "sent_at": 1, "ts": "x"}
    second = {"upload_time": "", "sent_at": None, "logged_at": TIME}
    records = [{"sent_at": form} for form in forms] + [*aliases, first, second]
    log = load(*(record | {"event": event()} for record in records), config=Config(time_zone="Europe/Paris"))
    assert log.quarantine() == []
    assert log.events("upload_time") == [TIME] * len(records)


def test_a_naive_time_is_utc_when_nothing_else_is_configured_and_a_day_is_its_midnight(load: Load) -> None:
    log = load(enveloped(upload_time="2026-09-21T14:13:20"), enveloped(upload_time="2026-09-21"))
    assert log.requests("upload_time") == [TIME, TIME - TIME % 86400]


def test_an_unreadable_time_of_sending_is_quarantined_and_a_missing_one_is_none(load: Load) -> None:
    unreadable = [
        "yesterday",
        "21/09/2026 14:13",
        "2026-13-45",
        "2026-09-21T25:00:00Z",
        5,
        -TIME,
        10**40,
        True,
        [1],
        {"a": 1},
    ]
    log = load(
        *(enveloped(upload_time=value) for value in unreadable),
        *(enveloped(upload_time=no) for no in (None, "", [], {})),
    )
    assert [line for line, _ in log.quarantine()] == list(range(1, len(unreadable) + 1))
    reason = "the time of sending is neither Unix seconds nor ISO 8601: "
    assert all(told.startswith(reason) for _, told in log.quarantine())
    assert log.quarantine()[0][1] == reason + '"yesterday"'
    assert log.requests("upload_time") == [None] * 4


# Outcomes

ACCEPTED: list[tuple[dict[str, Any], int | None, bool | None]] = [
    ({}, None, None),
    ({"http_status": 199}, 199, False),
    ({"http_status": 200}, 200, True),
    ({"http_status": "204"}, 204, True),
    ({"http_status": 299}, 299, True),
    ({"http_status": 300}, 300, False),
    ({"http_status": 599}, 599, False),
    ({"http_status": 600}, None, False),
    ({"http_status": 99}, None, False),
    ({"http_status": 0}, None, False),  # what clients log when nothing came back
    ({"http_status": "200 OK"}, 200, True),
    ({"http_status": None}, None, None),
    ({"response": {"status": 200, "body": {"events_received": 1}}}, 200, True),
    ({"response": {"status_code": "400", "body": "{}"}}, 400, False),
    ({"response": {"status": 200, "body": json.dumps({"events_received": 1})}}, 200, True),
    ({"response": json.dumps({"status": 500})}, 500, False),
    ({"response": {"events_received": 1}}, None, True),
    ({"response": {"error": {"code": 190}}}, None, False),
    ({"response": {"status": 200, "body": {"error": {"code": 190}}}}, 200, False),
    ({"http_status": 200, "error": {"code": 190}}, 200, False),
    ({"http_status": 200, "error": "timeout"}, 200, False),
    ({"error": "timeout"}, None, False),
    ({"http_status": 200, "error": None}, 200, True),
    ({"http_status": 200, "error": ""}, 200, True),
    ({"http_status": 200, "error": False}, 200, True),
    ({"http_status": 200, "error": {}}, 200, True),
    ({"http_status": 200, "error": []}, 200, True),
    ({"http_status": 200, "error": False, "response": {"error": {"code": 1}}}, 200, False),
    ({"response": None}, None, None),
    ({"response": ""}, None, None),
    ({"response": {}}, None, None),
    ({"response": "OK"}, None, None),
    ({"response": 5}, None, None),
    ({"response": ["x"]}, None, None),
]


def test_a_request_is_accepted_when_its_response_is_2xx_without_error(load: Load) -> None:
    log = load(*({"upload_time": TIME, "event": event()} | outcome for outcome, _, _ in ACCEPTED))
    read = list(zip(log.requests("http_status"), log.requests("accepted"), strict=True))
    for (outcome, status, accepted), found in zip(ACCEPTED, read, strict=True):
        assert found == (status, accepted), outcome
    assert log.events("accepted") == log.requests("accepted")


def test_what_meta_answered_is_kept(load: Load) -> None:
    error = {"message": "Invalid parameter", "code": 100, "error_subcode": 2804003, "error_user_title": "Too Old"}
    answers: list[Any] = [
        {"body": {"events_received": 2, "messages": ["note"], "fbtrace_id": "T1"}},
        {"body": json.dumps({"events_received": 0, "messages": []})},
        {"error": error},
        {"error": {"message": "Invalid parameter", "code": "100"}},
        {"error": json.dumps(error)},
        {"error": "connection reset"},
    ]
    log = load(*({"data": TWO, "response": answer} for answer in answers))
    assert log.requests("events_received") == [2, 0, None, None, None, None]
    assert log.requests("messages") == ['["note"]', None, None, None, None, None]
    assert log.requests("trace_id") == ["T1", None, None, None, None, None]
    assert log.requests("error_code") == [None, None, 100, 100, 100, None]
    assert log.requests("error_subcode") == [None, None, 2804003, None, 2804003, None]
    assert log.requests("error_title") == [None, None, "Too Old", "Invalid parameter", "Too Old", "connection reset"]


def test_status_is_an_outcome_only_where_every_row_of_the_file_holds_an_http_status(store: Loaded) -> None:
    def statuses(*values: Any) -> list[dict[str, Any]]:
        return [
            {"upload_time": TIME + number, "status": value, "event": event()} for number, value in enumerate(values)
        ]

    store.load({"a.jsonl": statuses(100, "200", 599, None, "")})
    assert store.requests("http_status") == [100, 200, 599, None, None]
    store.load({"b.jsonl": statuses(200, "sent", 400)}, advertiser="b")
    store.load({"c.jsonl": statuses(200, 600, 400)}, advertiser="c")
    store.load({"d.jsonl": [*statuses(200, 99), enveloped(status="sent")]}, advertiser="d")
    assert store.column("http_status", "request where advertiser_id in ('b', 'c', 'd')") == [None] * 8
    assert store.column("http_status", "request where advertiser_id = 'acme'") == [200]


# Events


def test_an_event_is_test_traffic_when_request_or_event_carries_a_test_event_code(load: Load) -> None:
    code = {"test_event_code": "TEST1"}
    marked: list[dict[str, Any]] = [
        {"data": [event()]} | code,
        {"request": {"data": [event()]} | code},
        {"request": {"body": {"data": [event()]} | code}},
        {"request": {"body": {"data": [event()]}} | code},
        {"body": form_body([event()], test_event_code="TEST1")},
        enveloped() | code,
        event() | code,
        {"data": [event() | code]},
        {"data": json.dumps([json.dumps(event() | code)])},
    ]
    plain = [{"data": [event()], "test_event_code": nothing} for nothing in (None, "", [], {})]
    plain += [{"data": [event() | {"test_event_code": nothing}]} for nothing in (None, "", [], {})]
    log = load(*marked, *plain, {"data": [event() | code, event()]})
    assert log.events("test_traffic") == [True] * len(marked) + [False] * len(plain) + [True, False]


EVENT_TIMES: list[tuple[str, int | None, str]] = [
    ("1790000000", TIME, "integer"),
    ("-5", -5, "integer"),
    ("0", 0, "integer"),
    ("1790000000123", TIME * 1000 + 123, "integer"),
    ("9223372036854775807", 2**63 - 1, "integer"),
    ("9" * 40, None, "integer"),
    ('"1790000000"', TIME, "digits"),
    ('"' + "9" * 40 + '"', None, "digits"),
    ("1790000000.9", TIME, "fraction"),
    ("-1.9", -1, "fraction"),
    ("1.79e9", TIME, "fraction"),
    ("1e300", None, "fraction"),
    ('"1790000000.5"', None, "text"),
    ('" 1790000000"', None, "text"),
    ('"-5"', None, "text"),
    ('"2026-09-21T14:13:20Z"', None, "text"),
    ("true", None, "text"),
    ("[1790000000]", None, "text"),
    ('{"a": 1}', None, "text"),
    ("null", None, "missing"),
    ('""', None, "missing"),
    ("[]", None, "missing"),
    ("{}", None, "missing"),
]


def test_an_event_time_is_kept_as_read_with_its_form(load: Load) -> None:
    log = load(*(f'{{"event_name": "A", "event_time": {text}}}' for text, _, _ in EVENT_TIMES), event(event_time=None))
    assert log.events("event_time") == [time for _, time, _ in EVENT_TIMES] + [None]
    assert log.events("event_time_form") == [form for _, _, form in EVENT_TIMES] + ["missing"]


LEAD_IDS = [
    ("1234567890123456", "1234567890123456"),
    ('"1234567890123456"', "1234567890123456"),
    ("12345678901234567", "12345678901234567"),
    ("18446744073709551617", "18446744073709551617"),
    ("1" * 40, "1" * 40),
    ('"007"', "007"),
    ("1234567890123456.0", "1234567890123456.0"),
    ("1.234567890123456e15", "1234567890123456.0"),
    ('"1.23E+15"', "1.23E+15"),
    ('"00Q5g00000ABC"', "00Q5g00000ABC"),
    ('" 12"', " 12"),
    ('["1234567890123456"]', '["1234567890123456"]'),
    ("[1234567890123456]", "[1234567890123456]"),
    ('{"id": 5}', '{"id":5}'),
    ("true", "true"),
    ("null", None),
    ('""', None),
    ("[]", None),
    ("{}", None),
]


def test_a_lead_id_is_text_and_never_a_rounded_number(load: Load) -> None:
    log = load(*(f'{{"event_name": "A", "user_data": {{"lead_id": {text}}}}}' for text, _ in LEAD_IDS))
    assert log.events("lead_id") == [lead_id for _, lead_id in LEAD_IDS]
    assert log.events("customer_parameters") == [int(lead_id is not None) for _, lead_id in LEAD_IDS]


UPPER = DIGEST.upper()
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of ""
NULL = "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b"  # of "null"
DIGESTS: list[tuple[Any, str | None]] = [
    (DIGEST, "em:sha256"),
    ([DIGEST], "em:sha256"),
    ([DIGEST, DIGEST], "em:sha256"),
    (UPPER, "em:upper"),
    ([DIGEST, UPPER], "em:upper"),
    (DIGEST[:32], "em:md5"),
    ([DIGEST[:32].upper()], "em:md5"),
    (DIGEST[:40], "em:sha1"),
    ([DIGEST[:40], DIGEST[:40]], "em:sha1"),
    (DIGEST[:63], "em:plain"),
    (DIGEST + "0", "em:plain"),
    ("jane@example.com", "em:plain"),
    ([DIGEST, "jane@example.com"], "em:plain"),
    ([DIGEST, DIGEST[:32]], "em:plain"),
    (5, "em:plain"),
    ({"a": DIGEST}, "em:plain"),
    ([DIGEST, None], "em:empty"),
    ([None], "em:empty"),
    ([""], "em:empty"),
    (["", DIGEST], "em:empty"),
    (NOTHING, "em:nothing"),
    ([NOTHING.upper()], "em:nothing"),
    ([DIGEST, NULL], "em:nothing"),
    (None, None),
    ("", None),
    ([], None),
    ({}, None),
]


def forms(log: Loaded) -> list[str | None]:
    """The forms without the short digests behind them."""
    return log.events("regexp_replace(digest_forms, ':[0-9a-f]{12}( |$)', '\\1', 'g')")


@pytest.mark.parametrize("indent", [None, 1], ids=["in a line", "pretty-printed"])
def test_the_form_of_a_digest_is_told_and_the_digest_is_not_kept(store: Loaded, indent: int | None) -> None:
    records = [event(user_data={"lead_id": LEAD, "em": value}) for value, _ in DIGESTS]
    store.load({"log.json": "\n".join(json.dumps(record, indent=indent) for record in records)})
    assert forms(store) == [form for _, form in DIGESTS]
    assert store.events("customer_parameters") == [1 + (form is not None) for _, form in DIGESTS]
    assert store.events("lead_id") == [LEAD] * len(DIGESTS)
    assert DIGEST[:32] not in store.texts().lower()


def test_parameters_that_are_not_hashed_count_and_have_no_form(load: Load) -> None:
    log = load(
        event(
            user_data={"fbc": "fb.1.2.3", "ph": [DIGEST], "client_ip_address": "192.0.2.1", "country": UPPER, "x": 1}
        ),
        event(user_data={"fbc": "fb.1.2.3"}),
        event(user_data={"x": 1}),
        event(user_data=5),
        event(user_data=None),
    )
    assert log.events("customer_parameters") == [4, 1, 0, 0, 0]
    assert forms(log) == ["ph:sha256 country:upper", None, None, None, None]


def test_without_a_lead_id_a_copy_is_told_from_another_person(load: Load) -> None:
    jane, john = {"em": [DIGEST]}, {"em": [DIGEST[::-1]]}
    log = load(event(user_data=jane), {"data": [event(user_data=jane)]}, event(user_data=john), event())
    first, copy, other, named = log.events("person_digest")
    assert first == copy != other
    assert named is None


def test_absent_values_are_none_and_not_words(load: Load) -> None:
    for_all: dict[str, Any] = dict.fromkeys(["event_name", "action_source", "user_data", "custom_data"])
    records = [
        {"data": [for_all | dict.fromkeys(for_all, nothing)]}
        for nothing in (None, "", [], {}, 5, True, ["x"], {"a": 1})
    ]
    log = load(*records)
    assert log.report.loaded == len(records)
    for column in ("event_name", "action_source", "event_source", "lead_event_source", "lead_id"):
        assert log.events(column) == [None] * len(records), column


def test_an_element_that_is_no_event_is_an_event_without_anything(load: Load) -> None:
    log = load({"data": [5, None, "x", [event()], "[1]", event()]})
    assert log.events("event_name") == [None] * 5 + ["Qualified"]
    assert log.events("position") == [0, 1, 2, 3, 4, 5]


def test_names_keep_their_characters(load: Load) -> None:
    names = [
        "Prospect qualifié",
        "見込み客",
        "a\\b",
        'say "hi"',
        "tab\there",
        " padded ",
        "😀",
        "e\u0301",
        "x" * 10_000,
        "l'été",
    ]
    log = load(
        *(event(event_name=name) for name in names), {"data": json.dumps([json.dumps(event(event_name=names[3]))])}
    )
    assert log.events("event_name") == [*names, names[3]]


ODD_VALUES: list[Any] = [
    5,
    -1,
    1.5,
    "x",
    "",
    None,
    True,
    [],
    {},
    [[]],
    [{}],
    {"a": 1},
    ["x"],
    "[1]",
    '{"a": 1}',
    10**40,
]
ODD_VALUES += ["\\", '"', "a" * 70_000, "\u0000", "data=%FF", {"data": {"data": 5}}]


@pytest.mark.parametrize(
    "shape",
    [enveloped(), {"data": [event()]}, {"url": URL, "request": {"data": [event()]}}, event()],
    ids=["enveloped", "request", "exchange", "event"],
)
def test_an_odd_value_in_any_place_costs_at_most_its_own_record(store: Loaded, shape: dict[str, Any]) -> None:
    known = "advertiser_id dataset_id url upload_time status http_status response error event request body form params"
    keys = [*known.split(), "data", "test_event_code", *event(), "created_time", "custom_events", "x" * 70_000]
    records = [shape | {key: value} for key in keys for value in ODD_VALUES]
    records += [{"data": [event(**{key: value})]} for key in event() for value in ODD_VALUES]
    records += [{"request": {key: value, "data": [event()]}} for key in keys for value in ODD_VALUES]
    store.load({"log.jsonl": records})
    assert store.report.rows == len(records)
    assert store.report.loaded > len(records) / 2
    assert (store.report.problems, store.report.duplicates) == ([], 0)


# Lead lists


def test_a_page_admin_download_is_read_as_it_comes(load_leads: Load) -> None:
    text = lead_list(
        lead_cells(), lead_cells(1, is_organic="true", campaign_id="", created_time="2026-09-21T10:13:20-04:00")
    )
    log = load_leads(text.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"))
    assert log.rows("select * exclude (record_digest) from lead order by line") == [
        {
            "file_id": 1,
            "line": 2 + number,
            "advertiser_id": None,
            "lead_id": str(int(LEAD) + number),
            "created_time": TIME,
            "form_id": "120000003",
            "page_id": None,
            "campaign_id": None if number else "120000002",
            "is_organic": bool(number),
            "is_test": False,
            "ad_id": "120000001",
            "adset_id": None,
        }
        for number in range(2)
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_cells_may_hold_line_ends_delimiters_and_quotes(load_leads: Load, delimiter: str) -> None:
    cells = ["two\nlines\n\nand a third", 'say ""hi"" "', "a,b;c|d\te", "", '"', "\n", " padded ", "it's"]
    rows = [lead_cells(number, **{"your question?": cell}) for number, cell in enumerate(cells)]
    log = load_leads(lead_list(*rows, lead_cells(90, id="bad"), lead_cells(91), delimiter=delimiter))
    assert log.leads("lead_id") == [str(int(LEAD) + number) for number in [*range(len(cells)), 91]]
    assert log.leads("form_id") == ["120000003"] * (len(cells) + 1)
    line_of_bad = 2 + len(cells) + sum(cell.count("\n") for cell in cells)
    assert log.quarantine() == [(line_of_bad, "this is not a Meta lead id: bad")]


def test_a_broken_quote_costs_its_own_line(load_leads: Load) -> None:
    head = "id,created_time,answer\n"
    log = load_leads(
        head
        + '1,2026-09-21,"open\n2,2026-09-21,fine\n3,2026-09-21,"broken" quote\n4,2026-09-21,5" pipe\n5,2026-09-21,x\n'
    )
    assert log.quarantine() == [(2, "a row with broken quotes"), (4, "a row with broken quotes")]
    assert log.leads("lead_id") == ["2", "4", "5"]
    assert log.leads("line") == [3, 5, 6]


def test_a_quote_that_never_closes_swallows_nothing(load_leads: Load) -> None:
    log = load_leads(
        "id,created_time\n"
        + "".join(f"{number},2026-09-21\n" for number in range(10))
        + '10,"2026-09-21\n11,2026-09-21\n'
    )
    assert log.leads("lead_id") == [*map(str, range(10)), "11"]
    assert log.quarantine() == [(12, "a row with broken quotes")]


def test_ragged_rows_are_read_where_they_can_be_and_never_shifted(load_leads: Load) -> None:
    rows = ["1,2026-09-21", "2,2026-09-21,3", "3,2026-09-21,3,no", "4,2026-09-21,3,,", "5", "", ",,", "6,2026-09-21,3"]
    log = load_leads("id,created_time,form_id\n" + "\n".join(rows))
    assert log.leads("lead_id") == ["1", "2", "4", "6"]
    assert log.leads("form_id") == [None, "3", "3", "3"]
    assert log.quarantine() == [
        (4, "the row has 4 cells, the header 3"),
        (6, "the row says not when the lead was created"),
    ]


def test_the_columns_of_a_lead_list_go_by_many_names(store: Loaded) -> None:
    ids = ["lead_id", "leadgen_id", "meta_lead_id", "facebook_lead_id", "Facebook Lead ID", "fb_lead_id", "ID", " id "]
    times = ["created_time", "Created_At", "lead_created", "created", "creation_time", "date_created", *["CREATED"] * 2]
    headers = enumerate(zip(ids, times, strict=True))
    files = {f"{n}.csv": table(["x", time, name], ["9", f"{TIME}", f"l:{n}"]) for n, (name, time) in headers}
    assert store.load((), files).problems == []
    assert sorted(store.leads("lead_id")) == list("01234567")
    assert set(store.leads("created_time")) == {TIME}


HEADERS = {
    "quoted": '"id","created_time"\n',
    "over two lines": 'id,created_time,"what\nnow?"\n',
    "a name twice": "id,created_time,id,created_time\n",
    "questions with delimiters": 'id,created_time,"a;b;c;d;e",f|g|h\n',
    "2,000 columns": "id,created_time," + ",".join(f"q{number}" for number in range(2000)) + "\n",
    "a long question": "id,created_time," + "q" * 200_000 + "\n",
    "longer than a chunk": ",".join(f"question {number}" for number in range(120_000)) + ",id,created_time\n",
    "blank lines before": "\n\n" + "id,created_time\n",
    "a mark": "\ufeffid,created_time\n",
    "without an end": "id,created_time",
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_may_be_odd(load_leads: Load, header: str) -> None:
    text = HEADERS[header]
    prefix = "," * 120_000 if header == "longer than a chunk" else ""
    rows = "" if header == "without an end" else f"{prefix}7,2026-09-21\n{prefix}x,2026-09-21\n"
    log = load_leads(text + rows)
    assert log.leads("lead_id") == (["7"] if rows else [])
    assert [line for line, _ in log.quarantine()] == ([text.count("\n") + 2] if rows else [])


@pytest.mark.parametrize(
    ("header", "what"), [("id,name", "creation time"), ("created_time", "lead's id"), ("id", "creation time")]
)
def test_a_list_without_a_needed_column_is_a_line_that_names_the_known_ones(
    store: Loaded, header: str, what: str
) -> None:
    report = store.load((), {"leads.csv": header + "\n1,2\n", "good.csv": lead_list(lead_cells())})
    assert len(report.problems) == 1
    assert f"leads.csv: this lead list has no column for the {what} (known: " in report.problems[0]
    assert report.loaded == 1


ROUNDED = "a spreadsheet or a column of numbers has turned the lead id into"
BROKEN_IDS = {
    "1.23E+15": f"{ROUNDED} 1.23E+15; its digits are lost, export it as text",
    "1,23E+15": f"{ROUNDED} 1,23E+15; its digits are lost, export it as text",
    "1234567890123456.0": "a decimal column has turned the lead id into 1234567890123456.0; export it as text",
    "123.": "a decimal column has turned the lead id into 123.; export it as text",
    "123.5": "this is not a Meta lead id: 123.5",
    "00Q5g00000ABCDE": "a Salesforce id stands in place of the lead id: 00Q5g00000ABCDE",
    "o'brien": "this is not a Meta lead id: o'brien",
    "12 34": "this is not a Meta lead id: 12 34",
    "-5": "this is not a Meta lead id: -5",
    "１２３": "this is not a Meta lead id: １２３",
    "NULL": "this is not a Meta lead id: NULL",
    "a\\x00b": "this is not a Meta lead id: a\\x00b",
    "": "the row names no lead",
    " ": "the row names no lead",
    "l:": "the row names no lead",
}


def test_a_damaged_lead_id_is_quarantined_with_what_damaged_it(load_leads: Load) -> None:
    good = {"l:5": "5", "'6": "6", " 7 ": "7", "8" * 30: "8" * 30, "009": "009"}
    log = load_leads(lead_list(*(lead_cells(id=value) for value in [*BROKEN_IDS, *good])))
    assert dict(log.quarantine()) == dict(enumerate(BROKEN_IDS.values(), start=2))
    assert log.leads("lead_id") == list(good.values())


def test_a_damaged_creation_time_is_quarantined(load_leads: Load) -> None:
    bad = {"": "the row says not when the lead was created"}
    bad |= {
        text: f"the creation time is neither ISO 8601 nor Unix seconds: {text}"
        for text in ("21/09/2026 25:00", "soon", "4500")
    }
    good = [str(TIME), f"{TIME}000", "2026-09-21T14:13:20+0000", "2026-09-21 16:13:20", "21.09.2026 16:13:20"]
    rows = [lead_cells(number, created_time=value) for number, value in enumerate([*bad, *good])]
    log = load_leads(lead_list(*rows), config=Config(time_zone="Europe/Paris"))
    assert dict(log.quarantine()) == dict(enumerate(bad.values(), start=2))
    assert log.leads("created_time") == [TIME] * len(good)


@pytest.mark.parametrize("column", LEAD_HEADER[2:])
def test_a_test_lead_is_told_by_any_of_its_cells(load_leads: Load, column: str) -> None:
    log = load_leads(lead_list(lead_cells(), lead_cells(1, **{column: "<test lead: dummy data for x>"})))
    assert log.leads("is_test") == [False, True]


def test_question_columns_may_repeat_and_hold_what_they_like(load_leads: Load) -> None:
    header = ["id", "created_time", "what?", "what?", "größe, länge", "id", "email"]
    log = load_leads(table(header, ["l:1", "2026-09-21", "a", "b", "c,d", "99", "x"]))
    assert log.leads("lead_id") == ["1"]


GRAPH_LEAD: dict[str, Any] = {
    "id": LEAD,
    "created_time": "2026-09-21T14:13:20+0000",
    "form_id": "30",
    "page_id": 40,
    "campaign_id": "50",
    "is_organic": False,
    "field_data": [{"name": "email", "values": ["jane@example.com"]}],
}


def graph_lead(number: int = 0, **changes: Any) -> dict[str, Any]:
    return GRAPH_LEAD | {"id": str(int(LEAD) + number)} | changes


def page(*leads: Any) -> dict[str, Any]:
    return {
        "data": list(leads),
        "paging": {"cursors": {"after": "QVFIU"}, "next": "https://x?access_token=CaNaRyToken123"},
    }


LEAD_DOCUMENTS: dict[str, Any] = {
    "page.json": json.dumps(page(*map(graph_lead, range(3)))),
    "page over lines.json": json.dumps(page(*map(graph_lead, range(3))), indent=2),
    "pages.json": json.dumps(page(graph_lead()), indent=1) + json.dumps(page(graph_lead(1), graph_lead(2)), indent=1),
    "array of pages.json": json.dumps([page(graph_lead()), page(), page(graph_lead(1), graph_lead(2))], indent=1),
    "pages.jsonl": lines(page(graph_lead()), page(graph_lead(1), graph_lead(2))),
    "leads.jsonl": lines(*map(graph_lead, range(3))),
    "leads.json": json.dumps(list(map(graph_lead, range(3)))),
    "one lead, then two.json.gz": json.dumps(graph_lead(), indent=2) + json.dumps([graph_lead(1), graph_lead(2)]),
    "numbers.jsonl": lines(*(graph_lead(number) | {"id": int(LEAD) + number, "form_id": 30} for number in range(3))),
    "webhook names.jsonl": lines(
        *(
            {"leadgen_id": int(LEAD) + number, "created_at": TIME} | {**GRAPH_LEAD, "id": None, "created_time": None}
            for number in range(3)
        )
    ),
}


@pytest.mark.parametrize("name", LEAD_DOCUMENTS)
def test_leads_are_read_from_every_way_in_which_the_graph_gives_them(load_leads: Load, name: str) -> None:
    log = load_leads(LEAD_DOCUMENTS[name], name)
    assert log.quarantine() == []
    assert log.rows("select * exclude (file_id, line, record_digest) from lead order by lead_id") == [
        {
            "advertiser_id": None,
            "lead_id": str(int(LEAD) + number),
            "created_time": TIME,
            "form_id": "30",
            "page_id": "40",
            "campaign_id": "50",
            "is_organic": False,
            "is_test": False,
            "ad_id": None,
            "adset_id": None,
        }
        for number in range(3)
    ]
    assert "CaNaRy" not in log.texts()


def test_what_is_no_lead_in_a_page_is_quarantined_and_the_rest_is_read(load_leads: Load) -> None:
    text = {"field_data": [{"name": "q", "values": ["<test lead: dummy data for q>"]}]}
    odd: list[Any] = [
        5,
        None,
        "x",
        [],
        {},
        {"id": "1"},
        {"created_time": TIME},
        graph_lead(1, id=1.5e15),
        graph_lead(1, id={"a": 1}),
    ]
    log = load_leads(
        lines(page(graph_lead(), *odd, graph_lead(2, **text)), "no JSON", "5", graph_lead(3)), "leads.jsonl"
    )
    assert log.leads("lead_id") == [str(int(LEAD) + number) for number in (0, 2, 3)]
    assert log.leads("is_test") == [False, True, False]
    assert log.report.quarantined == len(odd) + 2
    assert [line for line, _ in log.quarantine()] == [1] * len(odd) + [2, 3]


def test_the_owner_of_a_lead_is_the_first_that_somebody_names(store: Loaded) -> None:
    config = Config(forms={"1": "by form"}, pages={"2": "by page"})
    header = ["id", "created_time", "client_id", "form_id", "page_id"]
    rows = [["1", "by column", "f:1", "2"], ["2", "", "f:1", "2"], ["3", "", "f:9", "2"], ["4", " ", "", ""]]
    text = table(header, *([row[0], "2026-09-21", *row[1:]] for row in rows))
    store.load((), {"advertiser_id=by folder/a.csv": text}, config=config, advertiser="by option")
    assert store.leads("advertiser_id") == ["by column", "by form", "by page", "by folder"]
    store.load((), {"b.csv": table(header[:2], ["5", "2026-09-21"])}, config=config, advertiser="by option")
    store.load((), {"c.csv": table(header[:2], ["6", "2026-09-21"])}, config=config)
    store.load((), {"d.jsonl": lines(graph_lead(form_id="1"), graph_lead(1, advertiser="acme"))}, config=config)
    assert store.leads("advertiser_id")[4:] == ["by option", None, "by form", "acme"]


def test_a_lead_list_among_the_logs_is_read_as_one_and_events_among_the_leads_are_not(store: Loaded) -> None:
    report = store.load({"logs/leads.csv": lead_list(lead_cells()), "logs/log.jsonl": [enveloped()]})
    assert [file.kind for file in report.files] == ["leads", "events"]
    report = store.load({"table.csv": "id,created_time,event_name\n1,2026-09-21,Lead\n"}, {"log.jsonl": [enveloped()]})
    assert len(report.problems) == 1
    assert [(file.kind, file.quarantined) for file in report.files] == [("leads", 1)]


# Everything at once

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
GOOD = st.builds(
    lambda name, time, lead_id, sent, indent: {
        "advertiser_id": "acme",
        "upload_time": sent,
        "event": {"event_name": name, "event_time": time, "user_data": {"lead_id": lead_id}},
    },
    NAMES,
    st.integers(-(2**63), 2**63 - 1),
    st.one_of(st.integers(1, 10**30), st.integers(1, 10**30).map(str)),
    st.integers(10**8, 10**11 - 1),
    st.booleans(),
)
BAD = st.one_of(
    st.sampled_from(list(NOT_READ)),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1).map(lambda text: "{" + text),
    GOOD.map(lambda record: json.dumps(record)[:-1]),
)


@settings(derandomize=True, deadline=None, max_examples=15)
@given(st.lists(st.one_of(GOOD, BAD, st.just("")), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_in_any_mixture_nothing_is_lost_and_every_good_event_is_found_once(
    tmp_path_factory: pytest.TempPathFactory, records: list[Any], end: str, packed: bool
) -> None:
    log = fresh(tmp_path_factory.mktemp("mixture"))
    text = lines(*records).replace("\n", end).encode()
    log.load({"log.jsonl": gzip.compress(text) if packed else text})
    good = [record for record in records if isinstance(record, dict)]
    assert log.report.problems == []
    assert log.report.rows == sum(1 for record in records if record != "" and record != "[]")
    assert [
        (row["event_name"], row["event_time"], row["lead_id"], row["upload_time"])
        for row in log.rows("from event order by request_id")
    ] == [
        (
            record["event"]["event_name"],
            record["event"]["event_time"],
            str(record["event"]["user_data"]["lead_id"]),
            record["upload_time"],
        )
        for record in good
    ]
    log.store.close()


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\x01\r"), max_size=10)


@settings(derandomize=True, deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.booleans(), CELLS, CELLS), max_size=8), st.sampled_from([",", ";", "\t"]))
def test_whatever_people_answer_every_row_of_a_lead_list_is_found_on_its_line(
    tmp_path_factory: pytest.TempPathFactory, answers: list[tuple[bool, str, str]], delimiter: str
) -> None:
    log = fresh(tmp_path_factory.mktemp("answers"))
    rows = [
        [first, str(number) if good else f"x{number}", "2026-09-21", last]
        for number, (good, first, last) in enumerate(answers)
    ]
    text, starts = table(["first?", "id", "created_time", "last?"], delimiter=delimiter), []
    for row in rows:
        starts.append(text.count("\n") + 1)
        text += table(row, delimiter=delimiter)
    log.load((), {"leads.csv": text})
    goods = [good for good, _, _ in answers]
    assert log.leads("lead_id") == [str(number) for number, good in enumerate(goods) if good]
    assert log.leads("line") == [start for start, good in zip(starts, goods, strict=True) if good]
    assert [line for line, _ in log.quarantine()] == [
        start for start, good in zip(starts, goods, strict=True) if not good
    ]
    log.store.close()
