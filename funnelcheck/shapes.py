"""The keys of what we write as JSON and the type of each: the renderers are checked against it, schemas made of it."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from funnelcheck.model import Actor, Severity, Status, WaiverState
from funnelcheck.reported import ChangeKind, Verdict

# What stands beside a type goes into the schema: a keyword and what it asks.
Instant = Annotated[
    str, ("format", "date-time"), ("pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
]
Day = Annotated[str, ("format", "date"), ("pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Code = Annotated[str, ("pattern", "^[A-Z]{3}[0-9]{3}$")]
Fingerprint = Annotated[str, ("pattern", "^[0-9a-f]{16}$")]
Count = Annotated[int, ("minimum", 0)]
Place = Annotated[int, ("minimum", 1)]
Share = Annotated[float, ("minimum", 0), ("maximum", 1)]
Amount = Annotated[float, ("minimum", 0)]
Platform = Annotated[str, ("enum", ("android", "ios"))]
Channel = Annotated[str, ("enum", ("crm", "history", "app"))]


class Inputs(TypedDict):
    """What the store holds: rows = loaded + duplicates + quarantined."""

    files: Count
    rows: Count
    loaded: Count
    events: Count
    duplicates: Count
    quarantined: Count
    leads: Count
    app_events: Count


class Access(TypedDict):
    """How far the partner's app is on the way to full access."""

    source: Literal["call log", "requests"]
    successes: Count
    errors: Count
    min_calls: Amount
    error_calls: Count
    error_share: Share | None
    max_error_share: Share
    window_calls: Count
    calls_a_day: Amount
    reached_at: Instant | None
    expected_at: Instant | None
    limit_errors: Count
    repeated_calls: Count
    first_call: Instant
    last_call: Instant


class Waiver(TypedDict):
    """Who answers for a finding, and until when."""

    by: str
    reason: str
    until: Day


class Rule(TypedDict):
    """One rule judged for one advertiser; shares are 0 to 1."""

    code: Code
    name: str
    severity: Severity
    status: Status
    value: float | None
    threshold: list[float | None] | float | None
    unit: str
    n: Count
    affected: Count
    certain: bool | None
    leads_to_settle: Count | None
    message: str
    fingerprint: Fingerprint
    warned: NotRequired[Count]
    subject: NotRequired[str | None]
    notes: NotRequired[list[str]]
    waiver: NotRequired[Waiver]
    expired_waiver: NotRequired[Waiver]
    rule_file: NotRequired[str]


class Stage(TypedDict):
    """One stage of an advertiser's funnel."""

    name: str
    order: Place
    events: Count
    leads: Count
    cohort: Count
    mature: Count
    converted: Count
    rate: Share | None
    rate_low: Share | None
    rate_high: Share | None
    window_days: float | None
    median_days: float | None
    eligible: bool
    reason: Annotated[str, ("enum", ("raw", "negative", "too-rare", "too-common", "too-slow", "undecided"))] | None
    negative: bool
    order_uncertain: bool
    weekly_leads: Amount
    deeper_rate: Share | None
    deeper_low: Share | None
    deeper_high: Share | None
    leads_to_settle: Count | None
    settles_on: Day | None


class Task(TypedDict):
    """One thing to do or to bring before launch."""

    code: Code
    what: str
    acts: Actor
    takes: str
    message: str


class Month(TypedDict):
    """Leads of ads of a full calendar month in the advertiser's zone, and organic ones beside them."""

    month: Annotated[str, ("pattern", "^[0-9]{4}-[0-9]{2}$")]
    leads: Count
    organic: Count


class Volume(TypedDict):
    """Leads of ads in so many days up to the day of judgement; organic leads and tests are counted beside them."""

    source: Annotated[str, ("enum", ("list", "counts"))]
    days: Count
    leads: Count
    organic: Count
    unsaid: Count
    tests: Count
    others: Count
    list_start: Instant | None
    list_end: Instant | None
    months: list[Month]


class StandIn(TypedDict):
    """What stands in the place of Meta's lead id."""

    kind: str
    leads: Count
    told: str


