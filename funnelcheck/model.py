"""What is judged by and what is found: guides, rules, findings and waivers, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Key = tuple[str, str]  # advertiser_id, channel


def is_query(sql: str) -> bool:
    """True for a statement, false for an expression over one event."""
    return sql.lower().startswith(("select", "with", "from"))


class Severity(StrEnum):
    """How much a rule weighs: only a required one can block."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    INFORMATIONAL = "informational"


class Status(StrEnum):
    """What came of one rule for one advertiser; worst first."""

    FAIL = "fail"
    UNDECIDED = "undecided"
    NOT_EVALUABLE = "not_evaluable"
    WARN = "warn"
    WAIVED = "waived"
    PASS = "pass"


class FailOn(StrEnum):
    """From which findings on a gate fails."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    NEVER = "never"
    UNDECIDED = "undecided"  # required rules that fail, and those of which nobody can tell


class Actor(StrEnum):
    """Who can mend a finding."""

    ADVERTISER = "advertiser"
    PARTNER = "partner"
    META = "meta"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a guide's journey: number from 1, key of results.json, title, expected duration in words."""

    number: int
    key: str
    title: str
    duration: str
    estimate_days: tuple[float, float] | None = None  # the duration in days, lowest and highest
    overdue_days: float | None = None  # after how many it is late; our choice
    acts: Actor = Actor.PARTNER
    shows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # language -> labels of Events Manager meanwhile
    where: str | None = None  # where Events Manager shows them, if not as its status


@dataclass(frozen=True, slots=True)
class Guide:
    """A dated edition of Meta's partner guide: its steps and how its six-step numbers map onto them."""

    key: str
    title: str
    edition: str
    steps: tuple[Step, ...]
    step_of: tuple[int, ...]  # the step here for each of six-step's 1 to 6
    statuses: Mapping[str, int]  # Events Manager's label, casefolded -> six-step number it stands for
    learning_days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule judged for one advertiser, as results.json lists it under `rules`.

    `value` and `threshold` are in `unit`: a share is 0 to 1, days are days. `n` counts the units judged,
    `affected` those at fault, `warned` those that only warn (event and request rules).
    """

    code: str
    name: str
    title: str
    advertiser_id: str
    channel: str
    severity: Severity
    status: Status
    value: float | None
    threshold: float | tuple[float, ...] | None
    unit: str
    n: int
    affected: int
    message: str
    fingerprint: str
    acts: Actor
    fix: str
    warned: int | None = None
    certain: bool | None = None
    leads_to_settle: int | None = None
    subject: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # what else was seen; it weighs nothing
    waiver: Waiver | None = None
    expired_waiver: Waiver | None = None  # the latest that covered it once
    rule_file: str | None = None  # of a rule of the user's own

    @property
    def area(self) -> str:
        """EVT, REQ, TIM, DAT, COV, FUN, LIF ..."""
        return self.code[:3]


@dataclass(frozen=True, slots=True)
class Waiver:
    """A fail or warn that somebody answers for, until a day (inclusive)."""

    rule: str
    advertiser_id: str
    until: str
    by: str
    reason: str
    since: str | None = None


class WaiverState(StrEnum):
    """What a waiver does on the day of a judgement."""

    ACTIVE = "active"  # it covers a fail or warn
    IDLE = "idle"  # it holds, and its rule neither fails nor warns
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """A waiver of an advertiser and what it does."""

    waiver: Waiver
    state: WaiverState


@dataclass(frozen=True, slots=True)
class Case:
    """A row of facts and what a rule must make of it: test and documentation at once."""

    name: str
    given: Mapping[str, Sequence[Mapping[str, Any]]]
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue, as its file says it, with the thresholds of one guide and configuration."""

    code: str
    slug: str
    title: str
    severity: Severity
    source: str
    message: str
    why: str
    fix: str
    wait: str  # what to do while it is undecided or lacks an input
    acts: Actor
    unit: str
    channels: tuple[str, ...]  # where it is judged; in the others it is not evaluable
    needs: tuple[str, ...]
    thresholds: Mapping[str, float]
    threshold_sources: Mapping[str, str]  # threshold -> "guide six-step", "ours", "funnelcheck.toml"
    shared: Mapping[str, float]  # thresholds of several rules that this one reads
    reported: tuple[str, ...]  # the thresholds that results.json shows as `threshold`
    messages: Mapping[str, str]  # "status" or "status.reason" -> sentence, where one does not fit all
    history: Mapping[str, str]  # of a CRM history: messages as above, "fix" and "wait", where its words differ
    field: str | None  # of the payload, for a rule about events: not judged in a table without it
    subject: str | None  # "optimisation stage": of several rows the one about that stage is reported
    cause: str | None  # of a rule about events: an expression that names what went wrong with one
    crm: Mapping[str, str]  # what to do in one CRM, by its name
    at: tuple[str, ...]  # pointers into a payload, the first there is shows a fault; none: validate does not judge it
    payload: Mapping[str, str]  # of a rule about requests: messages as below, as validate tells them of one request
    schema: Mapping[str, Any] | None  # JSON Schema of the events (REQ: requests) that it does not find at fault
    sql: str
    extract_sql: str | None  # lists the rows at fault; a rule about events needs none
    bad: str | None
    good: str | None
    cases: tuple[Case, ...]
    path: str
    takes: str = ""  # how long the fix may take, in words
    custom: bool = False  # the user's own, from rules_folder
    broken: str | None = None  # why its SQL is refused; such a rule is reported and never run

    @property
    def area(self) -> str:
        """EVT, REQ, TIM, DAT, COV, FUN, LIF ..."""
        return self.code[:3]

    @property
    def is_app(self) -> bool:
        """True for a rule of the second channel, App Events."""
        return "app" in self.channels

    @property
    def about_events(self) -> bool:
        """True when the SQL is an expression over one event instead of a select."""
        return not self.custom and not is_query(self.sql)
