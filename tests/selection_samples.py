"""Advertisers before launch, invented from a seed: lead lists, CRM histories, and what plain Python counts in them."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DAY = 86_400
AS_OF = int(datetime(2026, 11, 22, 13, 30, tzinfo=UTC).timestamp())
ZONES = ("Europe/Paris", "America/New_York", "UTC", "Pacific/Auckland")
META, OWN = "meta", "own"


@dataclass
class Lead:
    """One row of a list."""

    lead_id: str
    created: int
    organic: bool
    test: bool
    has_ad: bool


@dataclass
class Invented:
    """One advertiser: its zone, its leads, and (lead, stage, time) of its CRM."""

    name: str
    zone: str
    leads: list[Lead]
    stages: list[tuple[str, str, int]] = field(default_factory=list)


def invented(seed: int, several: int = 5) -> list[Invented]:
    """Advertisers that differ in everything that a selection looks at; their ids are apart."""
    chance = random.Random(seed)
    return [_one(chance, f"adv-{seed}-{i}", i) for i in range(several)]


def _one(chance: random.Random, name: str, number: int) -> Invented:
    start, end = AS_OF - chance.randint(60, 200) * DAY, AS_OF - chance.choice((0, 3_600, 2 * DAY, 50 * DAY))
    leads = [
        Lead(
            lead_id=str((number + 1) * 10**15 + chance.randrange(10**12)),
            created=chance.randint(start, end),
            organic=chance.random() < 0.1,
            test=chance.random() < 0.03,
            has_ad=chance.random() < 0.9,
        )
        for _ in range(chance.randint(80, 400))
    ]
    one = Invented(name, chance.choice(ZONES), leads)
    share = chance.choice((0.05, 0.3, 0.6))
    kept = chance.choice((1.0, 0.8, 0.5))
    for lead in leads:
        if lead.test:
            continue
        known = lead.lead_id if chance.random() < kept else f"crm-{lead.lead_id[-6:]}"
        one.stages.append((known, "Lead", lead.created + 60))
        if chance.random() < share:
            one.stages.append((known, "Won", lead.created + chance.randint(3_600, 40 * DAY)))
    one.stages = [row for row in one.stages if row[2] <= AS_OF]
    return one


def write(folder: Path, advertisers: Iterable[Invented], shuffled: int | None = None) -> tuple[Path, Path]:
    """The list and the history of all of them, as a page and a CRM would export them."""
    folder.mkdir(parents=True, exist_ok=True)
    listed: list[list[str]] = []
    recorded: list[list[str]] = []
    for one in advertisers:
        listed += [_listed(one, lead) for lead in one.leads]
        recorded += [[one.name, lead, stage, _iso(time)] for lead, stage, time in one.stages]
    if shuffled is not None:
        random.Random(shuffled).shuffle(listed)
        random.Random(shuffled).shuffle(recorded)
    head = ["id", "created_time", "ad_id", "form_id", "is_organic", "full_name", "advertiser"]
    return (
        _table(folder / "leads.csv", head, listed),
        _table(folder / "history.csv", ["advertiser", "lead_id", "event_name", "event_time"], recorded),
    )


def _listed(one: Invented, lead: Lead) -> list[str]:
    told = "<test lead: dummy data for full_name>" if lead.test else "Somebody"
    ad = f"ag:{7_000 + len(one.name)}" if lead.has_ad else ""
    organic = "true" if lead.organic else "false"
    return [f"l:{lead.lead_id}", _iso(lead.created), ad, "f:4711", organic, told, one.name]


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _table(path: Path, head: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


# --- counted by hand ------------------------------------------------------------------------------------------------


def recent(one: Invented, days: int = 30) -> dict[str, int]:
    """Leads of ads, organic ones and tests in the days up to AS_OF."""
    rows = [lead for lead in one.leads if AS_OF - days * DAY < lead.created <= AS_OF]
    return {
        "leads": sum(not lead.organic and not lead.test for lead in rows),
        "organic": sum(lead.organic and not lead.test for lead in rows),
        "tests": sum(lead.test for lead in rows),
    }


def months(one: Invented) -> list[tuple[str, int, int]]:
    """Every full month in its zone: leads of ads and organic ones."""
    zone = ZoneInfo(one.zone)
    days = {lead.created: datetime.fromtimestamp(lead.created, zone).date() for lead in one.leads}
    first = min(days.values())
    last = max(days[lead.created] for lead in one.leads if not lead.test)
    today = datetime.fromtimestamp(AS_OF, zone).date()
    found = []
    month = first.replace(day=1)
    while month <= today:
        following = (month + timedelta(days=32)).replace(day=1)
        if month >= first and following - timedelta(days=1) <= last and following <= today:
            found.append((month.strftime("%Y-%m"), *_in_month(one, days, month, following)))
        month = following
    return found


def _in_month(one: Invented, days: dict[int, date], first: date, following: date) -> tuple[int, int]:
    rows = [lead for lead in one.leads if not lead.test and first <= days[lead.created] < following]
    return sum(not lead.organic for lead in rows), sum(lead.organic for lead in rows)


def lead_ids(one: Invented) -> tuple[int, int]:
    """Leads that the CRM knows, and those whose id is Meta's."""
    known = {lead for lead, _, _ in one.stages}
    return len(known), sum(lead.isdigit() for lead in known)


def stages(one: Invented) -> Counter[str]:
    """Leads that reached each stage, test leads left out."""
    return Counter(stage for _, stage in {(lead, stage) for lead, stage, _ in one.stages})
