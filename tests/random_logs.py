"""Seeded random logs and lead lists, with the faults of every rule and times planted on every boundary."""

import csv
import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = 60, 3_600, 86_400
WINDOW = 28 * DAY
ZONES = ("Europe/Paris", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "UTC")
STYLES = (
    ("Lead", "Contacted", "Qualified", "Opportunity", "Sale"),
    ("initial_lead", "call_done", "visit", "offer", "signed"),
    ("Nouveau Prospect", "RDV pris", "Devis envoyé", "Signé", "Encaissé"),
    ("Intake", "Triage", "Interview", "Offer out", "Hired"),  # no hint: the raw stage is found by order
    ("S1", "S2", "S3", "S4", "S5"),
    ("Lead", "New", "Warm", "Hot", "Won"),  # two hints: no hint decides
)
NEGATIVE_NAMES = ("ClosedLost", "LOSTDeal", "deal_dead", "Refusé", "unqualified", "is-junk?", "verlorenLead2")
HARMLESS_NAMES = ("Lostness", "Undead", "Rejection letter")  # no whole word of these is negative
CONFIGURED_NEGATIVE = "On hold"


@dataclass
class Case:
    """One reproducible case: the files and what else the judgement needs."""

    log_paths: list[Path]
    lead_paths: list[Path]
    as_of: int
    guide: str
    advertisers: dict[str, dict]
    history_paths: list[Path] = field(default_factory=list)
    partner_agent: str | None = None  # of the partner, for every advertiser that names none


@dataclass
class Sent:
    """One event before it is written: its body, its true time and where it goes."""

    body: dict
    time: int
    upload: int | None = None
    anchor: bool = False  # an anchor fixes horizon or start, so faults leave it alone


@dataclass
class Send:
    """One request with its outcome."""

    events: list[Sent]
    upload: int | None
    dataset: Any = None
    status: Any = None
    answer: dict | None = None
    test: Any = None
    agent: str | None = None
    url: str | None = None
    signed: bool = False  # with an access token in the body


@dataclass
class Plan:
    """What is random about one advertiser; a recipe overrides some of it."""

    leads: int
    span: int  # days of leads before the horizon
    stages: list[tuple[str, float, float]]  # name, share of the stage before, mean delay in days
    coverage: float = 0.95
    uploads: str = "all"  # all, none, mixed
    pace: str = "real-time"  # real-time, hourly, daily, at-once
    responses: str = "none"  # none, all, some
    rejected: float = 0.0
    retries: float = 0.0
    faults: float = 0.0
    list_mode: str = "full"
    dataset_mode: str = "one"
    test_leads: float = 0.0
    unlisted: int = 0
    planted: bool = True
    exact_faults: tuple[int, int] | None = None
    config: dict = field(default_factory=dict)
    batch: int = 20  # most events of a request
    truncated: bool = False  # the CRM knows whole minutes only
    backwards: float = 0.0
    rename: tuple[str, str, int] | None = None  # a stage, its later name, from when
    history: bool = False


# --- one payload --------------------------------------------------------------------------------------------


class Number(str):
    """A JSON number that must be written with exactly these characters."""


def dumps(value: Any) -> str:
    """JSON text in which a Number keeps its characters."""

    def marked(item: Any) -> Any:
        if isinstance(item, Number):
            return f"@@{item}@@"
        if isinstance(item, dict):
            return {key: marked(inner) for key, inner in item.items()}
        if isinstance(item, list):
            return [marked(inner) for inner in item]
        return item

    return re.sub(r'"@@([^@"]+)@@"', r"\1", json.dumps(marked(value), ensure_ascii=False))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def lead_number(rng: random.Random) -> str:
    size = rng.choice((15, 16, 16, 16, 17))
    return str(rng.randrange(10 ** (size - 1), 10**size))


def damaged(lead: str, how: str | None) -> str:
    """A lead id after a program that keeps numbers as doubles (written exactly or shortly), or a spreadsheet."""
    if how == "double":
        return str(int(float(int(lead))))
    if how == "script":
        return str(int(Decimal(repr(float(int(lead))))))
    if how == "spreadsheet":
        return lead[:15].ljust(len(lead), "0")
    return lead


def event_body(
    rng: random.Random,
    lead: str,
    name: str,
    time: int,
    *,
    as_text: bool,
    crm: str,
    agent: str | None,
    damage: str | None = None,
    ids: str | None = None,
) -> dict:
    """A sound event of a lead, with customer data now and then; damage and ids are habits of its sender."""
    sent_id = damaged(lead, damage)
    user: dict[str, Any] = {"lead_id": sent_id if as_text else int(sent_id)}
    chance = rng.random()
    if chance < 0.2:
        user["em"] = [digest(f"{lead}@example.com")]
    elif chance < 0.3:
        user["ph"] = digest(f"33{lead}")
    elif chance < 0.35:
        user["em"], user["fn"] = [], None  # as absent
    body = {
        "event_name": name,
        "event_time": time,
        "action_source": "system_generated",
        "user_data": user,
        "custom_data": {"event_source": "crm", "lead_event_source": crm},
    }
    if agent:
        body["partner_agent"] = agent
    if ids == "deterministic":
        body["event_id"] = f"{lead}:{name}"
    elif ids == "random":
        body["event_id"] = f"{rng.getrandbits(64):016x}"
    elif ids == "by lead":
        body["event_id"] = lead  # the same for all of its stages
    elif ids == "some" and rng.random() < 0.5:
        body["event_id"] = rng.choice(("", None, "0", f"{lead[:4]}"))
    return body


def set_or_drop(owner: dict, key: str, value: Any) -> None:
    """A value of ... takes the key away."""
    if value is ...:
        owner.pop(key, None)
    else:
        owner[key] = value


def fault_value(rule: str, body: dict, rng: random.Random) -> Any:
    """A value for the field of a rule: most are faults, some only warn, a few look odd and are fine."""
    seconds = body["event_time"] if isinstance(body["event_time"], int) else 1_750_000_000
    lead = str(body["user_data"].get("lead_id"))
    lead = lead if re.fullmatch("[0-9]{15,17}", lead) else "1234567890123456"  # already spoilt once
    good, other = digest(lead), digest(lead + "x")
    iso = datetime.fromtimestamp(seconds, UTC).isoformat()
    values: dict[str, tuple] = {
        "EVT001": ("website", "System_Generated", " system_generated", "", None, ..., 1),
        "EVT002": ("CRM", "web", "", None, ..., ["crm"]),
        "EVT003": ("", None, ..., 7, [], ["Salesforce"]),
        "EVT004": ("", "   ", "\t", "\u00a0", 5, None, ..., ["Lead"]),
        "EVT005": (
            seconds * 1000,
            iso,
            str(seconds),
            Number(f"{seconds}.5"),
            Number(f"{seconds}.0"),
            f"{seconds}.5",
            Number("44292.5"),
            999_999_999,
            1_000_000_000,
            100_000_000_000,
            "",
            None,
            ...,
            True,
            str(seconds * 1000),
            [seconds],
            f" {seconds}",
            -seconds,
            0,
            seconds * 10**6,
        ),
        "EVT006": (..., None, "", [], {}),
        "EVT007": (
            f"l:{lead}",
            "1.23E+15",
            "1,23E+15",
            Number("1.23E+15"),
            f"{lead[:16]}.0",
            Number(f"{lead[:16]}.0"),
            int(lead[:14]),
            lead[:14],
            lead.ljust(18, "7"),
            int(lead.ljust(18, "7")),
            good,
            [lead],
            [int(lead)],
            f"'{lead}",
            f" {lead}",
            f"{lead} ",
            f"0{lead[:15]}",
            True,
            {"id": lead},
            0,
            -int(lead),
            f"{lead[:3]},{lead[3:]}",
        ),
        "EVT010": (
            "john@example.com",
            ["john@example.com"],
            hashlib.md5(lead.encode()).hexdigest(),
            hashlib.sha1(lead.encode()).hexdigest(),
            good.upper(),
            [good.upper(), other],
            [good, other.upper()],
            good[:32] + good[32:].upper(),
            digest(""),
            [digest("")],
            digest("").upper(),
            digest("null"),
            digest("none"),
            digest("undefined"),
            digest("nan"),
            [good, None],
            [good, ""],
            [None],
            [""],
            33123456789,
            {"a": good},
            [[good]],
            [good, other],
            good,
            [],
            "",
            good + "0",
            good + "\n",
            True,
        ),
    }
    return rng.choice(values[rule])


