"""Rules about datasets, coverage and the funnel, by hand; a part of `oracle_catalogue`."""

import itertools
import re
from collections import Counter
from fractions import Fraction

import oracle
from oracle import DAY, Event, Facts, absent, plain
from oracle_sending import MISSING, UNTOLD, Found, lead_text, name_of

STANDARD_NAMES = (
    "Lead Purchase CompleteRegistration Contact Schedule SubmitApplication Subscribe StartTrial InitiateCheckout "
    "AddToCart ViewContent"
).split()
MAX_SKIPPED = Fraction(1, 10)
MAX_DUPLICATES = Fraction(5, 100)
MAX_FOREIGN, MAX_FOREIGN_AT_ALL = Fraction(5, 100), Fraction(40, 100)
ALMOST_ALL = Fraction(99, 100)


def rules(facts: Facts, everyone: list[Facts]) -> dict[str, Found]:
    recorded = [one for one in everyone if (one.name, one.channel) == (facts.name, "history")]
    history = recorded[0] if recorded else None
    recent = oracle.recent_events(facts.mine)
    return {
        "DAT005": one_agent(recent),
        "DAT006": duplicates(facts),
        "DAT007": event_ids(recent),
        "DAT008": foreign_events(facts, recent),
        "DAT009": shared_names(recent),
        "DAT010": test_leads(facts),
        "DAT013": shared_leads(facts, everyone),
        "COV003": expected_events(facts, history),
        "COV004": both_ways(facts, history),
        "TIM008": stages_in_order(facts),
        "FUN005": skipped_stages(facts),
        "FUN008": eligible_stages(facts),
        "FUN009": narrowing(facts),
        "FUN010": declared_stages(facts),
        "FUN011": renamed_stages(facts),
        "FUN012": negatives_in_the_funnel(facts),
        "FUN013": one_stage_only(facts),
        "FUN014": long_enough(facts),
        "FUN015": moved_back(facts),
    }


def of_units(n: int, affected: int, level: int | None = None) -> Found:
    """A share; without units there is none, and nothing is at fault."""
    if level is None:
        level = 1 if affected else 0
    return level, Fraction(affected, n) if n else None, n, affected


def number(n: int, affected: int) -> Found:
    """A rule whose value is the number at fault."""
    return 1 if affected else 0, affected, n, affected


# --- dataset ------------------------------------------------------------------------------------------------


def one_agent(recent: list[Event]) -> Found:
    """DAT005."""
    agents = [event.agent for event in recent if event.agent is not None]
    # reading: without an agent anywhere the number of agents is 0, and so is n.
    spellings: dict[str, set[str]] = {}
    events: Counter[str] = Counter()
    for agent in agents:
        form = re.sub(r"_[0-9]+_[0-9]+$", "", agent.strip().lower())
        spellings.setdefault(form, set()).add(agent)
        events[form] += 1
    # reading: a spelling is the text as sent, blanks around it included.
    untidy = any(len(same) > 1 for same in spellings.values()) or 0 < len(agents) < len(recent)
    affected = len(agents) - max(events.values(), default=0)
    return 2 if len(spellings) > 1 else 1 if untidy else 0, len(spellings), len(agents), affected


def duplicates(facts: Facts) -> Found:
    """DAT006."""
    copies = [(event.lead, event.body["event_name"], event.time) for event in facts.events if event.valid]
    copies = [copy for copy in copies if copy[0] is not None]
    surplus = len(copies) - len(set(copies))
    return of_units(len(copies), surplus, 2 if surplus > MAX_DUPLICATES * len(copies) else None)


def event_ids(recent: list[Event]) -> Found:
    """DAT007."""
    seen: dict[str, set] = {}
    with_id = [event for event in recent if not absent(event.body.get("event_id"))]
    for event in with_id:
        # reading: a missing lead or name is as one more lead or name.
        seen.setdefault(str(event.body["event_id"]), set()).add((lead_text(event), name_of(event)))
    return of_units(len(with_id), sum(len(seen[str(event.body["event_id"])]) > 1 for event in with_id))


