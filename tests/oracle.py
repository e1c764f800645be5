"""A second, deliberately naive computation of the figures of a report, to be read beside the definitions it follows.

Nothing here is shared with the product: loops and dicts, exact fractions, no database. Where the pages
allow two readings the choice is marked `# reading:`.
"""

import csv
import hashlib
import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

DAY = 86_400
WINDOW = 28 * DAY  # conversion window, and also the 28 days of recent units and of coverage
COHORT_DAYS = 90 * DAY
MAX_SILENCE = 7 * DAY
MIN_UNITS = 10
MAX_FAULTY_SHARE = Fraction(1, 100)
MAX_FAULTY_SHARE_SMALL = Fraction(10, 100)
LOWEST_RATE = Fraction(1, 100)
HIGHEST_RATE = Fraction(40, 100)
Z = 1.959964

HASHED_KEYS = ("em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country")
# reading: the pages name customer information parameters by example ("em/ph/fbc/..."); this is Meta's list.
CUSTOMER_KEYS = (
    *HASHED_KEYS,
    "external_id",
    "client_ip_address",
    "client_user_agent",
    "fbc",
    "fbp",
    "subscription_id",
    "fb_login_id",
    "page_id",
)
EMPTY_WORDS = ("", "null", "none", "undefined", "nan")
EMPTY_DIGESTS = {hashlib.sha256(word.encode()).hexdigest() for word in EMPTY_WORDS}
RAW_HINTS = {
    "initial_lead",
    "initial lead",
    "raw lead",
    "raw_lead",
    "lead",
    "new",
    "new lead",
    "lead generated",
    "lead received",
    "nouveau",
    "nouveau prospect",
    "prospect",
    "prospect brut",
    "subscriber",
}
NEGATIVE_WORDS = {
    "lost",
    "declined",
    "cancelled",
    "canceled",
    "rejected",
    "reject",
    "disqualified",
    "unqualified",
    "junk",
    "spam",
    "duplicate",
    "dead",
    "invalid",
    "deleted",
    "delete",
    "storno",
    "abgelehnt",
    "verloren",
    "perdu",
    "perdue",
    "refusé",
    "annulé",
    "perdido",
    "rechazado",
}

RECOMMENDED = ("COV002", "FUN003")
UNIT_RULES = (
    "EVT001",
    "EVT002",
    "EVT003",
    "EVT004",
    "EVT005",
    "EVT006",
    "EVT007",
    "EVT010",
    "TIM001",
    "TIM002",
    "TIM003",
)
STEP_NAMES = {
    "six-step": ("create-dataset", "send-events", "wait-for-events", "configure-funnel", "analyse-and-learn", "run"),
    "2026-05": ("connect-crm", "configure-funnel", "learning", "run"),
}
# The states of Events Manager in their order, English and French as the guides print them.
STATUS_ORDER = (
    ("send a crm event", "envoyer un événement crm"),
    ("wait for 7 days of crm events", "attendre les événements crm pendant 7 jours"),
    ("configure sales funnel", "configurer le funnel de ventes"),
    ("funnel analysis", "analyse du funnel"),
    ("learning", "phase d'apprentissage"),
    ("learning complete", "phase d'apprentissage terminée"),
)


# --- reading the files --------------------------------------------------------------------------------------


class Event:
    """One event: what was sent, its own time (only where EVT005 passes) and the outcome of each unit rule."""

    def __init__(self, body: dict, request: "Request") -> None:
        self.body = body
        self.request = request
        self.time = event_time_of(body)
        self.lead = lead_of(body)
        self.judged: dict[str, str] = {}  # rule -> pass, warn, fail; a rule that cannot judge it is missing
        self.valid = False

    @property
    def agent(self) -> str | None:
        """The event's own partner_agent, else its request's."""
        own = self.body.get("partner_agent")
        return self.request.agent if absent(own) else own

    @property
    def test(self) -> bool:
        """Sent with a test_event_code, at the event's level or its request's."""
        return self.request.test or not absent(self.body.get("test_event_code"))

    def moment(self) -> int | None:
        """The time of sending, or the event's own time where the log has none."""
        return self.request.sent if self.request.sent is not None else self.time


class Request:
    """One record of a log: a request with its events and its outcome; a bare event is a request of one."""

    def __init__(self, record: dict, channel: str = "crm") -> None:
        self.channel = channel
        self.advertiser = str(record["advertiser_id"])
        self.dataset = None if absent(record.get("dataset_id")) else str(record["dataset_id"])
        sent = record.get("upload_time") if not absent(record.get("upload_time")) else record.get("sent_at")
        self.sent = None if absent(sent) else instant(sent)
        response = {} if absent(record.get("response")) else record["response"]
        if "request" in record:
            payload, bodies = record["request"], unfolded(record["request"].get("data"))
            status, self.shape = response.get("status"), "exchange"
        elif "event" in record and isinstance(record["event"], dict):
            payload, bodies = {}, [record["event"]]
            status, self.shape = record.get("status"), "enveloped event"
        elif "data" in record:
            payload, bodies = record, unfolded(record["data"])
            status, self.shape = response.get("status", record.get("status")), "request"
        else:
            payload, bodies = {}, [record]
            status, self.shape = record.get("status"), "event"
        self.status = None if absent(status) else int(status)
        self.answer = {} if absent(response.get("body")) else response["body"]
        self.test = not absent(payload.get("test_event_code"))
        self.has_response = self.status is not None or self.answer != {}
        error = {} if absent(self.answer.get("error")) else self.answer["error"]
        self.error_code = None if absent(error.get("code")) else int(error["code"])
        self.agent = None if absent(payload.get("partner_agent")) else payload["partner_agent"]
        url = record.get("url") or ""
        version = re.search(r"/v([0-9]+)\.([0-9]+)/", url)
        self.api_version = None if version is None else (int(version[1]), int(version[2]))
        self.token = "access_token=" in url or not absent(payload.get("access_token"))
        self.size = len(bodies)
        self.events = [Event(body, self) for body in bodies]
        self.accepted = False

    def moment(self) -> int | None:
        """The time of sending; without one, the latest time of the events inside."""
        if self.sent is not None:
            return self.sent
        # reading: a request without a time of sending stands at the latest of its events' times.
        times = [event.time for event in self.events if event.time is not None]
        return max(times) if times else None


