"""How far an advertiser has come: steps with their dates, causes for being stuck, and what time alone will settle."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from funnelcheck import clock, language, numbers
from funnelcheck.language import _
from funnelcheck.model import Finding, Guide, Key, Status, Step
from funnelcheck.phrases import joined_by_and
from funnelcheck.reported import JourneyStep, StuckCause, Wait
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Progress:
    """What facts/journey tells, by advertiser and channel."""

    guide: Guide
    as_of: int
    kept_days: float
    min_conversions: int
    entries: Mapping[Key, Mapping[int, tuple[int, str]]]  # step -> since when, and how that is known
    counting: Mapping[Key, list[date]]
    closing: Mapping[Key, list[tuple[date, int]]]

    @classmethod
    def read(cls, store: Store, book: Rulebook, as_of: int) -> Self:
        """Read them all, after the rules of the lifecycle have run."""
        entries: dict[Key, dict[int, tuple[int, str]]] = defaultdict(dict)
        for row in store.rows("from journey_entry"):
            entries[_key(row)][row["step"]] = (row["entered_at"], row["entered_by"])
        counting: dict[Key, list[date]] = defaultdict(list)
        for row in store.rows("from counting_day"):
            counting[_key(row)].append(row["day"])
        closing: dict[Key, list[tuple[date, int]]] = defaultdict(list)
        for row in store.rows("from closing_day"):
            closing[_key(row)].append((row["day"], row["leads"]))
        kept, conversions = book.thresholds["cohort_days"], int(book.thresholds["min_units"])
        return cls(book.guide, as_of, kept, conversions, entries, counting, closing)

    def journey(self, key: Key, now: int, found: Sequence[Finding]) -> tuple[JourneyStep, ...]:
        """Every step of the guide, and how this advertiser goes through it."""
        late = any(f.code == "LIF003" and f.status in (Status.WARN, Status.WAIVED) for f in found)
        return tuple(self._step(step, key, now, late) for step in self.guide.steps)

    def _step(self, step: Step, key: Key, now: int, late: bool) -> JourneyStep:
        state = "done" if step.number < now else "now" if step.number == now else "later"
        entered, by = self.entries.get(key, {}).get(step.number, (None, None))
        if state == "later" or key[1] == "history":
            return JourneyStep(step, state)
        left = self.as_of if state == "now" else self._left(step.number, key)
        days = None if entered is None or left is None or left < entered else (left - entered) / DAY
        return JourneyStep(step, state, entered, by, days, state == "now" and late)

    def _left(self, number: int, key: Key) -> int | None:
        """When a step was left: when the next was entered, where that is known to the day."""
        entered, by = self.entries.get(key, {}).get(number + 1, (None, None))
        return entered if by in ("data", "status") else None

    def stuck(self, found: Sequence[Finding]) -> tuple[StuckCause, ...]:
        """The guide's five causes for being stuck, where they are asked for."""
        lines = next((f.evidence.get("causes_checked") for f in found if f.code == "LIF002"), None)
        return tuple(StuckCause(line["title"], line["state"], _by_code(line["told"])) for line in lines or ())

    def clock(
        self, key: Key, found: Sequence[Finding], blocked_by: Sequence[str], window: Mapping[str, Any]
    ) -> tuple[Wait, ...]:
        """What time will settle, where nothing but time holds the advertiser; else nothing."""
        by_code = {finding.code: finding for finding in found}
        if key[1] == "history" or not blocked_by or not all(_is_time(by_code[code]) for code in blocked_by):
            return ()
        zone = ZoneInfo(window["time_zone"])
        until, today = _day(window["horizon"], zone), _day(self.as_of, zone)
        waits: list[Wait | None] = []
        if "DAT003" in blocked_by and key in self.counting:
            waits.append(self._days_of_data(by_code["DAT003"], self.counting[key], until, today))
        if "FUN006" in blocked_by:
            waits.append(self._leads_of_age(by_code["FUN006"], self.closing.get(key, []), until))
        return tuple(wait for wait in waits if wait)

    def _days_of_data(self, finding: Finding, days: Sequence[date], until: date, today: date) -> Wait:
        needed = int(finding.threshold) if isinstance(finding.threshold, int | float) else 0
        start = max(today, max(days) + date.resolution)
        ahead = clock.forecast(set(days), needed, until, start, self.kept_days)
        told = _when(ahead).format(
            have=numbers.count(len(days)),
            needed=numbers.count(needed),
            reach=numbers.count(clock.REACH),
            **_days(ahead),
        )
        quiet = clock.quiet_weekdays(set(days), until)
        if quiet and len(quiet) < 4:
            told += " " + _("No events came on {weekdays} so far.").format(weekdays=_weekdays(quiet))
        early, middle, late = (
            None if d is None else d.isoformat() for d in (ahead.earliest, ahead.likely, ahead.latest)
        )
        return Wait("DAT003", len(days), needed, "days", middle, early, late, told)

    def _leads_of_age(self, finding: Finding, closing: list[tuple[date, int]], until: date) -> Wait | None:
        more, mature = self._more_leads(finding), finding.evidence.get("mature") or 0
        day = clock.coming_of_age(closing, more, until) if more else None
        if not more or day is None:
            return None
        told = (
            _(
                "{mature} leads have had their 28 days; about {more} more decide the conversion rate, which is on "
                "about {day} at this pace."
            )
            if mature
            else _("No lead has had its 28 days; the first has on {day}.")
        ).format(mature=numbers.count(mature), more=numbers.count(more), day=language.day(day.isoformat()))
        return Wait("FUN006", mature, mature + more, "leads", day.isoformat(), None, None, told)

    def _more_leads(self, finding: Finding) -> int | None:
        """How many more leads with their 28 days decide the rate; None where it is not known."""
        reason = finding.evidence.get("reason")
        if reason in ("young", "on-course"):
            return 1
        if reason == "few" and finding.value:
            return math.ceil((self.min_conversions - int(finding.evidence["converted"])) / finding.value)
        return finding.leads_to_settle if reason == "unsettled" else None


