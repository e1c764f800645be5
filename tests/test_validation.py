"""Payloads before they are sent: judged as `run` judges them, at the place where they stand."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import random_logs
from ingest_samples import LEAD, TIME, URL, enveloped, event, form_body, lines, write
from store_samples import assert_one_line, funnelcheck
from test_oracle import config_of
from test_sdk import CASES

from funnelcheck import eventrules, rulebook
from funnelcheck.config import AdvertiserConfig, Config, PartnerConfig
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Severity, Status
from funnelcheck.render import payload_text
from funnelcheck.store import Store, open_store
from funnelcheck.validation import validate, validate_texts

SENT = TIME + 600
PARITY = range(9)
FORM_RULES = ("EVT001", "EVT002", "EVT003", "EVT004", "EVT005", "EVT006", "EVT007", "EVT010")


def found(content: Any, name: str = "payload.json", **options: Any) -> list[tuple[str, str, int, int]]:
    """What is found in one text: code, pointer, line and column."""
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    validation = validate_texts({name: text}, as_of=SENT, **options)
    assert validation.unreadable == ()
    return [(one.code, one.pointer, one.line, one.column) for one in validation.findings]


def codes(content: Any, **options: Any) -> list[str]:
    return [code for code, *_ in found(content, **options)]


def unreadable(content: str, name: str = "payload.json") -> list[tuple[int | None, int | None, str]]:
    validation = validate_texts({name: content}, as_of=SENT)
    return [(one.line, one.column, f"{one.reason}; {one.hint}") for one in validation.unreadable]


# --- the same verdicts as run, event by event -----------------------------------------------------------------

Mark = tuple[str, int, int, str, str]  # path, line, position, code, status


def marks_of_store(store: Store, guide: str, config: Config) -> tuple[set[Mark], set[tuple[str, int, int]]]:
    """What `run` finds at single events, and the events that it has judged."""
    book = rulebook.load(config, guide)
    marks: set[Mark] = set()
    events = set()
    rows = store.rows(
        "select path, line, position, faulty, warned, upload_time from event_judged "
        "join (select request_id, file_id, line from request) using (request_id) join source_file using (file_id)"
    )
    judged = [(bit, rule) for bit, rule in enumerate(eventrules.about_events(book)) if rule.at]
    for row in rows:
        if row["upload_time"] is None:
            continue
        events.add((row["path"], row["line"], row["position"]))
        for bit, rule in judged:
            level = 2 if row["faulty"] >> bit & 1 else row["warned"] >> bit & 1
            if level:
                status = Status.FAIL if level == 2 and rule.severity is Severity.REQUIRED else Status.WARN
                marks.add((row["path"], row["line"], row["position"], rule.code, str(status)))
    return marks, events


@pytest.mark.parametrize("seed", PARITY)
def test_validate_and_run_find_the_same_at_every_event(seed: int, tmp_path: Path) -> None:
    case = random_logs.write_logs(tmp_path, seed)
    logs = [str(path) for path in case.log_paths if ".csv" not in path.name]
    config = config_of(case)
    with open_store() as store:
        ingest(store, logs, config=config)
        check(store, as_of=case.as_of, config=config, guide=case.guide)
        right, events = marks_of_store(store, case.guide, config)
    validation = validate(logs, as_of=case.as_of, config=config, guide=case.guide)
    assert validation.unreadable == ()
    told = {(one.path, one.line, one.event, one.code, str(one.status)) for one in validation.findings}
    assert {mark for mark in told if mark[:3] in events} == right
    assert len(events) > 0


def test_at_the_same_clock_events_without_a_time_of_sending_are_judged_alike(tmp_path: Path) -> None:
    rng = random.Random(7)
    times = [SENT - 604_801, SENT - 604_800, SENT - 604_799, SENT, SENT + 1, SENT + 300, SENT + 301, SENT * 1000, "x"]
    bodies = [event(event_time=time, event_name=f"Stage {i}") for i, time in enumerate(times)]
    for rule in FORM_RULES:
        body = event(event_time=SENT - 60)
        random_logs.spoil(body, rule, rng)
        bodies.append(body)
    sent = write(tmp_path / "sent.jsonl", lines(*(enveloped(event=body, upload_time=SENT) for body in bodies)))
    fixture = write(tmp_path / "fixture.jsonl", lines(*bodies))
    with open_store() as store:
        ingest(store, [str(sent)])
        check(store, as_of=SENT)
        right = {mark[1:] for mark in marks_of_store(store, "six-step", Config())[0]}
    validation = validate([str(fixture)], as_of=SENT)
    assert {(one.line, one.event, one.code, str(one.status)) for one in validation.findings} == right
    assert {"TIM001", "TIM003", "EVT005"} <= {code for *_, code, _status in right}


@pytest.mark.parametrize(("size", "told"), [(0, ["REQ001"]), (1, []), (1000, []), (1001, ["REQ001"])])
def test_a_request_holds_at_most_a_thousand_events_and_not_none(size: int, told: list[str], tmp_path: Path) -> None:
    request = {"data": [event(event_name=f"Stage {i}") for i in range(size)]}
    validation = validate_texts({"request.json": json.dumps(request)}, as_of=SENT)
    assert [one.code for one in validation.findings] == told
    sent = write(tmp_path / "sent.jsonl", lines({"advertiser_id": "a", "sent_at": SENT, "request": request}))
    with open_store() as store:
        ingest(store, [str(sent)])
        run = check(store, as_of=SENT)
        finding = run.advertisers[0].finding("REQ001") if run.advertisers else None
    if finding is not None:
        assert (finding.affected + (finding.warned or 0) > 0) == bool(told)


# --- where it stands ------------------------------------------------------------------------------------------


def resolved(document: Any, pointer: str) -> Any:
    """RFC 6901, walking on through texts that hold JSON."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = json.loads(document) if isinstance(document, str) else document
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def line_of(document: Any, pointer: str) -> int:
    """The line of a value in json.dumps(document, indent=1), found by a mark in its place."""
    marked = json.loads(json.dumps(document))
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    holder = marked
    for key in way:
        holder = holder[int(key)] if isinstance(holder, list) else holder[key]
    holder[int(last) if isinstance(holder, list) else last] = "the mark"
    return next(i for i, line in enumerate(json.dumps(marked, indent=1).split("\n"), 1) if "the mark" in line)


