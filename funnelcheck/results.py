"""Small fact tables -> what a report says about one advertiser."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from funnelcheck import numbers
from funnelcheck.causes import Pattern, shared_causes
from funnelcheck.language import _
from funnelcheck.model import Finding, Key
from funnelcheck.progress import Progress
from funnelcheck.reported import (
    AdvertiserResult,
    AgeBand,
    Coverage,
    CoverageDay,
    CoverageForm,
    CurvePoint,
    DatasetUse,
    Freshness,
    Stage,
)
from funnelcheck.store import Store
from funnelcheck.verdict import Decision

DAY = 86_400
_CURVE_POINTS = 120  # more than a chart can show
_MOST = 20  # forms, campaigns, stages and CRMs of a table
Rows = Mapping[Key, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Facts:
    """The small fact tables of a judgement, by advertiser and channel."""

    keys: tuple[Key, ...]
    present: Mapping[Key, set[str]]
    choice: Mapping[Key, dict[str, Any]]
    window: Mapping[Key, dict[str, Any]]
    stages: Rows
    unions: Rows
    curves: Mapping[tuple[str, str, str], tuple[CurvePoint, ...]]
    coverage: Mapping[Key, dict[str, Any]]
    days: Rows
    forms: Rows
    ages: Rows
    datasets: Rows
    patterns: Mapping[Key, list[Pattern]]

    @classmethod
    def read(cls, store: Store) -> Self:
        """Read them all; a handful of queries for all advertisers together."""
        present: dict[Key, set[str]] = defaultdict(set)
        for row in store.rows("from input_present"):
            present[_key(row)].add(row["input"])
        window = _one(store, "select * from advertiser join advertiser_window using (advertiser_id, channel)")
        return cls(
            keys=tuple(sorted(window)),
            present=present,
            choice=_one(
                store,
                """
                select stage_choice.*, raw_stage.event_name as raw_stage, raw_stage.source as raw_stage_source
                from stage_choice join raw_stage using (advertiser_id, channel)
                """,
            ),
            window=window,
            stages=_many(
                store,
                """
                select stage_rate.*, reason, is_eligible, leads_to_settle,
                    coalesce(recent_leads, 0) / 4 as weekly_leads,
                    day_of(settles_at, time_zone)::varchar as settles_on
                from stage_rate
                join stage_status using (advertiser_id, channel, event_name)
                join advertiser using (advertiser_id, channel)
                left join stage_volume using (advertiser_id, channel, event_name)
                left join stage_settling using (advertiser_id, channel, event_name)
                order by stage_rate.stage_order
                """,
            ),
            unions=_many(store, "from stage_union order by first_step"),
            curves=_curves(store),
            coverage=_one(store, "from coverage"),
            days=_many(
                store,
                """
                select
                    advertiser_id,
                    channel,
                    day,
                    lead_day.* exclude (advertiser_id, channel, day),
                    unlisted_day.leads as unlisted,
                    unlisted_day.events as unlisted_events
                from lead_day
                full join unlisted_day using (advertiser_id, channel, day)
                order by day
                """,
            ),
            forms=_many(store, _worst("lead_form", "eligible - covered desc, eligible desc, name")),
            ages=_many(store, _worst("age_band", "events desc, name")),
            datasets=_many(
                store,
                """
                select dataset_use.*, time_zone, day_of(first_sent, time_zone)::varchar as first_day,
                    day_of(last_sent, time_zone)::varchar as last_day
                from dataset_use join advertiser using (advertiser_id, channel)
                order by is_current desc, last_sent desc, dataset_use.dataset_id
                """,
            ),
            patterns=_patterns(store),
        )


def advertiser_result(
    key: Key, found: Sequence[Finding], decision: Decision, facts: Facts, progress: Progress
) -> AdvertiserResult:
    """Everything a report says about one advertiser."""
    window, choice = facts.window[key], facts.choice[key]
    stages = stages_of(key, facts)
    raw_leads = sum(stage.leads for stage in stages if stage.name == choice["raw_stage"])
    return AdvertiserResult(
        advertiser_id=key[0],
        channel=key[1],
        dataset_id=window["dataset_id"],
        horizon=window["horizon"],
        verdict=decision.verdict,
        step=decision.step,
        step_name=decision.step_name,
        blocked_by=decision.blocked_by,
        summary=decision.summary,
        raw_stage=choice["raw_stage"],
        raw_stage_source=choice["raw_stage_source"],
        lead_creation_source="list" if window["has_list"] else ("raw-event" if raw_leads else None),
        optimisation_stage=choice["optimisation_stage"],
        optimisation_stage_source=choice["source"],
        findings=tuple(sorted(found, key=lambda finding: finding.code)),
        stages=stages,
        coverage=_coverage(key, facts),
        actions=decision.actions,
        time_zone=window["time_zone"],
        events=window["events"],
        valid_events=window["valid_events"],
        leads=window["leads"],
        test_leads=window["test_leads"],
        list_end=window["list_end"],
        list_is_stale=window["is_stale"],
        first_valid_event=window["first_valid"],
        last_upload=window["latest_upload"],
        datasets=tuple(_dataset(row) for row in facts.datasets.get(key, [])),
        causes=shared_causes(facts.patterns.get(key, [])),
        notes=(
            *_notes(stages, choice, facts.stages.get(key, []), _band(found)),
            *(_union(row, _band(found)) for row in facts.unions.get(key, [])),
        ),
        journey=progress.journey(key, decision.step, found),
        stuck=progress.stuck(found),
        clock=progress.clock(key, found, decision.blocked_by, window),
        freshness=_freshness(facts.ages.get(key, [])),
    )


def stages_of(key: Key, facts: Facts) -> tuple[Stage, ...]:
    """The stages of an advertiser in the order of its funnel."""
    return tuple(_stage(row, facts) for row in facts.stages.get(key, []))


def _stage(row: Mapping[str, Any], facts: Facts) -> Stage:
    return Stage(
        name=row["event_name"],
        order=row["stage_order"],
        events=row["events"],
        leads=row["leads"],
        cohort=row["cohort"],
        mature=row["mature"],
        converted=row["converted"],
        rate=row["rate"],
        rate_low=row["rate_low"],
        rate_high=row["rate_high"],
        window_days=_in_days(row["p90_seconds"]),
        median_days=_in_days(row["median_seconds"]),
        eligible=row["is_eligible"],
        reason=row["reason"],
        negative=row["is_negative"],
        order_uncertain=row["is_order_uncertain"],
        reached=row["reached"],
        longest_days=_in_days(row["longest_seconds"]),
        within_window=row["within_window"],
        weekly_leads=row["weekly_leads"],
        deeper_rate=row["deeper_rate"],
        deeper_low=row["deeper_low"],
        deeper_high=row["deeper_high"],
        leads_to_settle=row["leads_to_settle"],
        settles_on=row["settles_on"],
        curve=facts.curves.get((row["advertiser_id"], row["channel"], row["event_name"]), ()),
    )


def _coverage(key: Key, facts: Facts) -> Coverage:
    row = facts.coverage[key]
    if not row["has_list"] or key[1] == "history":  # what was not sent covers nothing
        return Coverage()
    eligible, days, forms = row["eligible"], facts.days.get(key, []), facts.forms.get(key, [])
    return Coverage(
        eligible=eligible,
        covered=row["covered"],
        raw_covered=row["raw_covered"],
        rate=row["covered"] / eligible if eligible else None,
        raw_rate=row["raw_covered"] / eligible if eligible else None,
        days=tuple(CoverageDay(str(day["day"]), *_trail(day), day["unlisted"] or 0) for day in days),
        forms=_forms(forms, "form"),
        form_count=_of_kind(forms, "form"),
        campaigns=_forms(forms, "campaign"),
        campaign_count=_of_kind(forms, "campaign"),
        unlisted_events=sum(day["unlisted_events"] or 0 for day in days),
    )


def _trail(row: Mapping[str, Any]) -> tuple[int, int, int, int, int, int, int]:
    """From generated to the later stages, in the order of CoverageDay's fields."""
    return (
        row["eligible"] or 0,
        row["covered"] or 0,
        row["raw_covered"] or 0,
        row["raw_sent"] or 0,
        row["raw_accepted"] or 0,
        row["raw_unanswered"] or 0,
        row["later"] or 0,
    )