def foreign_events(facts: Facts, recent: list[Event]) -> Found:
    """DAT008."""
    if not facts.has_list:
        return MISSING
    n, foreign = len(recent), sum(lead_text(event) not in facts.leads for event in recent)
    level = 2 if foreign > MAX_FOREIGN_AT_ALL * n else 1 if foreign > MAX_FOREIGN * n else 0
    return of_units(n, foreign, level)


def shared_names(recent: list[Event]) -> Found:
    """DAT009."""
    sources: dict[str, set] = {}
    for event in recent:
        name, source = event.body.get("event_name"), event.body.get("action_source")
        # reading: names and sources are compared exactly, in their letter case.
        if isinstance(name, str) and name in STANDARD_NAMES and isinstance(source, str):
            sources.setdefault(name, set()).add(source)
    mixed = {name for name, some in sources.items() if {"website", "system_generated"} <= some}
    affected = sum(
        event.body.get("action_source") == "website" and str(event.body.get("event_name")) in mixed for event in recent
    )
    return number(len(recent), affected)


def test_leads(facts: Facts) -> Found:
    """DAT010."""
    if not facts.has_list:
        return MISSING
    return number(len(facts.leads), sum(lead.test for lead in facts.leads.values()))


def leads_owned(facts: Facts) -> set[str]:
    # reading: a test lead is no lead.
    own = {lead for lead in facts.own_leads if lead in facts.listed}
    return own | set(facts.times)


def shared_leads(facts: Facts, everyone: list[Facts]) -> Found:
    """DAT013."""
    mine = leads_owned(facts)
    others = [one for one in everyone if one.name != facts.name and one.channel == facts.channel]
    elsewhere = set().union(*(leads_owned(one) for one in others))
    return number(len(mine), len(mine & elsewhere))


# --- coverage -----------------------------------------------------------------------------------------------


def pairs_of(facts: Facts) -> set[tuple]:
    return {(event.lead, plain(event.body["event_name"])) for event in facts.valid.values() if event.lead is not None}


def expected_events(facts: Facts, history: Facts | None) -> Found:
    """COV003."""
    if history is None:
        return MISSING
    expected = pairs_of(history)
    return of_units(len(expected), len(expected - pairs_of(facts)))


def both_ways(facts: Facts, history: Facts | None) -> Found:
    """COV004."""
    if history is None or not facts.has_list:
        return MISSING
    recorded = {event.lead for event in history.events}
    # reading: the list is the advertiser's, with the rows that only one channel makes its own; test leads count on
    # neither side.
    rows = (history.leads or {}) | facts.leads
    recorded = {lead for lead in recorded if lead not in rows or not rows[lead].test}
    listed = {lead for lead in rows if not rows[lead].test}
    return number(len(listed | recorded), len(listed ^ recorded))


# --- funnel -------------------------------------------------------------------------------------------------


def path(facts: Facts) -> list[str]:
    """The stages in order, without the negative ones."""
    return [stage for stage in facts.order if stage not in facts.negatives]


def paths_of_leads(facts: Facts) -> list[dict[int, int]]:
    """{position in the path: first time} of each lead that has any such stage."""
    place = {stage: i for i, stage in enumerate(path(facts))}
    found = [{place[stage]: time for stage, time in some.items() if stage in place} for some in facts.times.values()]
    return [one for one in found if one]


def stages_in_order(facts: Facts) -> Found:
    """TIM008."""
    several = [one for one in paths_of_leads(facts) if len(one) >= 2]
    wrong = sum(any(a < b and one[b] < one[a] for a in one for b in one) for one in several)
    if not several:
        return MISSING
    return of_units(len(several), wrong, 1 if wrong > oracle.MAX_FAULTY_SHARE * len(several) else 0)


def skipped_stages(facts: Facts) -> Found:
    """FUN005."""
    # reading: "all their stages at one event_time" speaks of the stages of the path, not of negative ones.
    deep = [one for one in paths_of_leads(facts) if max(one) > 0]
    wrong = sum(len(one) <= max(one) or (len(one) >= 2 and len(set(one.values())) == 1) for one in deep)
    # reading: without such a lead it passes.
    return of_units(len(deep), wrong, 1 if wrong > MAX_SKIPPED * len(deep) else 0)