class CrmLeads(TypedDict):
    """Leads of a CRM's history, and how many carry Meta's lead id."""

    leads: Count
    with_lead_id: Count
    nameless_rows: Count
    lost: Count
    oldest: Instant | None
    next_lost: Instant | None
    stand_ins: list[StandIn]


class Early(TypedDict):
    """Events of a stage that lie before the creation of their leads; they count for no figure."""

    stage: str
    events: Count
    leads: Count


class Chance(TypedDict):
    """What a probability was drawn from; three figures are the lowest, the middle and the highest of nine in ten."""

    volume: Share
    rate: Share
    window: Share
    draws: Count
    leads: list[int]
    share: list[float]
    late: list[float]
    seen_days: Count
    followed: Count
    closed: Count
    reached: Count


class Milestone(TypedDict):
    """One step of a launch."""

    key: str
    title: str
    duration: str
    acts: Actor
    earliest: Day
    latest: Day


class ExpectedEvents(TypedDict):
    """Events of one stage a week."""

    stage: str
    share: Share | None
    a_week: Amount | None
    low: Amount | None
    high: Amount | None


class Plan(TypedDict):
    """The way from a launch day to fully optimised campaigns."""

    launch: Day
    stage: str | None
    told: str
    milestones: list[Milestone]
    events_a_week: Amount | None
    events: list[ExpectedEvents]
    blocks: list[str]


class Before(TypedDict):
    """Where an advertiser stands without what is supposed."""

    rank: Place
    suitability: Annotated[str, ("enum", ("ready", "needs-work", "undecided", "not-suitable"))]
    probability: Share | None
    optimisation_stage: str | None


class Applicant(TypedDict):
    """One advertiser before launch."""

    advertiser_id: str
    rank: Place
    suitability: Annotated[str, ("enum", ("ready", "needs-work", "undecided", "not-suitable"))]
    probability: Share | None
    summary: str
    time_zone: str
    stage_channel: Channel | None
    raw_stage: str | None
    optimisation_stage: str | None
    optimisation_stage_source: Annotated[str, ("enum", ("recommended", "configured"))] | None
    rules: list[Rule]
    stages: list[Stage]
    work: list[Task]
    bring: list[Task]
    volume: Volume | None
    crm: CrmLeads | None
    early: list[Early]
    answers: dict[str, bool | float]
    explanation: str
    alike: list[int] | None
    chance: Chance | None
    plan: Plan | None
    before: Before | None


class Selection(TypedDict):
    """select --format json."""

    schema: Literal["funnelcheck/select/1"]
    version: str
    guide: str
    as_of: Instant
    hints: list[str]
    what_if: list[str]
    advertisers: list[Applicant]


class Way(TypedDict):
    """The way of some leads: due, with a valid event, their raw event sent, accepted, unanswered, valid."""

    eligible: Count
    covered: Count
    raw_sent: Count
    raw_accepted: Count
    raw_unanswered: Count
    raw_covered: Count
    later: Count


class CoverageDay(Way):
    """The leads of one day of the advertiser's zone; `unlisted` are those that the list lacks."""

    day: Day
    unlisted: Count


class CoverageForm(Way):
    """The leads of one form."""

    form_id: str | None


class CoverageCampaign(Way):
    """The leads of one campaign."""

    campaign_id: str | None


class Reconciled(TypedDict, total=False):
    """The way of the leads by day, form and campaign."""

    unlisted_leads: Count
    unlisted_events: Count
    days: list[CoverageDay]
    forms: list[CoverageForm]
    form_count: Count
    campaigns: list[CoverageCampaign]
    campaign_count: Count


class Coverage(Reconciled):
    """Lead coverage; all null, and nothing else, without a lead list."""

    eligible: Count | None
    covered: Count | None
    raw_covered: Count | None
    rate: Share | None
    raw_rate: Share | None


class WaiverUse(TypedDict):
    """A waiver of an advertiser and what it does."""

    rule: Code
    state: WaiverState
    since: Day | None
    until: Day
    by: str
    reason: str


class Cause(TypedDict):
    """Rules that are broken by the same events."""

    codes: list[Code]
    events: Count
    first_seen: Instant | None
    last_seen: Instant | None
    source: str | None
    message: str


