"""App Events requests before they are sent: judged as `run` judges them, in every form, where they stand."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
import random_app_logs
from ingest_samples import event, lines, write
from store_samples import funnelcheck
from test_oracle import config_of

from funnelcheck import eventrules, rulebook
from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.eventrules import APP
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Severity, Status
from funnelcheck.payload import PayloadFinding, Validation
from funnelcheck.render import payload_text
from funnelcheck.store import Store, open_store
from funnelcheck.validation import validate, validate_texts
from funnelcheck.validation.apptrail import trail

SENT = 1_790_000_000
PARITY = range(8)
URL = "https://graph.facebook.com/v19.0/1234567/activities"
DEVICE = "0c7a2b1e-5d3f-4a6b-8c9d-0e1f2a3b4c5d"
PURCHASE = {
    "_eventName": "Subscribe",
    "event_id": "s-1",
    "_logTime": SENT - 60,
    "_valueToSum": 4.5,
    "fb_currency": "EUR",
    "fb_order_id": "o-1",
}


def request(*events: Any, **changes: Any) -> dict[str, Any]:
    """A right request as parameters; `changes` of None leave one out."""
    fields = {
        "event": "CUSTOM_APP_EVENTS",
        "advertiser_id": DEVICE,
        "advertiser_tracking_enabled": "1",
        "application_tracking_enabled": "0",
        "custom_events": list(events) or [PURCHASE],
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def texts(fields: dict[str, Any]) -> dict[str, str]:
    """Parameters as a form has them."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}


def judged(content: Any, name: str = "request.json", **options: Any) -> Validation:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return validate_texts({name: text}, as_of=SENT, **options)


def found(content: Any, name: str = "request.json", **options: Any) -> list[tuple[str, str, int | None]]:
    """What is found in one text: code, pointer, event."""
    validation = judged(content, name, **options)
    assert validation.unreadable == ()
    return [(one.code, one.pointer, one.event) for one in validation.findings]


def codes(content: Any, **options: Any) -> set[str]:
    return {code for code, *_ in found(content, **options)}


# --- the same verdicts as run, event by event -----------------------------------------------------------------

Mark = tuple[str, int, int | None, str, str]  # path, line, position, code, status


def marks_of_store(store: Store, config: Config) -> tuple[set[Mark], set[tuple[str, int]]]:
    """What `run` finds at single App Events, and the requests that it has judged."""
    rules = eventrules.about_events(rulebook.load(config), APP)
    marks: set[Mark] = set()
    requests = set()
    for row in store.rows(
        "select path, line, position, app_event_judged.kind, faulty, warned, app_event_judged.upload_time "
        "from app_event_judged "
        "join (select request_id, file_id, line from request) using (request_id) join source_file using (file_id)"
    ):
        if row["upload_time"] is None:
            continue
        requests.add((row["path"], row["line"]))
        for bit, rule in enumerate(rules):
            level = 2 if row["faulty"] >> bit & 1 else row["warned"] >> bit & 1
            if level:
                status = Status.FAIL if level == 2 and rule.severity is Severity.REQUIRED else Status.WARN
                position = row["position"] if row["kind"] == "conversion" or row["position"] else None
                marks.add((row["path"], row["line"], position, rule.code, str(status)))
    return marks, requests


@pytest.mark.parametrize("seed", PARITY)
def test_validate_and_run_find_the_same_at_every_app_event(seed: int, tmp_path: Path) -> None:
    case = random_app_logs.write_logs(tmp_path, seed)
    logs, config = [str(path) for path in case.log_paths], config_of(case)
    with open_store() as store:
        ingest(store, logs, config=config)
        check(store, as_of=case.as_of, config=config)
        right, requests = marks_of_store(store, config)
    validation = validate(logs, as_of=case.as_of, config=config)
    assert validation.unreadable == ()
    about_events = {rule.code for rule in eventrules.about_events(rulebook.load(config), APP)}
    told = {
        (one.path, place[0], one.event, one.code, str(one.status))
        for one in validation.findings
        if one.code in about_events and (place := line_of_record(one)) and (one.path, place[0]) in requests
    }
    assert told == right
    assert requests