@pytest.mark.parametrize("seed", range(25))
def test_every_pointer_leads_to_something_and_every_line_is_its_line(seed: int) -> None:
    rng = random.Random(seed)
    bodies = []
    for _ in range(6):
        body = event(event_time=SENT - rng.choice((60, 700_000, -9_000)))
        random_logs.spoil(body, rng.choice(FORM_RULES), rng)
        bodies.append(json.loads(random_logs.dumps(body)))
    document = {"data": bodies, "partner_agent": rng.choice(("x", "datapartner"))}
    text = json.dumps(document, indent=1)
    validation = validate_texts({"payload.json": text}, as_of=SENT)
    assert validation.findings
    for one in validation.findings:
        resolved(document, one.pointer)
        assert one.pointer.startswith(f"/data/{one.event}") or (one.code, one.pointer) == ("EVT014", "/partner_agent")
        assert one.line == line_of(document, one.pointer)
        line = text.split("\n")[one.line - 1]
        assert not line[: one.column - 1].strip()
        assert line[one.column - 1] in '"{'


def test_what_is_missing_is_told_where_it_belongs() -> None:
    body = event(custom_data=None, action_source=None)
    assert found({"data": [body]}) == [
        ("EVT001", "/data/0", 1, 11),
        ("EVT002", "/data/0", 1, 11),
        ("EVT003", "/data/0", 1, 11),
    ]
    body = event(custom_data={"event_source": "crm"})
    assert [(code, pointer) for code, pointer, *_ in found({"data": [body]})] == [("EVT003", "/data/0/custom_data")]


WRONG = event(action_source="website", custom_data={"event_source": "crm", "lead_event_source": "My CRM"})
IN_SHAPES = {
    "a bare event": (WRONG, "/action_source"),
    "a list of events": ([event(), WRONG], "/1/action_source"),
    "a request": ({"data": [event(), WRONG]}, "/data/1/action_source"),
    "a request whose list is a text": ({"data": json.dumps([event(), WRONG])}, "/data/1/action_source"),
    "a request as the SDK lists it": (
        {"data": json.dumps([json.dumps(event()), json.dumps(WRONG)])},
        "/data/1/action_source",
    ),
    "an exchange": ({"sent_at": SENT, "request": {"data": [WRONG]}}, "/request/data/0/action_source"),
    "an exchange with a form body": ({"body": form_body([event(), WRONG])}, "/body/data/1/action_source"),
    "an exchange whose body lies deeper": (
        {"request": {"url": URL, "body": json.dumps({"data": [WRONG]})}},
        "/request/body/data/0/action_source",
    ),
    "an enveloped event": (enveloped(event=WRONG), "/event/action_source"),
}


@pytest.mark.parametrize("shape", IN_SHAPES)
def test_a_fault_is_found_in_every_shape(shape: str) -> None:
    content, pointer = IN_SHAPES[shape]
    assert [(code, where) for code, where, *_ in found(content)] == [("EVT001", pointer)]