def spoil(body: dict, rule: str, rng: random.Random, bare: bool = False) -> None:
    """Put one fault of a rule into an event; a bare event keeps the keys by which it is recognised."""
    value = fault_value(rule, body, rng)
    if rule == "EVT001":
        set_or_drop(body, "action_source", value)
    elif rule == "EVT002":
        if value == "web":
            body["event_source"] = body["custom_data"].pop("event_source", "crm")  # at the wrong level
        elif value == "" and not bare:
            set_or_drop(body, "custom_data", rng.choice((..., None, [], "crm")))
        else:
            set_or_drop(body["custom_data"], "event_source", value)
    elif rule == "EVT003":
        set_or_drop(body["custom_data"], "lead_event_source", value)
    elif rule == "EVT004":
        set_or_drop(body, "event_name", "" if bare and value in (..., None) else value)
    elif rule == "EVT005":
        set_or_drop(body, "event_time", value)
    elif rule == "EVT006":
        if rng.random() < 0.3 and not bare:
            set_or_drop(body, "user_data", rng.choice((..., None, "x", [], {}, ["x"])))
        else:
            set_or_drop(body["user_data"], "lead_id", value)
            if rng.random() < 0.6:
                key, other = rng.choice(
                    (
                        ("em", [digest("a@example.com")]),
                        ("fbc", "fb.1.1617693833000.abc"),
                        ("ph", ""),
                        ("external_id", "c-17"),
                        ("colour", "blue"),
                    )
                )
                body["user_data"][key] = other
    elif rule == "EVT007":
        body["user_data"]["lead_id"] = value
    elif rule == "EVT010":
        key = rng.choice(("em", "em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country"))
        body["user_data"][key] = value


CLICKS = ("fb.1.1617693833000.AbC", "fb.2.1617693833000.x.y", "fb.1.1617693833.AbC", "AbC", "fb.1.1617693833000.", "")
EXTRAS = (
    {"value": 120.5, "currency": "EUR"},
    {"value": 0, "currency": "EUR"},
    {"value": -3},
    {"value": "120", "currency": "euro"},
    {"value": "n/a", "currency": None},
    {"note": "call john@example.com back"},
    {"contact": {"phone": "+33612345678"}},
    {"notes": ["", "+49151234567"]},
    {"note": "+49 151 2345678"},
    {"note": "+1234567", "mail": "john@example"},
)


def clutter(body: dict, rng: random.Random) -> None:
    """What other integrations and careless senders leave in an event: none of it makes the event invalid."""
    kind = rng.randrange(8)
    user, custom = body.get("user_data"), body.get("custom_data")
    if kind == 0:
        body["event_source_url"] = rng.choice(("https://example.com/thanks", "", None))
    elif kind == 1:
        body["app_data"] = rng.choice(({"application_tracking_enabled": 1}, {}))
    elif kind == 2:
        body["messaging_channel"] = "whatsapp"
    elif kind == 3 and isinstance(user, dict):
        user["fbc"] = rng.choice(CLICKS)
    elif kind == 4 and isinstance(user, dict):
        for key in ("em", "ph", "fn"):
            user.pop(key, None)
        user[rng.choice(("fbp", "client_ip_address", "client_user_agent"))] = rng.choice(("fb.1.1617693833000.7", ""))
        user["client_user_agent"] = "Mozilla/5.0"
    elif kind in (5, 6) and isinstance(custom, dict):
        custom.update(rng.choice(EXTRAS))
    elif kind == 7 and isinstance(custom, dict):
        body["action_source"] = rng.choice(("website", "Website", "phone_call", "APP", "other"))
        if rng.random() < 0.7:
            custom["event_source"] = rng.choice(("web", None, "CRM"))
        if rng.random() < 0.5:
            body["event_name"] = rng.choice(("Lead", "Purchase", "lead"))


AGENTS = ("funnelpartner", "FunnelPartner", "funnelpartner_1_2", "funnelpartner_2_0", " funnelpartner", "otherpartner")
ODD_AGENTS = ("partner-with-22-letters", "partner-with-22-letter", "12345", "a1", "ab", "é1ß")
VERSIONS = ("v17.0", "v19.0", "v20.0", "v21.0", "v21.0", "v23.0", "v25.0", "v26.0", "v99.0", "v2.99")
CREDENTIAL = "EAABinvented"
THROTTLE = (4, 17, 32, 341, 613, 80_000, 80_004, 80_014, 80_015)

PAYLOAD_RULES = ("EVT001", "EVT002", "EVT003", "EVT004", "EVT005", "EVT006", "EVT007", "EVT010")


# --- one advertiser -----------------------------------------------------------------------------------------


