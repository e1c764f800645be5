"""Random and mutated payloads for validate: each must come to findings or to a place that is told as unreadable.

As a program, for long runs by hand: `python tests/fuzz_validation.py 1000000 [SEED]` takes so many inputs, and
`python tests/fuzz_validation.py --atheris [RUNS]` lets atheris (pip install atheris) look for new paths in the code.
"""

from __future__ import annotations

import copy
import json
import random
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from ingest_samples import LEAD, TIME, URL, enveloped, event, form_body, lines

from funnelcheck.payload import Validation
from funnelcheck.render import payload_json, payload_text
from funnelcheck.validation import validate_texts

BATCH = 500
SENT = TIME + 600
ENDINGS = ("json", "jsonl", "ndjson", "log", "har", "txt", "")
NAMES = (
    "event_name",
    "event_time",
    "user_data",
    "custom_data",
    "action_source",
    "data",
    "request",
    "event",
    "body",
    "custom_events",
    "params",
    "url",
    "_eventName",
    "x",
)
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, 10**30, 1.5, "", " ", "null", "\u0000", "\ud800", "é", "=1+1", "::error::", "\\", '"',
    "{", [], {}, [[]], [None], {"": {}}, "[1", '{"data": "{"}', "data=%5B%7B%7D%5D", "data=%", "l:" + LEAD, "a" * 300,
    "https://graph.facebook.com/1/activities?event=CUSTOM_APP_EVENTS", "CUSTOM_APP_EVENTS",
    "event=MOBILE_APP_INSTALL&x",
    "ann@example.com", "+4915112345678", "2026-09-21T14:13:20", "99999999999999999999", 1e15, "1.23E+15", "00" * 32,
)  # fmt: skip
SNIPPETS = (
    b",",
    b":",
    b'"',
    b"'",
    b"}",
    b"{",
    b"]",
    b"[",
    b"//",
    b"#",
    b"None",
    b"NaN",
    b"\\u",
    b"\xff",
    b"\x00",
    b"\n",
)


def corpus() -> list[str]:
    """Right payloads in every shape."""
    body = event(event_id="e-1", partner_agent="datapartner")
    request = {"data": [body, event()], "partner_agent": "datapartner", "test_event_code": "TEST1"}
    archive = {"log": {"entries": [{"request": {"url": URL, "postData": {"text": json.dumps(request)}}}]}}
    return [
        *app_corpus(),
        json.dumps(body),
        json.dumps([body, body], indent=1),
        json.dumps(request, indent=2),
        json.dumps({"url": URL, "sent_at": SENT, "request": request, "response": {"status": 400, "body": "{}"}}),
        json.dumps(enveloped()),
        lines(body, request, enveloped()),
        form_body([body], access_token="EAAx"),  # noqa: S106
        json.dumps({"body": form_body([body])}),
        json.dumps(archive),
        f"12:00 INFO sent {json.dumps(request)}\n12:01 done\n",
    ]


def app_corpus() -> list[str]:
    """Right App Events requests in every shape."""
    events = [
        {"_eventName": "fb_mobile_rate", "event_id": "1", "_logTime": TIME, "fb_content": '[{"id":"1","quantity":2}]'}
    ]
    fields: dict[str, Any] = {
        "event": "CUSTOM_APP_EVENTS",
        "advertiser_id": "0c7a2b1e-5d3f-4a6b-8c9d-0e1f2a3b4c5d",
        "advertiser_tracking_enabled": 1,
        "ud": {"em": "00" * 32},
        "extinfo": ["a2", "com.shop", 1, "1", "14", "Pixel 8", "fr_FR", "CET", "", 1, 2, "2", 8, 128, 64, "UTC"],
    }
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    texts["custom_events"] = json.dumps(events)
    address = "https://graph.facebook.com/v19.0/1234567/activities"
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in texts.items())
    raw = "\n &".join(f"{name}={value}" for name, value in texts.items())
    archive = {"log": {"entries": [{"request": {"url": address, "postData": {"text": urlencode(texts)}}}]}}
    return [
        json.dumps(fields | {"custom_events": events}, indent=1),
        json.dumps(
            {"url": address, "params": fields | {"custom_events": events}, "headers": {"X-Forwarded-For": "::1"}}
        ),
        json.dumps({"url": f"{address}?{urlencode(texts)}", "response": {"success": True}, "sent_at": SENT}),
        json.dumps({"url": address, "body": parts + "--x--"}),
        json.dumps(archive),
        urlencode(texts),
        f"{address}?{raw}",
        parts + "--x--\r\n",
        f'curl -X POST "{address}\n  ?{raw}\n  &{{token}}"',
        f"curl {address} -H 'X-Forwarded-For: 8.8.8.8' \\\n -d '{urlencode(texts)}'",
        f"POST /v19.0/1/activities HTTP/1.1\r\nHost: graph.facebook.com\r\n\r\n{urlencode(texts)}",
        f"12:00 POST {address}?{urlencode(texts)} 200\n12:01 {json.dumps(fields)}\n",
    ]