class Lead:
    """One lead of an advertiser: when it was created and whether a row of it is a test."""

    def __init__(self) -> None:
        self.created: int | None = None
        self.test = False


def absent(value: Any) -> bool:
    """Null, an empty string, list or object are as a key that is not there."""
    return value is None or value in ("", [], {})


def parse(text: str) -> Any:
    """JSON whose fractional numbers keep their text, so that 1617693833.0 is told from 1617693833."""
    return json.loads(text, parse_float=Decimal)


def unfolded(data: Any) -> list[dict]:
    """`data` may be a list, a JSON string of a list, or a list of JSON strings."""
    if isinstance(data, str):
        data = parse(data)
    return [parse(item) if isinstance(item, str) else item for item in data]


def instant(value: Any) -> int:
    """Unix seconds (number or digits) or ISO 8601; what has no offset is UTC."""
    if isinstance(value, int | Decimal):
        return int(value)
    text = str(value).strip()
    if re.fullmatch(r"[0-9]+", text):
        return int(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return math.floor(moment.timestamp())


def canonical(value: Any) -> str:
    """One text for equal values, with fractional numbers told from strings."""
    return json.dumps(value, sort_keys=True, default=lambda number: {"number": str(number)})


def read_requests(paths: Iterable) -> list[Request]:
    """Every record of the logs; one equal to a record of an earlier file is a duplicate and ignored."""
    requests = []
    in_earlier_files: set[str] = set()
    for path in paths:
        in_this_file = set()
        with Path(path).open(encoding="utf-8") as lines:
            for line in lines:
                if not line.strip():
                    continue
                record = parse(line)
                key = canonical(record)
                in_this_file.add(key)
                if key not in in_earlier_files:
                    requests.append(Request(record))
        in_earlier_files |= in_this_file
    return requests


def read_history(paths: Iterable) -> list[Request]:
    """Every row of what a CRM recorded; its lead ids may be any text."""
    recorded = []
    for path in paths:
        with Path(path).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines)) if Path(path).suffix == ".csv" else [parse(line) for line in lines]
        for row in rows:
            body = {
                "event_name": row["event_name"],
                "event_time": instant(row["event_time"]),
                "user_data": {"lead_id": str(row["lead_id"])},
            }
            request = Request({"advertiser_id": row["advertiser_id"], "event": body}, "history")
            request.events[0].lead = body["user_data"]["lead_id"]
            recorded.append(request)
    return recorded


def read_lead_rows(paths: Iterable) -> list[tuple[str, int, str, bool]]:
    """(id, created, advertiser or "", test row) of every row; copies of a row change no figure."""
    rows = []
    for path in paths:
        with Path(path).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                lead = row["id"].strip().removeprefix("l:")
                test = any("<test lead:" in (cell or "") for cell in row.values())
                rows.append((lead, instant(row["created_time"]), (row["advertiser_id"] or "").strip(), test))
    return rows


# --- one event ----------------------------------------------------------------------------------------------


def judge_time(value: Any) -> tuple[str, int | None]:
    """EVT005: (outcome, seconds); only what passes or warns has seconds."""
    if absent(value) or isinstance(value, bool):
        return "fail", None
    if isinstance(value, int):
        seconds, outcome = value, "pass"
    elif isinstance(value, Decimal) or (isinstance(value, str) and re.fullmatch(r"[0-9]+", value)):
        seconds, outcome = int(value), "warn"  # a fraction is cut off
    else:
        return "fail", None
    if not 10**9 <= seconds < 10**11:
        return "fail", None
    return outcome, seconds


def event_time_of(body: dict) -> int | None:
    return judge_time(body.get("event_time"))[1]


