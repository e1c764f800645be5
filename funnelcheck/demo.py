"""Write an invented sample: logs, lead lists and configuration, one story for each advertiser.

To add a story, add a `Story` to `STORIES`: say what is wrong, what the verdict must be and which required
rules must fail or be undecided, then turn the knobs. A fault that no knob can make is a function from one
event to the event as it was really sent (`None`: not sent), given as `fault`.

Shares hold at any seed: leads are spread evenly, not drawn. No share, age or delay is near a limit, so that
no verdict hangs on the day or the seed. Businesses and numbers are invented; there is no person's data.
"""

import csv
import gzip
import hashlib
import io
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

Json = dict[str, Any]
DAY = 86_400
AGENT = "crmconnect"  # the partner_agent of every request
MALFORMED = (
    '{"advertiser_id": "atlas-solar", "event": {"event_name": "Qual',
    "-- upload finished, log rotated --",
)
TEST_ANSWER = "<test lead: dummy data for full_name>"
FIRST_FORM = 0.48  # share of the leads that come by the first of two forms
ORGANIC = 0.97  # leads drawn above it are organic
QUESTION = "when_do_you_want_to_start?"


@dataclass(frozen=True)
class Stage:
    """A later stage, reached by the leads whose `reach` lies in [skip, skip + share)."""

    name: str
    share: float
    days: float  # median wait after the stage before it
    spread: float = 0.6  # sigma of the log-normal wait
    skip: float = 0.0  # above the shares of all other stages: a way out of the funnel


@dataclass(frozen=True)
class Lead:
    lead_id: str
    created: int
    reach: float  # in [0, 1): how deep it goes
    draw: float  # in [0, 1), independent of `reach`: what else happens to it
    test: bool = False


@dataclass(frozen=True)
class Event:
    lead: Lead
    sent: int
    dataset: str
    payload: Json


@dataclass
class Request:
    sent: int
    dataset: str
    body: Json
    accepted: bool = True


Fault = Callable[[Event, int], Event | None]  # an event and `as_of`


def _changed(event: Event, **changes: Any) -> Event:
    return replace(event, payload=event.payload | changes)


def silent_for(days: int) -> Fault:
    return lambda event, as_of: None if event.sent > as_of - days * DAY else event


def milliseconds_for(days: int) -> Fault:
    def fault(event: Event, as_of: int) -> Event:
        if event.sent <= as_of - days * DAY:
            return event
        return _changed(event, event_time=event.payload["event_time"] * 1000)

    return fault


def web_recipe(event: Event, _as_of: int) -> Event:
    """The request of a website integration: only the lead id was added."""
    lead = event.lead
    user = {
        "lead_id": lead.lead_id,
        "em": [_digest(f"person {lead.lead_id}")],
        "fbp": f"fb.1.{lead.created}000.{int(lead.lead_id) % 10**10}",
    }
    payload = {key: event.payload[key] for key in ("event_name", "event_time")}
    return replace(event, payload=payload | {"action_source": "website", "user_data": user})


def spreadsheet_ids(share: float) -> Fault:
    def fault(event: Event, _as_of: int) -> Event:
        if event.lead.draw >= share:
            return event
        return _changed(event, user_data={"lead_id": f"{int(event.lead.lead_id):.5E}"})

    return fault


def second_dataset(share: float) -> Fault:
    """Leaves the last three days alone, so that the latest upload is in the main dataset."""

    def fault(event: Event, as_of: int) -> Event:
        if event.lead.draw >= share or event.sent > as_of - 3 * DAY:
            return event
        return replace(event, dataset=str(int(event.dataset) + 20_117))

    return fault


FUNNEL = (Stage("Contacted", 0.64, 0.5), Stage("Qualified", 0.22, 3), Stage("Won", 0.06, 6))
NOTHING_VALID = ("DAT002", "DAT003", "COV001", "FUN001", "FUN002", "FUN006", "FUN007")


