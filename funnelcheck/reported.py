"""What is told of a judgement: a run, and all that its reports say of each advertiser, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from funnelcheck.model import Actor, Finding, Guide, Key, Severity, Step, WaiverUse

if TYPE_CHECKING:
    import polars as pl

    from funnelcheck.appfigures import AppFigures


class Verdict(StrEnum):
    """What came of all rules for one advertiser; worst first."""

    NOT_READY = "not_ready"
    UNDECIDED = "undecided"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The share of the cohort (0 to 1, Kaplan-Meier) that reached a stage by `day` after creation, and its interval."""

    day: float
    share: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an advertiser's funnel; the fields of results.json's `stages[]` and what a page adds."""

    name: str
    order: int
    events: int
    leads: int
    cohort: int
    mature: int
    converted: int
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    window_days: float | None
    median_days: float | None
    eligible: bool
    reason: str | None
    negative: bool = False
    order_uncertain: bool = False
    reached: int = 0  # leads of the cohort that reached it at any time: the delays behind window_days
    longest_days: float | None = None
    within_window: int = 0  # of `reached`, within 28 days
    weekly_leads: float = 0.0  # that reached it for the first time, over the four weeks up to the horizon
    deeper_rate: float | None = None  # as `rate`, of this stage or any deeper one; not of the raw and negative ones
    deeper_low: float | None = None
    deeper_high: float | None = None
    leads_to_settle: int | None = None  # more mature leads that would settle an undecided rate
    settles_on: str | None = None  # the day, in the advertiser's zone, on which that many have had their 28 days
    curve: tuple[CurvePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """Leads of one calendar day (advertiser's zone): due, with any valid event, with the raw one; and their way.

    `unlisted` counts leads that the list lacks, by the day of their first valid event.
    """

    day: str
    eligible: int
    covered: int
    raw_covered: int
    raw_sent: int = 0  # a raw event was sent for them, valid or not
    raw_accepted: int = 0  # of these, Meta's response says so
    raw_unanswered: int = 0  # of these, no response to any of them was logged
    later: int = 0  # leads with a valid event of another stage than the raw one
    unlisted: int = 0

    @property
    def missing(self) -> int:
        """Leads without any valid event."""
        return self.eligible - self.covered


@dataclass(frozen=True, slots=True)
class CoverageForm:
    """Leads of one form, or campaign, of the list; name None: its rows name none. Figures as in CoverageDay."""

    name: str | None
    eligible: int
    covered: int
    raw_covered: int
    raw_sent: int
    raw_accepted: int
    raw_unanswered: int
    later: int

    @property
    def missing(self) -> int:
        """Leads without any valid event."""
        return self.eligible - self.covered


@dataclass(frozen=True, slots=True)
class Coverage:
    """Lead coverage; all None where the advertiser has no lead list."""

    eligible: int | None = None
    covered: int | None = None
    raw_covered: int | None = None
    rate: float | None = None
    raw_rate: float | None = None
    days: tuple[CoverageDay, ...] = ()
    forms: tuple[CoverageForm, ...] = ()  # those that miss most leads, worst first; none where the list names none
    form_count: int = 0  # all that there are
    campaigns: tuple[CoverageForm, ...] = ()
    campaign_count: int = 0
    unlisted_events: int = 0  # valid events of the leads that the list lacks


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Events of four weeks of one stage, one CRM or all, by how long after they happened they were sent."""

    name: str | None
    events: int
    within_hour: int
    within_two_hours: int
    within_day: int
    within_five_days: int
    within_seven_days: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old events are when they are sent, tests left out, valid or not; stages and CRMs with most events first."""

    total: AgeBand
    stages: tuple[AgeBand, ...] = ()
    stage_count: int = 0
    crms: tuple[AgeBand, ...] = ()
    crm_count: int = 0


@dataclass(frozen=True, slots=True)
class FaultRows:
    """The first rows at fault behind a finding, as a report shows them, and how many there are in all."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int


class Privacy(StrEnum):
    """What a report may show of single rows."""

    MASKED = "masked"
    SHARED = "shared"  # no row at all
    OPEN = "open"  # ids as they are, for the partner's own use


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """A dataset that the log names, with its first and last day of sending and number of events."""

    dataset_id: str | None
    current: bool
    ignored: bool
    first_day: str | None
    last_day: str | None
    events: int


@dataclass(frozen=True, slots=True)
class SharedCause:
    """Rules that are broken by the same events: one thing to mend; times in Unix seconds."""

    codes: tuple[str, ...]
    events: int
    first_seen: int | None
    last_seen: int | None
    source: str | None  # the CRM that nearly all of these events name
    message: str


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """One step of the guide as one advertiser goes through it; times are Unix seconds."""

    step: Step
    state: str  # done, now or later
    entered_at: int | None = None
    entered_by: str | None = None  # data, status (a line of Events Manager), earliest (not before), latest (not after)
    days: float | None = None  # spent in it so far
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class StuckCause:
    """One of the guide's causes for being stuck while Meta waits for events: pass, fail or cannot tell."""

    title: str
    state: str
    told: str


@dataclass(frozen=True, slots=True)
class Wait:
    """What time alone settles: how far it is, and when it is there at the present pace (days as ISO 8601)."""

    code: str
    have: float
    needed: float
    unit: str
    date: str | None
    earliest: str | None  # nine times in ten not before
    latest: str | None  # nine times in ten not after
    message: str


@dataclass(frozen=True, slots=True)
class Action:
    """One line of the to-do: what to do, who does it, and the finding it comes from."""

    code: str
    title: str
    what: str
    acts: Actor
    blocks: bool  # a required rule that is not satisfied
    message: str
    unlocks: str = ""  # what comes of it, alone or with the ones before it


class ChangeKind(StrEnum):
    """What became of an advertiser, or of one rule for it, from one run to another; what matters most first."""

    NEWLY_BROKEN = "newly_broken"  # its verdict got worse
    NEWLY_READY = "newly_ready"
    RESOLVED = "resolved"  # a rule that held it back passes, or only warns
    NEW_FAILURE = "new_failure"
    STUCK = "stuck"  # its step has become overdue
    WORSE = "worse"  # a status, or the figure of a rule that is broken in both
    BETTER = "better"  # as WORSE; also a verdict that is better and not ready
    APPEARED = "appeared"
    DISAPPEARED = "disappeared"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed for an advertiser from one run to another.

    `was` and `now` are statuses of the rule `code`; without a code verdicts, or for STUCK the step's key.
    """

    kind: ChangeKind
    advertiser_id: str
    channel: str
    code: str | None = None
    severity: Severity | None = None
    was: str | None = None
    now: str | None = None
    value_was: float | None = None
    value_now: float | None = None
    n_was: int = 0
    n_now: int = 0
    unit: str = ""
    threshold: float | tuple[float, ...] | None = None
    days: float | None = None  # spent in the step, where it is overdue
    doubtful: bool = False  # it may come of another guide, threshold or severity and not of the data


@dataclass(frozen=True, slots=True)
class SettingChange:
    """What two runs were judged by, where it differs: a guide, version, rule, severity, threshold or waiver."""

    kind: str
    was: str | None
    now: str | None
    code: str | None = None
    name: str | None = None  # of a threshold


@dataclass(frozen=True, slots=True)
class KeptRun:
    """The head of a run that is kept in a store, and how many advertisers stood where."""

    number: int | None  # None: not kept yet
    as_of: int
    guide: str
    version: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    verdicts: Mapping[str, int] = field(default_factory=dict)  # of CRM events and histories
    waiting: Mapping[str, int] = field(default_factory=dict)  # actor -> of these, what is not ready
    overdue: int = 0  # of these, where a step takes too long
    app_verdicts: Mapping[str, int] = field(default_factory=dict)  # of App Events
    advertisers: int = 0  # of any channel


@dataclass(frozen=True, slots=True)
class Since:
    """What changed from an earlier run to a later one."""

    was: KeptRun
    now: KeptRun
    settings: tuple[SettingChange, ...]
    changes: tuple[Change, ...]  # by kind, then advertiser, channel and code

    @property
    def days(self) -> float:
        """How long before the later one the earlier one was."""
        return (self.now.as_of - self.was.as_of) / 86_400

    @property
    def comparable(self) -> bool:
        """True where both were judged alike, whatever was waived."""
        return all(change.kind == "waiver" for change in self.settings)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """Coverage and the rate of the optimisation stage of an advertiser in one run."""

    as_of: int
    eligible: int | None
    covered: int | None
    stage: str | None
    cohort: int | None
    rate: float | None
    rate_low: float | None
    rate_high: float | None

    @property
    def coverage(self) -> float | None:
        """The share of the eligible leads that is covered."""
        return self.covered / self.eligible if self.eligible and self.covered is not None else None


@dataclass(frozen=True, slots=True)
class AdvertiserResult:
    """Everything a report says about one (advertiser, channel)."""

    advertiser_id: str
    channel: str
    dataset_id: str | None
    horizon: int
    verdict: Verdict
    step: int | None  # None: of App Events there is no journey
    step_name: str | None
    blocked_by: tuple[str, ...]  # codes that hold the verdict, most basic first
    summary: str  # one sentence: ready or not, and why
    raw_stage: str | None
    raw_stage_source: str | None
    lead_creation_source: str | None
    optimisation_stage: str | None
    optimisation_stage_source: str | None
    findings: tuple[Finding, ...]
    stages: tuple[Stage, ...]
    coverage: Coverage
    actions: tuple[Action, ...]
    time_zone: str = "UTC"
    events: int = 0  # loaded up to as_of, all datasets
    valid_events: int = 0
    leads: int = 0  # leads of the list up to as_of, without test leads
    test_leads: int = 0
    list_end: int | None = None
    list_is_stale: bool = False
    first_valid_event: int | None = None
    last_upload: int | None = None
    datasets: tuple[DatasetUse, ...] = ()
    causes: tuple[SharedCause, ...] = ()  # faults that more than one rule shows
    notes: tuple[str, ...] = ()  # what else a reader should know, e.g. an earlier stage that may still qualify
    waivers: tuple[WaiverUse, ...] = ()  # all that name it, up to as_of
    journey: tuple[JourneyStep, ...] = ()
    stuck: tuple[StuckCause, ...] = ()  # why it may be stuck, while it is at the step that waits for events
    clock: tuple[Wait, ...] = ()  # where time alone holds it
    freshness: Freshness | None = None  # None where no event tells both its own time and that of sending
    extracts: Mapping[str, FaultRows] = field(default_factory=dict)  # by code; only where a report was asked for
    changes: tuple[Change, ...] = ()  # since the run that Run.since names
    trend: tuple[TrendPoint, ...] = ()  # of the kept runs before, oldest first, and this one
    app: AppFigures | None = None  # of channel app alone

    @property
    def key(self) -> Key:
        """What it is one of in a run."""
        return self.advertiser_id, self.channel

    def stage(self, name: str | None) -> Stage | None:
        """The stage of a name; None where there is none."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def finding(self, code: str) -> Finding:
        """The finding of one rule; KeyError when the rule does not apply to the channel."""
        for finding in self.findings:
            if finding.code == code:
                return finding
        raise KeyError(code)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the store holds: files, rows read = loaded + duplicates + quarantined, CRM events, leads, App Events."""

    files: int
    rows: int
    loaded: int
    events: int
    duplicates: int
    quarantined: int
    leads: int
    sources: tuple[SourceFile, ...] = ()
    app_events: int = 0


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read: rows = loaded + duplicates + quarantined; sha256 in hex."""

    path: str
    kind: str  # events, history, leads, counts or calls
    sha256: str
    rows: int
    loaded: int
    duplicates: int
    quarantined: int
    passed_over: int = 0  # rows that the configuration leaves out; not among `rows`


@dataclass(frozen=True, slots=True)
class AccessMeter:
    """How far the partner's app is on the way to full access at as_of, from the calls of the 15 days before."""

    from_log: bool  # a log of calls; else the requests of all advertisers' logs, which are a part of the calls
    successes: int
    errors: int
    min_calls: float  # successes that the guide asks for
    error_calls: int  # the calls that the guide's error share is about: those of 15 days, or the latest ones
    error_share: float | None  # of these; None without any
    max_error_share: float  # the guide asks for less
    window_calls: int  # how many of the latest calls it is about; 0: those of 15 days
    pace: float  # successes a day
    reached_at: int | None  # when the successes came to min_calls, where they still do
    expected_at: int | None  # when they will at this pace, where they do not yet
    limit_errors: int  # answers that ask to stop calling
    repeated_calls: int  # calls made too soon after one
    pause_seconds: float  # how soon that is
    first_call: int
    last_call: int

    @property
    def is_enough(self) -> bool:
        """True where there are as many successes as the guide asks for."""
        return self.successes >= self.min_calls


@dataclass(frozen=True, slots=True)
class Run:
    """One judgement of a store: by which guide, as of when (Unix seconds), what came of it."""

    version: str
    guide: Guide
    as_of: int
    inputs: Inputs
    advertisers: tuple[AdvertiserResult, ...]
    hints: tuple[str, ...] = ()  # what a reader should know about the inputs, e.g. leads without an owner
    broken_rules: tuple[str, ...] = ()  # of the user's own rules those that could not be judged by: file and why
    access: AccessMeter | None = None  # None where no call is known
    privacy: Privacy = Privacy.MASKED
    settings: Mapping[str, Any] = field(default_factory=dict)  # severity and thresholds of each rule, waivers
    since: Since | None = None  # None where no earlier run is kept

    def to_polars(self) -> pl.DataFrame:
        """One row per advertiser and rule: advertiser_id, channel, verdict, step, code, status, value, n ..."""
        import polars

        rows = [
            {
                "advertiser_id": result.advertiser_id,
                "channel": result.channel,
                "verdict": str(result.verdict),
                "step": result.step,
                "code": finding.code,
                "severity": str(finding.severity),
                "status": str(finding.status),
                "value": finding.value,
                "n": finding.n,
                "affected": finding.affected,
                "message": finding.message,
            }
            for result in self.advertisers
            for finding in result.findings
        ]
        return polars.DataFrame(rows, infer_schema_length=None)