def test_a_form_body_of_its_own_is_judged() -> None:
    assert [(code, pointer) for code, pointer, *_ in found(form_body([event(), WRONG]), name="body.txt")] == [
        ("EVT001", "/data/1/action_source")
    ]


def har(*requests: dict[str, Any]) -> dict[str, Any]:
    return {
        "log": {
            "version": "1.2",
            "entries": [{"startedDateTime": "2026-09-21T14:20:00Z", "request": r} for r in requests],
        }
    }


def test_an_http_archive_is_searched_for_requests_that_post_events() -> None:
    other = {"method": "GET", "url": "https://example.com/events.html"}
    by_text = {
        "method": "POST",
        "url": URL,
        "postData": {"mimeType": "application/json", "text": json.dumps({"data": [WRONG]})},
    }
    params = [{"name": "access_token", "value": "x"}, {"name": "data", "value": json.dumps([WRONG])}]
    by_params = {
        "method": "POST",
        "url": URL,
        "postData": {"mimeType": "application/x-www-form-urlencoded", "params": params},
    }
    archive = har(other, by_text, by_params)
    text = json.dumps(archive, indent=1)
    told = [(code, pointer, line) for code, pointer, line, _ in found(text, name="session.har") if code == "EVT001"]
    first, second = "/log/entries/1/request/postData/text", "/log/entries/2/request/postData/params/1/value"
    assert told == [
        ("EVT001", f"{first}/data/0/action_source", line_of(archive, first)),
        ("EVT001", f"{second}/0/action_source", line_of(archive, second)),
    ]


def test_payloads_are_found_in_a_log_of_other_things() -> None:
    log = (
        "2026-09-21 14:00:01 INFO starting {not json}\n"
        f"2026-09-21 14:00:02 INFO sending {json.dumps({'data': [WRONG]})} to Meta\n"
        "2026-09-21 14:00:03 INFO done\n"
        f"{form_body([WRONG])}\n"
    )
    told = found(log, name="app.log")
    assert [(code, pointer, line) for code, pointer, line, _ in told] == [
        ("EVT001", "/data/0/action_source", 2),
        ("EVT001", "/data/0/action_source", 4),
    ]
    validation = validate_texts({"app.log": log}, as_of=SENT)
    assert validation.hints == ("app.log: 2 lines hold no payload",)


def test_a_payload_in_a_log_that_is_no_json_is_told_and_not_passed_over() -> None:
    log = (
        f"12:00 INFO sending {json.dumps(event())}\n"
        '12:01 INFO sending {"event_name": "Won", "event_time": 1,}\n'
        "12:02 INFO sending {'event_name': 'Won'}\n"
        '12:03 INFO sending {"data": [{"event_name": "Won"}, {"event_name": Lost}]}\n'
        '12:04 INFO sending "{\\"event_name\\": \\"Won\\"}"\n'
        "12:05 INFO sending {\n"
        "  'event_name': 'Won',\n"
        "  'event_time': 1,\n"
        "}\n"
    )
    validation = validate_texts({"app.log": log}, as_of=SENT)
    assert [(one.line, one.column) for one in validation.unreadable] == [(2, 57), (3, 21), (4, 68), (5, 23), (7, 3)]
    assert validation.files[0].events == 1


def test_an_encoded_body_is_found_among_other_words() -> None:
    log = f'2026-09-21 14:00:02 INFO body="{form_body([WRONG])}" status=200\n'
    told = [(code, pointer, line, column) for code, pointer, line, column in found(log, name="app.log")]
    assert told == [("EVT001", "/data/0/action_source", 1, 32)]
    log = f"2026-09-21 14:00:02 POST {URL}?{form_body([WRONG])}\n"
    assert [code for code, *_ in found(log, name="app.log")] == ["EVT001"]


