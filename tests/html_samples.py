"""Runs made by hand for the tests of the reports: ready, blocked, undecided, empty, hostile, many."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

from funnelcheck.model import Actor, Case, Finding, Guide, Rule, Severity, Status, Step, Waiver
from funnelcheck.reported import (
    Action,
    AdvertiserResult,
    AgeBand,
    Coverage,
    CoverageDay,
    CoverageForm,
    CurvePoint,
    DatasetUse,
    FaultRows,
    Freshness,
    Inputs,
    Run,
    SourceFile,
    Stage,
    Verdict,
)

AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC
HORIZON = AS_OF - 6_355
HOSTILE = (
    "</title><script>alert(1)</script><img src=x onerror=alert(1)>\" onclick='x' "
    "\u202egpj.exe\u2066\x00\x1b[31m{{ 7*7 }}"
)

STEPS = (
    Step(1, "create-dataset", "Create a CRM dataset", "a quarter of an hour"),
    Step(2, "send-events", "Connect and send a CRM event", "1 to 2 hours"),
    Step(3, "wait-for-events", "Send CRM events for 7 days", "1 week"),
    Step(4, "configure-funnel", "Configure the sales funnel", "half an hour"),
    Step(5, "analyse-and-learn", "Funnel analysis and learning", "1 to 2 months"),
    Step(6, "run", "Run fully optimised campaigns", "from then on"),
)
GUIDE = Guide(
    "six-step",
    "Conversions API for CRM, six-step partner guide",
    "six-step edition, undated",
    STEPS,
    (1, 2, 3, 4, 5, 6),
    {},
    (30, 60),
)

RULES = (
    # code, title, severity, unit, threshold, actor, fix
    (
        "EVT001",
        "Sent as system-generated",
        "required",
        "share",
        0.01,
        "partner",
        "Set action_source to system_generated in every event.",
    ),
    (
        "EVT002",
        "Marked as a CRM event",
        "required",
        "share",
        0.01,
        "partner",
        "Put event_source = crm into custom_data, not at the top of the event.",
    ),
    (
        "EVT003",
        "Names the CRM",
        "required",
        "share",
        0.01,
        "partner",
        "Write the CRM's name into custom_data.lead_event_source.",
    ),
    (
        "EVT004",
        "Has a stage name",
        "required",
        "share",
        0.01,
        "partner",
        "Send the stage's name as event_name.",
    ),
    (
        "EVT005",
        "Event time in Unix seconds",
        "required",
        "share",
        0.01,
        "partner",
        "Divide milliseconds by 1,000 before sending.",
    ),
    (
        "EVT006",
        "Has customer information",
        "required",
        "share",
        0.01,
        "partner",
        "Send user_data with the lead's id.",
    ),
    (
        "EVT007",
        "Lead id well formed",
        "required",
        "share",
        0.01,
        "partner",
        "Keep the id as text from Meta's lead to the event; never pass it through a spreadsheet.",
    ),
    (
        "EVT008",
        "Lead id is in the list",
        "recommended",
        "share",
        0.01,
        "partner",
        "Take the id of the lead, not that of its form or ad.",
    ),
    (
        "EVT009",
        "Lead id keeps all its digits",
        "recommended",
        "share",
        0.01,
        "partner",
        "Store the id as text.",
    ),
    (
        "EVT010",
        "Customer data hashed",
        "required",
        "share",
        0.01,
        "partner",
        "Hash e-mail and phone with SHA-256.",
    ),
    (
        "EVT013",
        "Names the partner",
        "recommended",
        "share",
        0.01,
        "partner",
        "Send partner_agent with every event.",
    ),
    (
        "REQ001",
        "At most 1,000 events a request",
        "required",
        "share",
        0.01,
        "partner",
        "Split larger batches.",
    ),
    (
        "REQ002",
        "Good events lost with bad ones",
        "informational",
        "events",
        None,
        "partner",
        "Send smaller batches.",
    ),
    (
        "REQ004",
        "Requests accepted",
        "required",
        "share",
        0.01,
        "partner",
        "Read the error of each refused request and send its events again.",
    ),
    ("TIM001", "Not older than 7 days", "required", "share", 0.01, "partner", "Upload at least daily."),
    (
        "TIM002",
        "Not before the lead",
        "required",
        "share",
        0.01,
        "partner",
        "Send times in UTC with their seconds.",
    ),
    (
        "TIM003",
        "Not in the future",
        "required",
        "share",
        0.01,
        "partner",
        "Set the clock of the sending machine.",
    ),
    ("TIM004", "An upload every day", "recommended", "days", None, "partner", "Schedule a daily upload."),
    ("TIM005", "Fresh events", "recommended", "days", None, "partner", "Send when the stage changes."),
    (
        "DAT001",
        "A CRM dataset",
        "required",
        "",
        None,
        "advertiser",
        "Create the dataset for CRM events in Events Manager.",
    ),
    (
        "DAT002",
        "At least one valid event",
        "required",
        "events",
        1,
        "partner",
        "Send one event of a lead that Meta delivered.",
    ),
    (
        "DAT003",
        "Seven days of data",
        "required",
        "days",
        7,
        "advertiser",
        "Keep sending; days without leads do not count against you.",
    ),
    (
        "DAT004",
        "One dataset",
        "required",
        "datasets",
        1,
        "partner",
        "Send everything to the one CRM dataset.",
    ),
    ("DAT006", "No duplicates", "recommended", "share", 0.05, "partner", "Send each change of stage once."),
    ("DAT012", "The log is current", "required", "days", 7, "partner", "Load the log up to today."),
    (
        "DAT013",
        "One advertiser per lead",
        "recommended",
        "leads",
        None,
        "partner",
        "Find out whose lead it is.",
    ),
    (
        "COV001",
        "Lead coverage of 60 %",
        "required",
        "share",
        0.6,
        "partner",
        "Send an event for every lead on the day it is created.",
    ),
    (
        "COV002",
        "Every lead comes back",
        "recommended",
        "share",
        1.0,
        "partner",
        "Send the raw lead for each one that Meta delivers.",
    ),
    (
        "FUN001",
        "Raw lead stage sent",
        "required",
        "events",
        1,
        "partner",
        "Send the first stage the moment a lead comes in.",
    ),
    (
        "FUN002",
        "Two stages with the raw lead",
        "required",
        "stages",
        2,
        "advertiser",
        "Send the stages between the first and the last as well.",
    ),
    ("FUN003", "Three stages", "recommended", "stages", 3, "advertiser", "Map one more stage of the CRM."),
    (
        "FUN006",
        "Conversion rate in range",
        "required",
        "share",
        (0.01, 0.4),
        "advertiser",
        "Choose an earlier stage that more leads reach.",
    ),
    (
        "FUN007",
        "Conversion within 28 days",
        "required",
        "days",
        28,
        "advertiser",
        "Choose an earlier stage that leads reach sooner.",
    ),
    (
        "FUN008",
        "Stages that qualify",
        "informational",
        "stages",
        None,
        "advertiser",
        "Choose the earliest that qualifies.",
    ),
    (
        "FUN012",
        "No negative stages",
        "informational",
        "stages",
        None,
        "advertiser",
        "Leave lost leads out of the funnel.",
    ),
    (
        "LIF001",
        "Declared status fits",
        "informational",
        "step",
        None,
        "advertiser",
        "Compare with Events Manager.",
    ),
    ("LIF003", "Not overdue", "recommended", "days", 14, "advertiser", "Ask who is waiting for whom."),
    ("LIF006", "End of learning", "informational", "days", None, "meta", "Leave everything as it is."),
)


def finding(code: str, advertiser_id: str = "acme", status: str = "pass", **changes: object) -> Finding:
    """One finding of the sample catalogue, as good as it gets unless told otherwise."""
    row = next(rule for rule in RULES if rule[0] == code)
    _, title, severity, unit, threshold, acts, fix = row
    good = {
        "share": 0.0,
        "days": 21.0,
        "stages": 4.0,
        "events": 1180.0,
        "datasets": 1.0,
        "leads": 0.0,
        "step": 5.0,
    }
    judged = Finding(
        code=code,
        name=title.lower().replace(" ", "-"),
        title=title,
        advertiser_id=advertiser_id,
        channel="crm",
        severity=Severity(severity),
        status=Status(status),
        value=good.get(unit),
        threshold=threshold,
        unit=unit,
        n=1180,
        affected=0,
        message="All as it should be.",
        fingerprint="0f3a5c7e9b1d2f40",
        acts=Actor(acts),
        fix=fix,
    )
    return replace(judged, **changes)  # type: ignore[arg-type]


def findings(advertiser_id: str, **changed: dict[str, object]) -> tuple[Finding, ...]:
    """The whole sample catalogue judged, with the named codes changed."""
    return tuple(finding(rule[0], advertiser_id, **changed.get(rule[0], {})) for rule in RULES)  # type: ignore[arg-type]


def curve(final: float, scale: float, points: int = 60, last: float = 45.0) -> tuple[CurvePoint, ...]:
    """A step curve that rises to `final` with a time constant of `scale` days."""
    spread = [last * i / points for i in range(1, points + 1)]
    return tuple(CurvePoint(day, final * (1 - math.exp(-day / scale))) for day in spread)


def stage(order: int, name: str, leads: int, rate: float, reason: str | None = None, **changes: object) -> Stage:
    """One stage of a cohort of 600 leads, 410 of them mature."""
    half = 1.96 * math.sqrt(max(rate * (1 - rate), 1e-6) / 600)
    made = Stage(
        name=name,
        order=order,
        events=leads + leads // 20,
        leads=leads,
        cohort=600,
        mature=410,
        converted=round(600 * rate),
        rate=rate,
        rate_low=max(0.0, rate - half),
        rate_high=min(1.0, rate + half),
        window_days=2.4 * order + 5.25,
        median_days=0.9 * order,
        eligible=reason is None,
        reason=reason,
        reached=round(600 * rate),
        longest_days=31.5,
        within_window=round(600 * rate) - 1,
        curve=curve(rate, 3.0 * order),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def coverage(count: int = 28, rate: float = 0.74) -> Coverage:
    """Leads by day with a weekly rhythm."""
    first = date(2026, 11, 21) - timedelta(days=count)
    made = []
    for i in range(count):
        due = (26, 24, 22, 23, 19, 3, 0)[(first + timedelta(days=i)).weekday()] + i % 4
        covered = min(due, round(due * rate * (1 + 0.25 * math.sin(i))))
        made.append(CoverageDay((first + timedelta(days=i)).isoformat(), due, covered, max(0, covered - i % 3)))
    eligible, any_event, raw = (sum(getattr(d, key) for d in made) for key in ("eligible", "covered", "raw_covered"))
    return Coverage(eligible, any_event, raw, any_event / eligible, raw / eligible, tuple(made))


FUNNEL = (
    stage(1, "Lead", 640, 0.982, "raw", median_days=0.0008, window_days=0.21, longest_days=2.2),
    stage(2, "Contacted", 420, 0.612, "too-common"),
    stage(3, "Qualified", 310, 0.2413),
    stage(4, "Appointment at the showroom, confirmed by telephone", 96, 0.118),
    stage(5, "Offer", 41, 0.0423, "undecided", order_uncertain=False, window_days=24.0),
    stage(6, "Won", 9, 0.0067, "too-rare", order_uncertain=True, window_days=None, median_days=12.0),
    stage(7, "Lost", 120, 0.19, "negative", negative=True),
)


def ready(advertiser_id: str = "Autohaus Nord") -> AdvertiserResult:
    """An advertiser at step 5 whom nothing blocks."""
    found = findings(
        advertiser_id,
        COV001={
            "value": 364 / 510,
            "n": 510,
            "affected": 146,
            "message": "364 of 510 leads came back as events; 60 % are needed.",
        },
        COV002={
            "status": "warn",
            "value": 0.69,
            "n": 480,
            "affected": 149,
            "message": "The raw lead is missing for 149 of 480 leads; every lead should have one.",
        },
        FUN006={
            "value": 0.2413,
            "n": 600,
            "affected": 0,
            "certain": True,
            "subject": "Qualified",
            "message": "24.1 % of 600 leads reach Qualified within 28 days; 1 % to 40 % are asked for.",
        },
        FUN007={
            "value": 12.45,
            "n": 145,
            "subject": "Qualified",
            "message": "Nine leads in ten reach Qualified within 12.5 days.",
        },
        TIM004={
            "status": "waived",
            "value": 3.0,
            "message": "No upload on 3 days with leads.",
            "waiver": Waiver(
                "TIM004",
                advertiser_id,
                "2026-12-31",
                "M. Keller",
                "The CRM exports on weekdays only until the new connector is in place.",
            ),
        },
        EVT007={
            "status": "warn",
            "value": 0.0004,
            "affected": 1,
            "warned": 12,
            "n": 2500,
            "message": "1 of 2,500 events has a lead id that is not 15 to 17 digits.",
        },
        LIF006={"value": 30.0, "message": "Learning should end between 12 December and 11 January."},
    )
    return AdvertiserResult(
        advertiser_id=advertiser_id,
        channel="crm",
        dataset_id="1202835294530000",
        horizon=HORIZON,
        verdict=Verdict.READY,
        step=5,
        step_name="analyse-and-learn",
        blocked_by=(),
        summary="Ready: events for 71.4 % of 510 leads, and 24.1 % of 600 leads reach Qualified in 28 days.",
        raw_stage="Lead",
        raw_stage_source="hint",
        lead_creation_source="list",
        optimisation_stage="Qualified",
        optimisation_stage_source="recommended",
        findings=found,
        stages=FUNNEL,
        coverage=coverage(),
        actions=(
            Action(
                "COV002",
                "Send the raw lead for every lead",
                "Send the first stage for each lead that Meta delivers, the moment it arrives in the CRM.",
                Actor.PARTNER,
                False,
                "The raw lead is missing for 149 of 480 leads.",
            ),
            Action(
                "EVT007",
                "Keep lead ids as text",
                "Keep the id as text from Meta's lead to the event; never pass it through a spreadsheet.",
                Actor.PARTNER,
                False,
                "1 of 2,500 events has a lead id that is not 15 to 17 digits.",
            ),
        ),
        time_zone="Europe/Berlin",
        events=1204,
        valid_events=1180,
        leads=640,
        test_leads=2,
        list_end=HORIZON - 3_600,
        first_valid_event=AS_OF - 90 * 86_400,
        last_upload=HORIZON + 60,
        datasets=(
            DatasetUse("1202835294530000", True, False, "2026-08-24", "2026-11-21", 1180),
            DatasetUse("998001112223334", False, True, "2026-06-02", "2026-06-30", 24),
        ),
    )


def blocked(advertiser_id: str = "Clinica São João") -> AdvertiserResult:
    """An advertiser at step 3: too few days, too little coverage, events refused."""
    found = findings(
        advertiser_id,
        DAT003={
            "status": "fail",
            "value": 5.0,
            "n": 5,
            "affected": 2,
            "message": "Events on 5 days; 7 are needed.",
        },
        COV001={
            "status": "fail",
            "value": 0.312,
            "n": 480,
            "affected": 330,
            "message": "150 of 480 leads came back as events; 60 % are needed.",
        },
        COV002={
            "status": "warn",
            "value": 0.0021,
            "n": 480,
            "affected": 479,
            "message": "The raw lead is missing for 479 of 480 leads.",
        },
        EVT005={
            "status": "fail",
            "value": 0.128,
            "n": 1180,
            "affected": 151,
            "warned": 20,
            "message": "151 of 1,180 events give their time in milliseconds.",
        },
        FUN006={
            "status": "undecided",
            "value": 0.0423,
            "n": 600,
            "subject": "Offer",
            "leads_to_settle": 140,
            "message": "4.2 % of 600 leads so far, but only 62 have had their 28 days.",
        },
        FUN007={
            "status": "undecided",
            "value": 24.0,
            "n": 8,
            "subject": "Offer",
            "message": "8 leads have got there; 10 are needed.",
        },
        EVT008={
            "status": "not_evaluable",
            "value": None,
            "n": 0,
            "message": "There is no lead list to compare with.",
        },
        LIF003={"status": "warn", "value": 23.0, "message": "At step 3 for 23 days; a week is expected."},
    )
    codes = ("EVT005", "DAT003", "COV001", "FUN006", "FUN007")
    actions = tuple(
        Action(one.code, one.title, one.fix, one.acts, one.code in codes, one.message)
        for one in sorted(found, key=lambda f: codes.index(f.code) if f.code in codes else len(codes))
        if one.status in (Status.FAIL, Status.WARN, Status.UNDECIDED)
    )
    return replace(
        ready(advertiser_id),
        verdict=Verdict.NOT_READY,
        step=3,
        step_name="wait-for-events",
        blocked_by=codes,
        summary="Not ready: events came on 5 of the 7 days needed, for 30.8 % of 2,188 leads.",
        optimisation_stage=None,
        optimisation_stage_source=None,
        findings=found,
        stages=tuple(replace(one, eligible=False, reason=one.reason or "undecided", mature=62) for one in FUNNEL),
        coverage=coverage(120, 0.31),
        actions=actions,
        list_is_stale=True,
        list_end=AS_OF - 20 * 86_400,
    )


def undecided(advertiser_id: str = "zenith-solar") -> AdvertiserResult:
    """An advertiser without a lead list, judged from a short CRM history."""
    found = findings(
        advertiser_id,
        COV001={
            "status": "not_evaluable",
            "value": None,
            "n": 0,
            "message": "No lead list was loaded; coverage needs one.",
        },
        COV002={
            "status": "not_evaluable",
            "value": None,
            "n": 0,
            "message": "No lead list was loaded; coverage needs one.",
        },
        EVT008={"status": "not_evaluable", "value": None, "n": 0, "message": "No lead list was loaded."},
        DAT003={
            "status": "undecided",
            "value": 3.0,
            "n": 3,
            "affected": 4,
            "message": "Events on 3 days; 7 are needed, on 26 November at the earliest.",
        },
    )
    return replace(
        ready(advertiser_id),
        verdict=Verdict.UNDECIDED,
        step=3,
        step_name="wait-for-events",
        blocked_by=("DAT003", "COV001"),
        summary="Undecided: three days of events so far, and no lead list to compare with.",
        lead_creation_source="raw-event",
        findings=found,
        stages=(
            FUNNEL[0],
            replace(FUNNEL[1], reason="undecided", rate=0.43, rate_low=0.35, rate_high=0.51),
            FUNNEL[2],
        ),
        coverage=Coverage(),
        actions=(
            Action(
                "COV001",
                "Load the lead list",
                "Download the leads of the last 90 days and load them.",
                Actor.ADVERTISER,
                True,
                "No lead list was loaded.",
            ),
        ),
        leads=0,
        test_leads=0,
        list_end=None,
    )


def recorded(advertiser_id: str = "Autohaus Nord") -> AdvertiserResult:
    """The CRM history of an advertiser who would be ready, beside what it sent."""
    base = ready(advertiser_id)
    unsent = {"status": Status.NOT_EVALUABLE, "value": None, "n": 0, "affected": 0, "fix": ""}
    found = tuple(
        replace(one, channel="history", **(unsent if one.area in ("EVT", "REQ", "COV", "LIF") else {}))
        for one in base.findings
    )
    return replace(
        base,
        channel="history",
        dataset_id=None,
        verdict=Verdict.UNDECIDED,
        step=4,
        step_name="configure-funnel",
        blocked_by=("DAT002",),
        summary="Undecided: would be ready if sent as recorded; nothing was sent yet. 24.1 % of leads reach Qualified.",
        findings=found,
        coverage=Coverage(),
        actions=(
            Action(
                "DAT002",
                "Send what the history records",
                "Connect the CRM through the Conversions API and send every stage as it happens.",
                Actor.PARTNER,
                True,
                "Would be ready if sent as recorded; nothing was sent yet.",
            ),
        ),
        last_upload=None,
        datasets=(),
    )


def nothing(advertiser_id: str = "empty") -> AdvertiserResult:
    """An advertiser known only by name: zero of everything."""
    found = tuple(
        replace(one, status=Status.NOT_EVALUABLE, value=None, n=0, message="Nothing was sent.")
        for one in findings(advertiser_id)
    )
    return replace(
        ready(advertiser_id),
        dataset_id=None,
        verdict=Verdict.NOT_READY,
        step=2,
        step_name="send-events",
        blocked_by=("DAT002", "XXX999"),
        summary="Not ready: nothing was sent yet.",
        raw_stage=None,
        raw_stage_source=None,
        lead_creation_source=None,
        optimisation_stage=None,
        optimisation_stage_source=None,
        findings=found,
        stages=(),
        coverage=Coverage(0, 0, 0, None, None, (CoverageDay("2026-11-20", 0, 0, 0),)),
        actions=(),
        events=0,
        valid_events=0,
        leads=0,
        test_leads=0,
        list_end=None,
        first_valid_event=None,
        last_upload=None,
        datasets=(),
    )


def hostile() -> AdvertiserResult:
    """Every text that can come from a log tries to break out."""
    long = HOSTILE + "W" * 5_000
    base = blocked(HOSTILE)
    stages = (
        replace(FUNNEL[0], name=long, reason="raw"),
        replace(FUNNEL[2], name=HOSTILE, curve=(), order=2),
        replace(FUNNEL[3], name="שלום " + HOSTILE, order=3, curve=(CurvePoint(float("inf"), 0.5),)),
        replace(FUNNEL[4], name="", rate=None, rate_low=None, rate_high=None, cohort=0, mature=0, order=4),
    )
    return replace(
        base,
        dataset_id=HOSTILE,
        summary=HOSTILE,
        stages=stages,
        raw_stage=long,
        optimisation_stage=HOSTILE,
        optimisation_stage_source="configured",
        time_zone=HOSTILE,
        findings=tuple(
            replace(
                one,
                message=long,
                title=HOSTILE,
                fix=HOSTILE,
                subject=HOSTILE,
                waiver=Waiver(HOSTILE, HOSTILE, HOSTILE, HOSTILE, long),
            )
            for one in base.findings
        ),
        actions=tuple(replace(one, title=HOSTILE, what=HOSTILE, message=HOSTILE) for one in base.actions),
        blocked_by=(*base.blocked_by, HOSTILE),
        datasets=(DatasetUse(HOSTILE, True, False, HOSTILE, HOSTILE, 1),),
        coverage=replace(coverage(3), days=(CoverageDay(HOSTILE, 5, 4, 3),)),
    )


INPUTS = Inputs(
    files=3,
    rows=1200,
    loaded=1180,
    events=1180,
    duplicates=15,
    quarantined=5,
    leads=640,
    sources=(
        SourceFile(
            "logs/2026-11/requests.jsonl.gz",
            "events",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            900,
            885,
            12,
            3,
        ),
        SourceFile(
            "logs/2026-10/requests.jsonl.gz",
            "events",
            "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
            300,
            295,
            3,
            2,
        ),
        SourceFile(
            "leads.csv",
            "leads",
            "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
            640,
            640,
            0,
            0,
        ),
        SourceFile(
            "crm/stage-history.csv",
            "history",
            "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            2400,
            2400,
            0,
            0,
            passed_over=3112,
        ),
    ),
)


def run(*results: AdvertiserResult, hints: tuple[str, ...] = ()) -> Run:
    """A run of these results."""
    return Run("0.1.0", GUIDE, AS_OF, INPUTS, results, hints)


def portfolio() -> Run:
    """One of each kind."""
    hints = ("12 leads belong to no advertiser: name the form in funnelcheck.toml.",)
    return run(ready(), recorded(), blocked(), undecided(), nothing(), hostile(), hints=hints)


def many(count: int) -> Run:
    """A portfolio of realistic size: a third of each verdict."""
    kinds = (ready, blocked, undecided)
    made = {kind: kind() for kind in kinds}
    results = []
    for i in range(count):
        base = made[kinds[i % 3]]
        name = f"{('autohaus', 'clinic', 'solar')[i % 3]}-{('nord', 'west', 'mitte', 'paris')[i % 4]}-{i:05d}"
        results.append(replace(base, advertiser_id=name))
    return run(*results)


def catalogue() -> tuple[Rule, ...]:
    """The sample rules as the catalogue page shows them, one of them hostile."""
    rules = [_rule(*row) for row in RULES]
    return (
        *rules,
        replace(rules[0], code="ZZZ001", title=HOSTILE, why=HOSTILE, sql=HOSTILE, bad=HOSTILE, source=HOSTILE),
    )


def _rule(code: str, title: str, severity: str, unit: str, threshold: object, acts: str, fix: str) -> Rule:
    limits = {"min_units": 10.0} | ({"min_days": float(threshold)} if isinstance(threshold, int | float) else {})
    return Rule(
        code=code,
        slug=title.lower().replace(" ", "-"),
        title=title,
        severity=Severity(severity),
        source="Partner guide, step 3",
        message="{value} of {n}",
        why="The funnel is analysed on a week of events; a dataset without them does not leave this step.",
        fix=fix,
        wait="Keep sending; more data decides it.",
        acts=Actor(acts),
        unit=unit,
        channels=("crm", "history"),
        needs=("events", "leads"),
        thresholds=limits,
        threshold_sources={"min_units": "funnelcheck.toml", "min_days": "guide six-step"},
        shared={"cohort_days": 90.0} if code == "DAT003" else {},
        reported=("min_days",),
        messages={},
        history={},
        field="event_time" if code == "EVT005" else None,
        subject=None,
        cause=None,
        crm={},
        at=(),
        payload={},
        schema=None,
        extract_sql=None,
        sql=(
            "select advertiser_id,\n       if(days_with_events >= $min_days, 0, 2) as level,\n"
            "       days_with_events as value\nfrom advertiser_window\n"
        ),
        bad='{\n  "event_name": "Qualified",\n  "event_time": 1617693833000\n}' if code == "EVT005" else None,
        good='{\n  "event_name": "Qualified",\n  "event_time": 1617693833\n}' if code == "EVT005" else None,
        cases=(
            Case("seven days are enough", {}, {"status": "pass", "value": 7}),
            Case("six days are one too few", {}, {"status": "fail"}),
        ),
        path=f"sql/rules/{code.lower()}.sql",
    )


def fault_rows(total: int = 3_412, shown: int = 20, start: int = 0) -> FaultRows:
    """Rows of events as a report has them: nine columns, some the same in every row."""
    columns = ("found", "cause", "event_name", "event_time", "upload_time", "lead_id", "file", "line", "position")
    rows = tuple(
        (
            "fault",
            "milliseconds",
            ("Lead", "Contacted", "Qualified")[i % 3],
            HORIZON - 7_001 * (start + i),
            HORIZON - 7_001 * (start + i) + 3_600 + i,
            f"################~{(start + i) * 2_654_435_761 % 2**32:08x}",
            "logs/2026-11/requests.jsonl.gz",
            17 + 31 * (start + i),
            i % 7,
        )
        for i in range(min(shown, total))
    )
    return FaultRows(columns, rows, total)


def freshness() -> Freshness:
    """Most events within hours, some near the cliff and beyond it."""
    return Freshness(
        AgeBand(None, 1_180, 700, 850, 1_020, 1_100, 1_150),
        tuple(AgeBand(name, 590, 350, 425, 510, 550, 575) for name in ("Lead", "Qualified")),
        2,
        (AgeBand("HubSpot", 1_180, 700, 850, 1_020, 1_100, 1_150),),
        1,
    )


def full(advertiser_id: str = "full-house", rules: int = 90, rows: int = 200) -> AdvertiserResult:
    """The largest page that is promised to be small: so many rules, and rows at fault of the first of them."""
    base = blocked(advertiser_id)
    patterns = [one for one in base.findings if one.status in (Status.FAIL, Status.WARN)]
    made = []
    for i in range(rules):
        one = patterns[i % len(patterns)] if i % 3 == 0 else base.findings[i % len(base.findings)]
        made.append(replace(one, code=f"{one.area}{100 + i}", fingerprint=str(i), advertiser_id=advertiser_id))
    keep = {"FUN006", "FUN007", "COV001", "COV002", "TIM005", "REQ002", "DAT001"}
    named = [one for one in base.findings if one.code in keep]
    found = tuple(sorted((*named, *made[: rules - len(named)]), key=lambda one: one.code))
    at_fault = [one.code for one in found if one.status in (Status.FAIL, Status.WARN)][: rows // 20]
    return replace(
        base,
        findings=found,
        extracts={code: fault_rows(start=20 * i) for i, code in enumerate(at_fault)},
        freshness=freshness(),
        coverage=reconciled(),
    )


def reconciled() -> Coverage:
    """Four weeks of coverage with the way of the leads, by day, form and campaign."""
    base = coverage(28, 0.31)
    days = tuple(
        replace(
            day,
            raw_sent=min(day.eligible, day.raw_covered + 2),
            raw_accepted=min(day.eligible, day.raw_covered + 1),
            later=day.covered // 2,
            unlisted=i % 2,
        )
        for i, day in enumerate(base.days)
    )
    forms = tuple(CoverageForm(f"4205813600{i:05d}", 40 - i, 9, 8, 10, 9, 0, 4) for i in range(20))
    return replace(base, days=days, forms=forms, form_count=41, unlisted_events=31)