@dataclass(frozen=True)
class Story:
    advertiser_id: str
    title: str
    verdict: str
    step: int
    blocked_by: tuple[str, ...] = ()  # required rules that must fail or be undecided; no other may
    # leads
    leads: int = 450
    days: int = 100  # since the first lead
    only_days: tuple[int, ...] = ()  # leads on these days ago only, in the morning
    weekend: float = 1.0  # share of the weekend's leads that come
    digits: int = 16
    test_leads: int = 0
    lead_list: str = "csv"  # a key of LISTS
    # funnel
    raw: str = "Lead"
    stages: tuple[Stage, ...] = FUNNEL
    crm: str = "HubSpot"
    # sending
    shape: str = "envelope"  # a key of SHAPES
    batch_hours: int = 0  # 0: every event alone
    coverage: float = 1.0
    test_code: str = ""
    retries_old_events: bool = False  # three batches of four carry an event that is too old and are refused
    fault: Fault | None = None
    # funnelcheck.toml
    settings: dict[str, str | bool] = field(default_factory=dict, hash=False)
    statuses: tuple[tuple[int, str], ...] = ()  # (days ago, status in Events Manager)


# fmt: off
STORIES: tuple[Story, ...] = (
    Story("brightside-dental", "All is right; only the funnel is not configured yet.", "ready", 4,
          leads=560, lead_list="download", test_leads=3),
    Story("harbour-boats", "Leads come and are called on open days only: events on five days in two months.",
          "not_ready", 3, ("DAT003",), leads=400, only_days=(62, 48, 34, 20, 3), lead_list="graph",
          test_leads=1, stages=(Stage("Qualified", 0.25, 0.05, 0.4), Stage("Deposit paid", 0.08, 0.05, 0.4))),
    Story("pixel-academy", "Only the raw lead is sent; no later stage ever follows.",
          "not_ready", 3, ("FUN002", "FUN006", "FUN007"), leads=380, stages=(), shape="exchange",
          batch_hours=6),
    Story("verde-kitchens", "One of two forms is not connected: fewer than half of the leads have events.",
          "not_ready", 3, ("COV001",), coverage=FIRST_FORM, lead_list="download",
          stages=(Stage("Qualified", 0.30, 3), Stage("Won", 0.08, 6))),
    Story("swift-insurance", "Nearly every lead reaches every stage: none tells good leads from bad ones.",
          "not_ready", 4, ("FUN006",), shape="sdk", batch_hours=6, crm="Dynamics",
          stages=(Stage("Contacted", 0.86, 0.3), Stage("Quote sent", 0.74, 1), Stage("Signed", 0.70, 3))),
    Story("summit-estates", "The sale is too rare, and there is no stage between first contact and sale.",
          "not_ready", 4, ("FUN006", "FUN007"), leads=900, days=110,
          stages=(Stage("Contacted", 0.66, 0.5), Stage("Sold", 0.0017, 5, 0.3))),
    Story("keystone-mortgage", "Approval takes too long: one in ten needs more than five weeks.",
          "not_ready", 5, ("FUN007",), leads=520, days=116, shape="exchange", batch_hours=6,
          stages=(Stage("Contacted", 0.78, 0.5), Stage("Approved", 0.26, 24, 0.5), Stage("Funded", 0.15, 6)),
          settings={"optimisation_stage": "Approved"}),
    Story("nordic-fitness", "Since a release six days ago event_time is in milliseconds.",
          "not_ready", 3, ("EVT005",), fault=milliseconds_for(6), shape="request", batch_hours=3,
          crm="Pipedrive", settings={"time_zone": "Europe/Stockholm"}),
    Story("casa-tiles", "The recipe of website events was copied; not one event is recognised.",
          "not_ready", 2, ("EVT001", "EVT002", "EVT003", *NOTHING_VALID), leads=300, days=60,
          fault=web_recipe),
    Story("oakfield-windows", "Old events are retried every night, and Meta refuses each of these batches.",
          "not_ready", 3, ("REQ004", "TIM001", "COV001"), leads=600, shape="exchange", batch_hours=24,
          retries_old_events=True, crm="Zoho CRM"),
    Story("lumen-energy", "Everything is right, but it started only four days ago.",
          "undecided", 3, ("DAT003", "FUN006", "FUN007"), leads=160, days=4, shape="event", digits=17,
          stages=(Stage("Qualified", 0.24, 1.5), Stage("Won", 0.06, 6)),
          settings={"time_zone": "Europe/Berlin"}, statuses=((3, "Wait for 7 days of CRM events"),)),
    Story("bluebird-travel", "Was ready and learning, but sent nothing for 18 days while leads kept coming.",
          "not_ready", 3, ("DAT012",), leads=700, days=130, fault=silent_for(18), shape="sdk", batch_hours=3,
          crm="Salesforce", lead_list="graph", settings={"optimisation_stage": "Qualified"},
          statuses=((70, "Configure Sales Funnel"), (60, "Funnel analysis"), (45, "Learning phase"))),
    Story("delta-motors", "A quarter of the lead ids went through a spreadsheet and are lost.",
          "not_ready", 3, ("EVT007",), fault=spreadsheet_ids(0.25), crm="In-house CRM"),
    Story("granite-legal", "A forgotten connector still sends a fifth of the leads to a second dataset.",
          "not_ready", 3, ("DAT004",), fault=second_dataset(0.2), shape="exchange", batch_hours=3),
    Story("willow-care", "Disqualified comes early and often, but Qualified is the stage to take.",
          "ready", 4, leads=520, lead_list="download", test_leads=2,
          stages=(*FUNNEL, Stage("Disqualified", 0.20, 0.2, skip=0.7))),
    Story("orbit-telecom", "The test code was left on: Meta takes every event for a test.",
          "not_ready", 2, NOTHING_VALID, leads=280, days=60, test_code="TEST40817", shape="exchange",
          batch_hours=12),
    Story("prairie-roofing", "Leads come in, but no event was ever sent.",
          "not_ready", 2, NOTHING_VALID, leads=240, days=70, coverage=0),
    Story("atlas-solar", "All is right, and the learning phase is under way.", "ready", 5,
          leads=600, digits=15, shape="request", batch_hours=1, crm="Salesforce", coverage=0.985,
          settings={"time_zone": "Europe/Paris", "optimisation_stage": "Qualified"},
          statuses=((28, "Configure Sales Funnel"), (24, "Funnel analysis"), (17, "Learning phase"))),
    Story("maison-lavande", "The learning phase is complete: campaigns run on the funnel.", "ready", 6,
          leads=480, days=118, raw="Prospect brut", crm="Sellsy", lead_list="download",
          stages=(Stage("Qualifié", 0.27, 2.5), Stage("Signé", 0.09, 7)),
          settings={"time_zone": "Europe/Paris", "optimisation_stage": "Qualifié"},
          statuses=((80, "Configure Sales Funnel"), (76, "Learning phase"), (35, "Learning phase complete"))),
    Story("ledgerly-software", "Few leads at weekends, stage names in camel case, and all is right.",
          "ready", 4, leads=640, weekend=0.15, raw="LeadCreated", shape="sdk", batch_hours=12, digits=17,
          settings={"time_zone": "America/New_York"},
          stages=(Stage("MeetingBooked", 0.25, 3), Stage("ClosedWon", 0.07, 8),
                  Stage("ClosedLost", 0.30, 5, skip=0.5))),
    Story("copper-gym", "Everything arrives, but in a dataset that is not one for CRM events.",
          "not_ready", 1, ("DAT001",), leads=400, shape="event", settings={"crm_dataset": False}),
    Story("river-clinic", "On course, but no lead is old enough to tell how many qualify within 28 days.",
          "undecided", 4, ("FUN006", "FUN007"), leads=260, days=20, lead_list="graph"),
)
# fmt: on