def line_of_record(finding: PayloadFinding) -> tuple[int]:
    return (finding.line,)


# --- every form ---------------------------------------------------------------------------------------------------


def archive(**sent: Any) -> str:
    entry = {"request": {"method": "POST", "url": URL, "headers": []} | sent, "startedDateTime": "2026-09-21T14:13:20Z"}
    return json.dumps({"log": {"entries": [entry]}}, indent=1)


def in_parts(fields: dict[str, str], end: str = "\r\n") -> str:
    parts = [f'--x1{end}Content-Disposition: form-data; name="{name}"{end}{end}{v}{end}' for name, v in fields.items()]
    return "".join(parts) + f"--x1--{end}"


def shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


FORMS: dict[str, Callable[[dict[str, Any]], str]] = {
    "a body.json": json.dumps,
    "an indented body.json": lambda fields: json.dumps(fields, indent=2),
    "a list.json": lambda fields: json.dumps([fields]),
    "a record.json": lambda fields: json.dumps({"url": URL, "params": fields, "headers": {}, "sent_at": SENT}),
    "a body in a record.json": lambda fields: json.dumps({"url": URL, "body": fields}),
    "a text in a record.json": lambda fields: json.dumps({"url": URL, "body": json.dumps(fields)}),
    "a form in a record.json": lambda fields: json.dumps({"url": URL, "body": urlencode(texts(fields))}),
    "parts in a record.json": lambda fields: json.dumps({"url": URL, "body": in_parts(texts(fields))}),
    "an address in a record.json": lambda fields: json.dumps({"url": f"{URL}?{urlencode(texts(fields))}"}),
    "a request.json": lambda fields: json.dumps({"request": {"url": URL, "body": fields}}),
    "lines.jsonl": lambda fields: lines(fields),
    "a form.txt": lambda fields: urlencode(texts(fields)),
    "a form, %20.txt": lambda fields: urlencode(texts(fields), quote_via=quote),
    "a raw form.txt": lambda fields: "&".join(f"{name}={value}" for name, value in texts(fields).items()),
    "a raw form over lines.txt": lambda fields: "\n  &".join(f"{name}={v}" for name, v in texts(fields).items()),
    "an address.txt": lambda fields: f"{URL}?{urlencode(texts(fields))}\n",
    "an address over lines.txt": lambda fields: f"{URL}\n  ?{urlencode(texts(fields)).replace('&', chr(10) + '  &')}",
    "a raw address.txt": lambda fields: f"{URL}?" + "&".join(f"{n}={v}" for n, v in texts(fields).items()),
    "parts.txt": lambda fields: in_parts(texts(fields)),
    "parts, other line ends.txt": lambda fields: in_parts(texts(fields), "\n"),
    "http.txt": lambda fields: (
        f"POST /v19.0/1/activities HTTP/1.1\r\nHost: graph.facebook.com\r\n\r\n{urlencode(texts(fields))}"
    ),
    "http, JSON.txt": lambda fields: (
        f"POST /v19.0/1/activities HTTP/1.1\nHost: graph.facebook.com\n\n{json.dumps(fields)}"
    ),
    "curl, a form.sh": lambda fields: (
        f"curl -i -X POST {URL} \\\n"
        + " \\\n".join(f"  -d {shell(urlencode([pair]))}" for pair in texts(fields).items())
    ),
    "curl, encoding.sh": lambda fields: (
        f"curl --silent '{URL}' "
        + " ".join(f"--data-urlencode {shell(f'{name}={v}')}" for name, v in texts(fields).items())
    ),
    "curl, parts.sh": lambda fields: (
        "curl " + " ".join(f"-F {shell(f'{n}={v}')}" for n, v in texts(fields).items()) + f' "{URL}"'
    ),
    "curl, JSON.sh": lambda fields: (
        f"curl -X POST -H 'Content-Type: application/json' -d {shell(json.dumps(fields))} {URL}"
    ),
    "curl, --json.sh": lambda fields: f"$ curl --json {shell(json.dumps(fields, indent=1))} \\\n  --url {URL}",
    "curl, quoted JSON.sh": lambda fields: (
        f'curl {URL} -d "' + json.dumps(fields).replace("\\", "\\\\").replace('"', '\\"') + '"'
    ),
    "curl, an address.sh": lambda fields: f'curl -XPOST "{URL}?{urlencode(texts(fields))}" -H "Accept: */*"',
    "curl, a raw address.sh": lambda fields: (
        f'curl -i -X POST "{URL}\n   ?' + " \n   &".join(f"{n}={v}" for n, v in texts(fields).items()) + '"'
    ),
    "a form.har": lambda fields: archive(postData={"text": urlencode(texts(fields))}),
    "fields.har": lambda fields: archive(
        postData={"params": [{"name": name, "value": value} for name, value in texts(fields).items()]}
    ),
    "a body.har": lambda fields: archive(postData={"text": json.dumps(fields)}),
    "an address.har": lambda fields: archive(url=f"{URL}?{urlencode(texts(fields))}"),
    "a log.log": lambda fields: f"12:00 start\n12:01 POST {URL}?{urlencode(texts(fields))} 200 12ms\n12:02 end\n",
    "a log of forms.log": lambda fields: f'12:01 INFO sent body="{urlencode(texts(fields))}" in 12 ms\n',
    "a log of objects.log": lambda fields: f"12:01 INFO sent {json.dumps({'url': URL, 'params': fields})} in 12 ms\n",
    "a log of bodies.log": lambda fields: f"12:01 INFO POST {URL} {json.dumps(fields)} 200\n",
}
WRONG = request(
    PURCHASE | {"_logTime": SENT * 1000, "fb_currency": "Euro & more"},
    PURCHASE | {"_eventName": "-level", "_valueToSum": "4,5"},
    advertiser_tracking_enabled="yes",
    advertiser_id="5",
)