def test_an_archive_tells_what_it_does_not_hold_and_what_was_answered() -> None:
    bare = {"method": "POST", "url": URL}
    validation = validate_texts({"a.har": json.dumps(har(bare))}, as_of=SENT)
    assert [one.reason for one in validation.unreadable] == ["the archive holds no body of this request"]
    in_address = {"method": "POST", "url": f"{URL}?{urlencode({'data': json.dumps([WRONG])})}"}
    assert codes(har(in_address)) == ["EVT001"]
    encoded = [{"name": "data", "value": urlencode({"": json.dumps([WRONG])})[1:]}]
    assert codes(har(bare | {"postData": {"params": encoded}})) == ["EVT001"]
    archive = har(bare | {"postData": {"text": json.dumps({"data": [event()]})}})
    content = {"text": base64.b64encode(b'{"events_received": 0}').decode(), "encoding": "base64"}
    archive["log"]["entries"][0]["response"] = {"status": 200, "content": content}
    assert codes(archive) == ["REQ004"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[{"event_name": "a", "user_data": {"em": 1, "em": 2}}]', "em"),
        ('{"event_name": "a", "event\\u005fname": "b"}', "event_name"),
        ('{"event_name": "a", "ann@example.com": 1, "ann@example.com": 2}', "(hidden)"),
    ],
)
def test_a_key_that_stands_twice_is_told_without_what_is_personal(text: str, place: str) -> None:
    validation = validate_texts({"a.json": text}, as_of=SENT)
    assert [(one.line, one.reason) for one in validation.unreadable] == [
        (1, f'the key "{place}" stands twice in one object')
    ]


# --- what is no JSON ------------------------------------------------------------------------------------------

SLIPS = {
    "a trailing comma in an object": ('{"data": [{"event_name": "Lead",}]}', 1, 32, "trailing comma"),
    "a trailing comma in a list": ('{"data": [\n {}, ]}', 2, 4, "trailing comma"),
    "a comment": ('{"data": [] // nothing\n}', 1, 13, "no comments"),
    "a comment of another kind": ('{\n# nothing\n"data": []}', 2, 1, "no comments"),
    "single quotes": ("{'data': []}", 1, 2, "double quotes"),
    "a hash without quotes": ('{"user_data": {"em": ' + "0a" * 32 + "}}", 1, 22, "the hash into double quotes"),
    "a hash without quotes that begins as a number": (
        '{"em": ' + "62a1" * 16 + "}",
        1,
        8,
        "the hash into double quotes",
    ),
    "the colon inside the quotes": ('{"event_name": "Lead", "custom_data:" {}}', 1, 39, 'write "custom_data":'),
    "a key without quotes": ("{data: []}", 1, 2, '"data"'),
    "a word of Python": ('{"value": None}', 1, 11, "null"),
    "no number": ('{"value": NaN}', 1, 11, "leave the field out"),
    "a comma that is missing": ('{"data": []\n "x": 1}', 2, 2, "put a comma"),
    "a line break inside a text": ('{"event_name": "Le\nad"}', 1, 19, "line break"),
    "brackets that do not match": ('{"data": [}', 1, 11, "value"),
    "an end too early": ('{"data": [{"event_name": "Lead"', 1, 32, "cut off"),
    "a placeholder": ('{"user_data": {"lead_id": {{lead.id}}}}', 1, 27, "render the template"),
    "another placeholder": ('{"user_data": {"lead_id": <LEAD_ID>}}', 1, 27, "put the value in"),
    "dots": ('{"data": [{"event_name": "Lead"}, ...]}', 1, 35, "what belongs there"),
    "typographic quotes": ("{“data”: []}", 1, 2, "plain double quotes"),
    "a leading zero": ('{"event_time": 01617693833}', 1, 16, "no leading zero"),
    "a byte that is no UTF-8": ('{"event_name": "Qualifi\\xe9"}', 1, 24, "save the file as UTF-8"),
    "an end within a text": ('{"data": [{"event_name": "Lead\n', 1, 26, "cut off"),
    "a quote inside a text": ('{"event_name": "the "best" stage"}', 1, 22, "a quote inside a text is written"),
    "a text that is not closed": ('{"event_name": "Won, "event_time": 1}', 1, 23, "the closing quote"),
    "a page of HTML": ("<!DOCTYPE html>\n<html></html>", 1, 1, "a web page"),
    "a backslash": ('{"event_name": "a\\d"}', 1, 18, "backslash"),
}


@pytest.mark.parametrize(
    "content", ["{1234567890123456: 1}", '{"ann@example.com:" 1}', "{+4915112345678: 1}", "{ann.example: 1}"]
)
def test_what_was_probably_meant_tells_nothing_personal(content: str) -> None:
    ((*_, told),) = unreadable(content)
    assert "double quotes" in told or "colon" in told
    assert not any(word in told for word in ("1234567890123456", "ann@", "49151"))


@pytest.mark.parametrize("slip", SLIPS)
def test_what_is_no_json_is_told_with_its_place_and_what_was_probably_meant(slip: str) -> None:
    text, line, column, hint = SLIPS[slip]
    ((told_line, told_column, told),) = unreadable(text)
    assert (told_line, told_column) == (line, column)
    assert "this is not JSON" in told
    assert hint in told
    with pytest.raises(json.JSONDecodeError):
        json.loads(text, parse_constant=lambda word: json.loads("nothing"))