class Advertiser:
    """Builds the leads and requests of one advertiser around a horizon that its last event fixes."""

    def __init__(self, rng: random.Random, name: str, plan: Plan, horizon: int, guide: str) -> None:
        self.rng, self.name, self.plan, self.horizon, self.guide = rng, name, plan, horizon, guide
        self.dataset = str(rng.randrange(10**14, 10**15))
        self.style: dict[str, Any] = {
            "as_text": rng.random() < 0.4,
            "crm": rng.choice(("Salesforce", "HubSpot", "In-house CRM")),
            "agent": rng.choice((*AGENTS[:2], *ODD_AGENTS)) if rng.random() < 0.4 else None,
            "damage": rng.choice(("double", "script", "spreadsheet")) if rng.random() < 0.06 else None,
            "ids": rng.choice(("deterministic", "random", "by lead", "some")) if rng.random() < 0.4 else None,
        }
        self.large_ids = self.style["damage"] in ("double", "script") or rng.random() < 0.05
        self.untidy = rng.choice((0, 0, 0, 0.02, 0.3))  # how often an event or request strays from the style
        self.journal: list[tuple[str, str, int]] = []  # what happened to which lead, sent or not
        self.slack = rng.choice((0, 5, 600, HOUR))  # from the last event to the last upload
        self.created: dict[str, int] = {}
        self.uncovered: set[str] = set()
        self.tests: set[str] = set()
        self.listed_rows: list[list[str]] = []
        self.events: list[Sent] = []
        self.sends: list[Send] = []

    def build(self) -> None:
        self.make_leads()
        ready = {lead for lead, _, _ in self.journal}  # by a recipe's own hand
        for lead, created in self.created.items():
            if lead not in self.uncovered and lead not in ready:
                self.make_path(lead, created)
        if self.plan.planted:
            self.plant()
        self.make_anchors()
        if self.plan.exact_faults:
            self.trim(self.plan.exact_faults[0])
        self.plan_uploads()
        self.spoil_some()
        self.pack()
        self.answer()
        self.throttle()
        self.choose_datasets()
        self.send_nothing()
        self.make_list()
        self.dress()

    def new_lead(self, created: int, covered: bool = True) -> str:
        lead = lead_number(self.rng)
        if self.large_ids:
            lead = str(self.rng.randrange(10**16, 10**17))
        self.created[lead] = created
        if not covered:
            self.uncovered.add(lead)
        return lead

    def add(self, lead: str, name: str, time: int, upload: int | None = None, anchor: bool = False) -> Sent:
        self.journal.append((lead, name, time))
        if self.plan.truncated and not anchor:
            time -= time % MINUTE
        if self.plan.rename and name == self.plan.rename[0] and time >= self.plan.rename[2]:
            name = self.plan.rename[1]
        body = event_body(self.rng, lead, name, time, **self.style)
        sent = Sent(body, time, upload, anchor)
        self.events.append(sent)
        return sent

    def make_leads(self) -> None:
        rng, plan = self.rng, self.plan
        for _ in range(plan.leads):
            created = self.horizon - rng.randrange(0, max(1, plan.span * DAY))
            lead = self.new_lead(created, covered=rng.random() < plan.coverage)
            if rng.random() < plan.test_leads:
                self.tests.add(lead)

    def make_path(self, lead: str, created: int) -> None:
        rng = self.rng
        time = created + rng.choice((0, 1, rng.randrange(0, HOUR), rng.randrange(0, 6 * HOUR)))
        for position, (name, share, delay) in enumerate(self.plan.stages):
            if position:
                if rng.random() >= share:
                    return
                time += rng.choice((0, 1)) if rng.random() < 0.05 else int(rng.expovariate(1 / (delay * DAY)))
            if time > self.horizon:
                return
            if position == 0 or rng.random() > 0.04:  # now and then a stage is never sent
                self.add(lead, name, time)
            if position and rng.random() < self.plan.backwards:
                again = self.plan.stages[rng.randrange(position)][0]
                self.add(lead, again, max(created, time + rng.choice((0, 1, HOUR, -HOUR, -DAY))))

    def plant(self) -> None:
        """Leads and events exactly on, just before and just after what the pages call a boundary."""
        rng, stages, end = self.rng, self.plan.stages, self.horizon
        spots = [
            end - WINDOW,
            end - WINDOW + 1,
            end - WINDOW - 1,
            end - DAY,
            end - DAY + 1,
            end - DAY - 1,
            end - 118 * DAY,
            end - 118 * DAY + 1,
            end - 118 * DAY - 1,
            end,
            end - 8 * DAY,
        ]
        reach = self.plan.span * DAY
        for spot in rng.sample(spots, rng.randrange(0, 6)):
            if end - spot <= reach + DAY or reach >= 60 * DAY:
                lead = self.new_lead(spot, covered=rng.random() < 0.7)
                if lead not in self.uncovered:
                    self.add(lead, stages[0][0], spot)
                    if len(stages) > 1 and spot <= end - WINDOW and rng.random() < 0.7:
                        self.add(lead, stages[1][0], spot + WINDOW)  # at -28 d also the end of its follow-up
        if len(stages) > 1 and self.plan.span > 29 and rng.random() < 0.5:
            for delay in (WINDOW, WINDOW + 1, WINDOW + MINUTE):
                created = end - rng.randrange(29 * DAY, self.plan.span * DAY)
                lead = self.new_lead(created)
                self.add(lead, stages[0][0], created)
                if created + delay <= end:
                    self.add(lead, stages[1][0], created + delay)

    def make_anchors(self) -> None:
        """The last event stands at the horizon; the first one fixes start, with leads around it."""
        covered = [lead for lead in self.created if lead not in self.uncovered]
        if not covered or not self.events:
            return
        lead = min(covered, key=self.created.__getitem__)
        self.add(lead, self.plan.stages[0][0], self.horizon, self.horizon + self.slack, anchor=True)
        if self.plan.planted and self.rng.random() < 0.5:
            first = min(self.events, key=lambda sent: sent.time)
            first.anchor = True
            start = first.time - DAY
            for spot in (start, start - 1, start + 1):
                self.new_lead(spot, covered=False)

    def trim(self, wanted: int) -> None:
        """Exactly so many events, so that a share of faults can be exact."""
        anchors = [sent for sent in self.events if sent.anchor]
        others = [sent for sent in self.events if not sent.anchor]
        self.rng.shuffle(others)
        self.events = anchors + others[: max(0, wanted - len(anchors))]

    def plan_uploads(self) -> None:
        rng, last = self.rng, self.horizon + self.slack
        for sent in self.events:
            if sent.upload is not None:
                continue
            if self.plan.pace == "real-time":
                upload = sent.time + rng.choice((0, 1, rng.randrange(0, 900)))
            elif self.plan.pace == "hourly":
                upload = sent.time - sent.time % HOUR + HOUR
            elif self.plan.pace == "every third day":
                upload = sent.time - sent.time % (3 * DAY) + 3 * DAY + rng.choice((0, 0, 2 * HOUR))
            elif self.plan.pace == "at-once":
                upload = max(last - sent.time % (2 * DAY), sent.time)
            else:
                upload = sent.time - sent.time % DAY + DAY + 2 * HOUR
            sent.upload = max(sent.time, min(upload, last))

    def spoil_some(self) -> None:
        rng, plan = self.rng, self.plan
        free = [sent for sent in self.events if not sent.anchor]
        rng.shuffle(free)
        if plan.exact_faults:
            rule = rng.choice((*PAYLOAD_RULES, "TIM001", "TIM003", "REQ004"))
            if rule == "REQ004":
                plan.responses = "exact"
                return
            for sent in free[: plan.exact_faults[1]]:
                self.spoil_surely(sent, rule)
            return
        some = [rng.choice(PAYLOAD_RULES)] if rng.random() < 0.5 else list(PAYLOAD_RULES)
        for sent in free:
            if rng.random() < plan.faults:
                spoil(sent.body, rng.choice(some), rng)
        for sent in free:
            if rng.random() < self.untidy:
                clutter(sent.body, rng)
        if plan.planted and plan.uploads != "none":
            for sent in free[:8]:
                self.plant_time(sent)
            if plan.span > 29 and rng.random() < 0.5:
                self.plant_recent(free[8:11])
        if self.guide == "2026-05" and rng.random() < 0.5:
            # Events that belong to no lead; those with the same user_data too are copies of one another.
            for sent in free[11:16]:
                sent.body["user_data"] = {"lead_id": None, "em": [digest(rng.choice("ab"))]}
                if rng.random() < 0.7:
                    sent.time = free[11].time
                    sent.upload = max(sent.upload, sent.time)
                    sent.body["event_time"], sent.body["event_name"] = sent.time, plan.stages[-1][0]

    def spoil_surely(self, sent: Sent, rule: str) -> None:
        """One real fault of the rule, not a value that only warns."""
        if rule == "TIM001":
            sent.body["event_time"] = sent.upload - 604_801
        elif rule == "TIM003":
            sent.body["event_time"] = sent.upload + 301
        elif rule == "EVT005":
            sent.body["event_time"] = sent.time * 1000
        elif rule == "EVT006":
            sent.body["user_data"] = {"lead_id": ""}
        elif rule == "EVT007":
            sent.body["user_data"]["lead_id"] = "l:1234567890123456"
        elif rule == "EVT010":
            sent.body["user_data"]["em"] = "john@example.com"
        elif rule == "EVT004":
            sent.body["event_name"] = " "
        elif rule == "EVT003":
            sent.body["custom_data"]["lead_event_source"] = None
        elif rule == "EVT002":
            sent.body["custom_data"]["event_source"] = "CRM"
        else:
            sent.body["action_source"] = "website"

    def plant_time(self, sent: Sent) -> None:
        """Age, clock skew and order against the lead, on both sides of their limits."""
        rng = self.rng
        kind = rng.randrange(12)
        if sent.body.get("event_time") != sent.time:
            return
        if kind < 2 and sent.time + 604_801 <= self.horizon:
            sent.upload = sent.time + 604_800 + kind
        elif kind < 6:
            early = (0, 1, 300, 301)[kind - 2]
            sent.upload = sent.time - early
        elif kind < 9:
            user = sent.body.get("user_data")
            lead = str(user.get("lead_id")) if isinstance(user, dict) else ""
            if lead in self.created:
                sent.time = self.created[lead] - (0, 1, 3_600)[kind - 6]
                sent.body["event_time"] = sent.time
                sent.upload = sent.time + 5

    def plant_recent(self, some: list[Sent]) -> None:
        """Faults sent exactly 28 days before the latest upload, too old to count, and a second later."""
        for late, sent in enumerate(some):
            sent.upload = self.horizon + self.slack - WINDOW + late - 1
            sent.time = sent.upload - 5
            sent.body["event_time"] = sent.time
            sent.body["action_source"] = "website"

    def pack(self) -> None:
        """Events into requests; a slower pace makes fuller ones."""
        rng, plan = self.rng, self.plan
        groups: dict[tuple, list[Sent]] = {}
        for position, sent in enumerate(sorted(self.events, key=lambda sent: sent.upload)):
            alone = (
                plan.exact_faults
                or sent.anchor
                or plan.uploads == "mixed"
                or (rng.random() < 0.1 and plan.batch < 1_000)
                or (plan.uploads == "none" and rng.random() < 0.7)
            )
            groups.setdefault((sent.upload, position if alone else None), []).append(sent)
        for (upload, _), events in groups.items():
            for first in range(0, len(events), plan.batch):
                unknown = plan.uploads == "none" or (plan.uploads == "mixed" and rng.random() < 0.3)
                send = Send(events[first : first + plan.batch], None if unknown else upload)
                if rng.random() < 0.01 and not events[0].anchor and not plan.exact_faults:
                    send.test = rng.choice(("TEST123", "", None))
                self.sends.append(send)
        if rng.random() < 0.04 and not plan.exact_faults:
            for send in self.sends[: rng.randrange(len(self.sends) + 1)]:  # left on after testing
                send.test = None if send.events[0].anchor else "TEST123"
        for send in self.sends:
            if rng.random() < 0.02 and not send.events[0].anchor and not plan.exact_faults:
                send.events[0].body["test_event_code"] = rng.choice(("TEST9", "", None, []))
        for send in list(self.sends):
            if rng.random() < plan.retries:
                self.retry(send)

    def retry(self, send: Send) -> None:
        """The same events again, a little later."""
        upload = None
        if send.upload is not None:
            upload = min(send.upload + self.rng.choice((1, 90, DAY)), self.horizon + self.slack)
            if upload <= send.upload:
                return
        self.sends.append(Send(send.events, upload))

    def answer(self) -> None:
        rng, plan = self.rng, self.plan
        if plan.responses == "none":
            return
        if plan.responses == "exact":
            bad = rng.sample([send for send in self.sends if not send.events[0].anchor], plan.exact_faults[1])
            for send in self.sends:
                self.accept(send)
                if any(send is other for other in bad):
                    self.refuse(send)
            return
        for send in list(self.sends):
            anchor = any(sent.anchor for sent in send.events)
            if plan.responses == "some" and rng.random() < 0.08 and not anchor:
                continue
            self.accept(send)
            if rng.random() < plan.rejected and (plan.rejected >= 1 or not anchor):
                self.refuse(send)
                if plan.rejected < 1 and send.upload is not None and rng.random() < 0.5:
                    self.retry(send)
                    self.accept(self.sends[-1])

    def throttle(self) -> None:
        """Errors that ask for a pause, and calls that follow without one."""
        rng, plan = self.rng, self.plan
        timed = [s for s in self.sends if s.upload is not None and not any(sent.anchor for sent in s.events)]
        if plan.responses not in ("all", "some") or not timed or rng.random() < 0.7:
            return
        for send in rng.sample(timed, min(len(timed), rng.choice((1, 3)))):
            error = {"message": "User request limit reached", "code": rng.choice(THROTTLE)}
            send.status, send.answer = rng.choice((400, 429, 503, "400", 403)), {"error": error}
            if rng.random() < 0.2:
                send.status, send.answer = rng.choice((408, 429, 502)), None
            for later in rng.sample((0, 1, 2, 30, 59, 60, 61), rng.choice((1, 2, 6))):
                if send.upload + later <= self.horizon + self.slack:
                    some = send.events[: rng.randrange(1, len(send.events) + 1)]
                    self.sends.append(Send(some, send.upload + later))
                    self.accept(self.sends[-1])

    def send_nothing(self) -> None:
        """Requests without an event, some of them the last ones sent."""
        rng = self.rng
        if not self.sends or self.plan.exact_faults or rng.random() < 0.8:
            return
        for _ in range(rng.choice((1, 1, 5))):
            like = rng.choice(self.sends)
            if like.upload is None:
                continue  # without a time of sending or an event it would stand nowhere
            upload = min(like.upload + rng.randrange(DAY), self.horizon + self.slack)
            send = Send([], upload, self.sends[0].dataset)
            if self.plan.responses in ("all", "exact"):
                self.accept(send)
                if rng.random() < 0.3:
                    send.status, send.answer = 400, {"error": {"message": "Invalid parameter", "code": 100}}
            self.sends.append(send)

    def dress(self) -> None:
        """What stands beside the events: agent of the request, address with version and token."""
        rng = self.rng
        agent = rng.choice((self.style["agent"], *AGENTS)) if rng.random() < 0.25 else None
        version = rng.choice(VERSIONS) if rng.random() < 0.4 else None
        token = rng.random() < 0.3
        for send in self.sends:
            for sent in send.events:
                if rng.random() < self.untidy / 3:
                    set_or_drop(sent.body, "partner_agent", rng.choice((..., "", None, *AGENTS)))
            send.agent = agent
            stray = rng.random() < self.untidy / 3
            if stray:
                send.agent = rng.choice((None, "", *AGENTS))
            if version and send.dataset not in (None, "", ...):
                used = rng.choice(VERSIONS) if stray else version
                send.url = f"https://graph.facebook.com/{used}/{send.dataset}/events"
                if token and rng.random() < 0.9:
                    send.url += f"?access_token={CREDENTIAL}"
            elif token and rng.random() < 0.1:
                send.signed = True

    def accept(self, send: Send) -> None:
        rng = self.rng
        send.status = rng.choice((200, 200, 200, "200", 201, 299))
        send.answer = rng.choice(
            (
                {"events_received": len(send.events), "messages": [], "fbtrace_id": "A1"},
                {"events_received": len(send.events), "fbtrace_id": "A1"},
                {"events_received": len(send.events), "messages": [], "error": None},
                {"fbtrace_id": "A1"},
                None,
            )
        )
        if rng.random() < 0.01:
            send.answer = {"events_received": len(send.events), "messages": ["unknown parameter"]}

    def refuse(self, send: Send) -> None:
        """A rejection in one of the ways it is logged; the last ones are accepted and faulty all the same."""
        rng, n = self.rng, len(send.events)
        error = {"message": "Invalid parameter", "code": 100, "error_subcode": 2804003}
        send.status, send.answer = rng.choice(
            (
                (400, {"error": error}),
                (200, {"error": error}),
                ("400", {"error": error}),
                (500, None),
                (300, {}),
                (200, {"error": {"message": "User request limit reached", "code": 17}}),
                (200, {"events_received": n - 1, "messages": []}),
                (200, {"events_received": n + 1}),
            )
        )
        if self.plan.rejected >= 1 and str(send.status) == "200" and "error" not in send.answer:
            send.status = 400

    def choose_datasets(self) -> None:
        rng, mode, last = self.rng, self.plan.dataset_mode, self.horizon + self.slack
        other = str(rng.randrange(10**14, 10**15))
        for send in self.sends:
            send.dataset = self.dataset
        if mode == "null" or not self.sends:
            for send in self.sends:
                send.dataset = rng.choice((None, "")) if rng.random() < 0.5 else ...
            return
        if mode == "number":
            for send in self.sends:
                send.dataset = int(self.dataset)
        timed = [
            send for send in self.sends if send.upload is not None and not any(sent.anchor for sent in send.events)
        ]
        if mode == "partial":
            for send in timed:
                if rng.random() < 0.3:
                    send.dataset = rng.choice((None, "", ...))
        elif mode in ("recent", "ignored"):
            for send in timed:
                if rng.random() < 0.2:
                    send.dataset = other
            if mode == "ignored":
                self.plan.config["ignore_datasets"] = [other]
        elif mode == "refused":
            for send in timed:
                if send.status is not None and rng.random() < 0.2:
                    send.dataset = other
                    self.refuse(send)
        elif mode in ("old", "switch"):
            border = self.horizon - rng.choice((30, 40)) * DAY
            for send in timed:
                if send.upload < border:
                    send.dataset = other
        elif mode == "edge":
            upload = self.horizon - WINDOW + rng.choice((0, 1))
            lead = next(iter(self.created))
            body = event_body(rng, lead, "Elsewhere", upload - 10, **self.style)
            send = Send([Sent(body, upload - 10)], upload, other)
            if self.plan.responses != "none":
                self.accept(send)
            self.sends.append(send)
        elif mode == "tie":
            # Two datasets share the latest upload: the larger id as text is the current one.
            lead = next(iter(self.created))
            body = event_body(rng, lead, "Elsewhere", last - 3, **self.style)
            send = Send([Sent(body, last - 3)], last, rng.choice((other, "9", "10")))
            if self.plan.responses != "none":
                self.accept(send)
            if last - 3 <= self.horizon:
                self.sends.append(send)

    def make_list(self) -> None:
        rng, plan, mode = self.rng, self.plan, self.plan.list_mode
        for _ in range(plan.unlisted):
            created = self.horizon - rng.randrange(0, max(1, plan.span * DAY))
            for sent in self.unlisted_path(created):
                send = Send([sent], None if plan.uploads == "none" else sent.upload, self.dataset)
                if plan.dataset_mode in ("null", "number"):
                    send.dataset = self.sends[0].dataset if self.sends else None
                if plan.responses != "none":
                    self.accept(send)
                self.sends.append(send)
        if mode == "none":
            return
        leads = list(self.created)
        if mode == "only-test":
            self.tests, leads = set(leads[:2]), leads[:2]
        if mode == "partial":
            leads = [lead for lead in leads if rng.random() < 0.8]
        if mode == "stale":
            cut = self.horizon - rng.choice((7 * DAY, 7 * DAY + 1, 9 * DAY, 20 * DAY, 40 * DAY))
            leads = [lead for lead in leads if self.created[lead] <= cut]
            leads.append(self.new_lead(cut, covered=False))
        if mode == "younger":
            for late in (0, *[rng.choice((1, 1, DAY)) for _ in range(rng.choice((0, 1, 9, 10, 12)))]):
                leads.append(self.new_lead(self.horizon + 7 * DAY + late, covered=False))
        for lead in leads:
            owner = "" if mode == "ownerless" and rng.random() < 0.6 else self.name
            note = rng.choice(("", "hello, you"))
            if lead in self.tests:
                note = "<test lead: dummy data for email>"
            self.listed_rows.append(self.row(lead, self.created[lead], owner, note))
            if mode == "doubled" and rng.random() < 0.2:
                later = self.created[lead] + rng.choice((0, 0, 1, DAY))
                self.listed_rows.append(self.row(lead, later, owner, rng.choice(("", note))))

    def recorded_rows(self) -> list[dict]:
        """What the advertiser's CRM knows: more or less what happened, in its own words."""
        rng = self.rng
        renamed = {name: rng.choice((name, name, name.upper(), f"{name} (CRM)")) for _, name, _ in self.journal}
        happened = [(lead, renamed[name], time) for lead, name, time in self.journal if rng.random() < 0.95]
        for lead, created in self.created.items():
            if lead in self.uncovered and rng.random() < 0.7:
                happened.append((lead, self.plan.stages[0][0], created + rng.choice((0, 60, -1))))
        for _ in range(rng.choice((0, 0, 4))):
            happened.append((lead_number(rng), self.plan.stages[-1][0], self.horizon - rng.randrange(20 * DAY)))
        return [
            {"advertiser_id": self.name, "lead_id": lead, "event_name": name, "event_time": time}
            for lead, name, time in happened
        ]

    def unlisted_path(self, created: int) -> list[Sent]:
        keep, self.events = self.events, []
        lead = lead_number(self.rng)
        self.make_path(lead, created)
        self.plan_uploads()
        made, self.events = self.events, keep
        return made

    def row(self, lead: str, created: int, owner: str, note: str) -> list[str]:
        prefix = "l:" if self.rng.random() < 0.3 else ""
        return [prefix + lead, written_time(self.rng, created), owner, "f:1010", note]

    # --- writing

    def lines(self) -> list[tuple[str, bool]]:
        """(line, whether it carries a time of sending)."""
        return [(dumps(self.record(send)), send.upload is not None) for send in self.sends]

    def record(self, send: Send) -> dict:
        """A request in one of the shapes that can hold it."""
        rng = self.rng
        bodies = [sent.body for sent in send.events]
        record: dict[str, Any] = {"advertiser_id": self.name}
        if send.dataset is not ...:
            record["dataset_id"] = send.dataset
        upload = None if send.upload is None else written_upload(rng, send.upload)
        plain_outcome = send.status is None or not send.answer or set(send.answer) <= {"fbtrace_id"}
        shapes = ["exchange"]
        if send.status is None and send.url is None:
            shapes.append("request")
        in_envelope = send.url is not None or send.agent is not None or send.signed
        if len(bodies) == 1 and plain_outcome and not send.test and not in_envelope:
            shapes.append("enveloped")
            name = bodies[0].get("event_name")
            whole = isinstance(name, str) and all(
                isinstance(bodies[0].get(key), dict) for key in ("user_data", "custom_data")
            )
            if whole:  # else nothing would tell it from a row of a table
                shapes.append("bare")
        shape = rng.choice(shapes)
        if shape in ("bare", "enveloped"):
            if upload is not None:
                record["upload_time"] = upload
            if send.status is not None:
                record["status"] = send.status
            return {**record, **bodies[0]} if shape == "bare" else {**record, "event": bodies[0]}
        if upload is not None:
            record["sent_at"] = upload
        payload: dict[str, Any] = {"data": written_data(rng, bodies)}
        if send.test is not None or rng.random() < 0.1:
            payload["test_event_code"] = send.test
        if send.agent is not None:
            payload["partner_agent"] = send.agent
        if send.signed:
            payload["access_token"] = CREDENTIAL
        if send.url is not None:
            record["url"] = send.url
        if shape == "request":
            return {**record, **payload}
        record["request"] = payload
        if send.status is not None:
            record["response"] = {"status": send.status}
            if send.answer is not None or rng.random() < 0.5:
                record["response"]["body"] = send.answer
        elif rng.random() < 0.5:
            record["response"] = rng.choice((None, {}))
        return record