def _forms(rows: Sequence[Mapping[str, Any]], kind: str) -> tuple[CoverageForm, ...]:
    """The forms or campaigns; none where the list names none at all."""
    found = tuple(CoverageForm(row["name"], *_trail(row)) for row in rows if row["kind"] == kind)
    return found if any(form.name is not None for form in found) else ()


def _of_kind(rows: Sequence[Mapping[str, Any]], kind: str) -> int:
    return next((row["several"] for row in rows if row["kind"] == kind), 0)


def _freshness(rows: Sequence[Mapping[str, Any]]) -> Freshness | None:
    bands = {kind: tuple(_band_of(row) for row in rows if row["kind"] == kind) for kind in ("all", "stage", "crm")}
    if not bands["all"]:
        return None
    return Freshness(
        total=bands["all"][0],
        stages=bands["stage"],
        stage_count=_of_kind(rows, "stage"),
        crms=bands["crm"],
        crm_count=_of_kind(rows, "crm"),
    )


def _band_of(row: Mapping[str, Any]) -> AgeBand:
    return AgeBand(
        name=row["name"],
        events=row["events"],
        within_hour=row["within_hour"],
        within_two_hours=row["within_two_hours"],
        within_day=row["within_day"],
        within_five_days=row["within_five_days"],
        within_seven_days=row["within_seven_days"],
    )


