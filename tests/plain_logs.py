"""Small random logs full of edges of time, and what they mean, in plain Python: for brute-force tests of facts."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOUR, DAY, WEEK = 3_600, 86_400, 604_800
START = 1_790_000_000
AS_OF = START + 120 * DAY
ZONES = ("UTC", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kathmandu")
STAGES = ("Lead", "Qualified", "Won", "Lost")
AGENTS = (None, "acme", "Acme", "acme_1_0", "ACME_12_3", "zap", "acme_1")
WEEK_EDGES = (WEEK - HOUR - 1, WEEK - HOUR, WEEK)
EDGES = (0, 1, 2, 3, 60, 7_199, 7_200, 7_201, DAY - 1, DAY, DAY + 1, 5 * DAY, 5 * DAY + 1, *WEEK_EDGES)
PACES = ("edges", "edges", "now", "clamped", "same", "shifted", "shifted")


@dataclass(frozen=True)
class Event:
    """One event as it was sent; `time` is None where it cannot be read."""

    request: int
    upload: int | None
    dataset: str
    status: int | None
    name: str
    time: int | None
    lead: str | None
    source: str
    is_test: bool
    event_id: str | None
    agent: str | None
    crm: str


@dataclass
class Advertiser:
    """What one advertiser sent, and its lead list: (lead, creation, is it a test lead)."""

    name: str
    zone: str
    events: list[Event] = field(default_factory=list)
    leads: list[tuple[str, int, bool]] = field(default_factory=list)

    @property
    def created(self) -> dict[str, int]:
        """The earliest creation of each lead of the list, test leads too."""
        found: dict[str, int] = {}
        for lead, time, _ in self.leads:
            found[lead] = min(time, found.get(lead, time))
        return found

    @property
    def test_leads(self) -> set[str]:
        """Leads with a row of the testing tool."""
        return {lead for lead, _, is_test in self.leads if is_test}

    @property
    def has_response(self) -> bool:
        """True where the log holds any answer."""
        return any(event.status is not None for event in self.events)

    def accepted(self, event: Event) -> bool:
        """2xx; where no request has an answer, all are."""
        return event.status == 200 if self.has_response else True

    def sent_at(self, event: Event) -> int | None:
        """The time of sending, else the event's own."""
        return event.time if event.upload is None else event.upload

    def requests(self) -> dict[int, list[Event]]:
        """Events by request."""
        found: dict[int, list[Event]] = {}
        for event in self.events:
            found.setdefault(event.request, []).append(event)
        return found

    def dataset(self) -> str:
        """That of the latest accepted upload, else of the latest one."""
        ranked = []
        for events in self.requests().values():
            sent = max((self.sent_at(e) for e in events if self.sent_at(e) is not None), default=-1)  # type: ignore[type-var]
            ranked.append((self.accepted(events[0]), sent, events[0].dataset))
        return max(ranked)[2]

    def current(self) -> list[Event]:
        """Events to the current dataset."""
        dataset = self.dataset()
        return [event for event in self.events if event.dataset == dataset]

    def recent(self) -> list[Event]:
        """Those of the four weeks up to its latest upload."""
        current = self.current()
        latest = max(time for event in current if (time := self.sent_at(event)) is not None)
        return [e for e in current if (sent := self.sent_at(e)) is None or sent > latest - 28 * DAY]

    def is_sound(self, event: Event, *, before_lead_too: bool = False) -> bool:
        """Valid: accepted, no test, no fault."""
        lead, time = event.lead, event.time
        if not self.accepted(event) or event.is_test or lead is None or lead in self.test_leads or time is None:
            return False
        if event.source != "system_generated":
            return False
        if event.upload is not None and not -300 <= event.upload - time <= WEEK:
            return False
        return before_lead_too or time >= self.created.get(lead, time)

    def valid(self) -> list[Event]:
        """Valid events of the current dataset, as often as they were sent."""
        return [event for event in self.current() if self.is_sound(event)]

    def latest_upload(self) -> int | None:
        """Of any request, refused ones included."""
        return max((event.upload for event in self.events if event.upload is not None), default=None)

    def horizon(self) -> int:
        """The instant up to which the log speaks."""
        latest = max((e.time for e in self.events if e.time is not None and self.accepted(e)), default=None)
        upload = self.latest_upload()
        if upload is not None:
            return upload - DAY if latest is None else min(max(latest, upload - DAY), upload)
        return latest if latest is not None else max(e.time for e in self.events if e.time is not None)


def random_advertisers(seed: int) -> list[Advertiser]:
    """Two or three advertisers that share some leads."""
    draw = random.Random(seed)
    return [_advertiser(draw, f"adv-{number}") for number in range(draw.randint(2, 3))]


