"""The rules on what a dataset holds (DAT005 to DAT010, DAT013) against brute force over random logs in plain Python."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from plain_logs import AS_OF, Advertiser, Event, random_advertisers, write
from test_timing import told

from funnelcheck import judgement, rulebook
from funnelcheck.config import AdvertiserConfig, Config, load
from funnelcheck.errors import ConfigError
from funnelcheck.extracts import rows_at_fault
from funnelcheck.ingestion import ingest
from funnelcheck.store import open_store

SEEDS = range(15)
CODES = ("DAT005", "DAT006", "DAT007", "DAT008", "DAT009", "DAT010", "DAT013")
Figures = tuple[int, float | None, int, int]  # level, value, n, affected


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def dat005(advertiser: Advertiser) -> Figures:
    agents = [event.agent for event in advertiser.recent()]
    named = [agent for agent in agents if agent is not None]
    forms = Counter(re.sub(r"_\d+_\d+$", "", agent.lower()) for agent in named)
    main = min(forms, key=lambda form: (-forms[form], form)) if forms else None
    differs = len(set(named)) > len(forms) or (named and len(named) < len(agents))
    level = 2 if len(forms) > 1 else int(bool(differs))
    return level, len(forms), len(named), len(named) - (forms[main] if main is not None else 0)


def dat006(advertiser: Advertiser) -> Figures:
    keys = [(event.lead, event.name, event.time) for event in advertiser.valid()]
    surplus = len(keys) - len(set(keys))
    return (2 if 20 * surplus > len(keys) else int(surplus > 0)), share(surplus, len(keys)), len(keys), surplus


def shares_its_id(event: Event, events: list[Event]) -> bool:
    return any(o.event_id == event.event_id and (o.lead, o.name) != (event.lead, event.name) for o in events)


def dat007(advertiser: Advertiser) -> Figures:
    events = [event for event in advertiser.recent() if event.event_id is not None]
    wrong = sum(shares_its_id(event, events) for event in events)
    return int(wrong > 0), share(wrong, len(events)), len(events), wrong


def dat008(advertiser: Advertiser) -> Figures:
    if not advertiser.leads:
        return -1, None, 0, 0
    events = advertiser.recent()
    foreign = sum(event.lead is None or event.lead not in advertiser.created for event in events)
    level = 2 if 10 * foreign > 4 * len(events) else int(20 * foreign > len(events))
    return level, share(foreign, len(events)), len(events), foreign


def dat009(advertiser: Advertiser) -> Figures:
    events = advertiser.recent()
    sources = {name: {event.source for event in events if event.name == name} for name in ("Lead", "Purchase")}
    mixed = {name for name, seen in sources.items() if len(seen) == 2}
    wrong = sum(event.source == "website" and event.name in mixed for event in events)
    return int(wrong > 0), wrong, len(events), wrong


def dat010(advertiser: Advertiser) -> Figures:
    if not advertiser.leads:
        return -1, None, 0, 0
    tests = len(advertiser.test_leads)
    return int(tests > 0), tests, len(advertiser.created), tests


def claimed(advertiser: Advertiser) -> set[str | None]:
    return {event.lead for event in advertiser.valid()} | (set(advertiser.created) - advertiser.test_leads)


def dat013(advertiser: Advertiser, others: list[Advertiser]) -> Figures:
    mine = claimed(advertiser)
    shared = {lead for lead in mine if any(lead in claimed(other) for other in others)}
    return int(bool(shared)), len(shared), len(mine), len(shared)


@pytest.mark.parametrize("seed", SEEDS)
def test_dataset_rules_agree_with_brute_force(seed: int, tmp_path: Path) -> None:
    advertisers = random_advertisers(seed)
    log, leads = write(tmp_path, advertisers)
    with open_store() as store:
        assert not ingest(store, [str(log)], [str(leads)]).problems
        run = judgement.check(store, as_of=AS_OF)
        book = rulebook.load(Config())
        extracts = {code: rows_at_fault(store, book.rule(code), judgement.parameters_of(book, AS_OF)) for code in CODES}
    results = {result.advertiser_id: result for result in run.advertisers}
    affected: Counter[str] = Counter()
    for advertiser in advertisers:
        others = [other for other in advertisers if other is not advertiser]
        right = {
            "DAT005": dat005(advertiser),
            "DAT006": dat006(advertiser),
            "DAT007": dat007(advertiser),
            "DAT008": dat008(advertiser),
            "DAT009": dat009(advertiser),
            "DAT010": dat010(advertiser),
            "DAT013": dat013(advertiser, others),
        }
        for code, figures in right.items():
            finding = results[advertiser.name].finding(code)
            assert told(finding, figures[0]) == pytest.approx(figures), (code, advertiser.name)
            affected[code] += figures[3]
        named = {other.name for other in others if claimed(other) & claimed(advertiser)}
        evidence = results[advertiser.name].finding("DAT013").evidence["others"] or []
        assert {one["advertiser_id"] for one in evidence} == named
    for code in ("DAT007", "DAT008", "DAT009", "DAT013"):
        assert extracts[code].total == affected[code], code  # type: ignore[union-attr]
    keys = [(r["advertiser_id"], r["lead_id"], r["event_name"], r["event_time"]) for r in extracts["DAT006"].rows]  # type: ignore[union-attr]
    assert len(keys) - len(set(keys)) == affected["DAT006"]


def test_event_match_quality_is_a_number_of_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "funnelcheck.toml"
    file.write_text("[advertiser.a]\nevent_match_quality = 6.5\n[advertiser.b]\n")
    advertisers = load(file).advertisers
    assert (advertisers["a"].event_match_quality, advertisers["b"].event_match_quality) == (6.5, None)
    assert advertisers["b"] == AdvertiserConfig()


@pytest.mark.parametrize("value", ['"high"', "true", "-1"])
def test_event_match_quality_that_is_no_such_number_is_refused(value: str, tmp_path: Path) -> None:
    file = tmp_path / "funnelcheck.toml"
    file.write_text(f"[advertiser.a]\nevent_match_quality = {value}\n")
    with pytest.raises(ConfigError, match=r"advertiser\.a\.event_match_quality"):
        load(file)
