"""What the partner itself must have before any advertiser: the rules about access, gathered over all advertisers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from funnelcheck import access, findings, numbers, rulebook
from funnelcheck.config import Config
from funnelcheck.judgement import apply, parameters_of, with_waivers_of
from funnelcheck.model import Finding, Rule, Status
from funnelcheck.reported import AccessMeter
from funnelcheck.store import Store

_AREA, _CHANNEL = "ACC", "crm"
OF_ADVERTISERS = ("ACC006", "ACC007")  # what each advertiser has, or lacks, for itself


@dataclass(frozen=True, slots=True)
class Lacking:
    """An advertiser that does not pass a rule, and what is amiss with it."""

    advertiser_id: str
    status: Status
    message: str


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """One line of the partner's checklist: the worst finding over all advertisers, and who lacks what."""

    finding: Finding
    advertisers: int  # that were looked at
    lacking: tuple[Lacking, ...] = ()


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """The partner's checklist, by code, the meter of its app's calls, and the rules behind it."""

    lines: tuple[Prerequisite, ...]
    meter: AccessMeter | None
    rules: tuple[Rule, ...]


def prerequisites(store: Store, *, as_of: int, config: Config | None = None, guide: str | None = None) -> Prerequisites:
    """Judge the partner as of an instant, after `select` on the same store; also where no advertiser is known.

    What the rules about access tell of a single advertiser becomes one line of the whole: its worst.
    """
    config = config or Config()
    book = rulebook.load(config, guide)
    parameters = parameters_of(book, as_of)
    known = _put_advertisers(store, config)
    access.put_settings(store, config)
    meter = access.measure(store, book, parameters)
    rules = tuple(rule for rule in book.rules if rule.area == _AREA and not rule.custom)
    waivers, day = with_waivers_of(config, rules).waivers, numbers.day(as_of, "UTC")

    def line(rule: Rule) -> Prerequisite:
        found = findings.findings_of(rule, apply(store, rule, parameters), book.thresholds, {})
        several = [findings.waived(findings.worst(of_one), waivers, day) for of_one in found.values()]
        return _line(rule, several, len(known))

    lines = tuple(line(rule) for rule in rules)
    return Prerequisites(lines, meter, rules)


def _put_advertisers(store: Store, config: Config) -> list[str]:
    """Everybody that the store or the configuration names, as the rules read them; nobody is one without a name."""
    told = "select advertiser_id, any_value(dataset_id) as dataset_id from advertiser group by all order by all"
    datasets: dict[str, str | None] = dict.fromkeys(config.advertisers)
    for row in store.rows(told):
        datasets[row["advertiser_id"]] = row["dataset_id"]
    rows: list[tuple[Any, ...]] = [(name, _CHANNEL, datasets[name]) for name in sorted(datasets)]
    columns = "advertiser_id varchar, channel varchar, dataset_id varchar"
    store.put_rows("advertiser", columns, rows or [("", _CHANNEL, None)])
    return sorted(datasets)


def _line(rule: Rule, several: Sequence[Finding], known: int) -> Prerequisite:
    """What a rule says of the partner as a whole, of its findings about every advertiser."""
    lacking: tuple[Lacking, ...] = ()
    if rule.code in OF_ADVERTISERS and known:
        lacking = tuple(
            Lacking(one.advertiser_id, one.status, one.message)
            for one in sorted(several, key=lambda one: one.advertiser_id)
            if one.status is not Status.PASS
        )
    return Prerequisite(findings.worst(several), known, lacking)
