"""How the sample's requests are logged and how its leads are listed: the shapes that partners really have."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from funnelcheck.demo.history import AGENT
from funnelcheck.demo.stories import FIRST_FORM, Json, Lead, Request, Story, digest

Rows = list[tuple[Story, Lead]]  # of one list, from one story or several
TEST_ANSWER = "<test lead: dummy data for full_name>"
ORGANIC = 0.97  # leads drawn above it are organic
QUESTION = "when_do_you_want_to_start?"


def _envelopes(advertiser: str, request: Request) -> list[Json]:
    columns = {"advertiser_id": advertiser, "dataset_id": request.dataset, "upload_time": request.sent}
    return [columns | {"status": 200, "event": event} for event in _single(request)]


def _bare_events(advertiser: str, request: Request) -> list[Json]:
    columns = {"tenant": advertiser, "pixel_id": request.dataset, "logged_at": iso(request.sent)}
    return [columns | {"http_status": 200} | event for event in _single(request)]


def _single(request: Request) -> list[Json]:
    return [event | {"partner_agent": AGENT} for event in request.body["data"]]


def _bare_request(_advertiser: str, request: Request) -> list[Json]:
    """Names no advertiser: the folder does."""
    return [{"dataset_id": request.dataset, "sent_at": request.sent, "status": 200} | request.body]


def _exchange(advertiser: str, request: Request) -> list[Json]:
    columns = {"advertiser_id": advertiser, "dataset_id": request.dataset, "sent_at": iso(request.sent)}
    return [columns | {"request": request.body, "response": _response(request)}]


def _sdk_call(advertiser: str, request: Request) -> list[Json]:
    """As Meta's own SDK writes it: `data` is JSON in JSON, the dataset stands in the address alone."""
    url = f"https://graph.facebook.com/v25.0/{request.dataset}/events"
    body = request.body | {"data": json.dumps([json.dumps(event) for event in request.body["data"]])}
    columns = {"account_id": advertiser, "sent_at": iso(request.sent), "url": url}
    return [columns | {"request": body, "response": _response(request)}]


def _response(request: Request) -> Json:
    trace = {"fbtrace_id": "A" + digest(f"{request.dataset} {request.sent}")[:22]}
    if request.accepted:
        received = len(request.body["data"])
        return {"status": 200, "body": {"events_received": received, "messages": []} | trace}
    error = {
        "message": "Invalid parameter",
        "type": "OAuthException",
        "code": 100,
        "error_subcode": 2804003,
        "is_transient": False,
        "error_user_title": "Event Timestamp Too Old",
        "error_user_msg": "An event of this request happened more than seven days ago.",
    }
    return {"status": 400, "body": {"error": error | trace}}


SHAPES: dict[str, tuple[str, Callable[[str, Request], list[Json]]]] = {
    "envelope": ("events.jsonl", _envelopes),
    "event": ("bare_events.jsonl.gz", _bare_events),
    "request": ("advertiser_id={}/requests.jsonl", _bare_request),
    "exchange": ("exchanges.jsonl.gz", _exchange),
    "sdk": ("sdk_calls.jsonl", _sdk_call),
}


# How Meta lists the leads


def _plain_csv(rows: Rows) -> bytes:
    table = [["lead_id", "created_time", "advertiser_id", "form_id"]]
    for story, lead in rows:
        form = _origin(story, lead)["form_id"]
        table.append([lead.lead_id, iso(lead.created), story.advertiser_id, form])
    return _table(table, ",").encode()


def _download(rows: Rows) -> bytes:
    """As a page's administrator downloads it: UTF-16 with tabs, labelled ids, local time."""
    labels = {"form_id": "f:", "ad_id": "ag:", "campaign_id": "c:"}
    questions = ("full_name", QUESTION)
    table = [["id", "created_time", *labels, "is_organic", "platform", *questions, "advertiser"]]
    for story, lead in rows:
        local = datetime.fromtimestamp(lead.created, timezone(timedelta(hours=2))).isoformat()
        origin, answers = _origin(story, lead), _answers(lead)
        ids = [labels[key] + origin[key] if key in origin else "" for key in labels]
        facts = [json_text(lead.draw > ORGANIC), "fb", *(answers.get(key, "") for key in questions)]
        table.append([f"l:{lead.lead_id}", local, *ids, *facts, story.advertiser_id])
    return b"\xff\xfe" + _table(table, "\t").encode("utf-16-le")


def _graph_page(rows: Rows) -> bytes:
    data = []
    for story, lead in rows:
        origin = _origin(story, lead)
        lead_read = {"created_time": iso(lead.created).replace("Z", "+0000"), "id": lead.lead_id} | origin
        fields = [{"name": key, "values": [value]} for key, value in _answers(lead).items()]
        data.append(lead_read | {"is_organic": lead.draw > ORGANIC, "platform": "ig", "field_data": fields})
    return json.dumps({"data": data, "paging": {"cursors": {"before": "QVFIUj", "after": "QVFIUk"}}}).encode()


LISTS: dict[str, tuple[str, Callable[[Rows], bytes]]] = {
    "csv": ("leads.csv", _plain_csv),
    "download": ("page_admin_download.csv", _download),
    "graph": ("advertiser_id={}/page1.json", _graph_page),
}


def _origin(story: Story, lead: Lead) -> dict[str, str]:
    """Form, ad and campaign; organic and test leads come from no ad."""
    number = 10**14 + int(digest(story.advertiser_id)[:12], 16) % 10**11
    form = {"form_id": str(number + (lead.draw >= FIRST_FORM))}
    ad = {"ad_id": str(number * 2), "campaign_id": str(number * 3)}
    return form if lead.test or lead.draw > ORGANIC else form | ad


def _answers(lead: Lead) -> dict[str, str]:
    answers = {QUESTION: ("now", "in three months", "later, not sure")[lead.created % 3]}
    return answers | ({"full_name": TEST_ANSWER} if lead.test else {})


def iso(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _table(rows: list[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()