def written_data(rng: random.Random, bodies: list[dict]) -> Any:
    """The four ways in which `data` is found in logs."""
    kind = rng.randrange(6)
    if kind == 0:
        return dumps(bodies)
    if kind == 1:
        return [dumps(body) for body in bodies]
    if kind == 2:
        return json.dumps([dumps(body) for body in bodies])
    return bodies


def written_upload(rng: random.Random, moment: int) -> Any:
    kind = rng.randrange(5)
    if kind == 0:
        return str(moment)
    return moment if kind < 3 else written_time(rng, moment)


def written_time(rng: random.Random, moment: int) -> str:
    """ISO 8601 in one of its offsets, or Unix seconds."""
    kind = rng.randrange(5)
    if kind == 0:
        return str(moment)
    if kind == 1:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind == 2:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    zone = timezone(timedelta(minutes=rng.choice((0, 330, -480, 120))))
    return datetime.fromtimestamp(moment, zone).isoformat()


# --- recipes ------------------------------------------------------------------------------------------------


def stage_names(rng: random.Random, count: int) -> list[str]:
    names = list(rng.choice(STYLES)[:count])
    if count > 1 and rng.random() < 0.35:
        names[-1] = rng.choice((*NEGATIVE_NAMES, *HARMLESS_NAMES, CONFIGURED_NEGATIVE))
    return names