def test_a_key_that_stands_twice_is_told_for_readers_differ() -> None:
    text = '{"event_name": "Lead",\n "action_source": "website", "action_source": "system_generated"}'
    ((line, column, told),) = unreadable(text)
    assert (line, column) == (2, 30)
    assert told == 'the key "action_source" stands twice in one object; keep one of the two'
    assert unreadable(json.dumps({"data": text}))[0][2].startswith("the text at /data, character 53: the key")


@pytest.mark.parametrize(
    ("record", "pointer"),
    [
        ({"request": '{"data": [],}'}, "/request"),
        ({"data": '[{"event_name": NaN}]'}, "/data"),
        ({"data": [json.dumps(event()), '{"event_name": "x",}']}, "/data/1"),
        ({"body": urlencode({"data": "[{}"})}, "/body/data"),
        ({"event": "{'event_name': 'x'}"}, "/event"),
    ],
)
def test_a_text_inside_a_record_that_is_no_json_is_told(record: dict[str, Any], pointer: str) -> None:
    told = [reason for _, _, reason in unreadable(json.dumps(record))]
    assert any(reason.startswith(f"the text at {pointer}, character ") and "not JSON" in reason for reason in told), (
        told
    )


def test_what_stands_behind_the_end_is_to_be_taken_away() -> None:
    right = json.dumps(event())
    for more in ("}", "]}", " and so on"):
        assert unreadable(right + more) == [
            (
                1,
                len(right) + 1 + more.startswith(" "),
                "this is not JSON: more behind its end; take away what stands from here on",
            )
        ]


def test_a_line_of_a_log_with_a_payload_that_is_no_json_is_told() -> None:
    log = f"12:01 INFO sending {event()}\n12:02 INFO {{id}} done\n12:03 INFO {json.dumps(event())}\n"
    ((line, column, told),) = unreadable(log, "app.log")
    assert (line, column) == (1, 21)
    assert "single quotes" in told
    assert validate_texts({"app.log": log}, as_of=SENT).hints == ("app.log: 1 line holds no payload",)


@pytest.mark.parametrize(
    ("renamed", "told"),
    [
        ({"event_name": "eventName"}, {"EVT004": "“eventName” should be called “event_name”"}),
        ({"user_data": "userData"}, {"EVT006": "“userData” should be called “user_data”"}),
        ({"action_source": "Action-Source"}, {"EVT001": "“Action-Source” should be called “action_source”"}),
    ],
)
def test_a_key_that_is_nearly_metas_is_told_with_its_name(renamed: dict[str, str], told: dict[str, str]) -> None:
    body = {renamed.get(key, key): value for key, value in event().items()}
    findings = validate_texts({"a.json": json.dumps({"data": [body]})}, as_of=SENT).findings
    assert {one.code: one.message.split("; ")[-1] for one in findings} == told


def test_the_lead_id_of_a_webhook_has_another_name_here() -> None:
    body = event(user_data={"leadgen_id": "1234567890123456"})
    (finding,) = validate_texts({"a.json": json.dumps(body)}, as_of=SENT).findings
    assert finding.message.endswith("“leadgen_id” should be called “lead_id”")
    assert finding.subject == "/user_data"
    assert '"eventName" should be called "event_name"' in unreadable('{"eventName": "Won"}')[0][2]


@pytest.mark.parametrize(
    ("content", "column"), [({"data": event()}, 2), ({"sent_at": SENT, "request": {"data": event()}}, 37)]
)
def test_an_event_in_place_of_the_list_is_told(content: dict[str, Any], column: int) -> None:
    ((line, found_column, told),) = unreadable(json.dumps(content))
    assert (line, found_column) == (1, column)
    assert told == '"data" is an object, and Meta takes a list; put the event into a list, [ ]'
    assert unreadable(json.dumps({"id": 1, "source": "queue", "data": event()})) == []


def test_of_json_lines_the_others_are_judged() -> None:
    content = lines(WRONG, '{"data": [{]}', {"foo": 1}, WRONG)
    validation = validate_texts({"log.jsonl": content}, as_of=SENT)
    assert [(one.code, one.line) for one in validation.findings] == [("EVT001", 1), ("EVT001", 4)]
    assert [one.line for one in validation.unreadable] == [2, 3]
    assert len({one.fingerprint for one in validation.findings}) == 2


@pytest.mark.parametrize("content", ["", "  \n\n", "\ufeff"])
def test_an_empty_file_is_told(content: str) -> None:
    assert unreadable(content) == [(None, None, "the file is empty; give it one event or one request as JSON")]


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, '{"event_name":"x","v":' + "[" * 3000 + "]" * 3000 + "}"],
)
def test_what_is_nested_too_deep_is_told(content: str) -> None:
    validation = validate_texts({"deep.json": content}, as_of=SENT)
    assert len(validation.unreadable) == 1