def part(body: dict, key: str) -> dict:
    """An inner object of the event, empty where it is missing or no object."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def lead_id_text(body: dict) -> str | None:
    """The lead_id as text; None where it is absent, and the JSON text of anything but a number or string."""
    value = part(body, "user_data").get("lead_id")
    if absent(value):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool | list | dict):
        return canonical(value)
    if isinstance(value, Decimal) and "E" in str(value):
        return str(float(value))  # so that the number 1.23E+15 is told from the string
    return str(value)


def well_formed(text: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{14,16}", text) is not None


def lead_of(body: dict) -> str | None:
    # reading: only a well-formed lead_id (EVT007) names a lead; " 123..." or "l:123..." names none.
    text = lead_id_text(body)
    return text if text is not None and well_formed(text) else None


def judge_digest(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value.lower()):
        return "fail"
    if value.lower() in EMPTY_DIGESTS:
        return "fail"
    return "pass" if value == value.lower() else "warn"


def judge_hashed(body: dict) -> str:
    """EVT010 over all hashed keys: the worst value speaks for the event."""
    outcomes = ["pass"]
    for key in HASHED_KEYS:
        value = part(body, "user_data").get(key)
        if absent(value):
            continue
        for item in value if isinstance(value, list) else [value]:
            outcomes.append(judge_digest(item))
    return worst(outcomes)


def worst(outcomes: Iterable[str]) -> str:
    return max(outcomes, key=("pass", "warn", "fail").index)


def judge_customer(body: dict, guide: str) -> str:
    """EVT006."""
    user = body.get("user_data")
    if not isinstance(user, dict):
        return "fail"
    if not absent(user.get("lead_id")):
        return "pass"
    if guide == "six-step":
        return "fail"
    return "warn" if any(not absent(user.get(key)) for key in CUSTOMER_KEYS) else "fail"


def judge_event(event: Event, guide: str, leads: dict[str, Lead] | None) -> None:
    """Fill `event.judged`; a rule that lacks an input leaves no entry."""
    body, sent = event.body, event.request.sent
    custom = part(body, "custom_data")
    source, name = custom.get("lead_event_source"), body.get("event_name")
    lead_text = lead_id_text(body)

    def yes(good: bool) -> str:
        return "pass" if good else "fail"

    event.judged = {
        "EVT001": yes(body.get("action_source") == "system_generated"),
        "EVT002": yes(custom.get("event_source") == "crm"),
        # reading: a lead_event_source of blanks is a string that is not empty, and passes.
        "EVT003": yes(isinstance(source, str) and source != ""),
        "EVT004": yes(isinstance(name, str) and name.strip() != ""),
        "EVT005": judge_time(body.get("event_time"))[0],
        "EVT006": judge_customer(body, guide),
        "EVT007": yes(lead_text is None or well_formed(lead_text)),
        "EVT010": judge_hashed(body),
    }
    if event.request.channel == "history":
        event.judged = {}  # a CRM's own row has no payload
    if event.time is None:
        return
    if sent is not None:
        event.judged["TIM001"] = yes(sent - event.time <= 604_800)
        ahead = event.time - sent
        event.judged["TIM003"] = "fail" if ahead > 300 else "warn" if ahead >= 1 else "pass"
    if leads is not None and event.lead in leads:
        event.judged["TIM002"] = yes(event.time >= leads[event.lead].created)


# --- statistics ---------------------------------------------------------------------------------------------


def wilson(rate: float, n: int) -> tuple[float, float]:
    """95 % Wilson interval of a rate seen on n leads."""
    share = Z * Z / n
    centre = (rate + share / 2) / (1 + share)
    half = Z / (1 + share) * math.sqrt(rate * (1 - rate) / n + share / (4 * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def kaplan_meier(leads: list[tuple[int | None, int]]) -> tuple[Fraction, Fraction]:
    """(rate at 28 days, Greenwood's sum) of (delay or None, follow-up) in seconds, on whole minutes."""
    events = [math.ceil(Fraction(delay, 60)) for delay, _ in leads if delay is not None]
    censorings = [follow_up // 60 for delay, follow_up in leads if delay is None]
    still_free, greenwood = Fraction(1), Fraction(0)
    for minute in sorted(set(events)):
        at_risk = sum(1 for m in events if m >= minute) + sum(1 for m in censorings if m >= minute)
        happened = sum(1 for m in events if m == minute)
        still_free *= Fraction(at_risk - happened, at_risk)
        if happened < at_risk:
            greenwood += Fraction(happened, at_risk * (at_risk - happened))
    return 1 - still_free, greenwood


def interval(rate: Fraction, greenwood: Fraction, converted: int, cohort: int, mature: int) -> tuple[float, float]:
    """Both ends for a cohort of at least one lead."""
    if mature == cohort:
        return wilson(converted / cohort, cohort)
    if rate in (0, 1):
        return wilson(float(rate), mature) if mature else (0.0, 1.0)
    free = float(1 - rate)
    width = Z * math.sqrt(float(greenwood)) / abs(math.log(free))
    return 1 - free ** math.exp(-width), 1 - free ** math.exp(width)


def leads_to_settle(rate: Fraction, mature: int) -> int | None:
    """The least m that puts the Wilson interval on one side of the limit that the rate misses."""
    share = float(rate)
    # reading: m may be 0, and one of ten times the cohort or more is still a number here (untold in words).
    for more in range(100_001):
        if mature + more == 0:
            continue
        low, high = wilson(share, mature + more)
        if (rate < LOWEST_RATE and high < LOWEST_RATE) or (rate > HIGHEST_RATE and low > HIGHEST_RATE):
            return more
    return None


def p90(values: list[int]) -> int | None:
    """Nearest rank."""
    return sorted(values)[-(-9 * len(values) // 10) - 1] if values else None


def lower_median(values: list[int]) -> int | None:
    return sorted(values)[(len(values) - 1) // 2] if values else None


# --- names --------------------------------------------------------------------------------------------------


def plain(name: str) -> str:
    return name.strip().casefold()


def words(name: str) -> list[str]:
    """Split at non-letters, between aB, and before the last capital of ABc."""
    found, word = [], ""
    for i, char in enumerate(name):
        if not char.isalpha():
            found.append(word)
            word = ""
            continue
        before = name[i - 1] if i else ""
        after = name[i + 1] if i + 1 < len(name) else ""
        if char.isupper() and (before.islower() or (before.isupper() and after.islower())):
            found.append(word)
            word = ""
        word += char
    found.append(word)
    return [word.casefold() for word in found if word]


# --- verdict and step, usable with any list of rules -----------------------------------------------------


def verdict_of(rules: Iterable[dict]) -> str:
    """From dicts with code, severity and status."""
    required = {rule["code"]: rule["status"] for rule in rules if rule["severity"] == "required"}
    if "fail" in required.values():
        return "not_ready"
    for code in ("DAT003", "DAT012", "FUN002", "COV001", "FUN006", "FUN007"):
        if required.get(code) in ("undecided", "not_evaluable"):
            return "undecided"
    for number in range(1, 8):
        if required.get(f"EVT00{number}") == "not_evaluable":
            return "undecided"
    return "ready"


def step_of(
    rules: Iterable[dict], *, guide: str, crm_dataset: bool, valid_events: int, declared: bool, learning_over: bool
) -> int:
    """The first step that applies, numbered as the guide numbers them."""
    rules = list(rules)
    status = {rule["code"]: rule["status"] for rule in rules}
    holding = [
        rule["code"]
        for rule in rules
        if rule["severity"] == "required"
        and rule["status"] in ("fail", "undecided")
        and (rule["code"][:3] in ("EVT", "REQ", "TIM", "DAT") or rule["code"] in ("COV001", "FUN001", "FUN002"))
    ]
    good = ("pass", "warn", "waived")
    if not crm_dataset:
        step = 1
    elif valid_events == 0:
        step = 2
    elif holding:
        step = 3
    elif not declared:
        step = 4
    elif status["FUN006"] not in good or status["FUN007"] not in good or not learning_over:
        step = 5
    else:
        step = 6
    return step if guide == "six-step" else max(1, step - 2)


def status_rank(text: str) -> int:
    """Where a status line stands in the lifecycle; -1 for words that are none of it."""
    wanted = plain(text).replace("’", "'").replace("évènement", "événement")
    for rank, names in enumerate(STATUS_ORDER):
        if wanted in names:
            return rank
    return -1


# --- the judgement ------------------------------------------------------------------------------------------


def judge(
    log_paths: Iterable, lead_paths: Iterable, *, as_of: int, guide: str = "six-step", advertisers: dict | None = None
) -> dict:
    """The part of `results.json` that this oracle vouches for."""
    facts = all_facts(log_paths, lead_paths, as_of=as_of, guide=guide, advertisers=advertisers)
    return {"guide": guide, "as_of": iso(as_of), "advertisers": [judge_advertiser(one) for one in facts]}


def all_facts(
    log_paths: Iterable,
    lead_paths: Iterable,
    history_paths: Iterable = (),
    *,
    as_of: int,
    guide: str = "six-step",
    advertisers: dict | None = None,
) -> list["Facts"]:
    """What the rules judge, for each (advertiser, channel) of the report in its order."""
    advertisers = advertisers or {}
    requests = up_to([*read_requests(log_paths), *read_history(history_paths)], as_of)
    rows = [row for row in read_lead_rows(lead_paths) if row[1] <= as_of]

    of_channel: dict[tuple[str, str], list[Request]] = {}
    for request in requests:
        of_channel.setdefault((request.advertiser, request.channel), []).append(request)
    # reading: "carry its id" means any event up to as_of with that lead_id, valid or not, of any dataset, but of the
    # channel that is judged, so that a history beside a log changes nothing of either.
    carried = {key: {event.lead for request in mine for event in request.events} for key, mine in of_channel.items()}
    own: dict[str, set[str]] = {}
    for lead_id, _, owner, _ in rows:
        if owner:
            own.setdefault(owner, set()).add(lead_id)
    with_records = {name for name, _ in of_channel}
    keys = set(of_channel) | {(name, "crm") for name in own if name not in with_records}

    lists: dict[tuple[str, str], dict[str, Lead]] = {}
    for lead_id, created, owner, test in rows:
        for key in keys:
            if owner != key[0] and (owner or lead_id not in carried.get(key, ())):
                continue
            lead = lists.setdefault(key, {}).setdefault(lead_id, Lead())
            lead.created = created if lead.created is None else min(lead.created, created)
            lead.test = lead.test or test

    return [
        facts_of(
            name,
            channel,
            of_channel.get((name, channel), []),
            lists.get((name, channel)),
            own.get(name, set()),
            as_of=as_of,
            guide=guide,
            config=advertisers.get(name, {}),
        )
        for name, channel in sorted(keys)
    ]


def up_to(requests: list[Request], as_of: int) -> list[Request]:
    """Leave out what was sent after as_of; without a time of sending, the event's own time decides."""
    kept = []
    for request in requests:
        if request.sent is not None:
            if request.sent <= as_of:
                kept.append(request)
            continue
        had_events = bool(request.events)
        request.events = [event for event in request.events if event.time is None or event.time <= as_of]
        if request.events or not had_events:
            kept.append(request)
    return kept


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


FACTS = (
    "name channel requests leads own_leads as_of guide config zone has_list listed responses horizon current others "
    "mine events valid carriers start times stages raw raw_source created end stale in_coverage cohort mature figures "
    "order negatives eligible optimisation optimisation_source subject"
).split()


class Facts(SimpleNamespace):
    """All that the rules look at for one (advertiser, channel), by the names of FACTS."""


def facts_of(
    name: str,
    channel: str,
    requests: list[Request],
    leads: dict[str, Lead] | None,
    own_leads: set[str],
    *,
    as_of: int,
    guide: str,
    config: dict,
) -> Facts:
    """Everything that is worked out before the rules; without a list, `leads` is None."""
    zone = ZoneInfo(config.get("time_zone", "UTC"))
    has_list = leads is not None
    listed = {key: lead for key, lead in (leads or {}).items() if not lead.test}

    # outcome of each request
    responses = any(request.has_response for request in requests)
    for request in requests:
        if request.has_response:
            # reading: a response without a status is no 2xx.
            good = request.status is not None and 200 <= request.status < 300
            request.accepted = good and absent(request.answer.get("error"))
        else:
            request.accepted = not responses

    horizon = horizon_of(requests, as_of)
    current, others = datasets_of(requests, set(map(str, config.get("ignore_datasets", []))))
    mine = [request for request in requests if request.dataset in (None, current)]
    events = [event for request in mine for event in request.events]
    for event in events:
        judge_event(event, guide, leads)
        test_lead = has_list and event.lead in leads and leads[event.lead].test
        event.valid = (
            event.request.accepted and not event.test and not test_lead and "fail" not in event.judged.values()
        )

    # several valid copies count once
    valid: dict[tuple, Event] = {}
    carriers: dict[tuple, list[Request]] = {}
    for event in events:
        if not event.valid:
            continue
        # reading: the name of a stage is its text as sent; " Lead" and "Lead" are two stages.
        key = (event.lead, event.body["event_name"], event.time)
        if event.lead is None:
            key += (canonical(event.body["user_data"]),)
        valid.setdefault(key, event)
        carriers.setdefault(key, []).append(event.request)

    # reading: start, like every other figure, is of the current dataset.
    start = min(event.time for event in valid.values()) - DAY if valid else None

    # stage times: a lead's first valid event of that name
    times: dict[str, dict[str, int]] = {}
    for event in valid.values():
        if event.lead is not None:
            of_lead = times.setdefault(event.lead, {})
            stage = event.body["event_name"]
            of_lead[stage] = min(of_lead.get(stage, event.time), event.time)
    stages = sorted({event.body["event_name"] for event in valid.values()})

    raw, raw_source = raw_stage_of(stages, times, listed, has_list, config)

    # creation, and where the list ends
    if has_list:
        created = {key: lead.created for key, lead in listed.items()}
    else:
        created = {key: of_lead[raw] for key, of_lead in times.items() if raw in of_lead}
    end, stale = horizon, False
    if has_list and listed:
        list_end = max(lead.created for lead in listed.values())
        unlisted_after = [
            key for key, of_lead in times.items() if key not in listed and min(of_lead.values()) > list_end
        ]
        stale = list_end < horizon - MAX_SILENCE and bool(unlisted_after)
        if stale:
            end = list_end

    def in_window(moment: int, span: int) -> bool:
        return end - span < moment <= end and (start is None or moment >= start)

    cohort = [key for key, moment in created.items() if in_window(moment, WINDOW + COHORT_DAYS)]
    mature = [key for key in cohort if horizon - created[key] >= WINDOW]

    def delays(stage: str, keys: Iterable[str]) -> dict[str, int]:
        # An advertiser without a list may have events before its raw one: they count as delay 0.
        return {key: max(0, times[key][stage] - created[key]) for key in keys if stage in times.get(key, {})}

    figures = {stage: figures_of(cohort, mature, created, delays(stage, cohort), horizon) for stage in stages}
    order = stage_order_of(stages, raw, times, figures, config)
    negatives = {
        stage
        for stage in stages
        if plain(stage) in set(map(plain, config.get("negative_stages", [])))
        or any(word in NEGATIVE_WORDS for word in words(stage))
    }

    for position, stage in enumerate(order, start=1):
        figure = figures[stage]
        figure["order"] = position
        figure["events"] = sum(1 for event in valid.values() if event.body["event_name"] == stage)
        figure["leads"] = sum(1 for of_lead in times.values() if stage in of_lead)
        fun006, fun007 = figure["FUN006"]["status"], figure["FUN007"]["status"]
        if stage == raw:
            reason = "raw"
        elif stage in negatives:
            reason = "negative"
        elif fun006 == "fail":
            reason = "too-common" if figure["exact"] > HIGHEST_RATE else "too-rare"
        elif fun007 == "fail":
            reason = "too-slow"
        elif fun006 == "pass" and fun007 == "pass":
            reason = None
        else:
            reason = "undecided"
        figure["reason"] = reason
        figure["eligible"] = reason is None

    in_coverage = None
    if has_list:
        in_coverage = [
            key for key, lead in listed.items() if in_window(lead.created, WINDOW) and lead.created <= end - DAY
        ]

    # which stage FUN006 and FUN007 speak of
    eligible = [stage for stage in order if figures[stage]["eligible"]]
    candidates = [stage for stage in order if stage != raw and stage not in negatives]
    if config.get("optimisation_stage"):
        seen = [stage for stage in order if plain(stage) == plain(config["optimisation_stage"])]
        optimisation, optimisation_source = seen[0] if seen else config["optimisation_stage"], "configured"
        subject = optimisation
    else:
        optimisation = eligible[0] if eligible else None
        optimisation_source = "recommended" if eligible else None
        subject = optimisation
        if subject is None and candidates:
            # reading: a rate that does not exist is farther than any other.
            subject = min(candidates, key=lambda stage: distance(figures[stage]["exact"]))

    here = locals()
    return Facts(**{key: here[key] for key in FACTS})


def judge_advertiser(facts: Facts, others: Iterable[dict] = ()) -> dict:
    """Everything that the report says of one advertiser; `others` are findings of rules worked out elsewhere."""
    valid, stages, raw, config = facts.valid, facts.stages, facts.raw, facts.config
    rules = unit_findings(facts.mine)
    rules.append(request_finding(facts.mine, facts.responses))
    rules += dataset_findings(
        valid, facts.carriers, facts.others, facts.listed, horizon=facts.horizon, as_of=facts.as_of, zone=facts.zone
    )
    coverage, coverage_rules = coverage_findings(facts.in_coverage, facts.times, raw, facts.stale, bool(valid))
    rules += coverage_rules
    rules += stage_findings(stages, raw, valid)
    for code in ("FUN006", "FUN007"):
        if facts.subject in facts.figures:
            rules.append({"code": code, "subject": facts.subject, **facts.figures[facts.subject][code]})
        else:
            rules.append({"code": code, "subject": facts.subject, "status": "fail", "value": None})

    for rule in rules:
        rule["severity"] = "recommended" if rule["code"] in RECOMMENDED else "required"
        if rule["code"] == "DAT003" and facts.guide == "2026-05":
            rule["severity"] = "informational"
        if rule.get("status") == "fail" and rule["severity"] == "recommended":
            rule["status"] = "warn"
        # reading: a note is a pass; what is undecided or not evaluable stays so.
        if rule.get("status") in ("fail", "warn") and rule["severity"] == "informational":
            rule["status"] = "pass"
        rule.setdefault("certain", None)
        rule.setdefault("leads_to_settle", None)
    rules = sorted([*rules, *others], key=lambda rule: rule["code"])

    crm_dataset = config.get("crm_dataset") is not False
    ranks = [status_rank(text) for moment, text in config.get("status", []) if moment <= facts.as_of]
    declared = bool(
        config.get("optimisation_stage")
        or config.get("stage_order")
        or any(rank >= status_rank("Configure Sales Funnel") for rank in ranks)
    )
    learning_over = any(rank == status_rank("Learning complete") for rank in ranks)
    # DAT001 is the configuration's own word on the dataset: said to be none of the CRM kind, it fails.
    settled = [rule for rule in rules if "status" in rule]
    if not crm_dataset:
        settled = [*settled, {"code": "DAT001", "severity": "required", "status": "fail"}]
    step = step_of(
        settled,
        guide=facts.guide,
        crm_dataset=crm_dataset,
        valid_events=len(valid),
        declared=declared,
        learning_over=learning_over,
    )
    return {
        "advertiser_id": facts.name,
        "channel": facts.channel,
        "dataset_id": facts.current,
        "horizon": iso(facts.horizon),
        "verdict": verdict_of(settled),
        "step": step,
        "step_name": STEP_NAMES[facts.guide][step - 1],
        "raw_stage": raw,
        "raw_stage_source": facts.raw_source,
        # reading: without a list the source is null unless some lead got its creation from a raw event.
        "lead_creation_source": "list" if facts.has_list else "raw-event" if facts.created else None,
        "optimisation_stage": facts.optimisation,
        "optimisation_stage_source": facts.optimisation_source,
        "rules": rules,
        "stages": [stage_row(stage, facts.figures[stage]) for stage in facts.order],
        "coverage": coverage,
    }


def distance(rate: Fraction | None) -> Fraction:
    if rate is None:
        return Fraction(2)
    return max(LOWEST_RATE - rate, rate - HIGHEST_RATE, Fraction(0))


def horizon_of(requests: list[Request], as_of: int) -> int:
    if not requests:
        return as_of
    uploads = [request.sent for request in requests if request.sent is not None]
    times = [
        event.time for request in requests if request.accepted for event in request.events if event.time is not None
    ]
    if uploads:
        return min(max([max(uploads) - DAY, *times]), max(uploads))
    # reading: without upload times "the latest event time" is that of an accepted request too; else as_of.
    return max(times) if times else as_of


def datasets_of(requests: list[Request], ignored: set[str]) -> tuple[str | None, dict[str, list[Request]]]:
    """(the current dataset, the other ones that are not ignored)."""
    named: dict[str, list[Request]] = {}
    for request in requests:
        if request.dataset is not None and request.dataset not in ignored:
            named.setdefault(request.dataset, []).append(request)

    def latest(name: str, accepted_only: bool) -> float:
        moments = [request.moment() for request in named[name] if request.accepted or not accepted_only]
        return max((m for m in moments if m is not None), default=-math.inf)

    with_accepted = [name for name in named if any(request.accepted for request in named[name])]
    pool = with_accepted or list(named)
    if not pool:
        return None, {}
    current = max(pool, key=lambda name: (latest(name, bool(with_accepted)), name))
    return current, {name: some for name, some in named.items() if name != current}


def raw_stage_of(
    stages: list[str], times: dict, listed: dict, has_list: bool, config: dict
) -> tuple[str | None, str | None]:
    if config.get("raw_stage"):
        seen = [stage for stage in stages if plain(stage) == plain(config["raw_stage"])]
        return (seen[0] if seen else config["raw_stage"]), "configured"
    hinted = [stage for stage in stages if plain(stage) in RAW_HINTS]
    if len(hinted) == 1:
        return hinted[0], "hint"
    if has_list:
        with_events = [key for key in listed if key in times]
        first: dict[str, int] = dict.fromkeys(stages, 0)
        for key in with_events:
            for stage, moment in times[key].items():
                # A lead's later events of any name are at or after its first ones, so stage times suffice.
                if all(moment <= other for other in times[key].values()):
                    first[stage] += 1
        if with_events:
            most = max(first.values())
            best = [stage for stage in stages if first[stage] == most]
            if len(best) == 1 and 5 * most >= 4 * len(with_events):
                return best[0], "order"
    return None, None


def figures_of(
    cohort: list[str], mature: list[str], created: dict[str, int], delays: dict[str, int], horizon: int
) -> dict:
    """Rate and window of one stage, with the statuses that FUN006 and FUN007 would have for it."""
    pairs, converted = [], 0
    for key in cohort:
        follow_up = min(WINDOW, horizon - created[key])
        if key in delays and delays[key] <= follow_up:
            converted += 1
            pairs.append((delays[key], follow_up))
        else:
            pairs.append((None, follow_up))
    rate = low = high = None
    # reading: an empty cohort has neither rate nor interval (0/0).
    if cohort:
        rate, greenwood = kaplan_meier(pairs)
        low, high = interval(rate, greenwood, converted, len(cohort), len(mature))

    certain = settle = None
    if not mature:
        status = "fail" if low is not None and low > HIGHEST_RATE else "undecided"
    else:
        inside = low >= LOWEST_RATE and high <= HIGHEST_RATE
        if LOWEST_RATE <= rate <= HIGHEST_RATE:
            status = "pass" if converted >= MIN_UNITS or inside else "undecided"
            certain = inside if status == "pass" else None
        elif high < LOWEST_RATE or low > HIGHEST_RATE:
            status = "fail"
        else:
            status = "undecided"
            settle = leads_to_settle(rate, len(mature))

    window = p90(list(delays.values()))
    if len(delays) < MIN_UNITS:
        window_status = "undecided"
    elif window > WINDOW:
        window_status = "fail"
    else:
        window_status = "pass" if mature else "undecided"
    median = lower_median(list(delays.values()))
    return {
        "cohort": len(cohort),
        "mature": len(mature),
        "converted": converted,
        "exact": rate,
        "rate": None if rate is None else float(rate),
        "rate_low": low,
        "rate_high": high,
        "window_days": None if window is None else window / DAY,
        "median_days": None if median is None else median / DAY,
        "median": median,
        "window": window,
        "FUN006": {
            "status": status,
            "value": None if rate is None else float(rate),
            "n": len(cohort),
            "certain": certain,
            "leads_to_settle": settle,
        },
        "FUN007": {"status": window_status, "value": None if window is None else window / DAY, "n": len(delays)},
    }


def stage_order_of(stages: list[str], raw: str | None, times: dict, figures: dict, config: dict) -> list[str]:
    order = [stage for stage in stages if stage == raw]
    for wanted in config.get("stage_order", []):
        order += [stage for stage in stages if plain(stage) == plain(wanted) and stage not in order]

    def copeland(stage: str) -> int:
        score = 0
        for other in stages:
            if other == stage:
                continue
            before = after = 0
            for of_lead in times.values():
                if stage in of_lead and other in of_lead:
                    before += of_lead[stage] < of_lead[other]
                    after += of_lead[stage] > of_lead[other]
            score += (before > after) - (before < after)
        return score

    def place(stage: str) -> tuple:
        median = figures[stage]["median"]
        leads = sum(1 for of_lead in times.values() if stage in of_lead)
        return -copeland(stage), median is None, median or 0, -leads, stage

    # reading: stages that a configured order leaves out come after it, among themselves by score.
    return order + sorted((stage for stage in stages if stage not in order), key=place)


def stage_row(stage: str, figure: dict) -> dict:
    keys = (
        "order",
        "events",
        "leads",
        "cohort",
        "mature",
        "converted",
        "rate",
        "rate_low",
        "rate_high",
        "window_days",
        "median_days",
        "eligible",
        "reason",
    )
    return {"name": stage, **{key: figure[key] for key in keys}}


# --- findings -----------------------------------------------------------------------------------------------


def share_finding(code: str, outcomes: list[str]) -> dict:
    """The tolerance that event and request rules share."""
    n, faulty, warned = len(outcomes), outcomes.count("fail"), outcomes.count("warn")
    if n == 0:
        return {"code": code, "status": "not_evaluable", "value": None, "n": 0, "affected": 0, "warned": 0}
    share = Fraction(faulty, n)
    if (share > MAX_FAULTY_SHARE and faulty >= MIN_UNITS) or share > MAX_FAULTY_SHARE_SMALL:
        status = "fail"
    else:
        status = "warn" if faulty or warned else "pass"
    return {"code": code, "status": status, "value": float(share), "n": n, "affected": faulty, "warned": warned}


def later_than(requests: list[Request]) -> float:
    """The instant after which what was sent counts as recent: 28 days before the latest sending."""
    return max((moment for request in requests if (moment := request.moment()) is not None), default=math.inf) - WINDOW


def recent_requests(requests: list[Request]) -> list[Request]:
    border = later_than(requests)
    return [request for request in requests if request.moment() is None or request.moment() > border]


def recent_events(requests: list[Request]) -> list[Event]:
    border = later_than(requests)
    events = [event for request in requests for event in request.events]
    return [event for event in events if event.moment() is None or event.moment() > border]


def unit_findings(requests: list[Request]) -> list[dict]:
    recent = recent_events(requests)
    return [
        share_finding(code, [event.judged[code] for event in recent if code in event.judged]) for code in UNIT_RULES
    ]


def request_finding(requests: list[Request], responses: bool) -> dict:
    if not responses:
        return share_finding("REQ004", [])
    outcomes = []
    for request in recent_requests(requests):
        received = request.answer.get("events_received")
        # reading: the number of events in the request is that of the request as sent.
        short = not absent(received) and int(received) != request.size
        if not request.has_response or not request.accepted or short:
            outcomes.append("fail")
        else:
            outcomes.append("pass" if absent(request.answer.get("messages")) else "warn")
    return share_finding("REQ004", outcomes)


def day_of(moment: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(moment, zone).date()


def dataset_findings(
    valid: dict,
    carriers: dict,
    others: dict[str, list[Request]],
    listed: dict[str, Lead],
    *,
    horizon: int,
    as_of: int,
    zone: ZoneInfo,
) -> list[dict]:
    """DAT002, DAT003, DAT004 and DAT012."""
    found = [{"code": "DAT002", "status": "pass" if valid else "fail", "value": len(valid)}]

    # reading: "later than horizon - 90 d" has no upper end.
    recent = {key: event for key, event in valid.items() if event.time > horizon - COHORT_DAYS}
    days = {day_of(event.time, zone) for event in recent.values()}
    # reading: days of sending are those of every request that carried a copy; one without a time has none.
    sending_days = {
        day_of(request.sent, zone) for key in recent for request in carriers[key] if request.sent is not None
    }
    if len(days) >= 7:
        status = "warn" if sending_days and len(sending_days) < 7 else "pass"
    elif valid and min(event.time for event in valid.values()) > as_of - 7 * DAY:
        status = "undecided"
    else:
        status = "fail"
    found.append(
        {"code": "DAT003", "status": status, "value": len(days), "n": len(days), "affected": max(0, 7 - len(days))}
    )

    receiving = {name: [request.moment() for request in some if request.accepted] for name, some in others.items()}
    receiving = {name: moments for name, moments in receiving.items() if moments}
    # reading: an upload to another dataset after the horizon is recent too, not "before".
    recently = any(
        moment is not None and moment > horizon - WINDOW for moments in receiving.values() for moment in moments
    )
    status = "fail" if recently else "warn" if receiving else "pass"
    found.append({"code": "DAT004", "status": status, "value": len(receiving)})

    later = sum(1 for lead in listed.values() if lead.created > horizon + MAX_SILENCE)
    if later >= MIN_UNITS:
        status = "fail"
    elif later or as_of - horizon > MAX_SILENCE:
        status = "undecided"
    else:
        status = "pass"
    found.append({"code": "DAT012", "status": status, "value": (as_of - horizon) / DAY})
    return found


def coverage_findings(
    eligible: list[str] | None, times: dict, raw: str | None, stale: bool, any_valid: bool
) -> tuple[dict, list[dict]]:
    """The coverage figures with COV001 and COV002; without a list there are no eligible leads to name."""
    if eligible is None:
        nothing = {"status": "not_evaluable", "value": None, "n": 0, "affected": 0}
        coverage = dict.fromkeys(("eligible", "covered", "raw_covered", "rate", "raw_rate"))
        return coverage, [{"code": "COV001", **nothing}, {"code": "COV002", **nothing}]
    covered = sum(1 for key in eligible if key in times)
    raw_covered = sum(1 for key in eligible if raw is not None and raw in times.get(key, {}))
    n = len(eligible)
    rate, raw_rate = (covered / n, raw_covered / n) if n else (None, None)

    if n == 0 or stale:
        status = "undecided"
    elif 5 * covered >= 3 * n:
        status = "pass"
    else:
        status = "fail" if n >= MIN_UNITS else "undecided"
    first = {"code": "COV001", "status": status, "value": rate, "n": n, "affected": n - covered}

    second = {"code": "COV002", "n": n, "affected": n - raw_covered, "value": raw_rate}
    # reading: without any valid event nothing is covered, whatever the raw stage may be called.
    unknown = raw is None and any_valid
    if unknown:
        second["value"] = None
        # reading: nothing says how many are affected when nobody knows the raw stage.
        del second["affected"]
    if n == 0 or stale or unknown:
        second["status"] = "undecided"
    else:
        # reading: no least number of leads here; below 100 % it warns, recommended rules go no further.
        second["status"] = "pass" if raw_covered == n else "warn"
    # reading: with the raw stage unknown raw_rate is raw_covered / eligible, so 0.
    coverage = {"eligible": n, "covered": covered, "raw_covered": raw_covered, "rate": rate, "raw_rate": raw_rate}
    return coverage, [first, second]


def stage_findings(stages: list[str], raw: str | None, valid: dict) -> list[dict]:
    raw_events = sum(1 for event in valid.values() if event.body["event_name"] == raw)
    if not valid:
        first = {"status": "fail", "value": 0}
    elif raw is None:
        # reading: the number of raw events is unknown as the stage is.
        first = {"status": "undecided", "value": None}
    else:
        first = {"status": "pass" if raw_events else "fail", "value": raw_events}

    if len(stages) < 2:
        second = "fail"
    elif raw is None:
        second = "undecided"
    else:
        second = "pass" if raw in stages else "fail"

    found = [
        {"code": "FUN001", **first},
        {"code": "FUN002", "status": second, "value": len(stages)},
        # reading: FUN003 counts the stages only, whichever is raw.
        {"code": "FUN003", "status": "pass" if len(stages) >= 3 else "fail", "value": len(stages)},
    ]
    fun004: dict[str, Any] = {"code": "FUN004"}
    # reading: FUN004 is clear only where a known raw stage is missing beside others, or stands alone.
    if raw is not None and stages and raw not in stages:
        fun004["status"] = "fail"
    elif stages == [raw]:
        fun004["status"] = "pass"
    found.append(fun004)
    return found