def wild_plan(rng: random.Random) -> Plan:
    """Anything goes."""
    count = rng.choice((1, 2, 2, 3, 3, 4, 5))
    names = stage_names(rng, count)
    stages = [(name, rng.choice((0.05, 0.2, 0.4, 0.7, 0.95)), rng.choice((0.01, 0.5, 3, 10, 25))) for name in names]
    size = rng.choice((0, 1, 3, 9, 15, 30, 30, 60, 60, 100))
    plan = Plan(leads=size, span=rng.choice((3, 6, 9, 20, 40, 80, 130)), stages=stages)
    plan.coverage = rng.choice((0.3, 0.55, 0.65, 0.9, 1, 1))
    plan.uploads = rng.choice(("all", "all", "all", "all", "none", "mixed"))
    plan.pace = rng.choice(("real-time", "hourly", "daily", "daily", "at-once", "every third day"))
    plan.responses = rng.choice(("none", "all", "some")) if plan.uploads == "all" else "none"
    plan.rejected = rng.choice((0, 0, 0.05, 0.2, 0.7))
    plan.retries = rng.choice((0, 0.05, 0.3))
    plan.faults = rng.choice((0, 0.005, 0.03, 0.12, 0.4))
    plan.list_mode = rng.choice(("full", "full", "partial", "none", "stale", "younger", "ownerless", "doubled"))
    plan.dataset_mode = rng.choice(
        ("one", "one", "null", "number", "partial", "recent", "ignored", "refused", "old", "switch", "edge", "tie")
    )
    plan.test_leads = rng.choice((0, 0, 0.05))
    plan.unlisted = rng.choice((0, 0, 1, 5))
    plan.truncated = rng.random() < 0.08
    plan.batch = rng.choice((20, 20, 5, 60))
    plan.backwards = rng.choice((0, 0, 0, 0.02, 0.3))
    return plan


def clean_plan(rng: random.Random) -> Plan:
    """An integration that works, so that every later step and a ready verdict occur."""
    names = list(rng.choice(STYLES[:5]))[: rng.choice((2, 3, 4))]
    first = rng.choice((0.15, 0.2, 0.25))
    stages = [(names[0], 1, 0)] + [
        (name, first if i == 0 else 0.5, rng.choice((1, 4))) for i, name in enumerate(names[1:])
    ]
    plan = Plan(leads=rng.choice((60, 100, 140)), span=rng.choice((60, 90)), stages=stages, planted=False)
    plan.responses = rng.choice(("none", "all"))
    plan.pace = rng.choice(("real-time", "hourly", "daily"))
    plan.coverage = rng.choice((1, 1, 0.97, 0.8))
    plan.list_mode = rng.choice(("full", "full", "doubled", "none", "partial"))
    plan.retries = rng.choice((0, 0.05))
    plan.faults = rng.choice((0, 0, 0.004))
    plan.test_leads = rng.choice((0, 0.02))
    plan.backwards = rng.choice((0, 0, 0.05))
    return plan


