"""Twelve invented advertisers before launch, from a seed: lead lists, CRM histories, answers and a configuration."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from funnelcheck.config import load as load_config
from funnelcheck.ingestion import ingest
from funnelcheck.selection import Selection, Suitability, read_questionnaire, select
from funnelcheck.selection.plan import plan
from funnelcheck.selection.prerequisites import Prerequisites, prerequisites
from funnelcheck.store import open_store

DAY = 86_400
AS_OF = int(datetime(2026, 11, 22, 13, 30, tzinfo=UTC).timestamp())
HOSTILE = "<script>alert(1)</script>|[x](javascript:1)\u202e@all"
HOSTILE_STAGE = '</td><img src=x onerror=1>|`"\u2066'


@dataclass(frozen=True)
class Story:
    """What one advertiser is like."""

    name: str
    a_month: int
    stages: tuple[tuple[str, float, float], ...] = ()  # name, share of leads, days until nine in ten
    with_id: float = 1.0
    answers: str = "yes,yes,yes"  # instant_forms, lead_quality, daily_upload
    language: str = "en"
    list_too: bool = True


def funnel(share: float, days: float, last: str = "Sold") -> tuple[tuple[str, float, float], ...]:
    """Three steps behind the raw one."""
    return (("Contacted", 0.7, days / 6), ("Qualified", share, days / 2), (last, share / 4, days))


STORIES = (
    Story("Autohaus Nord", 620, funnel(0.25, 18)),
    Story("Banque du Lac", 410, funnel(0.18, 20), language="fr"),
    Story("Cuisines Delta", 330, funnel(0.22, 12), with_id=0.8, language="fr"),
    Story("Dental Point", 270, funnel(0.12, 16)),
    Story("Energy Roofs Ltd", 560, funnel(0.3, 90), answers="yes,yes,no"),
    Story("Fitness 24", 180, funnel(0.2, 9)),
    Story("Gärten & Höfe", 300, funnel(0.002, 20)),
    Story("Home Loans Direct", 900, funnel(0.2, 10), with_id=0.3),
    Story("Immobilier Ouest", 350, (), language="fr"),
    Story("Jet School", 0, funnel(0.2, 14), list_too=False, answers="?,?,yes"),
    Story("Kids Academy", 90, (), answers="no,no,?"),
    Story(HOSTILE, 240, (("Contacted", 0.7, 3), (HOSTILE_STAGE, 0.2, 12))),
)


def write(folder: Path, stories: Iterable[Story] = STORIES, seed: int = 3) -> None:
    """leads.csv, history.csv, answers.csv, calls.csv and funnelcheck.toml; the same seed gives the same bytes."""
    listed: list[list[str]] = []
    recorded: list[list[str]] = []
    answers: list[list[str]] = []
    settings = ["[partner]", 'permissions = ["ads_read", "ads_management"]', 'authentication = "client-token"']
    for number, story in enumerate(stories):
        chance = random.Random(f"{seed}/{number}")
        leads = [
            ((number + 1) * 10**15 + i, AS_OF - chance.randrange(90 * DAY)) for i in range(3 * (story.a_month or 120))
        ]
        for lead, created in leads:
            if story.list_too:
                listed.append([f"l:{lead}", _iso(created), f"ag:{7_000 + number}", f"f:{number}", "false", story.name])
            recorded += _history(story, lead, created, chance)
        answers.append([story.name, *story.answers.split(",")])
        settings.append(f"[advertiser.{json.dumps(story.name)}]\nlanguage = {json.dumps(story.language)}")
        if number % 3 == 0:
            settings.append(f'business_id = "{4_400_000 + number}"\ndataset_id = "{5_500_000 + number}"')
    _table(folder / "leads.csv", "id created_time ad_id form_id is_organic advertiser", listed)
    _table(folder / "history.csv", "advertiser lead_id event_name event_time", recorded)
    _table(folder / "answers.csv", "advertiser instant_forms lead_quality daily_upload", answers)
    calls = [[_iso(AS_OF - 900 * i), "200", ""] for i in range(1_300)]
    calls += [[_iso(AS_OF - 6_000 * i - 7), "400", "100"] for i in range(90)]
    _table(folder / "calls.csv", "time status error_code", calls)
    (folder / "funnelcheck.toml").write_text("\n".join(settings) + "\n", encoding="utf-8")


def _history(story: Story, lead: int, created: int, chance: random.Random) -> list[list[str]]:
    if not story.stages:
        return []
    known = str(lead) if chance.random() < story.with_id else f"crm-{lead % 10**6}"
    rows = [[story.name, known, "Lead", _iso(created + 60)]]
    for stage, share, days in story.stages:
        if chance.random() < share:
            reached = created + int(chance.random() * days / 0.9 * DAY) + 120
            rows += [[story.name, known, stage, _iso(reached)]] if reached <= AS_OF else []
    return rows


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _table(path: Path, head: str, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head.split(), *rows])


def judged(folder: Path) -> tuple[Selection, Prerequisites]:
    """What comes of these files, in the present language."""
    config = load_config(folder / "funnelcheck.toml")
    with open_store() as store:
        ingest(
            store,
            [],
            [str(folder / "leads.csv")],
            history_sources=[str(folder / "history.csv")],
            call_sources=[str(folder / "calls.csv")],
            config=config,
        )
        answers = read_questionnaire(folder / "answers.csv")
        selection = select(store, as_of=AS_OF, config=config, answers=answers)
        return selection, prerequisites(store, as_of=AS_OF, config=config)


def supposed(selection: Selection) -> Selection:
    """The same with plans, a chance, and a supposition that moved the last one and changed nothing else."""
    *others, last = (replace(one, probability=0.9 / one.rank) for one in selection.advertisers)
    before = replace(last, plan=None, rank=1, probability=None, suitability=Suitability.READY)
    planned = tuple(
        replace(
            one,
            plan=plan(
                selection.guide, one.stages, launch=date(2026, 12, 1), connected=False, weekly_leads=60.0, stage=None
            ),
        )
        for one in (*others, last)
    )
    was = tuple(one if one.advertiser_id != last.advertiser_id else before for one in planned)
    return replace(
        selection,
        advertisers=planned,
        what_if=(f"{HOSTILE}: 1.5",),
        before=replace(selection, advertisers=was),
    )