def inputs(seed: int) -> Iterator[tuple[str, str | bytes]]:
    """Names and texts without end; the same seed gives the same."""
    rng, texts = random.Random(seed), corpus()
    for i in range(sys.maxsize):
        kind = rng.random()
        if kind < 0.4:
            text: str | bytes = damaged(rng, rng.choice(texts))
        elif kind < 0.8:
            text = json.dumps(changed(rng, rng.choice(texts)))
        elif kind < 0.9:
            text = json.dumps(value(rng, 0))
        else:
            text = rng.randbytes(rng.randrange(60))
        yield f"{i}.{rng.choice(ENDINGS)}", text


def damaged(rng: random.Random, text: str) -> bytes:
    """A text with some bytes taken out, put in, doubled or cut off."""
    held = bytearray(text.encode())
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        at = rng.randrange(len(held) + 1)
        how = rng.randrange(5)
        if how == 0:
            del held[at : at + rng.randrange(1, 4)]
        elif how == 1:
            held[at:at] = rng.choice(SNIPPETS)
        elif how == 2:
            held[at:at] = held[at : at + rng.randrange(1, 40)]
        elif how == 3 and held:
            held[at % len(held)] = rng.randrange(256)
        else:
            del held[at:]
    return bytes(held)


def changed(rng: random.Random, text: str) -> Any:
    """A document of the corpus, or something like one, with values replaced, taken out, or put elsewhere."""
    try:
        document = json.loads(text)
    except ValueError:
        document = {"data": [event()]}
    for _ in range(rng.choice((1, 1, 2, 4))):
        holder, key = rng.choice(places(document) or [(document, None)])
        if key is None:
            return value(rng, 0)
        how = rng.randrange(4)
        if how == 0:
            holder[key] = value(rng, 0)
        elif how == 1:
            del holder[key]
        elif how == 2 and isinstance(holder, dict):
            holder[rng.choice(NAMES)] = holder.pop(key)
        else:
            holder[key] = json.dumps(holder[key])
    return document


def places(held: Any) -> list[tuple[Any, Any]]:
    """Every place of a document: what holds it, and its key or index."""
    pairs = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
    return [place for key, inner in pairs for place in [(held, key), *places(inner)]]


def value(rng: random.Random, depth: int) -> Any:
    """Any JSON value, often one of the odd ones."""
    kind = rng.random()
    if kind < 0.6 or depth > 3:
        return copy.deepcopy(rng.choice(ODD))  # what is made of it is changed later
    if kind < 0.8:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(NAMES): value(rng, depth + 1) for _ in range(rng.randrange(5))}


def judge(texts: dict[str, str | bytes]) -> Validation:
    """Validate all at once; AssertionError where one is not accounted for or a place is none."""
    validation = validate_texts(texts, as_of=SENT)
    told = {file.path for file in validation.files}
    assert told == set(texts)
    broken = {one.path for one in validation.unreadable}
    for file in validation.files:
        assert file.requests or file.path in broken, file.path
        text = texts[file.path]
        height = (text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")).count("\n") + 1
        for one in file.findings:
            assert 1 <= one.line <= height
            assert one.column >= 1
        assert len({one.fingerprint for one in file.findings}) == len(file.findings), file.path
    assert json.loads(payload_json.render(validation))["schema"] == "funnelcheck/validate/1"
    assert payload_text.render(validation)
    return validation


def culprit(texts: dict[str, str | bytes]) -> str | None:
    """The first input that is not survived alone; None where all are."""
    for name, text in texts.items():
        try:
            judge({name: text})
        except Exception as error:
            return f"{name} {text!r}: {type(error).__name__}: {error}"
    return None


def survive(count: int, seed: int) -> int:
    """Judge so many inputs, in batches; how many findings there were."""
    source, findings = inputs(seed), 0
    for start in range(0, count, BATCH):
        texts = dict(next(source) for _ in range(min(BATCH, count - start)))
        try:
            findings += len(judge(texts).findings)
        except Exception as error:
            raise AssertionError(f"after {start}: {culprit(texts)}") from error
    return findings


def explore(runs: int) -> None:
    """Let atheris steer what Python reads, and judge what it made in batches."""
    import atheris

    from funnelcheck.mending import mend
    from funnelcheck.validation import apptrail
    from funnelcheck.validation.documents import read
    from funnelcheck.validation.trail import trail

    atheris.instrument_all()  # what is imported above by now has no marks of its paths yet
    waiting: dict[str, str | bytes] = {}
    made = 0

    def one(given: bytes) -> None:
        nonlocal made
        made += 1
        name = f"{made}.{ENDINGS[len(given) % len(ENDINGS)]}"
        text = read(name, given.decode("utf-8", "backslashreplace"))
        for record in text.records:
            for pointer, held in trail(record.value).events:
                record.document.place(record.pointer_of(pointer))
                if isinstance(held, dict):
                    mend(held)
            for pointer, _ in apptrail.trail(record.value).events:
                record.document.place(record.pointer_of(pointer))
        waiting[name] = given
        if len(waiting) == BATCH:
            try:
                judge(waiting)
            except Exception as error:
                raise AssertionError(culprit(waiting)) from error
            waiting.clear()

    atheris.Setup([sys.argv[0], f"-atheris_runs={runs}", "-max_len=4096", "-timeout=60"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1] == "--atheris":
        explore(int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
    else:
        seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
        begun = time.perf_counter()
        findings = survive(int(sys.argv[1]), seed)
        seconds = time.perf_counter() - begun
        print(f"{sys.argv[1]} inputs of seed {seed}: {findings} findings, {seconds:.0f} s, no traceback")
