"""What happened in a story: the leads that came, their way through the funnel, the requests that were sent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from random import Random

from funnelcheck.demo.stories import DAY, Event, Json, Lead, Request, Story, digest

AGENT = "crmconnect"  # the partner_agent of every request


def leads_of(story: Story, as_of: int, random: Random) -> Iterator[Lead]:
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


def events_of(story: Story, leads: Iterable[Lead], as_of: int, random: Random) -> Iterator[Event]:
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
        user["em"] = [digest(f"person {lead.lead_id}")]
    return {
        "event_name": name,
        "event_time": time,
        "action_source": "system_generated",
        "user_data": user,
        "custom_data": {"event_source": "crm", "lead_event_source": story.crm},
    }


def requests_of(story: Story, events: Iterable[Event]) -> list[Request]:
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