# --- files, folders, standard input ---------------------------------------------------------------------------


def test_files_folders_globs_and_packed_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    right, wrong = json.dumps(event()), json.dumps(WRONG)
    (tmp_path / "payloads" / "deeper").mkdir(parents=True)
    write(tmp_path / "payloads" / "right.json", right)
    write(tmp_path / "payloads" / "deeper" / "wrong.json.gz", gzip.compress(wrong.encode()))
    write(tmp_path / "payloads" / "utf16.json", wrong.encode("utf-16"))
    write(tmp_path / "payloads" / "package.json", '{"name": "something else"}')
    validation = validate(["payloads", "payloads/*.json"], as_of=SENT)
    assert {file.path: [one.code for one in file.findings] for file in validation.files} == {
        "payloads/right.json": [],
        "payloads/utf16.json": ["EVT001"],
        "payloads/deeper/wrong.json.gz": ["EVT001"],
    }
    assert validation.hints == ("payloads/package.json: passed over, it holds no payload",)
    assert validation.unreadable == ()


def test_what_tells_of_events_in_a_folder_is_judged_or_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "payloads").mkdir()
    write(tmp_path / "payloads" / "right.json", json.dumps(event()))
    write(
        tmp_path / "payloads" / "session.har",
        json.dumps(har({"method": "POST", "url": URL, "postData": {"text": json.dumps({"data": [WRONG]})}})),
    )
    write(tmp_path / "payloads" / "wrapped.json", json.dumps({"payload": {"data": [WRONG]}}))
    write(
        tmp_path / "payloads" / "when.json",
        json.dumps({"sent_at": "soon ann@example.com", "request": {"data": [WRONG]}}),
    )
    write(
        tmp_path / "payloads" / "report.json",
        json.dumps({"schema": "funnelcheck/validate/1", "files": [{"event_name": "Lead"}]}),
    )
    validation = validate(["payloads"], as_of=SENT)
    assert {one.path for one in validation.findings} == {"payloads/session.har"}
    assert [one.path for one in validation.unreadable] == ["payloads/when.json", "payloads/wrapped.json"]
    assert "ann@" not in str(validation.unreadable)
    assert validation.hints == ("payloads/report.json: passed over, it holds no payload",)


def test_of_a_folder_archives_are_read_and_what_holds_no_payload_is_passed_over(tmp_path: Path) -> None:
    sent = {"method": "POST", "url": URL, "postData": {"text": json.dumps({"data": [WRONG]})}}
    write(tmp_path / "session.har", json.dumps(har(sent)))
    write(tmp_path / "leads.csv", "id,created_time\n1,2\n")
    write(tmp_path / "notes.txt", "nothing to see\n")
    write(tmp_path / "table.parquet", b"PAR1" + bytes(20) + b"PAR1")
    validation = validate([str(tmp_path)], as_of=SENT)
    assert [one.code for one in validation.findings] == ["EVT001"]
    assert validation.unreadable == ()
    assert len(validation.hints) == 3


def test_a_folder_without_a_payload_does_not_pass(tmp_path: Path) -> None:
    write(tmp_path / "package.json", '{"name": "something else"}')
    (told,) = validate([str(tmp_path)], as_of=SENT).unreadable
    assert (told.path, told.reason) == (str(tmp_path), "no file of the folder holds a payload")


def test_a_file_that_is_named_and_holds_no_payload_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "package.json", '{"name": "something else"}')
    validation = validate([str(path), str(tmp_path / "gone.json")], as_of=SENT)
    assert [one.reason.split(":")[0] for one in validation.unreadable] == [
        "there is no such file or folder",
        "neither an event nor a request",
    ]


def test_a_table_holds_no_payload(tmp_path: Path) -> None:
    path = write(tmp_path / "events.csv", "lead_id,event_name,event_time\n1,Lead,2\n")
    validation = validate([str(path)], as_of=SENT)
    assert [one.reason for one in validation.unreadable] == ["no event and no request in it"]


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(WRONG).encode())))
    validation = validate(["-"], as_of=SENT)
    assert [(one.path, one.code) for one in validation.findings] == [("standard input", "EVT001")]


# --- options --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "told"), [(604_800, []), (604_801, ["TIM001"]), (-1, ["TIM003"]), (-301, ["TIM003"])])
def test_age_is_judged_at_the_time_of_sending_and_not_at_rest(age: int, told: list[str]) -> None:
    body = event(event_time=SENT - age)
    assert codes(body) == told
    assert codes(body, at_rest=True) == []


