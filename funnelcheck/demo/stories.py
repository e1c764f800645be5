"""The invented advertisers: what is right or wrong with each, and the knobs that make it so.

To add a story, add a `Story` to `STORIES`: say what is wrong, what the verdict must be and which required
rules must fail or be undecided, then turn the knobs. A fault that no knob can make is a function from one
event to the event as it was really sent (`None`: not sent), given as `fault`. An `AppStory` of `APP_STORIES`
tells of the App Events of an advertiser that has a story of leads.

Shares hold at any seed: leads are spread evenly, not drawn. No share, age or delay is near a limit, so that
no verdict hangs on the day or the seed. Businesses and numbers are invented; there is no person's data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]
DAY = 86_400
FIRST_FORM = 0.48  # share of the leads that come by the first of two forms


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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
        "em": [digest(f"person {lead.lead_id}")],
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


@dataclass(frozen=True)
class AppStory:
    """An advertiser whose app sends App Events as well; it stands beside its story of leads."""

    advertiser_id: str
    title: str
    verdict: str
    blocked_by: tuple[str, ...] = ()  # required rules about App Events that must fail; no other may
    users: int = 180
    days: int = 60  # since the first install
    visits: int = 3  # of each user
    own_names: int = 6  # numbered names of the app's own events
    without_currency_for: int = 0  # days up to now in which a subscription names no currency


# fmt: off
APP_STORIES: tuple[AppStory, ...] = (
    AppStory("nordic-fitness", "Since a release of the app three weeks ago subscriptions come without a currency.",
             "not_ready", ("APP015",), without_currency_for=21),
)
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
          "not_ready", 3, ("EVT005", "EVT017"), fault=milliseconds_for(6), shape="request", batch_hours=3,
          crm="Pipedrive", settings={"time_zone": "Europe/Stockholm"}),
    Story("casa-tiles", "The recipe of website events was copied; not one event is recognised.",
          "not_ready", 2, ("EVT001", "EVT002", "EVT003", "EVT012", "EVT017", *NOTHING_VALID), leads=300, days=60,
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
          "not_ready", 3, ("EVT007", "EVT009", "EVT017"), fault=spreadsheet_ids(0.25), crm="In-house CRM"),
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