@pytest.mark.parametrize("form", FORMS)
def test_a_right_request_is_right_in_every_form(form: str) -> None:
    assert found(FORMS[form](request()), form) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_request_is_judged_alike_in_every_form(form: str) -> None:
    validation = judged(FORMS[form](WRONG), form)
    assert validation.unreadable == ()
    told = {(one.code, one.event, str(one.status), one.event_name) for one in validation.findings}
    assert told == {(o.code, o.event, str(o.status), o.event_name) for o in judged(WRONG).findings}
    assert {code for code, *_ in told} == {"APP005", "APP007", "APP010", "APP013", "APP014", "APP015"}
    assert [(file.requests, file.events) for file in validation.files] == [(1, 2)]
    assert dict(validation.files[0].recipes) == {"an App Events request": 2}
    ends = {(one.code, re.sub(r".*/(?=custom_events|adv)", "", one.pointer)) for one in validation.findings}
    assert {pair for pair in ends if pair[0] in ("APP013", "APP014")} == {
        ("APP013", "custom_events/0/_logTime"),
        ("APP014", "custom_events/1/_valueToSum"),
    } or form == "fields.har"


@pytest.mark.parametrize("seed", range(3))
def test_random_requests_are_judged_alike_as_parameters_and_as_text(seed: int) -> None:
    rng = random.Random(seed)
    sender = random_app_logs.Advertiser(rng, "a", SENT, "1234567", rng.choice(("a2", "i2")), timed=False)
    contents: dict[str, str] = {}
    forms = (
        "a record.json",
        "a form.txt",
        "a raw form.txt",
        "parts.txt",
        "an address.txt",
        "curl, encoding.sh",
        "fields.har",
    )
    for number in range(12):
        send = sender.send(SENT, rng.choice((None, 1, 2)))
        for kind in rng.sample(("flag", "device", "name", "time", "value", "currency", "type", "extinfo"), 2):
            random_app_logs.FAULTS[kind](rng, send)
        fields = {name: v for name, v in send.fields.items() if v is not ... and v is not None}
        if isinstance(send.events, list):
            fields["custom_events"] = [random_app_logs.sent(one) for one in send.events]
        plain = {name: random_app_logs.as_text(v) for name, v in fields.items()}
        contents |= {f"{number} {form}": FORMS[form](plain) for form in forms}
    told: dict[str, set[tuple[str, int | None, str]]] = {name: set() for name in contents}
    validation = validate_texts(contents, as_of=SENT)
    assert validation.unreadable == ()
    for one in validation.findings:
        told[one.path].add((one.code, one.event, str(one.status)))
    for name, marks in told.items():
        assert marks == told[f"{name.split()[0]} a record.json"], (name, contents[name])
    assert any(told.values())


