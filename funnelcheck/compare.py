"""Two runs -> what changed from one to the other; pure.

A verdict or a status is worse when it stands earlier in its list (`Verdict`, `Status`). Where a rule fails, or
warns, in both runs by the same limits and about the same stage, its figure has moved when its distance from the
nearest limit has changed by a tenth of that limit, and of what it was; less is taken for noise.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from funnelcheck import numbers
from funnelcheck.model import Finding, Key, Rule, Severity, Status, Waiver
from funnelcheck.reported import (
    AdvertiserResult,
    Change,
    ChangeKind,
    KeptRun,
    Run,
    SettingChange,
    Since,
    TrendPoint,
    Verdict,
)

_NOISE = 0.1  # of the limit, or of the distance from it where that was longer
_LEAST = {"share": 0.01}  # what must have moved where the limit is 0; of anything else one
_OVERDUE = "LIF003"  # says what STUCK says
_BROKEN = (Status.FAIL, Status.WARN)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule said of an advertiser."""

    severity: Severity
    status: Status
    value: float | None
    threshold: float | tuple[float, ...] | None
    unit: str
    n: int
    affected: int
    subject: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an advertiser stood in a run."""

    verdict: Verdict
    step: int | None
    step_name: str | None
    blocked_by: tuple[str, ...]
    acts: str | None  # who does what is to be done first
    step_days: float | None
    is_overdue: bool
    events: int
    leads: int
    trend: TrendPoint
    findings: Mapping[str, Judged]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run without its sentences: what is kept of it."""

    head: KeptRun
    advertisers: Mapping[Key, Standing]


def settings_of(rules: Iterable[Rule], waivers: Iterable[Waiver]) -> dict[str, Any]:
    """What a run is judged by, as plain values: severity and thresholds of every rule, and the waivers."""
    return {
        "rules": {
            rule.code: {"severity": str(rule.severity), "thresholds": dict(rule.shared) | dict(rule.thresholds)}
            for rule in rules
        },
        "waivers": sorted([w.rule.upper(), w.advertiser_id, w.since, w.until, w.by, w.reason] for w in waivers),
    }


def settings_text(settings: Mapping[str, Any]) -> str:
    """Settings as JSON; the same settings give the same text."""
    return json.dumps(settings, ensure_ascii=False, sort_keys=True)


