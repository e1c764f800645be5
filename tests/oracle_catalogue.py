"""The rest of the rule catalogue by hand: {code: finding} for each advertiser, from the definitions alone.

Like `oracle`, of which it uses the facts, it shares nothing with the product: loops, dicts and exact fractions.
Rules about single events are here, those about sending in `oracle_sending`, about figures in `oracle_funnel`.
Where the definitions allow two readings the choice is marked `# reading:`.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import oracle
import oracle_funnel
import oracle_sending
from oracle import Event, Facts, absent, part
from oracle_sending import MISSING, UNTOLD, Found, lead_text

REQUIRED = "EVT008 EVT009 EVT012 EVT013 EVT017 REQ001 TIM006 DAT005 FUN010".split()
RECOMMENDED = (
    "EVT011 EVT014 EVT015 REQ003 REQ005 REQ006 REQ007 TIM004 TIM005 TIM007 TIM008 DAT006 DAT007 DAT008 DAT013 "
    "FUN005 FUN009 FUN011 FUN013 FUN014"
).split()
INFORMATIONAL = "EVT016 REQ002 REQ008 REQ009 TIM009 DAT009 DAT010 COV003 COV004 FUN008 FUN012 FUN015".split()
CODES = sorted(REQUIRED + RECOMMENDED + INFORMATIONAL)
# reading: DAT013 speaks of sent events ("same channel" is then channel crm).
OF_HISTORY = {"TIM008", "DAT010", *(code for code in CODES if code.startswith("FUN"))}

PAYLOAD_RULES = ("EVT001", "EVT002", "EVT003", "EVT004", "EVT005", "EVT006", "EVT007", "EVT010")
OTHER_SOURCES = "email website app phone_call chat physical_store business_messaging other".split()
BROWSER_KEYS = {"fbp", "client_ip_address", "client_user_agent"}
MAX_AGENT_LENGTH = 22
LARGEST_EXACT = 2**53
SPREADSHEET_IDS = 20


def judge(
    log_paths: Iterable,
    lead_paths: Iterable,
    history_paths: Iterable = (),
    *,
    as_of: int,
    guide: str = "six-step",
    advertisers: dict | None = None,
    partner_agent: str | None = None,
) -> dict[str, Any]:
    """The part of `results.json` that the oracles vouch for together; of a history its rules alone."""
    everyone = oracle.all_facts(log_paths, lead_paths, history_paths, as_of=as_of, guide=guide, advertisers=advertisers)
    return {"advertisers": [judge_one(facts, everyone, partner_agent) for facts in everyone]}


def judge_one(facts: Facts, everyone: list[Facts], partner_agent: str | None) -> dict[str, Any]:
    rules = [{"code": code, **told} for code, told in rules_of(facts, everyone, partner_agent).items()]
    if facts.channel == "crm":
        return oracle.judge_advertiser(facts, rules)
    return {"advertiser_id": facts.name, "channel": facts.channel, "rules": rules}


def rules_of(facts: Facts, everyone: list[Facts], partner_agent: str | None) -> dict[str, dict[str, Any]]:
    """{code: {severity, status, value, n, affected}}; what nothing defines is left out."""
    found: dict[str, Found] = {}
    if facts.channel == "crm":
        found |= event_rules(facts, partner_agent) | oracle_sending.rules(facts)
    found |= oracle_funnel.rules(facts, everyone)
    if facts.channel == "crm" and facts.raw is None:
        # reading: a raw stage of which no event is valid is found by its name, which nothing defines.
        del found["TIM007"]
    codes = [code for code in CODES if code in found or not spoken_of(code, facts)]
    return {code: finding(code, found[code] if spoken_of(code, facts) else MISSING) for code in codes}


def spoken_of(code: str, facts: Facts) -> bool:
    return facts.channel == "crm" or code in OF_HISTORY


def severity_of(code: str) -> str:
    if code in REQUIRED:
        return "required"
    return "recommended" if code in RECOMMENDED else "informational"


def finding(code: str, found: Found) -> dict[str, Any]:
    """A level as the status that its rule's severity makes of it."""
    level, value, n, affected = found
    severity = severity_of(code)
    if level is None:
        missing = found == MISSING or code[:3] in ("EVT", "REQ", "TIM")
        status = "not_evaluable" if missing else "undecided"
    elif severity == "informational" or level == 0:
        status = "pass"
    else:
        status = "fail" if level == 2 and severity == "required" else "warn"
    value = float(value) if isinstance(value, Fraction) else value
    told = {"severity": severity, "status": status, "value": value, "n": n, "affected": affected}
    return {key: told[key] for key in told if told[key] is not UNTOLD}


def share(n: int, affected: int, level: int = 1) -> Found:
    """A rule that warns (or worse) on any unit at fault; without units it cannot tell."""
    if n == 0:
        return None, None, 0, 0
    return (level if affected else 0), Fraction(affected, n), n, affected


def tolerant(outcomes: list[str]) -> Found:
    """The tolerance of the event rules: 1 % with at least ten, 10 % in any case, a warning on any."""
    told = oracle.share_finding("", outcomes)
    level = {"not_evaluable": None, "pass": 0, "warn": 1, "fail": 2}[told["status"]]
    return level, told["value"], told["n"], told["affected"]


# --- one event ----------------------------------------------------------------------------------------------


