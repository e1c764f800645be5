"""The plan of one advertiser that may be launched: from what a selection found of it, and a launch day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from funnelcheck import numbers
from funnelcheck.config import Config
from funnelcheck.errors import UsageError
from funnelcheck.language import _
from funnelcheck.model import Guide, Rule
from funnelcheck.selection.outcome import Applicant, Suitability, Task
from funnelcheck.selection.plan import Plan, plan

_PLANNED = (Suitability.READY, Suitability.NEEDS_WORK)


@dataclass(frozen=True, slots=True)
class Launch:
    """How everybody would be launched: the day (None: that after the judgement), and what the partner has."""

    day: date | None
    is_connected: bool
    coverage: float


def launch_of(day: date | None, connected: bool | None, coverage: float, config: Config, as_of: int) -> Launch:
    """What is not said comes from the configuration; UsageError for a day before that of the judgement."""
    if day is not None and day.isoformat() < numbers.day(as_of, "UTC"):
        raise UsageError(f"a launch on {day} lies before the day of judgement, {numbers.day(as_of, 'UTC')}")
    attested = config.partner.connected is not False
    return Launch(day, attested if connected is None else connected, coverage)


def planned(one: Applicant, launch: Launch, guide: Guide, as_of: int) -> Plan | None:
    """The plan; None for whoever is not to be launched, or not yet known to be."""
    if one.suitability not in _PLANNED:
        return None
    tomorrow = date.fromisoformat(numbers.day(as_of, one.time_zone)) + timedelta(days=1)
    leads = 0.0 if one.volume is None else 7.0 * one.volume.leads / one.volume.days
    return plan(
        guide,
        one.stages,
        launch=launch.day or tomorrow,
        connected=launch.is_connected,
        weekly_leads=leads,
        stage=one.optimisation_stage,
        coverage=launch.coverage,
        blocks=[f"{task.code} {task.title}. {task.what}" for task in one.work],
    )


def barred(coverage: float, rule: Rule) -> Task | None:
    """What keeps everybody out where events of too few leads would be sent; `rule` is COV001."""
    asked = rule.thresholds["min_coverage"]
    if coverage >= asked:
        return None
    message = _(
        "Events would be sent for {share} of leads; below {asked} an advertiser is not let in to optimisation."
    ).format(share=numbers.percent(coverage, (asked,)), asked=numbers.threshold(asked, "share"))
    return Task(rule.code, rule.title, rule.fix, rule.acts, "", message)
