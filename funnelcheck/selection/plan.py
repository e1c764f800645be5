"""What launching an advertiser on a day comes to: the guide's steps as dates, and the events a week to expect; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from funnelcheck import numbers
from funnelcheck.language import _, day
from funnelcheck.model import Actor, Guide
from funnelcheck.reported import Stage

# Partner development before any advertiser, in weeks: prerequisites, authentication and integration of the guide.
DEVELOPMENT_WEEKS = (3, 7)
DEVELOPMENT = "connect-partner"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of the way: who acts, and between which days (ISO 8601) it is expected to be done."""

    key: str
    title: str
    duration: str  # as the guide words it
    acts: Actor
    earliest: str
    latest: str


@dataclass(frozen=True, slots=True)
class ExpectedEvents:
    """Events of one stage a week, at today's volume: leads a week times the share that reaches it within 28 days.

    `low` and `high` follow the 95 % interval of that share; the raw stage has none.
    """

    stage: str
    share: float | None
    a_week: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The way from a launch day to fully optimised campaigns; `events` in stage order, the raw one first."""

    launch: str
    stage: str | None  # to optimise for
    milestones: tuple[Milestone, ...]
    events: tuple[ExpectedEvents, ...]
    blocks: tuple[str, ...] = ()  # what stands in the way, a sentence each; worst first

    @property
    def events_a_week(self) -> float | None:
        """Of all stages together; None where a share is not known."""
        known = [one.a_week for one in self.events]
        return None if not known or None in known else sum(one for one in known if one is not None)

    @property
    def told(self) -> str:
        """When the goal is reached, in one sentence."""
        last = self.milestones[-1]
        if last.earliest == last.latest:
            return _("Launched on {launch}, campaigns can run fully optimised from {day}.").format(
                launch=day(self.launch), day=day(last.earliest)
            )
        return _("Launched on {launch}, campaigns can run fully optimised between {first} and {last}.").format(
            launch=day(self.launch), first=day(last.earliest), last=day(last.latest)
        )


def plan(
    guide: Guide,
    stages: Sequence[Stage],
    *,
    launch: date,
    connected: bool,
    weekly_leads: float,
    stage: str | None,
    coverage: float = 1.0,
    blocks: Sequence[str] = (),
) -> Plan:
    """The plan of one advertiser.

    `connected`: the partner's integration with Meta stands already; else three to seven weeks go before. `stages` are
    those of the CRM's history, `weekly_leads` the leads a week that they come from, `coverage` the share of leads
    whose events will be sent (0 to 1).
    """
    return Plan(
        launch=launch.isoformat(),
        stage=stage,
        milestones=tuple(_milestones(guide, launch, connected)),
        events=tuple(_expected(one, weekly_leads * coverage) for one in stages),
        blocks=tuple(blocks),
    )


def _milestones(guide: Guide, launch: date, connected: bool) -> Iterator[Milestone]:
    low = high = 0.0
    if not connected:
        low, high = (7.0 * weeks for weeks in DEVELOPMENT_WEEKS)
        title, duration = _("Build the partner's integration"), _("3 to 7 weeks")
        yield _milestone(DEVELOPMENT, title, duration, Actor.PARTNER, launch, low, high)
    for step in guide.steps:
        shortest, longest = step.estimate_days or (0.0, 0.0)
        low, high = low + shortest, high + longest
        yield _milestone(step.key, step.title, step.duration, step.acts, launch, low, high)


def _milestone(key: str, title: str, duration: str, acts: Actor, launch: date, low: float, high: float) -> Milestone:
    """Minutes and hours do not make a day of their own."""
    first, last = (launch + timedelta(days=int(days + 0.5)) for days in (low, high))
    return Milestone(key, title, duration, acts, first.isoformat(), last.isoformat())


def _expected(stage: Stage, leads: float) -> ExpectedEvents:
    if stage.reason == "raw":
        return ExpectedEvents(stage.name, 1.0, leads, None, None)
    if stage.rate is None:
        return ExpectedEvents(stage.name, None, None, None, None)
    low, high = (None if bound is None else leads * bound for bound in (stage.rate_low, stage.rate_high))
    return ExpectedEvents(stage.name, stage.rate, leads * stage.rate, low, high)


def events_told(found: Plan) -> str:
    """215 events a week: Lead 100, Contacted 70, Qualified 30, Sold 15."""
    parts = ", ".join(
        f"{numbers.named(one.stage, 48)} {about(one.a_week)}" for one in found.events if one.a_week is not None
    )
    if found.events_a_week is None:
        return _("How many events a week to expect cannot be told of all stages yet: {stages}.").format(
            stages=parts or _("none")
        )
    return _("About {n} events a week are to be expected: {stages}.").format(n=about(found.events_a_week), stages=parts)


def about(events: float) -> str:
    """A whole number; what is more than nothing is never told as none."""
    return _("fewer than 1") if 0 < events < 1 else numbers.count(int(events + 0.5))