def mature_plan(rng: random.Random, size: int, share: float) -> Plan:
    names = rng.choice(STYLES[:4])[:2]
    return Plan(
        leads=size,
        span=80,
        stages=[(names[0], 1, 0), (names[1], share, 2)],
        planted=False,
        coverage=1,
        pace=rng.choice(("hourly", "daily")),
        responses=rng.choice(("none", "none", "all")),
    )


def build_exact_rate(advertiser: Advertiser, mature: int, converted: int, young: int) -> None:
    """So many leads with closed windows, of which exactly so many converted, and some young ones."""
    rng, (raw, stage) = advertiser.rng, [name for name, _, _ in advertiser.plan.stages]
    for i in range(mature):
        created = advertiser.horizon - WINDOW - rng.randrange(0, 60 * DAY)
        lead = advertiser.new_lead(created)
        advertiser.add(lead, raw, created)
        if i < converted:
            delay = rng.choice((0, 60, rng.randrange(0, 20 * DAY), WINDOW))
            advertiser.add(lead, stage, created + delay)
        elif i < converted + 2 and created + WINDOW + 1 <= advertiser.horizon:
            advertiser.add(lead, stage, created + WINDOW + 1)  # one second too late to count
    for _ in range(young):
        created = advertiser.horizon - rng.randrange(0, WINDOW)
        advertiser.add(advertiser.new_lead(created), raw, created)


def build_exact_coverage(advertiser: Advertiser, eligible: int, covered: int) -> None:
    """So many eligible leads of which exactly so many have an event; the window's own ends are planted."""
    rng, raw = advertiser.rng, advertiser.plan.stages[0][0]
    old = advertiser.horizon - 50 * DAY
    advertiser.add(advertiser.new_lead(old), raw, old)
    for i in range(eligible):
        created = advertiser.horizon - rng.randrange(DAY, WINDOW)
        created = advertiser.horizon - DAY if i == 0 else created
        created = advertiser.horizon - WINDOW + 1 if i == 1 else created
        lead = advertiser.new_lead(created, covered=i < covered)
        if i < covered:
            advertiser.add(lead, raw, created + 30)
    advertiser.new_lead(advertiser.horizon - WINDOW, covered=False)
    advertiser.new_lead(advertiser.horizon - DAY + 1, covered=False)


def build_first_day(advertiser: Advertiser, first: int) -> None:
    """A first event that is seven days old, or just younger."""
    advertiser.add(advertiser.new_lead(first), advertiser.plan.stages[0][0], first)