Rows = list[tuple[Story, Lead]]  # of one list, from one story or several


def write(folder: Path, *, as_of: int, seed: int = 7, stories: Sequence[Story] = STORIES) -> None:
    """Write `logs/`, `leads/` and `funnelcheck.toml`; the same arguments give the same bytes.

    `as_of` is in Unix seconds; nothing is dated after it. What a story writes does not depend on the others;
    two malformed lines end the first log.
    """
    logs: defaultdict[str, list[str]] = defaultdict(list)
    lists: defaultdict[str, Rows] = defaultdict(list)
    for story in stories:
        random = Random(f"{seed}/{story.advertiser_id}")
        leads = sorted(_leads(story, as_of, random), key=lambda lead: lead.created)
        path, shape = SHAPES[story.shape]
        for request in _requests(story, _events(story, leads, as_of, random)):
            logs[path.format(story.advertiser_id)] += map(_json, shape(story.advertiser_id, request))
        lists[LISTS[story.lead_list][0].format(story.advertiser_id)] += ((story, lead) for lead in leads)
    for lines in list(logs.values())[:1]:
        lines.extend(MALFORMED)
    for path, lines in logs.items():
        text = "".join(line + "\n" for line in lines).encode()
        _save(folder / "logs" / path, gzip.compress(text, 6, mtime=0) if path.endswith(".gz") else text)
    for path, rows in lists.items():
        _save(folder / "leads" / path, LISTS[rows[0][0].lead_list][1](rows))
    _save(folder / "funnelcheck.toml", "\n".join(_configuration(stories, as_of)).encode())