def _advertiser(draw: random.Random, name: str) -> Advertiser:
    advertiser = Advertiser(name, draw.choice(ZONES))
    pool = [str(10**15 + draw.randrange(400)) for _ in range(draw.randint(3, 60))]
    span = draw.choice((3, 20, 60))
    created = {lead: START + draw.randrange(span * DAY) for lead in pool}
    if draw.random() < 0.85:
        listed = [lead for lead in created if draw.random() < 0.8]
        advertiser.leads = [(lead, created[lead], draw.random() < 0.05) for lead in listed]
        advertiser.leads += [(lead, created[lead] + DAY, False) for lead in listed[:2]]
    answers = draw.choice(((None,), (200,), (200, 200, 200, 400), (200, 200, None)))
    paces = [draw.choice(PACES)] if draw.random() < 0.7 else list(PACES)
    shift = draw.choice((-5 * HOUR, 2 * HOUR, 5 * HOUR + 1_800, 3_150, 3_149, 60))
    agents = draw.choice(((None,), ("acme",), ("acme", "Acme_1_0"), ("acme", None), AGENTS))
    ids = draw.choice((0, 0, 3, 1_000, -1))
    crms = draw.choice((("HubSpot",), ("HubSpot", "Zoho")))
    others = draw.choice((0.0, 0.05, 0.4))
    untimed = draw.choice((0.0, 0.0, 0.2, 1.0))
    faulty = draw.choice((0.0, 0.1, 0.3))
    request = 0
    for _ in range(draw.randint(1, 40)):
        request += 1
        upload = START + draw.randrange(span * DAY)
        dataset = "2" if draw.random() < others else "1"
        status = draw.choice(answers)
        has_time = draw.random() >= untimed
        pace = draw.choice(paces)
        same = upload - draw.choice((60, 3 * DAY))
        for _ in range(draw.choice((18, 19, 20, 21)) if pace == "same" and draw.random() < 0.3 else draw.randint(1, 4)):
            lead = draw.choice(pool)
            stage = draw.choices(STAGES, (6, 3, 2, 1))[0]
            time: int | None = {
                "edges": upload - draw.choice(EDGES),
                "now": upload + draw.choice((-2, -1, 0, 1, 2)),
                "clamped": upload - WEEK + draw.choice((0, 1, HOUR, HOUR + 1, 60)),
                "same": same,
                "shifted": created[lead] + shift + draw.choice((0, 30, 400, 850, 901)) + DAY * STAGES.index(stage),
            }[pace]
            sent = max(upload, time) if pace == "shifted" and time is not None else upload
            if pace == "shifted":
                request += 1  # of its own, sent when it happens
            is_at_fault = draw.random() < faulty
            advertiser.events.append(
                Event(
                    request=request,
                    upload=(sent if pace == "shifted" else upload) if has_time else None,
                    dataset=dataset,
                    status=status,
                    name=stage,
                    time=None if is_at_fault and draw.random() < 0.2 else time,
                    lead=None if is_at_fault and draw.random() < 0.3 else lead,
                    source="website" if is_at_fault and draw.random() < 0.4 else "system_generated",
                    is_test=is_at_fault and draw.random() < 0.2,
                    event_id=_event_id(draw, ids, lead),
                    agent=draw.choice(agents),
                    crm=draw.choice(crms),
                )
            )
    if 400 in answers and not untimed:  # the last one, refused and to another dataset, says nothing of this one
        late = {"request": request + 1, "dataset": "3", "status": 400, "upload": START + (span + 8) * DAY}
        advertiser.events.append(Event(**{**advertiser.events[-1].__dict__, **late}))
    copies = draw.sample(advertiser.events, min(len(advertiser.events), draw.choice((0, 0, 1, 5))))
    for number, copy in enumerate(copies):
        again = {**copy.__dict__, "request": -1 - number}
        if copy.upload is not None and draw.random() < 0.5:
            again["upload"] = copy.upload + 30
        advertiser.events.append(Event(**again))
    if all(advertiser.sent_at(event) is None for event in advertiser.events):
        return _advertiser(draw, name)
    return advertiser


def _event_id(draw: random.Random, ids: int, lead: str) -> str | None:
    """One of so many ids, or the lead's own (-1); now and then none."""
    if not ids or draw.random() < 0.2:
        return None
    return lead if ids < 0 else f"e{draw.randrange(ids)}"


def write(folder: Path, advertisers: Iterable[Advertiser]) -> tuple[Path, Path]:
    """The log as JSON Lines, one request a line, and the lead lists as one CSV."""
    log, leads = folder / "log.jsonl", folder / "leads.csv"
    with log.open("w", encoding="utf-8") as out:
        for advertiser in advertisers:
            for number, events in advertiser.requests().items():
                out.write(json.dumps(_request(advertiser, number, events)) + "\n")
    with leads.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "created_time", "advertiser_id", "your question?"])
        for advertiser in advertisers:
            for lead, time, is_test in advertiser.leads:
                answer = "<test lead: dummy data for question>" if is_test else "yes"
                writer.writerow([lead, time, advertiser.name, answer])
    return log, leads


def _request(advertiser: Advertiser, number: int, events: list[Event]) -> dict[str, Any]:
    first = events[0]
    record: dict[str, Any] = {"advertiser_id": advertiser.name, "dataset_id": first.dataset, "trace": f"t{number}"}
    if first.upload is not None:
        record["sent_at"] = first.upload
    if first.status is not None:
        record["status"] = first.status
    return record | {"data": [_body(event) for event in events]}


def _body(event: Event) -> dict[str, Any]:
    body: dict[str, Any] = {
        "event_name": event.name,
        "event_time": "yesterday" if event.time is None else event.time,
        "action_source": event.source,
        "user_data": {"client_user_agent": "x"} if event.lead is None else {"lead_id": event.lead},
        "custom_data": {"event_source": "crm", "lead_event_source": event.crm},
        "event_id": event.event_id,
        "partner_agent": event.agent,
        "test_event_code": "TEST1" if event.is_test else None,
    }
    return {key: value for key, value in body.items() if value is not None}