def test_a_record_that_says_when_it_was_sent_is_judged_at_that_time() -> None:
    record = enveloped(upload_time=TIME + 604_801)
    assert codes(record) == ["TIM001"]
    assert codes(enveloped(upload_time=TIME)) == []


def test_the_agreed_partner_agent_is_expected(tmp_path: Path) -> None:
    config = Config(partner=PartnerConfig(partner_agent="datapartner"))
    assert codes({"data": [event()]}, config=config) == ["EVT013"]
    assert codes({"data": [event()], "partner_agent": "datapartner"}, config=config) == []
    assert [
        (code, where) for code, where, *_ in found({"data": [event()], "partner_agent": "else"}, config=config)
    ] == [("EVT013", "/partner_agent")]


def test_the_agent_of_the_advertiser_is_the_one_that_would_be_right() -> None:
    config = Config(
        partner=PartnerConfig(partner_agent="datapartner"),
        advertisers={"acme": AdvertiserConfig(partner_agent="acmeagent")},
    )
    told = validate_texts({"a.json": json.dumps(enveloped())}, as_of=SENT, config=config).findings
    assert [(one.code, one.example) for one in told] == [("EVT013", '{"partner_agent": "acmeagent"}')]


def test_a_guide_of_may_2026_lets_contact_data_do() -> None:
    body = event(user_data={"em": ["5e" * 32]})
    old = validate_texts({"a.json": json.dumps(body)}, as_of=SENT).findings[0]
    new = validate_texts({"a.json": json.dumps(body)}, as_of=SENT, guide="2026-05").findings[0]
    assert [(one.code, one.status) for one in (old, new)] == [("EVT006", Status.FAIL), ("EVT006", Status.WARN)]


# --- what would be right --------------------------------------------------------------------------------------


def examples(content: Any) -> dict[str, Any]:
    validation = validate_texts({"a.json": json.dumps(content)}, as_of=SENT)
    return {one.code: json.loads(one.example or "null") for one in validation.findings}


def test_an_example_is_the_event_itself_put_right_without_its_people() -> None:
    user = {"lead_id": f"l:{LEAD}9", "em": "ann@example.com", "external_id": "77"}
    told = examples(event(action_source="System_Generated", user_data=user, custom_data={"lead_event_source": "Ours"}))
    assert told["EVT001"] == {"action_source": "system_generated"}
    assert told["EVT002"] == {"custom_data": {"lead_event_source": "Ours", "event_source": "crm"}}
    assert told["EVT007"]["user_data"]["lead_id"] == LEAD
    assert "ann" not in json.dumps(told)
    assert "77" not in json.dumps(told["EVT010"]["user_data"])


def test_an_example_of_the_rule_is_told_as_one() -> None:
    lost, mended = event(user_data={"lead_id": "1.23E+15"}), event(action_source="System_Generated")
    told = [validate_texts({"a.json": json.dumps(one)}, as_of=SENT) for one in (lost, mended)]
    assert [one.findings[0].example_is_general for one in told] == [True, False]
    assert ["    For example: " in payload_text.render(one) for one in told] == [True, False]
    assert ["    Right: " in payload_text.render(one) for one in told] == [False, True]


def test_what_nobody_can_put_right_has_the_rules_own_example() -> None:
    assert examples(event(user_data={"lead_id": "1.23E+15"}))["EVT007"] == {"user_data": {"lead_id": int(LEAD)}}


# --- Meta's own SDK -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_requests_of_metas_sdk_break_the_rules_that_they_should(name: str) -> None:
    from facebook_business.adobjects.serverside.event_request import EventRequest

    events, request, broken = CASES[name]
    params = EventRequest(pixel_id="900000000000007", events=events, **request).get_params()
    fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}
    config = Config(partner=PartnerConfig(partner_agent="datapartner")) if "EVT013" in broken else Config()
    told = {
        one.code for one in validate_texts({"body": urlencode(fields)}, as_of=1_790_000_000, config=config).findings
    }
    expected = {code for code in broken.split() if rulebook.load(Config()).rule(code).at}
    assert told == expected


# --- the command ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    write(tmp_path / "right.json", json.dumps(event(), indent=2))
    write(tmp_path / "wrong.json", json.dumps({"data": [WRONG]}, indent=2))
    write(tmp_path / "broken.json", '{"data": [}')
    write(tmp_path / "warns.json", json.dumps(event(event_time=SENT + 5)))
    return tmp_path