def settings_digest(settings: Mapping[str, Any]) -> str:
    """The first 16 hex digits of the SHA-256 of that text."""
    return hashlib.sha256(settings_text(settings).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def snapshot(run: Run, number: int | None = None) -> Snapshot:
    """What is kept of a run, under the number that it has in its store."""
    standings = {result.key: _standing(result, run.as_of) for result in run.advertisers}
    head = KeptRun(number, run.as_of, run.guide.key, run.version, run.settings)
    return Snapshot(_counted(head, standings), standings)


def _counted(head: KeptRun, standings: Mapping[Key, Standing]) -> KeptRun:
    every = [one for (_, channel), one in standings.items() if channel != "app"]
    apps = [one for (_, channel), one in standings.items() if channel == "app"]
    waiting = Counter(one.acts for one in every if one.acts and one.verdict is not Verdict.READY)
    return replace(
        head,
        verdicts=dict(Counter(str(one.verdict) for one in every)),
        waiting={actor: waiting[actor] for actor in sorted(waiting)},
        overdue=sum(one.is_overdue for one in every),
        app_verdicts=dict(Counter(str(one.verdict) for one in apps)),
        advertisers=len({advertiser_id for advertiser_id, _ in standings}),
    )


def _standing(result: AdvertiserResult, as_of: int) -> Standing:
    first = min(result.actions, key=lambda action: not action.blocks, default=None)
    now = next((entry for entry in result.journey if entry.state == "now"), None)
    return Standing(
        verdict=result.verdict,
        step=result.step,
        step_name=result.step_name,
        blocked_by=result.blocked_by,
        acts=None if first is None else str(first.acts),
        step_days=None if now is None else now.days,
        is_overdue=now is not None and now.overdue,
        events=result.events,
        leads=result.leads,
        trend=trend_point(result, as_of),
        findings={finding.code: _judged(finding) for finding in result.findings},
    )


def trend_point(result: AdvertiserResult, as_of: int) -> TrendPoint:
    """Coverage and rate of an advertiser as they are in this result."""
    stage = result.stage(result.optimisation_stage)
    return TrendPoint(
        as_of=as_of,
        eligible=result.coverage.eligible,
        covered=result.coverage.covered,
        stage=result.optimisation_stage,
        cohort=None if stage is None else stage.cohort,
        rate=None if stage is None else stage.rate,
        rate_low=None if stage is None else stage.rate_low,
        rate_high=None if stage is None else stage.rate_high,
    )


def _judged(finding: Finding) -> Judged:
    return Judged(
        finding.severity,
        finding.status,
        finding.value,
        finding.threshold,
        finding.unit,
        finding.n,
        finding.affected,
        finding.subject,
    )


def compare(was: Snapshot, now: Snapshot) -> Since:
    """What changed from one run to the other."""
    settings = tuple(_settings(was.head, now.head))
    doubts = _Doubts(settings)
    changes = [change for key in now.advertisers for change in _of_advertiser(key, was, now, doubts)]
    changes += [
        Change(ChangeKind.DISAPPEARED, *key, was=str(one.verdict))
        for key, one in was.advertisers.items()
        if key not in now.advertisers
    ]
    order = list(ChangeKind)
    weight = list(Severity)

    def place(change: Change) -> tuple[int, int, str, str, str]:
        severity = weight.index(change.severity) if change.severity else -1
        return order.index(change.kind), severity, change.advertiser_id, change.channel, change.code or ""

    return Since(was.head, now.head, settings, tuple(sorted(changes, key=place)))


def only(since: Since, keys: set[str]) -> Since:
    """The changes of some advertisers, by their ids."""
    return replace(since, changes=tuple(change for change in since.changes if change.advertiser_id in keys))


class _Doubts:
    """Where a change may come of what the runs were judged by."""

    def __init__(self, settings: Iterable[SettingChange]) -> None:
        told = [one for one in settings if one.kind != "waiver"]
        self.any = bool(told)
        self.everywhere = any(one.kind == "version" for one in told)
        self.codes = {one.code for one in told if one.code}

    def about(self, code: str) -> bool:
        return self.everywhere or code in self.codes


def _settings(was: KeptRun, now: KeptRun) -> Iterator[SettingChange]:
    """Where the two were judged by something else: guide and version first, then rule by rule."""
    if was.guide != now.guide:
        yield SettingChange("guide", was.guide, now.guide)
    if was.version != now.version:
        yield SettingChange("version", was.version, now.version)
    old, new = was.settings.get("rules", {}), now.settings.get("rules", {})
    for code in sorted({*old, *new}):
        yield from _rule_settings(code, old.get(code), new.get(code))
    gone, come = (_waivers(one.settings) - _waivers(other.settings) for one, other in ((was, now), (now, was)))
    if gone or come:
        yield SettingChange("waiver", str(gone.total()), str(come.total()))


def _waivers(settings: Mapping[str, Any]) -> Counter[str]:
    return Counter(json.dumps(waiver) for waiver in settings.get("waivers", []))


def _rule_settings(code: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[SettingChange]:
    if was is None or now is None:
        yield SettingChange("rule", None if was is None else code, None if now is None else code, code)
        return
    if was["severity"] != now["severity"]:
        yield SettingChange("severity", was["severity"], now["severity"], code)
    old, new = was["thresholds"], now["thresholds"]
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield SettingChange("threshold", _text(old.get(name)), _text(new.get(name)), code, name)


def _text(figure: float | None) -> str | None:
    return None if figure is None else json.dumps(figure)


def _of_advertiser(key: Key, was: Snapshot, now: Snapshot, doubts: _Doubts) -> Iterator[Change]:
    then, there = was.advertisers.get(key), now.advertisers[key]
    if then is None:
        yield Change(ChangeKind.APPEARED, *key, now=str(there.verdict))
        return
    if then.verdict is not there.verdict:
        kind, was_there, is_there = _verdict_kind(then.verdict, there.verdict), str(then.verdict), str(there.verdict)
        yield Change(kind, *key, was=was_there, now=is_there, doubtful=doubts.any)
    if there.is_overdue and not (then.is_overdue and then.step_name == there.step_name):
        steps = (then.step_name, there.step_name)
        yield Change(ChangeKind.STUCK, *key, was=steps[0], now=steps[1], days=there.step_days, doubtful=doubts.any)
    for code, judged in there.findings.items():
        if code != _OVERDUE:
            yield from _of_rule(key, code, then, judged, doubts.about(code))


def _verdict_kind(was: Verdict, now: Verdict) -> ChangeKind:
    if now is Verdict.READY:
        return ChangeKind.NEWLY_READY
    order = list(Verdict)
    return ChangeKind.NEWLY_BROKEN if order.index(now) < order.index(was) else ChangeKind.BETTER


def _of_rule(key: Key, code: str, then: Standing, now: Judged, doubtful: bool) -> Iterator[Change]:
    was = then.findings.get(code)
    kind = _rule_kind(was, now, code in then.blocked_by)
    if kind is None:
        return
    yield Change(
        kind,
        *key,
        code=code,
        severity=now.severity,
        was=None if was is None else str(was.status),
        now=str(now.status),
        value_was=None if was is None else was.value,
        value_now=now.value,
        n_was=0 if was is None else was.n,
        n_now=now.n,
        unit=now.unit,
        threshold=now.threshold,
        doubtful=doubtful,
    )


def _rule_kind(was: Judged | None, now: Judged, held_back: bool) -> ChangeKind | None:
    """What became of a rule; None where nothing did, or nothing that is more than noise."""
    if was is None:
        return ChangeKind.NEW_FAILURE if now.status is Status.FAIL else None
    if was.status is now.status:
        return _moved(was, now)
    if now.status is Status.FAIL:
        return ChangeKind.NEW_FAILURE
    if was.status is Status.FAIL and held_back and now.status in (Status.PASS, Status.WARN):
        return ChangeKind.RESOLVED
    order = list(Status)
    return ChangeKind.WORSE if order.index(now.status) < order.index(was.status) else ChangeKind.BETTER


def _moved(was: Judged, now: Judged) -> ChangeKind | None:
    """Whether the figure of a rule that is broken in both came nearer to its limit, or went away from it."""
    is_alike = was.threshold == now.threshold and was.subject == now.subject
    if now.status not in _BROKEN or not is_alike or was.value is None or now.value is None:
        return None
    limits = numbers.limits(now.threshold)
    if not limits:
        return None
    before, after = (min(abs(value - limit) for limit in limits) for value in (was.value, now.value))
    nearest = min(limits, key=lambda limit: abs(now.value - limit))  # type: ignore[operator]
    needed = max(_NOISE * abs(nearest) or _LEAST.get(now.unit, 1.0), _NOISE * before)
    if abs(after - before) < needed * (1 - 1e-9):  # a tenth is a tenth, whatever doubles make of it
        return None
    return ChangeKind.WORSE if after > before else ChangeKind.BETTER
