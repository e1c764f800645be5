"""What comes of a selection: advertisers before launch, ranked, each with what speaks for it and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from funnelcheck.model import Actor, Finding, Guide, WaiverUse
from funnelcheck.questions import Answer
from funnelcheck.reported import Inputs, Stage
from funnelcheck.selection.chances import Chance
from funnelcheck.selection.plan import Plan

if TYPE_CHECKING:
    import polars as pl


class Suitability(StrEnum):
    """What came of all rules for one advertiser before launch; best first."""

    READY = "ready"  # to launch
    NEEDS_WORK = "needs-work"
    UNDECIDED = "undecided"
    NOT_SUITABLE = "not-suitable"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do or to bring before launch: what, who does it, how long it takes, and the finding behind it."""

    code: str
    title: str
    what: str
    acts: Actor
    takes: str  # in words; empty where it is only to bring something
    message: str


@dataclass(frozen=True, slots=True)
class Month:
    """Leads of ads of one full calendar month in the advertiser's time zone, and organic ones beside them."""

    month: str  # like 2026-10
    leads: int
    organic: int


@dataclass(frozen=True, slots=True)
class Volume:
    """Leads of ads up to the day of judgement, organic leads and tests beside them; times in Unix seconds."""

    source: str  # list, or counts: by day
    days: int  # how many days are counted
    leads: int
    organic: int
    unsaid: int  # of `leads`: nothing says whether they are organic
    tests: int
    others: int  # known from a CRM's history alone, by an id that is none of Meta's
    leads_at_end: int  # in as many days up to the end of the list
    list_start: int | None
    list_end: int | None
    months: tuple[Month, ...] = ()  # oldest first


@dataclass(frozen=True, slots=True)
class StandIn:
    """What stands in the place of Meta's lead id, for how many leads of a CRM: a key of ours, and words."""

    kind: str
    leads: int
    told: str


@dataclass(frozen=True, slots=True)
class CrmLeads:
    """Leads of a CRM's history, and how many carry Meta's lead id; times in Unix seconds."""

    leads: int  # about as many of them as `nameless_rows` may stand for
    with_lead_id: int
    lost: int  # without one, and too old for Meta to give it
    oldest: int | None  # of those without
    nameless_rows: int  # of a file of its own, that name no lead
    next_lost: int | None  # the first instant after which another one of them is lost
    stand_ins: tuple[StandIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Early:
    """Events of a stage that lie before the creation of their leads; they count for no figure."""

    stage: str
    events: int
    leads: int


@dataclass(frozen=True, slots=True)
class Applicant:
    """Everything that is known of one advertiser before launch."""

    advertiser_id: str
    rank: int  # from 1
    suitability: Suitability
    summary: str  # one sentence: why it stands where it stands
    probability: float | None  # of meeting volume, rate and window, 0 to 1; None: not worked out
    findings: tuple[Finding, ...]  # by code
    stages: tuple[Stage, ...]  # in the order of the funnel
    work: tuple[Task, ...]  # what fails or warns, worst first
    bring: tuple[Task, ...]  # what is not known yet
    time_zone: str = "UTC"
    stage_channel: str | None = None  # history, or crm: what was sent; None where there are no stages
    raw_stage: str | None = None
    optimisation_stage: str | None = None
    optimisation_stage_source: str | None = None
    volume: Volume | None = None
    crm: CrmLeads | None = None
    early: tuple[Early, ...] = ()  # by stage
    answers: Mapping[str, Answer] = field(default_factory=dict)
    waivers: tuple[WaiverUse, ...] = ()
    plan: Plan | None = None  # of who is ready or needs work
    chance: Chance | None = None  # what `probability` was drawn from; None: nothing had to be drawn
    explanation: str = ""  # where the probability comes from, or why there is none
    alike: tuple[int, int] | None = None  # first and last rank whose probability cannot be told apart from its own

    def finding(self, code: str) -> Finding:
        """The finding of one rule; KeyError for a code that is no rule of the selection."""
        for finding in self.findings:
            if finding.code == code:
                return finding
        raise KeyError(code)

    def stage(self, name: str | None) -> Stage | None:
        """The stage of a name; None where there is none."""
        return next((stage for stage in self.stages if stage.name == name), None)


@dataclass(frozen=True, slots=True)
class Selection:
    """All advertisers of one selection, by rank."""

    version: str
    guide: Guide
    as_of: int
    inputs: Inputs
    advertisers: tuple[Applicant, ...]
    hints: tuple[str, ...] = ()
    what_if: tuple[str, ...] = ()  # what was supposed, in words
    before: Selection | None = None  # the same without it

    def advertiser(self, name: str) -> Applicant | None:
        """The advertiser of a name; None where there is none."""
        return next((one for one in self.advertisers if one.advertiser_id == name), None)

    def to_polars(self) -> pl.DataFrame:
        """One row an advertiser and rule: rank, advertiser_id, suitability, probability, code, status, value ..."""
        import polars

        rows = [
            {
                "rank": one.rank,
                "advertiser_id": one.advertiser_id,
                "suitability": str(one.suitability),
                "probability": one.probability,
                "code": finding.code,
                "severity": str(finding.severity),
                "status": str(finding.status),
                "value": finding.value,
                "n": finding.n,
                "affected": finding.affected,
                "message": finding.message,
            }
            for one in self.advertisers
            for finding in one.findings
        ]
        return polars.DataFrame(rows, infer_schema_length=None)