def _worst(table: str, order: str) -> str:
    """The first rows of a fact by advertiser and kind, and how many each kind has."""
    return f"""
        select *, count(*) over (partition by advertiser_id, channel, kind) as several
        from {table}
        qualify row_number() over (partition by advertiser_id, channel, kind order by {order}) <= {_MOST}
        order by advertiser_id, channel, kind, {order}
    """


def _dataset(row: Mapping[str, Any]) -> DatasetUse:
    return DatasetUse(
        dataset_id=row["dataset_id"],
        current=row["is_current"],
        ignored=row["is_ignored"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        events=int(row["events"]),
    )


def _band(found: Sequence[Finding]) -> tuple[float, ...]:
    """The lowest and the highest conversion rate that FUN006 allows."""
    threshold = next(finding.threshold for finding in found if finding.code == "FUN006")
    return threshold if isinstance(threshold, tuple) else (0.0, 1.0)


def _notes(
    stages: Sequence[Stage], choice: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], band: tuple[float, ...]
) -> tuple[str, ...]:
    """Earlier stages that may still qualify: wait or decide, since a change restarts learning."""
    if choice["source"] != "recommended":
        return ()
    chosen = next((stage.order for stage in stages if stage.name == choice["optimisation_stage"]), 0)
    notes = []
    for stage, row in zip(stages, rows, strict=True):
        reaches_in = stage.rate_high is not None and stage.rate_high >= band[0] and (stage.rate_low or 0) <= band[1]
        if stage.order < chosen and stage.reason == "undecided" and reaches_in:
            closes = row["first_created"] + 28 * DAY
            told = (
                _(
                    "{stage} comes earlier and may still qualify from {day} on. "
                    "Wait for it or decide now: a later change of the stage restarts learning."
                )
                if stage.mature == 0
                else _(
                    "{stage} comes earlier and may still qualify with more data. "
                    "Wait for it or decide now: a later change of the stage restarts learning."
                )
            )
            name = numbers.cut(numbers.visible(stage.name), 80)
            notes.append(told.format(stage=name, day=numbers.date_of(closes)))
    return tuple(notes)


def _union(row: Mapping[str, Any], band: tuple[float, ...]) -> str:
    """Stages that are too rare alone and would qualify as one."""
    return _(
        "{stages} together: {share} leads reach one of them within 28 days (95 %: {interval}), nine in ten of these "
        "within {days}; alone each is, or seems, too rare. Name them as one stage in the mapping to use it."
    ).format(
        stages=numbers.listed(numbers.cut(numbers.visible(name), 80) for name in row["names"]),
        share=numbers.share(row["rate"], row["cohort"], band),
        interval=numbers.interval(row["rate_low"], row["rate_high"], band),
        days=numbers.days(row["p90_seconds"] / DAY),
    )


def _curves(store: Store) -> dict[tuple[str, str, str], tuple[CurvePoint, ...]]:
    """Kaplan-Meier's steps, thinned out to what a chart can show; the last one always among them."""
    points: dict[tuple[str, str, str], list[CurvePoint]] = defaultdict(list)
    for row in store.rows(
        """
        select advertiser_id, channel, event_name, minute, share, share_low, share_high
        from stage_curve
        where place = places or place % greatest(places // $points, 1) = 0
        order by advertiser_id, channel, event_name, minute
        """,
        {"points": _CURVE_POINTS},
    ):
        key = (row["advertiser_id"], row["channel"], row["event_name"])
        points[key].append(CurvePoint(row["minute"] / 1440, row["share"], row["share_low"], row["share_high"]))
    return {key: tuple(several) for key, several in points.items()}


def _patterns(store: Store) -> dict[Key, list[Pattern]]:
    """Which faults come together; rules that are no more than a sum of others have no bit."""
    found: dict[Key, list[Pattern]] = defaultdict(list)
    for row in store.rows(
        """
        select
            fault_pattern.* exclude (faulty),
            (select list(code order by code) from event_rule where (faulty >> bit) & 1 = 1) as codes
        from fault_pattern
        """
    ):
        key = _key(row)
        times = (row["first_sent"], row["last_sent"])
        found[key].append(Pattern(frozenset(row["codes"]), row["source"], row["events"], *times))
    return found


def _in_days(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / DAY


def _key(row: Mapping[str, Any]) -> Key:
    return row["advertiser_id"], row["channel"]


def _one(store: Store, sql: str) -> dict[Key, dict[str, Any]]:
    return {_key(row): row for row in store.rows(sql)}


def _many(store: Store, sql: str) -> dict[Key, list[dict[str, Any]]]:
    found: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in store.rows(sql):
        found[_key(row)].append(row)
    return found