class Action(TypedDict):
    """One line of the to-do: of a rule, or of the step that comes next."""

    code: Annotated[str, ("pattern", "^([A-Z]{3}[0-9]{3}|step-[1-9])$")]
    what: str
    acts: Actor
    blocks: bool
    unlocks: str


class JourneyStep(TypedDict):
    """One step of the guide as the advertiser goes through it."""

    step: Place
    step_name: str
    state: Annotated[str, ("enum", ("done", "now", "later"))]
    entered_at: Instant | None
    entered_by: Annotated[str, ("enum", ("data", "status", "earliest", "latest"))] | None
    days: float | None
    estimate_days: list[float] | None
    overdue_days: float | None
    overdue: bool
    acts: Actor
    shows: dict[str, list[str]]


class StuckCause(TypedDict):
    """One cause of being stuck while Meta waits for events."""

    cause: str
    state: str
    told: str


class Wait(TypedDict):
    """What time alone settles."""

    code: Code
    have: float
    needed: float
    unit: str
    date: Day | None
    earliest: Day | None
    latest: Day | None
    message: str


class Change(TypedDict):
    """One thing that changed for an advertiser from one run to another."""

    kind: ChangeKind
    advertiser_id: str
    channel: Channel
    code: Code | None
    severity: Severity | None
    was: str | None
    now: str | None
    value_was: float | None
    value_now: float | None
    n_was: Count
    n_now: Count
    unit: str
    threshold: list[float | None] | float | None
    days: float | None
    doubtful: bool


class Setting(TypedDict):
    """What two runs were judged by, where it differs."""

    kind: str
    code: Code | None
    name: str | None
    was: str | None
    now: str | None


class Head(TypedDict):
    """A kept run and how many advertisers stood where."""

    number: Place | None
    as_of: Instant
    guide: str
    version: str
    settings_digest: str
    verdicts: dict[str, Count]
    app_verdicts: dict[str, Count]
    waiting: dict[str, Count]
    overdue: Count


# A class cannot have a key `from`.
Compared = TypedDict(
    "Compared", {"from": Head, "to": Head, "days": float, "comparable": bool, "settings": list[Setting]}
)
Compared.__doc__ = "Which two runs are compared, and whether they can be."


class Since(Compared):
    """What has changed since an earlier run, of the advertisers that are gone; that of others stands with them."""

    disappeared: list[Change]


class AppEventName(TypedDict):
    """App Events of one name over the whole log, and what those of the latest four weeks of sending carry."""

    name: str
    standard: bool
    events: Count
    recent_events: Count
    first_sent: Instant | None
    last_sent: Instant | None
    parameters: Count
    expects_value: bool
    with_value: Count
    missing: dict[str, Count]


class AppNames(TypedDict):
    """How many names of App Events an app has used over the whole log."""

    app_id: str | None
    names: Count


class NameFamily(TypedDict):
    """Names that differ in nothing but digits, # in their place."""

    family: str
    names: Count


class AppAnswer(TypedDict):
    """How many requests of the latest four weeks of sending give an answer to a question about them."""

    about: str
    part: str
    answer: str
    requests: Count


class EventIds(TypedDict):
    """The event_id of the App Events of the latest four weeks of sending."""

    events: Count
    with_id: Count
    repeated: Count
    surplus: Count
    contradicting: Count


class AppDay(TypedDict):
    """What was sent on one day of the advertiser's zone."""

    day: Day
    installs: Count
    conversions: Count


class App(TypedDict):
    """App Events of one advertiser; of names of its own, apps, families and days the first ones."""

    app_ids: list[str]
    requests: Count
    installs: Count
    conversions: Count
    first_sent: Instant | None
    last_sent: Instant | None
    recent_since: Instant | None
    names: list[AppEventName]
    own_names: Count
    apps: list[AppNames]
    families: list[NameFamily]
    family_count: Count
    answers: list[AppAnswer]
    event_ids: EventIds
    days: list[AppDay]