def eligible_stages(facts: Facts) -> Found:
    """FUN008."""
    candidates = [stage for stage in facts.order if stage != facts.raw and stage not in facts.negatives]
    return 0, len(facts.eligible), len(candidates), UNTOLD


def narrowing(facts: Facts) -> Found:
    """FUN009."""
    leads = [facts.figures[stage]["leads"] for stage in path(facts)]
    wider = sum(after > before for before, after in itertools.pairwise(leads))
    return number(max(0, len(leads) - 1), wider)


def declared_stages(facts: Facts) -> Found:
    """FUN010."""
    declared = {plain(name) for name in facts.config.get("stage_order") or []}
    seen = {plain(stage) for stage in facts.stages}
    never = declared - seen
    if not facts.stages:
        # reading: without any valid event that none of them is seen is DAT002's to say.
        return 0, 0, len(declared), 0
    if never or not declared:
        return 2 if never else 0, len(never), len(declared), len(never)
    days = {oracle.day_of(event.time, facts.zone) for event in facts.valid.values()}
    last = sorted(days)[-7:]
    lately = {
        plain(event.body["event_name"])
        for event in facts.valid.values()
        if oracle.day_of(event.time, facts.zone) in last
    }
    return number(len(declared), len(declared - lately))


def renamed_stages(facts: Facts) -> Found:
    """FUN011."""
    times: dict[str, list[int]] = {}
    for event in facts.valid.values():
        times.setdefault(event.body["event_name"], []).append(event.time)

    def pace(stage: str) -> Fraction:
        # reading: events a day over the whole life of a name, its span in exact days.
        span = Fraction(max(times[stage]) - min(times[stage]), DAY)
        return len(times[stage]) / max(Fraction(1), span)

    renamed = 0
    for old in times:
        for new in times:
            if (
                old != new
                and min(len(times[old]), len(times[new])) >= oracle.MIN_UNITS
                and 0 <= min(times[new]) - max(times[old]) <= 2 * DAY
                and Fraction(1, 2) <= pace(new) / pace(old) <= 2
                and not any(old in some and new in some for some in facts.times.values())
                and facts.horizon - max(times[old]) >= DAY
            ):
                renamed += 1
    return number(len(facts.stages), renamed)


def negatives_in_the_funnel(facts: Facts) -> Found:
    """FUN012."""
    declared = {plain(name) for name in facts.config.get("stage_order") or []}
    if facts.config.get("optimisation_stage"):
        declared.add(plain(facts.config["optimisation_stage"]))
    return number(len(facts.negatives), sum(plain(stage) in declared for stage in facts.negatives))


def one_stage_only(facts: Facts) -> Found:
    """FUN013."""
    n = len(facts.valid)
    if n == 0:
        return 0, None, 0, 0
    most = max(facts.figures[stage]["events"] for stage in facts.stages)
    alone = most > ALMOST_ALL * n and n >= oracle.MIN_UNITS and len(facts.stages) >= 2
    return 1 if alone else 0, Fraction(most, n), n, most if alone else 0


def long_enough(facts: Facts) -> Found:
    """FUN014."""
    times = [event.time for event in facts.valid.values()]
    # reading: without a valid event there is no span.
    span = max(times) - min(times) if times else None
    figure = facts.figures.get(facts.subject)
    n = figure["FUN007"]["n"] if figure else 0
    too_short = n > 0 and span < figure["window"]
    # reading: "affected" is said by nothing.
    return 1 if too_short else 0, None if span is None else Fraction(span, DAY), n, UNTOLD


def moved_back(facts: Facts) -> Found:
    """FUN015."""
    place = {stage: i for i, stage in enumerate(path(facts))}
    events: dict[str, list[tuple[int, int]]] = {}
    for event in facts.valid.values():
        if event.lead is not None and event.body["event_name"] in place:
            events.setdefault(event.lead, []).append((event.time, place[event.body["event_name"]]))
    several = [some for some in events.values() if len({stage for _, stage in some}) >= 2]
    back = sum(any(low < high and later > earlier for later, low in some for earlier, high in some) for some in several)
    return number(len(several), back)