def build_days(advertiser: Advertiser, days: int) -> None:
    """Events on exactly so many local days, all close to local midnight where the UTC day differs."""
    rng, zone = advertiser.rng, ZoneInfo(advertiser.plan.config.get("time_zone", "UTC"))
    last = datetime.fromtimestamp(advertiser.horizon, zone)
    names = [name for name, _, _ in advertiser.plan.stages]
    for back in rng.sample(range(1, 25), days - 1):
        midnight = (last - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(rng.randrange(1, 4)):
            moment = int(midnight.timestamp()) + rng.choice((0, 1, 20 * MINUTE, 23 * HOUR - 1))
            lead = advertiser.new_lead(moment - 10)
            for name in names[: rng.randrange(1, len(names) + 1)]:
                advertiser.add(lead, name, moment)
    if rng.random() < 0.5:
        # An event exactly 90 days before the horizon is just too old to give an eighth day.
        spot = advertiser.horizon - 90 * DAY + rng.choice((0, 1))
        advertiser.add(advertiser.new_lead(spot - 10), names[0], spot)


def build_exact_window(advertiser: Advertiser, converted: int, late: int) -> None:
    """The 90th percentile of the delays is exactly 28 days and `late` seconds."""
    rng, (raw, stage) = advertiser.rng, [name for name, _, _ in advertiser.plan.stages]
    rank = -(-9 * converted // 10)
    for i in range(1, 4 * converted + 1):
        created = advertiser.horizon - 40 * DAY - rng.randrange(0, 60 * DAY)
        lead = advertiser.new_lead(created)
        advertiser.add(lead, raw, created)
        delay = rng.randrange(0, WINDOW) if i < rank else WINDOW + late + (i - rank) * DAY
        if i <= converted:
            advertiser.add(lead, stage, created + delay)


def build_exact_raw(advertiser: Advertiser, leads: int, first: int, same: int) -> None:
    """So many leads begin with the first stage, `same` have both at once, the rest begin with the other."""
    rng, names = advertiser.rng, [name for name, _, _ in advertiser.plan.stages]
    for i in range(leads):
        created = advertiser.horizon - rng.randrange(3 * DAY, 60 * DAY)
        lead = advertiser.new_lead(created)
        early, late = names[:2] if i < first + same else names[1::-1]
        advertiser.add(lead, early, created + 5)
        advertiser.add(lead, late, created + 5 + (0 if first <= i < first + same else HOUR))


def build_bulk(advertiser: Advertiser, size: int) -> None:
    """A request of exactly so many events beside a smaller one, or two where half a thousand is the question."""
    rng, names = advertiser.rng, [name for name, _, _ in advertiser.plan.stages]
    upload = advertiser.horizon - 2 * DAY
    twice = size < 900
    for i in range(2 * size if twice else size):
        created = upload - 300 - rng.randrange(0, 6 * DAY)
        advertiser.add(advertiser.new_lead(created), names[0], created + rng.randrange(300), upload + i // size)
        if i % 50 == 0 and not twice:
            advertiser.add(lead_number(rng), names[1], upload - rng.randrange(DAY), upload + DAY)


def build_drift(advertiser: Advertiser, leads: int, offset: int, spread: int) -> None:
    """Raw events that stand a constant time from their leads, as of a clock in another zone."""
    rng, names = advertiser.rng, [name for name, _, _ in advertiser.plan.stages]
    for i in range(leads):
        created = advertiser.horizon - 2 * DAY - rng.randrange(0, 20 * DAY)
        lead = advertiser.new_lead(created)
        jitter = (0, spread, rng.randrange(spread + 1), spread)[i % 4]
        advertiser.add(lead, names[0], created + offset + jitter)
        if rng.random() < 0.3:
            advertiser.add(lead, names[1], created + offset + rng.randrange(DAY, 2 * DAY))


def build_false_times(advertiser: Advertiser, kind: str, count: int) -> None:
    """Times that a sender made up: one for all, the time of sending, or the oldest that is accepted."""
    rng, names = advertiser.rng, [name for name, _, _ in advertiser.plan.stages]
    upload = advertiser.horizon - DAY
    for i in range(count):
        late = kind == "now" and i < rng.choice((count // 2, count // 2 + 1))
        lead = advertiser.new_lead(upload - (9 if late or kind != "now" else 1) * DAY - rng.choice((0, 0, HOUR)))
        spots = {
            "same": upload - HOUR,
            "now": upload + i * HOUR + rng.choice((0, 2, -2, -1)),
            "clamped": upload + i - 7 * DAY + rng.choice((0, HOUR, 5)),
        }
        advertiser.add(lead, rng.choice(names), spots[kind], upload + {"same": 0, "now": i * HOUR, "clamped": i}[kind])
    if kind == "now":
        for _ in range(count // 10 + rng.choice((0, 0, 1, -1))):
            advertiser.add(advertiser.new_lead(upload - DAY), names[0], upload - 3, upload)


def build_rename(advertiser: Advertiser, gap: int) -> None:
    """A stage that ends, and another that begins so many seconds later, of about the same size."""
    rng, (raw, old, new) = advertiser.rng, [name for name, _, _ in advertiser.plan.stages]
    end = advertiser.horizon - rng.choice((DAY, DAY - 1, 10 * DAY, 10 * DAY))
    gap = min(gap, (advertiser.horizon - end) // 2)
    step = min(DAY / 2, (advertiser.horizon - end - gap) / 12)
    slower = rng.choice((1, 1, 2, 2.2))
    times = [end - round(i * step * slower) for i in range(rng.choice((9, 10, 25, 25)))]
    after = [end + gap + round(i * step) for i in range(rng.choice((9, 10, 12, 12, 30)))]
    for name, moments in ((old, times), (new, [moment for moment in after if moment <= advertiser.horizon])):
        for moment in moments:
            created = moment - rng.randrange(0, 3 * DAY)
            lead = advertiser.new_lead(created)
            advertiser.add(lead, raw, created)
            advertiser.add(lead, name, moment)


def make_advertiser(rng: random.Random, name: str, recipe: str, as_of: int, guide: str) -> Advertiser:
    lag = rng.choice((0, 300, HOUR, 5 * HOUR, DAY, 3 * DAY))
    prepare = None
    if recipe == "clean":
        plan = clean_plan(rng)
    elif recipe == "settled":
        size, share = rng.choice(((420, 0.0), (400, 0.0), (300, 0.2), (200, 0.75), (330, 0.41)))
        plan = mature_plan(rng, size, share)
        if share == 0.0:
            plan = mature_plan(rng, 0, 0)
            prepare = (build_exact_rate, (size, 0, 20))
    elif recipe == "exact-rate":
        plan = mature_plan(rng, 0, 0)
        mature, converted = rng.choice(
            (
                (100, 1),
                (100, 1),
                (200, 2),
                (101, 1),
                (100, 0),
                (100, 2),
                (100, 40),
                (100, 41),
                (10, 4),
                (5, 2),
                (25, 10),
                (50, 20),
                (20, 20),
                (30, 12),
                (40, 22),
                (60, 27),
                (1, 1),
            )
        )
        young = rng.choice((0, 0, 0, 15, 40))
        prepare = (build_exact_rate, (mature, converted, young))
    elif recipe == "exact-coverage":
        plan = mature_plan(rng, 0, 0)
        eligible = rng.choice((5, 10, 9, 20, 50))
        prepare = (build_exact_coverage, (eligible, max(0, eligible * 3 // 5 + rng.choice((0, 0, -1, 1)))))
    elif recipe == "days":
        plan = mature_plan(rng, 0, 0)
        plan.config["time_zone"] = rng.choice(ZONES)
        plan.pace = rng.choice(("real-time", "at-once"))
        prepare = (build_days, (rng.choice((6, 7, 7, 8)),))
    elif recipe == "exact-window":
        plan = mature_plan(rng, 0, 0)
        prepare = (build_exact_window, (rng.choice((9, 10, 11, 20, 30)), rng.choice((0, 0, 1))))
    elif recipe == "exact-raw":
        names = rng.choice(STYLES[3:])[:2]
        plan = Plan(leads=0, span=60, stages=[(name, 0.0, 1) for name in names], planted=False, pace="hourly")
        prepare = (
            build_exact_raw,
            rng.choice(
                ((10, 8, 0), (10, 7, 0), (5, 4, 0), (20, 16, 4), (10, 0, 10), (12, 5, 2), (50, 39, 2), (10, 4, 4))
            ),
        )
    elif recipe == "faulty":
        plan = clean_plan(rng)
        plan.leads, plan.planted = rng.choice((20, 40, 80)), True
        plan.faults = rng.choice((0.01, 0.05, 0.2, 0.6))
        plan.list_mode = rng.choice(("full", "full", "none"))
        if rng.random() < 0.3:
            plan.responses, plan.rejected = "some", rng.choice((0.02, 0.1, 0.5))
    elif recipe == "exact-faults":
        wanted, faulty = rng.choice(
            (
                (10, 1),
                (20, 2),
                (20, 3),
                (50, 5),
                (50, 6),
                (90, 9),
                (100, 10),
                (100, 11),
                (200, 20),
                (500, 9),
                (500, 10),
                (1000, 10),
                (1000, 11),
            )
        )
        names = rng.choice(STYLES)[:2]
        plan = Plan(
            leads=wanted,
            span=19,
            stages=[(names[0], 1, 0), (names[1], 0.4, 1)],
            coverage=1,
            exact_faults=(wanted, faulty),
            planted=False,
        )
    elif recipe == "young":
        names = stage_names(rng, 3)
        plan = Plan(
            leads=rng.choice((1, 12, 40, 80)),
            span=rng.choice((2, 4, 6, 12, 20)),
            planted=False,
            stages=[(name, rng.choice((0.3, 0.9)), 0.5) for name in names],
            coverage=rng.choice((0.5, 1)),
        )
        plan.list_mode = rng.choice(("full", "full", "none"))
        lag = rng.choice((0, HOUR))
        if plan.span <= 6 and rng.random() < 0.6:
            prepare = (build_first_day, (as_of - 7 * DAY + rng.choice((0, 1)),))
    elif recipe == "slow":
        names = rng.choice(STYLES[:4])[:3]
        plan = Plan(
            leads=rng.choice((60, 120)),
            span=110,
            coverage=1,
            pace="daily",
            stages=[(names[0], 1, 0), (names[1], 0.5, rng.choice((20, 40))), (names[2], 0.5, 3)],
        )
    elif recipe == "bulk":
        plan = mature_plan(rng, 0, 0)
        plan.batch = 2_000
        prepare = (build_bulk, (rng.choice((500, 501, 1_000, 1_001, 1_001)),))
    elif recipe == "drift":
        plan = mature_plan(rng, 0, 0)
        plan.pace = "hourly"
        offset = rng.choice((3_600, 7_200, 19_800, 2_700, 3_149, 3_150, -3_600, -10_000, -28_800))
        if offset < 0 or rng.random() < 0.2:
            plan.config["raw_stage"] = plan.stages[0][0]
        prepare = (build_drift, (rng.choice((9, 10, 10, 11, 40)), offset, rng.choice((0, 60, 900, 901))))
    elif recipe == "false-times":
        plan = mature_plan(rng, 0, 0)
        plan.batch = rng.choice((20, 100))
        kind = rng.choice(("same", "now", "clamped"))
        prepare = (build_false_times, (kind, rng.choice((18, 19, 20, 40))))
    elif recipe == "renamed":
        plan = mature_plan(rng, 0, 0)
        plan.stages = [(name, 0.5, 1) for name in rng.choice(STYLES[:4])[:3]]
        plan.pace = "hourly"
        prepare = (build_rename, (rng.choice((0, 1, DAY, DAY, 2 * DAY, 2 * DAY + 1)),))
    elif recipe == "rejected":
        plan = wild_plan(rng)
        plan.uploads, plan.responses, plan.rejected = "all", "all", 1.0
    elif recipe == "silent":
        plan = wild_plan(rng)
        plan.coverage, plan.unlisted = 0, 0
        plan.list_mode = "only-test" if rng.random() < 0.2 else "full"
        plan.planted = False
    elif recipe == "anchored-list":
        plan = wild_plan(rng)
        plan.leads, plan.list_mode = max(plan.leads, 15), rng.choice(("younger", "stale"))
        if plan.list_mode == "younger":
            lag = rng.choice((7 * DAY, 7 * DAY + 1, 9 * DAY, 9 * DAY, 15 * DAY))
        plan.unlisted = 3
    else:
        plan = wild_plan(rng)
        lag = rng.choice((lag, lag, 7 * DAY, 7 * DAY + 1, 12 * DAY, -5 * DAY, -30 * DAY))
    plan.history = rng.random() < 0.25
    configure(rng, plan, recipe, as_of)
    advertiser = Advertiser(rng, name, plan, as_of - lag, guide)
    if lag >= 0:
        advertiser.slack = min(advertiser.slack, lag)
    if prepare:
        prepare[0](advertiser, *prepare[1])
    advertiser.build()
    return advertiser


def configure(rng: random.Random, plan: Plan, recipe: str, as_of: int) -> None:
    """What an advertiser configures: mostly nothing."""
    config, names = plan.config, [name for name, _, _ in plan.stages]
    often = 0.5 if recipe == "clean" else 0.12
    if rng.random() < 0.3:
        config.setdefault("time_zone", rng.choice(ZONES))
    if rng.random() < 0.1:
        config["raw_stage"] = rng.choice((names[0], f" {names[0].upper()} ", "Never sent", names[-1]))
    if rng.random() < often / 2:
        config["stage_order"] = rng.choice((names, [name.lower() for name in names], names[::-1], names[1:2]))
    if rng.random() < often / 2:
        config["optimisation_stage"] = rng.choice(
            (names[-1], names[min(1, len(names) - 1)], "Never sent", names[0].swapcase())
        )
    if rng.random() < 0.06 or CONFIGURED_NEGATIVE in names:
        config["negative_stages"] = rng.choice(([names[-1]], [f"{names[-1].upper()} "], ["Never sent"]))
    if names[-1] in NEGATIVE_NAMES and rng.random() < 0.6:
        config |= rng.choice(({"stage_order": names}, {"optimisation_stage": names[-1].upper()}))
    if rng.random() < 0.15:
        config["partner_agent"] = rng.choice((*AGENTS, "funnelpartner "))
    if rng.random() < 0.04:
        config["crm_dataset"] = False
    elif rng.random() < 0.1:
        config["crm_dataset"] = True
    if rng.random() < often:
        day = as_of - as_of % DAY
        lines = [
            (day - 20 * DAY, "Wait for 7 days of CRM events"),
            (day - 10 * DAY, "Configure Sales Funnel"),
            (day - 2 * DAY, "Learning complete"),
            (day + 3 * DAY, "Learning complete"),
        ]
        config["status"] = rng.choice((lines[:1], lines[:2], lines[:3], [lines[1], lines[3]], lines[2:3]))


RECIPES = (
    ("clean", 17),
    ("faulty", 12),
    ("settled", 4),
    ("exact-rate", 8),
    ("exact-coverage", 6),
    ("exact-window", 5),
    ("exact-raw", 4),
    ("days", 6),
    ("exact-faults", 6),
    ("young", 7),
    ("slow", 4),
    ("rejected", 3),
    ("silent", 4),
    ("anchored-list", 7),
    ("drift", 7),
    ("false-times", 8),
    ("renamed", 10),
    ("bulk", 7),
    ("wild", 22),
)
HEAVY = ("settled", "exact-faults", "bulk")


def write_logs(folder: Path, seed: int) -> Case:
    """One case; the same seed writes the same bytes."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    as_of = 1_780_000_000 + rng.randrange(0, 20_000_000)
    guide = "six-step" if rng.random() < 0.7 else "2026-05"
    made: list[Advertiser] = []
    for number in range(rng.choice((1, 1, 2, 2, 3, 4))):
        names, weights = zip(*RECIPES, strict=True)
        recipe = rng.choices(names, weights)[0]
        if recipe in HEAVY and number:
            recipe = "clean"
        made.append(make_advertiser(rng, f"adv-{rng.choice('abcxyz')}{number}", recipe, as_of, guide))

    rows = [row for advertiser in made for row in advertiser.listed_rows]
    if len(made) > 1 and made[0].listed_rows and rng.random() < 0.1:
        # One lead under two advertisers counts in each.
        shared = list(made[0].listed_rows[0])
        if shared[2]:
            shared[2] = made[1].name
            rows.append(shared)
    if len(made) > 1 and rng.random() < 0.15:
        share_leads(rng, made[0], made[1])
    log_paths = write_lines(rng, folder, made)
    lead_paths = write_rows(rng, folder, rows) if rows or rng.random() < 0.5 else []
    config = {advertiser.name: advertiser.plan.config for advertiser in made if advertiser.plan.config}
    history_paths = write_history(rng, folder, [advertiser for advertiser in made if advertiser.plan.history])
    partner = "funnelpartner" if rng.random() < 0.1 else None
    return Case(log_paths, lead_paths, as_of, guide, config, history_paths, partner)


def share_leads(rng: random.Random, one: Advertiser, other: Advertiser) -> None:
    """Events of one advertiser that another sends as its own."""
    some = [send for send in one.sends if send.events and send.upload is not None]
    for send in rng.sample(some, min(len(some), 3)):
        upload = min(send.upload, other.horizon)
        again = Send(send.events, upload, other.sends[0].dataset if other.sends else None)
        if other.plan.responses in ("all", "exact"):
            other.accept(again)
        other.sends.append(again)


def write_history(rng: random.Random, folder: Path, made: list[Advertiser]) -> list[Path]:
    """One table of what the CRMs recorded, its times all in one form."""
    rows = [row for advertiser in made for row in advertiser.recorded_rows()]
    if not rows:
        return []
    zone = rng.choice((UTC, timezone(timedelta(hours=2))))
    if rng.random() < 0.7:
        rows = [row | {"event_time": datetime.fromtimestamp(row["event_time"], zone).isoformat()} for row in rows]
    if rng.random() < 0.3:
        return [write_text(folder / "history.jsonl", "".join(dumps(row) + "\n" for row in rows))]
    path = folder / "history.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return [path]


def write_lines(rng: random.Random, folder: Path, made: list[Advertiser]) -> list[Path]:
    """One to three files, sometimes with another that repeats records of the first."""
    count = rng.choice((1, 1, 2, 3))
    files: list[list[str]] = [[] for _ in range(count)]
    place: dict[str, int] = {}
    for advertiser in made:
        # Equal records in one file are copies, in two files duplicates. Without a time of sending a retry
        # equals its first try, so those of one advertiser stay in one file.
        home = rng.randrange(count)
        for line, timed in advertiser.lines():
            files[place.setdefault(line, rng.randrange(count) if timed else home)].append(line)
    kind = rng.random()
    if kind < 0.2:
        once = [line for lines in files for line in lines if lines.count(line) == 1]
        files.append(rng.sample(once, len(once) // 3))
    elif kind < 0.3:
        files.append(list(files[0]))
    return [
        write_text(folder / f"log{i}.jsonl", "".join(line + "\n" for line in lines)) for i, lines in enumerate(files)
    ]


HEADER = ["id", "created_time", "advertiser_id", "form_id", "note"]


def write_rows(rng: random.Random, folder: Path, rows: list[list[str]]) -> list[Path]:
    paths = []
    half = len(rows) // 2 if rng.random() < 0.3 else 0
    for i, some in enumerate((rows[:half], rows[half:]) if half else (rows,)):
        paths.append(write_csv(folder / f"leads{i}.csv", some))
    return paths


def write_csv(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEADER, *rows])
    return path


def write_text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


# --- the same case told otherwise --------------------------------------------------------------------------


def read_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


def shuffled(case: Case, folder: Path, seed: int) -> Case:
    """The same rows in another order and cut into other files; no figure may change."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    log_paths, lead_paths = [], []
    for number, path in enumerate(case.log_paths):
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        rng.shuffle(lines)
        log_paths.append(write_text(folder / f"s{number}.jsonl", "".join(line + "\n" for line in lines)))
    for number, path in enumerate(case.lead_paths):
        rows = read_rows(path)
        rng.shuffle(rows)
        cut = rng.randrange(0, len(rows) + 1)
        lead_paths += [
            write_csv(folder / f"s{number}{part}.csv", some) for part, some in (("a", rows[:cut]), ("b", rows[cut:]))
        ]
    rng.shuffle(log_paths)
    rng.shuffle(lead_paths)
    return Case(log_paths, lead_paths, case.as_of, case.guide, case.advertisers, case.history_paths, case.partner_agent)


def owner_of(line: str) -> str:
    """The advertiser that a line of a log names."""
    owner: str = json.loads(line)["advertiser_id"]
    return owner


def alone(case: Case, folder: Path, advertiser_id: str, owner: Callable[[str], str] = owner_of) -> Case:
    """Only one advertiser's records and leads; leads without an owner stay, as they may be its own."""
    folder.mkdir(parents=True, exist_ok=True)
    log_paths, lead_paths = [], []
    for number, path in enumerate(case.log_paths):
        lines = [line for line in path.read_text(encoding="utf-8").split("\n")[:-1] if owner(line) == advertiser_id]
        log_paths.append(write_text(folder / f"a{number}.jsonl", "".join(line + "\n" for line in lines)))
    for number, path in enumerate(case.lead_paths):
        rows = [row for row in read_rows(path) if row[2] in ("", advertiser_id)]
        lead_paths.append(write_csv(folder / f"a{number}.csv", rows))
    config = {name: value for name, value in case.advertisers.items() if name == advertiser_id}
    history_paths = []
    for path in case.history_paths:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        mine = (f"{advertiser_id},", f'{{"advertiser_id": "{advertiser_id}"', "advertiser_id,")
        history_paths.append(write_text(folder / path.name, "".join(line for line in lines if line.startswith(mine))))
    return Case(log_paths, lead_paths, case.as_of, case.guide, config, history_paths, case.partner_agent)