# What happened: the leads that came, the events that were sent


def _leads(story: Story, as_of: int, random: Random) -> Iterator[Lead]:
    count = story.leads + story.test_leads
    ids = random.sample(range(10 ** (story.digits - 1), 10**story.digits), count)
    for index, lead_id in enumerate(ids):
        days_ago, hours = story.days - 1 - index * story.days // count, random.triangular(0, 24, 16)
        if story.only_days:
            days_ago, hours = story.only_days[index * len(story.only_days) // count], random.uniform(7, 12)
        created = (as_of - 1) // DAY * DAY - days_ago * DAY + int(hours * 3600)
        # The R2 sequence: even in either coordinate and in both together.
        reach, draw = (0.5 + index * 0.7548776662466927) % 1, (0.5 + index * 0.5698402909980532) % 1
        is_weekend = datetime.fromtimestamp(created, UTC).weekday() >= 5
        if created < as_of and not (is_weekend and random.random() >= story.weekend):
            yield Lead(str(lead_id), created, reach, draw, test=index < story.test_leads)


def _events(story: Story, leads: Iterable[Lead], as_of: int, random: Random) -> Iterator[Event]:
    dataset, period = str(random.randrange(10**15, 10**16)), story.batch_hours * 3600
    for lead in leads:
        if lead.test or lead.draw >= story.coverage:
            continue
        for name, time in _history(story, lead, random):
            sent = (time // period + 1) * period + 240 if period else time + random.randint(20, 900)
            event = Event(lead, sent, dataset, _payload(story, lead, name, time))
            really = story.fault(event, as_of) if story.fault else event
            if really and sent <= as_of:
                yield really


def _history(story: Story, lead: Lead, random: Random) -> Iterator[tuple[str, int]]:
    time = lead.created + random.randint(2, 9)
    yield story.raw, time
    for stage in story.stages:
        if stage.skip <= lead.reach < stage.skip + stage.share:
            time += 60 + int(random.lognormvariate(math.log(stage.days), stage.spread) * DAY)
            yield stage.name, time


def _payload(story: Story, lead: Lead, name: str, time: int) -> Json:
    user: Json = {"lead_id": int(lead.lead_id) if story.shape == "exchange" else lead.lead_id}
    if lead.draw < 0.1:
        user["em"] = [_digest(f"person {lead.lead_id}")]
    return {
        "event_name": name,
        "event_time": time,
        "action_source": "system_generated",
        "user_data": user,
        "custom_data": {"event_source": "crm", "lead_event_source": story.crm},
    }


def _requests(story: Story, events: Iterable[Event]) -> list[Request]:
    batches: dict[tuple[int, str, int], Request] = {}
    test = {"test_event_code": story.test_code} if story.test_code else {}
    for number, event in enumerate(events):
        key = (event.sent, event.dataset, 0 if story.batch_hours else number)
        request = Request(event.sent, event.dataset, {"data": [], "partner_agent": AGENT} | test)
        batches.setdefault(key, request).body["data"].append(event.payload)
    requests = [batches[key] for key in sorted(batches)]
    for index, request in enumerate(requests):
        if story.retries_old_events and index >= 9 and index % 4:  # of nightly batches: nine days ago
            request.body["data"].append(requests[index - 9].body["data"][0])
            request.accepted = False
    return requests


# How it was logged


def _envelopes(advertiser: str, request: Request) -> list[Json]:
    columns = {"advertiser_id": advertiser, "dataset_id": request.dataset, "upload_time": request.sent}
    return [columns | {"status": 200, "event": event} for event in _single(request)]


def _bare_events(advertiser: str, request: Request) -> list[Json]:
    columns = {"tenant": advertiser, "pixel_id": request.dataset, "logged_at": _iso(request.sent)}
    return [columns | {"http_status": 200} | event for event in _single(request)]


def _single(request: Request) -> list[Json]:
    return [event | {"partner_agent": AGENT} for event in request.body["data"]]


def _bare_request(_advertiser: str, request: Request) -> list[Json]:
    """Names no advertiser: the folder does."""
    return [{"dataset_id": request.dataset, "sent_at": request.sent, "status": 200} | request.body]


def _exchange(advertiser: str, request: Request) -> list[Json]:
    columns = {"advertiser_id": advertiser, "dataset_id": request.dataset, "sent_at": _iso(request.sent)}
    return [columns | {"request": request.body, "response": _response(request)}]


def _sdk_call(advertiser: str, request: Request) -> list[Json]:
    """As Meta's own SDK writes it: `data` is JSON in JSON, the dataset stands in the address alone."""
    url = f"https://graph.facebook.com/v25.0/{request.dataset}/events"
    body = request.body | {"data": json.dumps([json.dumps(event) for event in request.body["data"]])}
    columns = {"account_id": advertiser, "sent_at": _iso(request.sent), "url": url}
    return [columns | {"request": body, "response": _response(request)}]


def _response(request: Request) -> Json:
    trace = {"fbtrace_id": "A" + _digest(f"{request.dataset} {request.sent}")[:22]}
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
        table.append([lead.lead_id, _iso(lead.created), story.advertiser_id, form])
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
        facts = [_json(lead.draw > ORGANIC), "fb", *(answers.get(key, "") for key in questions)]
        table.append([f"l:{lead.lead_id}", local, *ids, *facts, story.advertiser_id])
    return b"\xff\xfe" + _table(table, "\t").encode("utf-16-le")


def _graph_page(rows: Rows) -> bytes:
    data = []
    for story, lead in rows:
        origin = _origin(story, lead)
        lead_read = {"created_time": _iso(lead.created).replace("Z", "+0000"), "id": lead.lead_id} | origin
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
    number = 10**14 + int(_digest(story.advertiser_id)[:12], 16) % 10**11
    form = {"form_id": str(number + (lead.draw >= FIRST_FORM))}
    ad = {"ad_id": str(number * 2), "campaign_id": str(number * 3)}
    return form if lead.test or lead.draw > ORGANIC else form | ad


def _answers(lead: Lead) -> dict[str, str]:
    answers = {QUESTION: ("now", "in three months", "later, not sure")[lead.created % 3]}
    return answers | ({"full_name": TEST_ANSWER} if lead.test else {})


# Configuration, and small things


def _configuration(stories: Iterable[Story], as_of: int) -> Iterator[str]:
    yield "# What the sample's advertisers say about themselves."
    for story in stories:
        if story.settings or story.statuses:
            yield f"\n[advertiser.{story.advertiser_id}]"
        yield from (f"{key} = {_json(value)}" for key, value in story.settings.items())
        for days_ago, status in story.statuses:
            yield f"[[advertiser.{story.advertiser_id}.status]]"
            yield f"date = {_iso(as_of - days_ago * DAY)[:10]}\nstatus = {_json(status)}"
    yield ""


def _iso(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _table(rows: list[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _save(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