class Advertiser(TypedDict):
    """What came of one advertiser in one channel; `app` of App Events alone."""

    advertiser_id: str
    channel: Channel
    dataset_id: str | None
    horizon: Instant
    verdict: Verdict
    step: Place | None
    step_name: str | None
    blocked_by: list[Code]
    summary: str
    raw_stage: str | None
    raw_stage_source: Annotated[str, ("enum", ("hint", "order", "configured"))] | None
    lead_creation_source: Annotated[str, ("enum", ("list", "raw-event"))] | None
    optimisation_stage: str | None
    optimisation_stage_source: Annotated[str, ("enum", ("recommended", "configured"))] | None
    notes: list[str]
    rules: list[Rule]
    stages: list[Stage]
    coverage: Coverage
    waivers: list[WaiverUse]
    causes: list[Cause]
    actions: list[Action]
    journey: list[JourneyStep]
    stuck: list[StuckCause]
    clock: list[Wait]
    changes: list[Change]
    app: App | None


class Results(TypedDict):
    """One judgement of a store: by which guide, as of when, what came of each advertiser."""

    schema: Literal["funnelcheck/results/1"]
    version: str
    guide: str
    as_of: Instant
    inputs: Inputs
    hints: list[str]
    access: Access | None
    since: Since | None
    advertisers: list[Advertiser]


class PayloadFinding(TypedDict):
    """One rule that one event, or one request, of a file breaks or only just keeps."""

    code: Code
    severity: Severity
    status: Annotated[str, ("enum", ("fail", "warn"))]
    pointer: Annotated[str, ("pattern", "^(/([^~/]|~[01])*)*$")]
    line: Place
    column: Place
    event: Count | None
    event_name: str | None
    title: str
    message: str
    fix: str
    example: str | None
    example_is_general: bool
    acts: Actor
    subject: str
    fingerprint: Fingerprint
    rule_file: NotRequired[str]


class PayloadFile(TypedDict):
    """One file: how many requests and events it holds, of which recipe, and the findings."""

    path: str
    requests: Count
    events: Count
    recipes: dict[str, Count]
    findings: list[PayloadFinding]


class Unreadable(TypedDict):
    """A place of a file that holds no payload."""

    path: str
    line: Place | None
    column: Place | None
    reason: str
    hint: str | None


class Validation(TypedDict):
    """What came of the payloads of all files, as of the time of sending."""

    schema: Literal["funnelcheck/validate/1"]
    version: str
    guide: str
    as_of: Instant
    files: list[PayloadFile]
    unreadable: list[Unreadable]
    hints: list[str]


class InstallSide(TypedDict):
    """What the table of one side of a comparison holds, and what is stated about it."""

    click_days: Amount | None
    view_days: Amount | None
    date: Annotated[str, ("enum", ("install", "touch"))] | None
    rows: Count
    installs: Count
    other_events: Count
    of_others: Count
    first_day: Day | None
    last_day: Day | None
    app_ids: list[str]
    device_known: Count
    without_device: Count


class Installs(TypedDict):
    """Installs of both sides; the difference is Meta's less the other's, the share is of the other's."""

    meta: Count
    mmp: Count
    difference: int | None
    share: float | None


class PlatformInstalls(Installs):
    """Those of one platform, of the days that are compared."""

    platform: Platform | None


class DayInstalls(PlatformInstalls):
    """Those of one day of the advertiser's zone and platform; `compared`: the tables of both sides reach it."""

    day: Day
    compared: bool


class GapAnswer(TypedDict):
    """A question to ask of a gap and what the rows answer: cause, clear, or left to a person."""

    key: str
    state: Annotated[str, ("enum", ("cause", "clear", "person"))]
    question: str
    answer: str


class ComparedInstalls(TypedDict):
    """One advertiser; `reason` says why nothing is compared."""

    advertiser_id: str
    time_zone: str
    reason: Annotated[str, ("enum", ("no_meta", "no_mmp", "unstated", "undated", "apart"))] | None
    why: str
    lacks: list[str]
    meta: InstallSide | None
    mmp: InstallSide | None
    first_day: Day | None
    last_day: Day | None
    total: Installs
    platforms: list[PlatformInstalls]
    days: list[DayInstalls]
    answers: list[GapAnswer]


class Comparison(TypedDict):
    """compare-mmp --format json: installs that Meta attributes beside those of a measurement partner."""

    schema: Literal["funnelcheck/compare-mmp/1"]
    version: str
    guide: str
    as_of: Instant
    max_gap: Amount
    hints: list[str]
    advertisers: list[ComparedInstalls]