# --- places -------------------------------------------------------------------------------------------------------


def walked(value: Any, pointer: str) -> Any:
    """What stands at a pointer, which goes through texts; KeyError or IndexError where nothing does."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, str):
            value = inside(value)
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def inside(text: str) -> Any:
    if text[:1] in "[{":
        return json.loads(text)
    if text.startswith("--"):
        parts = re.findall(r'name="(\w+)"\r\n\r\n(.*?)\r\n--', text, re.DOTALL)
        return dict(parts)
    query = urlsplit(text).query if text.startswith("http") else text
    return dict(parse_qsl(query, keep_blank_values=True))


def line_at(document: Any, pointer: str, indent: int) -> int:
    """The line of what a pointer means, found by putting a mark in its place and writing the document anew."""
    copy = json.loads(json.dumps(document))
    holder, keys = copy, [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for i, key in enumerate(keys):
        index = int(key) if isinstance(holder, list) else key
        if i == len(keys) - 1 or not isinstance(holder[index], dict | list):
            holder[index] = "HERE"
            break
        holder = holder[index]
    written = json.dumps(copy, indent=indent).split("\n")
    return next((number for number, line in enumerate(written, 1) if '"HERE"' in line), 1)


@pytest.mark.parametrize(
    "form", [one for one in FORMS if one.endswith((".json", ".har")) and one != "an indented body.json"]
)
def test_every_pointer_leads_somewhere_and_its_line_is_that_of_the_value(form: str) -> None:
    document = json.loads(FORMS[form](WRONG))
    validation = judged(json.dumps(document, indent=2), form)
    assert len(validation.findings) >= 6
    for one in validation.findings:
        walked(document, one.pointer)
        assert one.line == line_at(document, one.pointer, 2), one


GUIDE_LIKE = """\
# how we will send it
curl -i -X POST "https://graph.facebook.com/{app-id}/activities
   ?event=CUSTOM_APP_EVENTS"
   &advertiser_id={the-device}
   &advertiser_tracking_enabled=1
   &application_tracking_enabled=yes
   &custom_events=[
      {"_eventName":"fb_mobile_rate",
       "event_id":"r7",
       "_logTime":1790000000000,
       "fb_content":"[
            {"id": "77", "quantity": 1,},
            {"id": "78", "quantity": 3,}
        ]",
       "fb_max_rating_value":5,
      },
      {"_eventName":"StartTrial",
       "event_id":"t7",
       "_valueToSum":9.5,
       "fb_currency":"dollars",
      }
    ]
   &ud[em]={hash-of-the-address}
   &{app-access-token}"