AS_OF = ("--as-of", "2026-09-21T14:23:20Z")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("right.json",), 0),
        (("wrong.json",), 1),
        (("right.json", "wrong.json"), 1),
        (("wrong.json", "--fail-on", "never"), 0),
        (("wrong.json", "--ignore", "EVT001"), 0),
        (("wrong.json", "--select", "TIM"), 0),
        (("warns.json",), 0),
        (("warns.json", "--fail-on", "recommended"), 1),
        (("warns.json", "--fail-on", "recommended", "--at-rest"), 0),
        (("broken.json",), 3),
        (("wrong.json", "gone.json"), 3),
        ((), 2),
        (("wrong.json", "--guide", "2027"), 2),
        (("wrong.json", "--format", "jsn"), 2),
        (("wrong.json", "--format", "json=no/such/folder/out.json"), 3),
    ],
)
def test_exit_codes(arguments: tuple[str, ...], code: int, folder: Path) -> None:
    assert funnelcheck("validate", *arguments, *AS_OF, cwd=folder).returncode == code


def test_the_json_is_that_of_the_contract(folder: Path) -> None:
    done = funnelcheck("validate", "wrong.json", *AS_OF, "--format", "json", cwd=folder)
    told = json.loads(done.stdout)
    assert told["schema"] == "funnelcheck/validate/1"
    (file,) = told["files"]
    assert (file["path"], file["events"]) == ("wrong.json", 1)
    (finding,) = file["findings"]
    assert {key: finding[key] for key in ("code", "severity", "pointer", "line")} == {
        "code": "EVT001",
        "severity": "required",
        "pointer": "/data/0/action_source",
        "line": 6,
    }
    assert "website" in finding["message"]


def test_what_is_broken_is_one_line_with_its_place(folder: Path) -> None:
    done = funnelcheck("validate", "broken.json", *AS_OF, "--format", "csv", cwd=folder)
    assert_one_line(done, 3, "broken.json:1:11", "this is not JSON")


def test_a_baseline_lets_known_findings_pass(folder: Path) -> None:
    done = funnelcheck("baseline", "write", "wrong.json", *AS_OF, cwd=folder)
    assert (done.returncode, "1 finding written" in done.stderr) == (0, True)
    gate = ("--baseline", "funnelcheck-baseline.json", "--fail-on-new")
    assert funnelcheck("validate", "wrong.json", *AS_OF, *gate, cwd=folder).returncode == 0
    write(folder / "wrong.json", json.dumps({"data": [WRONG | {"event_time": "x"}]}))
    done = funnelcheck("validate", "wrong.json", *AS_OF, *gate, cwd=folder)
    assert (done.returncode, "1 new, 1 known, 0 fixed" in done.stderr) == (1, True)
    write(folder / "wrong.json", json.dumps({"data": [event()]}))
    done = funnelcheck("validate", "wrong.json", *AS_OF, *gate, cwd=folder)
    assert (done.returncode, "1 fixed (EVT001 of wrong.json)" in done.stderr) == (0, True)
    done = funnelcheck("validate", "right.json", *AS_OF, *gate, cwd=folder)
    assert "0 fixed" in done.stderr


def test_a_report_does_not_take_the_place_of_what_is_judged(folder: Path) -> None:
    held = (folder / "wrong.json").read_bytes()
    for named in ("wrong.json", "*.json", "./wrong.json"):
        done = funnelcheck("validate", named, *AS_OF, "--format", "json=wrong.json", cwd=folder)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "wrong.json is read by this call" in done.stderr
    assert (folder / "wrong.json").read_bytes() == held


def test_a_key_that_is_an_address_is_no_part_of_a_pointer() -> None:
    told = found(
        event(custom_data={"event_source": "crm", "lead_event_source": "My CRM", "ann@example.com": "a@b.example"})
    )
    assert [(code, pointer) for code, pointer, *_ in told] == [("EVT016", "/custom_data")]


def test_nothing_personal_is_told(tmp_path: Path) -> None:
    user = {"lead_id": "9990001112223334", "em": "ann@example.com", "ph": "+4915112345678", "fbc": "fb.1.x.canaryid"}
    body = event(user_data=user, event_name="call ann@example.com", custom_data={"note": "+4915112345678"})
    path = write(tmp_path / "a.json", json.dumps({"data": [body], "access_token": "EAAcanarytoken0123456789abcdef"}))
    for form in ("text", "json", "junit", "sarif", "github", "gitlab", "markdown", "csv"):
        done = funnelcheck("validate", path.name, *AS_OF, "--format", form, cwd=tmp_path)
        for canary in ("ann@", "4915112345678", "9990001112223334", "canary"):
            assert canary not in done.stdout + done.stderr, (form, canary)