def _by_code(told: str) -> str:
    """What a rule said, behind its code: as SQL has it, with the signs of the present language."""
    code, _sign, said = told.partition(": ")
    return numbers.labelled(code, said) if said else told


def _is_time(finding: Finding) -> bool:
    """True for what more days or older leads settle by themselves."""
    if finding.code == "DAT003":
        return finding.status in (Status.FAIL, Status.UNDECIDED)
    if finding.code == "COV001" and finding.evidence.get("reason") not in ("few", "empty"):
        return False
    return finding.code in ("COV001", "FUN006", "FUN007") and finding.status is Status.UNDECIDED


def _when(ahead: clock.Forecast) -> str:
    """The sentence on the days of data that fits a forecast, with its places."""
    if ahead.likely is None:
        return _("{have} of {needed} days of data; at this pace hardly within {reach} days.")
    if ahead.earliest == ahead.latest:
        return _("{have} of {needed} days of data; on {likely} at this pace.")
    if ahead.latest is None:
        return _("{have} of {needed} days of data; on {likely} at this pace (90 %: {earliest} or later).")
    return _("{have} of {needed} days of data; on {likely} at this pace (90 %: {earliest} to {latest}).")


def _days(ahead: clock.Forecast) -> dict[str, str]:
    """The days of a forecast as they are written; those of its range without the year."""
    return {
        "likely": language.day(str(ahead.likely)),
        "earliest": language.short_day(str(ahead.earliest)),
        "latest": language.short_day(str(ahead.latest)),
    }


def _weekdays(days: Sequence[int]) -> str:
    """ "Saturdays and Sundays"; Monday is 0."""
    names = (
        _("Mondays"), _("Tuesdays"), _("Wednesdays"), _("Thursdays"), _("Fridays"), _("Saturdays"), _("Sundays"),
    )  # fmt: skip
    return joined_by_and([names[day] for day in days])


def _day(seconds: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(seconds, zone).date()


def _key(row: Mapping[str, Any]) -> Key:
    return row["advertiser_id"], row["channel"]
