"""What a chance is drawn from: leads by day and the follow-ups of the judged stage, for all advertisers at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from funnelcheck.rulebook import Rulebook
from funnelcheck.selection.chances import PACE_DAYS, Chance, Evidence, chance
from funnelcheck.store import Store

Times = list[tuple[int, int]]


class Asked(TypedDict):
    """What the three rules ask for, as a chance takes it."""

    min_leads: float
    lowest: float
    highest: float
    max_days: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What SEL002, SEL003 and SEL004 ask for; shares and days."""

    min_leads: float
    lowest: float
    highest: float
    max_days: float
    coverage: float = 1.0  # share of leads whose events are sent; what is asked is asked of all leads

    @classmethod
    def of(cls, book: Rulebook) -> Limits:
        """Those of a guide and a configuration."""
        rate = book.rule("FUN006").thresholds
        return cls(
            min_leads=book.rule("SEL002").thresholds["min_leads"],
            lowest=rate["min_rate"],
            highest=rate["max_rate"],
            max_days=book.rule("FUN007").thresholds["max_days"],
        )

    def at(self, coverage: float) -> Limits:
        """What the leads themselves must do for a rate to be seen in range when only a part of them is sent."""
        if coverage == 1.0:
            return self
        lowest, highest = self.lowest / coverage, min(self.highest / coverage, 1.0)
        return Limits(self.min_leads, lowest, highest, self.max_days, coverage)

    def asked(self) -> Asked:
        """As chances are asked for."""
        return {
            "min_leads": self.min_leads,
            "lowest": self.lowest,
            "highest": self.highest,
            "max_days": self.max_days,
        }


def gathered(store: Store) -> dict[str, Evidence]:
    """Everybody of whom a whole day of leads and a follow-up of the judged stage are known."""
    days: dict[str, int] = {}
    counted: dict[str, dict[int, int]] = defaultdict(dict)
    for row in store.rows("from lead_pace"):
        days[row["advertiser_id"]] = min(row["days"], PACE_DAYS)
        counted[row["advertiser_id"]][row["days_ago"]] = row["leads"]
    times: Mapping[bool, dict[str, Times]] = {True: defaultdict(list), False: defaultdict(list)}
    for row in store.rows("from stage_follow_up order by advertiser_id, minutes"):
        times[row["has_reached"]][row["advertiser_id"]].append((row["minutes"], row["leads"]))
    followed = times[True].keys() | times[False].keys()
    return {
        name: Evidence(
            daily_leads=tuple(counted[name].get(ago, 0) for ago in reversed(range(days[name]))),
            waiting=tuple(times[False].get(name, ())),
            reached=tuple(times[True].get(name, ())),
        )
        for name in sorted(days.keys() & followed)
        if days[name] > 0
    }


def chances(store: Store, limits: Limits) -> dict[str, Chance]:
    """Everybody's chance; the same draws serve everybody, so that who is alike has the same."""
    asked = limits.asked()
    return {name: chance(evidence, **asked) for name, evidence in gathered(store).items()}