def event_rules(facts: Facts, partner_agent: str | None) -> dict[str, Found]:
    recent = oracle.recent_events(facts.mine)
    agents = [event.agent for event in recent if event.agent is not None]
    wanted = facts.config.get("partner_agent") or partner_agent
    clicks = [click for event in recent if not absent(click := part(event.body, "user_data").get("fbc"))]
    return {
        "EVT008": unknown_leads(facts, recent),
        "EVT009": lost_digits(facts, recent),
        "EVT011": share(len(clicks), sum(not well_formed_click(click) for click in clicks)),
        "EVT012": tolerant([judge_recipe(event.body) for event in recent]),
        "EVT013": tolerant([judge_agent(event, wanted) for event in recent]),
        "EVT014": share(len(agents), sum(not well_formed_agent(agent) for agent in agents)),
        "EVT015": share(len(recent), sum(event.test for event in recent)),
        "EVT016": share(len(recent), sum(personal(part(event.body, "custom_data")) for event in recent)),
        "EVT017": tolerant([oracle.worst(event.judged[code] for code in PAYLOAD_RULES) for event in recent]),
    }


def unknown_leads(facts: Facts, recent: list[Event]) -> Found:
    """EVT008."""
    if not facts.has_list:
        return MISSING
    # reading: an event has a lead_id when one is there as text, well formed or not: "l:123..." is in no list.
    ids = [text for event in recent if (text := lead_text(event)) is not None]
    return share(len(ids), sum(text not in facts.leads for text in ids))


def lost_digits(facts: Facts, recent: list[Event]) -> Found:
    """EVT009."""
    ids = {text for event in recent if (text := lead_text(event)) is not None}
    if not ids:
        return None, None, 0, 0
    decimal = r"[0-9]+[.,][0-9]*|[0-9]([.,][0-9]*)?[eE]\+?[0-9]+"
    floats = {text for text in ids if re.fullmatch(decimal, text)}

    rounded = set()
    for digits, ending in ((16, "0"), (17, "00")):
        population = {text for text in ids if re.fullmatch(f"[0-9]{{{digits}}}", text)}
        so_ending = {text for text in population if text.endswith(ending)}
        if len(population) >= SPREADSHEET_IDS and 2 * len(so_ending) > len(population):
            rounded |= so_ending

    # reading: a number is a text of digits alone, however many; what EVT007 fails for its length counts too.
    large = {text for text in ids if re.fullmatch("[0-9]+", text) and int(text) > LARGEST_EXACT}
    seventeen = {text for text in large if len(text) == 17}
    all_even = len(seventeen) >= oracle.MIN_UNITS and all(int(text) % 2 == 0 for text in seventeen)

    pairs = set()
    if facts.has_list and all(int(text) % 2 == 0 for text in large):
        # what two whole numbers have in common that read as the same double: programs print its shortest digits
        by_double: dict[float, set[str]] = {}
        for text in large:
            by_double.setdefault(float(int(text)), set()).add(text)
        # reading: a pair is a sent and a listed id; the list's test leads are in the list.
        for listed in facts.leads:
            if re.fullmatch("[0-9]{16,}", listed) and float(int(listed)) >= LARGEST_EXACT:
                same = by_double.get(float(int(listed)), ())
                pairs |= {(text, listed) for text in same if text not in facts.leads}
    proven = len({text for text, _ in pairs}) >= oracle.MIN_UNITS

    affected = floats | rounded | {text for text, _ in pairs}
    level = 2 if floats or rounded or proven else 1 if all_even or pairs else 0
    return level, Fraction(len(affected), len(ids)), len(ids), len(affected)


def well_formed_click(click: Any) -> bool:
    # reading: an fbc that is no string, a list of one too, is malformed.
    return isinstance(click, str) and re.match(r"fb\.[0-9]+\.[0-9]{13}\..+$", click) is not None


def judge_recipe(body: dict) -> str:
    """EVT012: a payload of another integration."""
    action, source = body.get("action_source"), part(body, "custom_data").get("event_source")
    if isinstance(action, str) and action.lower() in OTHER_SOURCES and source != "crm":
        return "fail"
    leftovers = any(not absent(body.get(key)) for key in ("event_source_url", "app_data", "messaging_channel"))
    return "warn" if leftovers or browser_only(body) else "pass"


def browser_only(body: dict) -> bool:
    user = part(body, "user_data")
    given = {key for key in oracle.CUSTOMER_KEYS if not absent(user.get(key))}
    return bool(given) and given <= BROWSER_KEYS


def judge_agent(event: Event, wanted: str | None) -> str:
    """EVT013."""
    own, shared = event.body.get("partner_agent"), event.request.agent
    # reading: two spellings that differ in blanks or letter case are different strings.
    if not absent(own) and shared is not None and own != shared:
        return "fail"
    if wanted and (event.agent is None or event.agent.strip() != wanted.strip()):
        return "fail"
    return "pass"


def well_formed_agent(agent: str) -> bool:
    """EVT014."""
    # reading: its length is that of the text as sent, blanks around it included.
    return len(agent) <= MAX_AGENT_LENGTH and sum(char.isalpha() for char in agent) >= 2


def personal(value: Any) -> bool:
    """EVT016: an e-mail address or a phone number anywhere inside."""
    if isinstance(value, dict):
        return any(personal(inner) for inner in value.values())
    if isinstance(value, list):
        return any(personal(inner) for inner in value)
    # reading: blanks, dots, dashes and brackets may stand between the digits of a phone number.
    pattern = r"[^\s@]+@[^\s@]+\.[^\s@]+|\+([\s().-]*[0-9]){8}"
    return isinstance(value, str) and re.search(pattern, value) is not None