Then wait for the answer.
"""


def test_a_command_as_guides_print_it_is_read_leniently_which_is_told_and_every_line_is_right() -> None:
    validation = judged(GUIDE_LIKE, "send.txt")
    assert validation.unreadable == ()
    assert [(file.requests, file.events) for file in validation.files] == [(1, 2)]
    written = GUIDE_LIKE.split("\n")
    told = {(one.code, one.pointer, one.event): one for one in validation.findings}
    for code, pointer, number, text in (
        ("APP005", "/application_tracking_enabled", 0, "application_tracking_enabled=yes"),
        ("APP018", "/custom_events/0/fb_content", 0, '"fb_content":"['),
        ("APP007", "/advertiser_id", 0, "advertiser_id="),
        ("APP009", "/custom_events", 1, "custom_events="),
        ("APP013", "/custom_events/0/_logTime", 0, '"_logTime"'),
        ("APP013", "/custom_events/1", 1, '{"_eventName":"StartTrial"'),
        ("APP015", "/custom_events/1/fb_currency", 1, '"fb_currency"'),
        ("APP019", "/ud[em]", 0, "ud[em]="),
    ):
        one = told[code, pointer, number]
        assert written[one.line - 1][one.column - 1 :].startswith(text), one
    leniently = told["APP009", "/custom_events", 0]
    assert (leniently.status, leniently.event_name) == (Status.WARN, "fb_mobile_rate")
    assert "commas too many" in leniently.message


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('{"event": "CUSTOM_APP_EVENTS",\n "custom_events": [\n  {"_eventName": "a", "event_id": "1", },\n ]}', 2),
        ('{"event": "CUSTOM_APP_EVENTS",\n "custom_events": "[{"_eventName": "a", "event_id": "1"}]"}', 2),
        ("{'event': 'CUSTOM_APP_EVENTS',\n 'custom_events': [{'_eventName': 'a', 'event_id': '1'}]}", 2),
    ],
    ids=["commas", "quotes", "a dict of Python"],
)
def test_a_body_that_is_hardly_json_is_read_leniently_too(body: str, line: int) -> None:
    validation = judged(body)
    assert validation.unreadable == ()
    (one,) = [one for one in validation.findings if one.code == "APP009"]
    assert (one.status, one.pointer, one.line) == (Status.WARN, "/custom_events", line)


def test_a_list_that_nobody_can_read_fails_at_its_place() -> None:
    validation = judged(json.dumps({"url": URL, "params": request(custom_events="<xml/>")}, indent=1))
    (one,) = [one for one in validation.findings if one.code == "APP009"]
    assert (one.status, one.pointer, one.event) == (Status.FAIL, "/params/custom_events", None)


def test_a_broken_line_of_a_log_is_told_and_the_others_are_judged() -> None:
    validation = judged(
        lines(request(), '{"event": "CUSTOM_APP_EVENTS", "custom_events": [', request(event=None)), "l.jsonl"
    )
    assert [one.line for one in validation.unreadable] == [2]
    assert [(one.code, one.line) for one in validation.findings] == [("APP002", 3)]


# --- single faults --------------------------------------------------------------------------------------------------


def test_what_a_request_lacks_points_at_the_request_and_at_the_name_it_is_written_under() -> None:
    misnamed = {name.replace("_logTime", "logTime"): value for name, value in PURCHASE.items()}
    wrong = request(misnamed, advertiser_id=None, advertiserId=DEVICE)
    validation = judged({"url": URL, "params": wrong})
    told = {one.code: (one.pointer, one.message.partition("; ")[2]) for one in validation.findings}
    assert told == {
        "APP004": (
            "/params",
            "found: no advertiser_id or attribution; “advertiserId” should be called “advertiser_id”",
        ),
        "APP013": ("/params/custom_events/0", "found: no _logTime; “logTime” should be called “_logTime”"),
    }


def test_a_rule_about_several_parameters_points_at_the_one_at_fault() -> None:
    wrong = request(
        PURCHASE | {"fb_content": '[{"id": "1", "quantity": 1}]', "fb_success": "maybe"},
        application_tracking_enabled="no",
    )
    assert set(found(wrong)) == {
        ("APP005", "/application_tracking_enabled", 0),
        ("APP018", "/custom_events/0/fb_success", 0),
    }


def test_an_install_is_no_event_of_a_list() -> None:
    install = {"event": "MOBILE_APP_INSTALL", "advertiser_id": DEVICE, "advertiser_tracking_enabled": 1}
    assert found(install) == [("APP003", "", None)]
    assert found(install | {"application_tracking_enabled": 1}) == []


def test_an_app_event_alone_is_told_where_it_belongs() -> None:
    (one,) = judged(PURCHASE).unreadable
    assert one.hint == 'an App Event belongs into the list "custom_events" of a request'


@pytest.mark.parametrize(("age", "told"), [(604_800, set()), (604_801, {"APP013"})])
def test_the_age_is_that_at_the_time_of_sending(age: int, told: set[str]) -> None:
    old = request(PURCHASE | {"_logTime": SENT - age})
    assert codes(old) == told
    assert codes({"url": URL, "params": old, "sent_at": SENT - 100}) == set()
    assert codes(old, at_rest=True) == set()


def test_at_rest_the_form_of_a_time_still_counts() -> None:
    assert codes(request(PURCHASE | {"_logTime": SENT * 1000}), at_rest=True) == {"APP013"}


@pytest.mark.parametrize("sent_at", [SENT + 10**9, SENT - 10**8, 99_999_999_999])
def test_a_request_is_judged_whenever_it_is_sent(sent_at: int) -> None:
    wrong = {"url": URL, "params": request(event="INSTALL"), "sent_at": sent_at}
    assert "APP002" in codes(wrong)


def test_the_configuration_of_the_advertiser_counts_for_its_requests() -> None:
    opened = {"_eventName": "fb_mobile_activate_app", "event_id": "1", "_logTime": SENT}
    anonymous = request(opened, advertiser_id=None, anon_id="XZ1")
    config = Config(advertisers={"acme": AdvertiserConfig(auto_logging=True, anonymous_ids=True)})
    record = {"advertiser_id": "acme", "url": URL, "body": anonymous}
    statuses = {one.code: str(one.status) for one in judged(record, config=config).findings}
    assert statuses == {"APP004": "warn", "APP017": "warn"}
    statuses = {one.code: str(one.status) for one in judged(record | {"advertiser_id": "b"}, config=config).findings}
    assert statuses == {"APP004": "fail"}
    assert codes(anonymous, config=config, advertiser="acme") == {"APP004", "APP017"}


def test_what_is_logged_around_a_request_is_judged_with_it() -> None:
    refused = {"success": False, "error": {"code": 190, "message": "Session has expired"}}
    record = {
        "url": URL,
        "params": request(access_token="1|x"),  # noqa: S106
        "headers": {"x-forwarded-for": "?"},
        "response": refused,
    }
    assert found(record) == [
        ("APP027", "/params/access_token", None),
        ("APP023", "/headers/x-forwarded-for", None),
        ("APP026", "/response", None),
    ]


def test_requests_of_both_kinds_are_judged_in_one_file() -> None:
    wrong = lines(event(action_source="website"), request(event=None), {"data": [event()]})
    validation = judged(wrong, "both.jsonl", at_rest=True)
    assert [(one.code, one.line) for one in validation.findings] == [("EVT001", 1), ("APP002", 2)]
    assert [(file.requests, file.events) for file in validation.files] == [(3, 3)]


def test_nothing_personal_is_told() -> None:
    wrong = request(
        PURCHASE | {"_eventName": "call ann@example.com", "event_id": None},
        ud={"em": "ann@example.com", "ann@example.com": "x"},
        advertiser_id="ann@example.com",
        attribution="+4915112345678",
    )
    for form in ("a record.json", "a form.txt", "curl, encoding.sh", "parts.txt", "a raw form.txt"):
        told = payload_text.render(judged(FORMS[form](wrong), form))
        assert "APP019" in told
        assert "ann@" not in told
        assert "4915112345678" not in told


# --- hostile texts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "curl",
        "curl /activities",
        f"curl {URL}",
        f'curl "{URL}?custom_events=[{{"',
        f"curl {URL} -d '",
        f"curl {URL} -d event=CUSTOM_APP_EVENTS -d custom_events=" + "[" * 5000,
        "custom_events=" + "[{" * 20_000,
        "event=CUSTOM_APP_EVENTS&custom_events=" + "%5B" * 20_000,
        f"{URL}?" + "&ud[em]=x" * 5000,
        '--x\r\nContent-Disposition: form-data; name="custom_events"',
        "POST /v1.0/1/activities HTTP/1.1",
        "event=CUSTOM_APP_EVENTS\n" * 50,
        "{" + '"custom_events":[' * 3000,
        '{"custom_events": "' + '\\"' * 5000,
        "custom_events=\x00\ufffd&event=\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    ],
)
def test_hostile_texts_come_to_findings_or_to_places(text: str) -> None:
    for name in ("request.txt", "request.json"):
        validation = judged(text, name)
        assert validation.files[0].requests or validation.unreadable


def test_a_trail_of_anything_is_one() -> None:
    for value in (
        None,
        1,
        "x",
        [],
        [1],
        {"body": 5},
        {"url": 5, "params": [[1, 2], {"name": []}]},
        {"request": "x=1&y"},
    ):
        assert trail(value).events == ()


# --- the command ----------------------------------------------------------------------------------------------------


def test_every_format_of_the_command_tells_of_app_events(tmp_path: Path) -> None:
    write(tmp_path / "sent" / "right.json", json.dumps(request()))
    write(tmp_path / "sent" / "wrong.txt", FORMS["a raw form over lines.txt"](WRONG))
    write(tmp_path / "sent" / "notes.md", "nothing\n")
    formats = ("json", "junit", "sarif", "github", "gitlab", "markdown", "csv")
    given = [one for form in formats for one in ("--format", f"{form}={form}.out")]
    done = funnelcheck("validate", "sent", "--at-rest", *given, "--format", "text", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "an App Events request" in done.stdout
    for form in formats:
        told = (tmp_path / f"{form}.out").read_text(encoding="utf-8")
        assert "APP013" in told, form
    document = json.loads((tmp_path / "json.out").read_text(encoding="utf-8"))
    assert document["schema"] == "funnelcheck/validate/1"
    files = {file["path"]: file for file in document["files"]}
    assert files["sent/right.json"]["findings"] == []
    first = next(one for one in files["sent/wrong.txt"]["findings"] if one["code"] == "APP013")
    keys = {"severity": "required", "pointer": "/custom_events/0/_logTime", "line": 5, "event": 0}
    assert {key: first[key] for key in keys} == keys


def test_codes_can_be_selected_ignored_and_known_to_a_baseline(tmp_path: Path) -> None:
    write(tmp_path / "wrong.json", json.dumps(request(PURCHASE | {"_logTime": "now"}, event="INSTALL")))
    outcomes = {
        ("--select", "APP"): 1,
        ("--select", "APP013"): 1,
        ("--ignore", "APP013"): 0,
        ("--select", "EVT"): 0,
        ("--fail-on", "recommended", "--ignore", "APP013"): 1,
    }
    for options, code in outcomes.items():
        assert funnelcheck("validate", "wrong.json", *options, cwd=tmp_path).returncode == code, options
    assert funnelcheck("validate", "wrong.json", "--select", "APP999", cwd=tmp_path).returncode == 2
    written = funnelcheck("baseline", "write", "wrong.json", "--at-rest", cwd=tmp_path)
    assert written.returncode == 0, written.stderr
    known = ("--baseline", "funnelcheck-baseline.json", "--fail-on-new", "--at-rest")
    assert funnelcheck("validate", "wrong.json", *known, cwd=tmp_path).returncode == 0


def test_an_address_that_is_none_is_no_reason_to_give_up() -> None:
    odd = archive(url="https://graph.faceb[ook.com/v19.0/1234567/activities?event=MOBILE_APP_INSTALL", postData=None)
    judged = validate_texts({"odd.har": odd}, as_of=SENT)
    assert [file.requests for file in judged.files] == [1]
