"""The chances that advertisers are ranked by: what they are drawn from, how they are told, who stands before whom."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import selection_samples as samples

from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.errors import UsageError
from funnelcheck.ingestion import ingest
from funnelcheck.render import selection_csv, selection_json, selection_text
from funnelcheck.selection import Applicant, Selection, Suitability, select
from funnelcheck.selection.chances import Chance
from funnelcheck.selection.evidence import Limits, gathered
from funnelcheck.selection.explaining import alike_told
from funnelcheck.selection.ranking import ranked
from funnelcheck.store import Store, open_store

AS_OF, DAY = samples.AS_OF, samples.DAY
YES = {"instant_forms": True, "lead_quality": True, "daily_upload": True}


def config_of(advertisers: list[samples.Invented]) -> Config:
    return Config(advertisers={one.name: AdvertiserConfig(time_zone=one.zone, answers=YES) for one in advertisers})


def loaded(store: Store, folder: Path, advertisers: list[samples.Invented]) -> None:
    leads, history = samples.write(folder, advertisers)
    assert ingest(store, [], [str(leads)], history_sources=[str(history)]).problems == []


def steady(name: str, number: int, a_day: int, share: int, since: int = 90) -> samples.Invented:
    """So many leads a day, of which each `share`th is qualified on the third day."""
    leads = [
        samples.Lead(str((number + 1) * 10**15 + i), AS_OF - since * DAY + (i + 1) * DAY // a_day, False, False, True)
        for i in range(since * a_day)
    ]
    stages = [(lead.lead_id, "Lead", lead.created + 60) for lead in leads]
    stages += [(lead.lead_id, "Qualified", lead.created + 3 * DAY) for lead in leads[::share]]
    return samples.Invented(name, "UTC", leads, [row for row in stages if row[2] <= AS_OF])


# --- evidence against plain Python ----------------------------------------------------------------------------------


def daily(one: samples.Invented) -> tuple[int, ...]:
    """Leads of ads in each of the last 56 spans of 24 hours that are whole since the first of them."""
    ages = [AS_OF - lead.created for lead in one.leads if not lead.organic and not lead.test and lead.created <= AS_OF]
    found = Counter(age // DAY for age in ages)
    return tuple(found[ago] for ago in reversed(range(min(max(ages) // DAY, 56))))


def follow_ups(one: samples.Invented, stage: str) -> tuple[dict[int, int], dict[int, int]]:
    """Hours waited and minutes taken (both in minutes) of the leads of 118 days before the end of the history."""
    of_list = {lead.lead_id: lead for lead in one.leads}
    valid = [
        (lead, name, time)
        for lead, name, time in one.stages
        if not (lead in of_list and (of_list[lead].test or time < of_list[lead].created))
    ]
    horizon = max(time for *_, time in valid)
    first = min(time for *_, time in valid) - DAY
    waiting, reached = Counter[int](), Counter[int]()
    for lead in one.leads:
        if lead.test or not max(first, horizon - 118 * DAY + 1) <= lead.created <= horizon:
            continue
        times = [time for known, name, time in valid if known == lead.lead_id and name == stage]
        if times:
            reached[-(-(min(times) - lead.created) // 60)] += 1
        else:
            waiting[(horizon - lead.created) // 3_600 * 60] += 1
    return waiting, reached


def test_evidence_is_what_plain_python_counts(tmp_path: Path) -> None:
    advertisers = [*samples.invented(3, 4), *samples.invented(5, 2)]
    with open_store() as store:
        loaded(store, tmp_path, advertisers)
        selection = select(store, as_of=AS_OF, config=config_of(advertisers))
        found = gathered(store)
    assert set(found) == {one.name for one in advertisers}
    for one in advertisers:
        applicant = selection.advertiser(one.name)
        assert applicant is not None
        stage = applicant.finding("SEL004").subject
        assert stage is not None
        assert found[one.name].daily_leads == daily(one), one.name
        assert (dict(found[one.name].waiting), dict(found[one.name].reached)) == follow_ups(one, stage), one.name


def test_daily_counts_are_evidence_without_the_day_that_is_not_over(tmp_path: Path) -> None:
    today = datetime.fromtimestamp(AS_OF, UTC).date()
    counts = {today - timedelta(days=ago): 10 + ago for ago in range(40) if ago != 7}
    (tmp_path / "counts.csv").write_text("advertiser,date,leads\n" + "".join(f"a,{d},{n}\n" for d, n in counts.items()))
    one = steady("a", 1, 2, 4)
    (tmp_path / "history.csv").write_text(
        "advertiser,lead_id,event_name,event_time\n"
        + "".join(f"a,{lead},{stage},{samples._iso(time)}\n" for lead, stage, time in one.stages)
    )
    with open_store() as store:
        ingest(store, [], [str(tmp_path / "counts.csv")], history_sources=[str(tmp_path / "history.csv")])
        (found,) = select(store, as_of=AS_OF).advertisers
        evidence = gathered(store)["a"]
    assert evidence.daily_leads == tuple(counts.get(today - timedelta(days=ago), 0) for ago in range(39, 0, -1))
    assert found.probability is not None


def test_a_coverage_asks_more_of_the_leads_themselves() -> None:
    limits = Limits(250, 0.01, 0.4, 28)
    assert limits.at(1.0) == limits
    assert limits.at(0.5) == Limits(250, 0.02, 0.8, 28, 0.5)
    assert limits.at(0.25).highest == 1.0


# --- the league -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    advertisers = [
        steady("plenty", 1, 20, 5),
        steady("twin", 2, 20, 5),
        steady("close", 3, 8, 5),
        steady("young", 4, 20, 5, since=12),
        steady("few", 5, 2, 5),
        steady("listed", 6, 20, 5),
    ]
    advertisers[-1].stages = []
    with open_store() as opened:
        loaded(opened, tmp_path_factory.mktemp("league"), advertisers)
        yield opened


CONFIG = Config(
    advertisers={name: AdvertiserConfig(answers=YES) for name in ("plenty", "twin", "close", "young", "few", "listed")}
    | {"plenty": AdvertiserConfig(answers=YES, time_zone="Pacific/Auckland")}
)


@pytest.fixture(scope="module")
def league(store: Store) -> Selection:
    return select(store, as_of=AS_OF, config=CONFIG)


def one_of(selection: Selection, name: str) -> Applicant:
    one = selection.advertiser(name)
    assert one is not None
    return one


def test_most_probable_stand_first_and_unknown_ones_last(league: Selection) -> None:
    chances = [one.probability for one in league.advertisers]
    known = [chance for chance in chances if chance is not None]
    assert known == sorted(known, reverse=True)
    assert chances[-1] is None
    assert league.advertisers[-1].advertiser_id == "listed"
    assert one_of(league, "plenty").probability == one_of(league, "twin").probability
    assert one_of(league, "few").probability < 0.01 < one_of(league, "close").probability < 0.9  # type: ignore[operator]


def test_what_cannot_be_told_apart_is_said_to_be_so(league: Selection) -> None:
    ranks = one_of(league, "plenty").alike
    assert ranks is not None
    assert ranks[0] == 1 <= one_of(league, "twin").rank <= ranks[1]
    assert one_of(league, "close").alike is None
    assert one_of(league, "listed").alike is None
    assert alike_told(ranks) in selection_text.render(league)


def test_a_chance_is_explained_with_what_is_in_doubt_and_how_little_is_known(league: Selection) -> None:
    assert "Volume (about " in one_of(league, "close").explanation
    assert "250 are asked for" in one_of(league, "close").explanation
    assert "Only 11 days of leads are known." in one_of(league, "young").explanation
    assert "Only" not in one_of(league, "plenty").explanation
    assert "no history of the CRM" in one_of(league, "listed").explanation


def test_a_history_without_a_stage_has_no_chance(tmp_path: Path) -> None:
    one = steady("bare", 1, 20, 5)
    one.stages = [row for row in one.stages if row[1] == "Lead"]
    with open_store() as store:
        loaded(store, tmp_path, [one])
        (found,) = select(store, as_of=AS_OF).advertisers
    assert (found.probability, found.chance) == (0.0, None)
    assert found.explanation.startswith("No chance: ")


def drawn(name: str, probability: float | None, like: Applicant) -> Applicant:
    chance = None if probability is None or like.chance is None else replace(like.chance, probability=probability)
    return replace(like, advertiser_id=name, probability=probability, chance=chance)


def test_ranks_that_draws_do_not_tell_apart_are_a_range(league: Selection) -> None:
    like = one_of(league, "plenty")
    chances = {"a": 0.9, "b": 0.88, "c": 0.5, "d": 0.47, "e": 0.43, "f": 0.1, "g": None}
    found = ranked([drawn(name, chance, like) for name, chance in reversed(chances.items())])
    assert [one.advertiser_id for one in found] == list(chances)
    assert [one.alike for one in found] == [(1, 2), (1, 2), (3, 4), (3, 4), None, None, None]


# --- plans ----------------------------------------------------------------------------------------------------------


def test_who_may_be_launched_has_a_plan_from_the_next_day_of_its_zone(league: Selection) -> None:
    for one in league.advertisers:
        assert (one.plan is None) == (one.suitability not in (Suitability.READY, Suitability.NEEDS_WORK))
    plan, twin = one_of(league, "plenty").plan, one_of(league, "twin").plan
    assert plan is not None
    assert twin is not None
    assert (plan.launch, twin.launch) == ("2026-11-24", "2026-11-23")  # it is the 23rd in Auckland
    assert plan.stage == "Qualified"
    assert plan.events_a_week == pytest.approx(140 * (1 + one_of(league, "plenty").stages[1].rate))  # type: ignore[operator]
    assert plan.blocks == tuple(f"{task.code} {task.title}. {task.what}" for task in one_of(league, "plenty").work)


def test_a_partner_that_is_not_connected_comes_first(store: Store, league: Selection) -> None:
    attested = replace(CONFIG, partner=replace(CONFIG.partner, connected=False))
    later = select(store, as_of=AS_OF, config=attested, launch=date(2027, 1, 11))
    plan = one_of(later, "twin").plan
    assert plan is not None
    assert [(one.key, one.earliest, one.latest) for one in plan.milestones[:1]] == [
        ("connect-partner", "2027-02-01", "2027-03-01")
    ]
    said = select(store, as_of=AS_OF, config=CONFIG, launch=date(2027, 1, 11), connected=False)
    assert said == later
    own = one_of(league, "twin").plan
    assert own is not None
    assert own.milestones[0].key != "connect-partner"


def test_a_launch_before_the_judgement_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="2026-11-21 lies before the day of judgement, 2026-11-22"):
        select(store, as_of=AS_OF, launch=date(2026, 11, 21))


def test_formats_have_chance_and_plan(league: Selection) -> None:
    found = {one["advertiser_id"]: one for one in json.loads(selection_json.render(league))["advertisers"]}
    assert found["twin"]["probability"] == found["twin"]["chance"]["volume"]
    assert found["twin"]["plan"]["launch"] == "2026-11-23"
    assert found["twin"]["before"] is None
    assert found["listed"]["chance"] is None
    head, *rows = selection_csv.render(league).splitlines()
    assert "probability" in head
    assert "rank_before" not in head
    assert "2026-11-23" in next(row for row in rows if ",twin," in row)
    assert "Launched on 2026-11-23" in selection_text.render(league)


def test_a_chance_knows_what_it_was_drawn_from(league: Selection) -> None:
    chance = one_of(league, "plenty").chance
    assert isinstance(chance, Chance)
    assert chance.seen_days == 56
    assert chance.probability <= min(chance.volume, chance.rate, chance.window)
