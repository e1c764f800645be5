"""What the store holds, and what a reader of the figures should know about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from funnelcheck import numbers
from funnelcheck.config import Config, nearest
from funnelcheck.language import _
from funnelcheck.model import WaiverState
from funnelcheck.reported import AdvertiserResult, Inputs, SourceFile
from funnelcheck.store import Store


def read(store: Store) -> Inputs:
    """What the store holds, over all files."""
    files = store.rows("select * from source_file order by kind, path, file_id")
    return Inputs(
        files=len(files),
        rows=sum(file["rows_read"] for file in files),
        loaded=sum(file["loaded"] for file in files),
        duplicates=sum(file["duplicates"] for file in files),
        quarantined=sum(file["quarantined"] for file in files),
        events=store.value("select count(*) from event"),
        app_events=store.value("select count(*) from app_event where kind <> 'unreadable'"),
        leads=store.value(
            "select count(*) from (select advertiser_id, lead_id from lead group by all having not bool_or(is_test))"
        ),
        sources=tuple(
            SourceFile(
                path=f["path"],
                kind=f["kind"],
                sha256=f["sha256"],
                rows=f["rows_read"],
                loaded=f["loaded"],
                duplicates=f["duplicates"],
                quarantined=f["quarantined"],
                passed_over=f["passed_over"],
            )
            for f in files
        ),
    )


_OF_ADVERTISERS = """
select distinct path, kind, sha256
from source_file
join (
    select file_id, advertiser_id from request
    union all select file_id, advertiser_id from lead
    union all select file_id, advertiser_id from lead_count
    union all select file_id, advertiser_id from attributed_install
) using (file_id)
where advertiser_id in (select unnest($wanted::varchar[]))
"""


def of_advertisers(store: Store, inputs: Inputs, advertisers: Collection[str]) -> Inputs:
    """The inputs with those files alone that hold anything of these advertisers; the totals stay."""
    rows = store.rows(_OF_ADVERTISERS, {"wanted": sorted(advertisers)})
    own = {(row["path"], row["kind"], row["sha256"]) for row in rows}
    return replace(inputs, sources=tuple(one for one in inputs.sources if (one.path, one.kind, one.sha256) in own))


def hints(
    store: Store,
    config: Config,
    known: Collection[str],
    results: Sequence[AdvertiserResult],
    as_of: int,
    broken_rules: Sequence[str],
) -> tuple[str, ...]:
    """What a reader of the figures should know: what names nobody, what the configuration names in vain.

    `known`: the advertisers that there are.
    """
    broken = [_("{rule}. Nobody was judged by it.").format(rule=numbers.visible(told)) for told in sorted(broken_rules)]
    return (*_ownerless(store), *_unknown(store, config, known), *_idle_waivers(config, results, as_of), *broken)


def _ownerless(store: Store) -> list[str]:
    hints = []
    ownerless = store.value(
        "select count(distinct lead_id) from listed_lead where advertiser_id is null "
        "and lead_id not in (select lead_id from list_lead)"
    )
    if ownerless:
        hints.append(
            _(
                "{n} leads name no advertiser and no event carries their id: they count for nobody, so coverage looks "
                "better than it is. Name their owner with --advertiser or an advertiser column."
            ).format(n=numbers.count(ownerless))
        )
    uncounted = store.value("select sum(leads) from lead_count where advertiser_id is null")
    if uncounted:
        hints.append(
            _(
                "Daily counts of {n} leads name no advertiser: they count for nobody. "
                "Name their owner with --advertiser or an advertiser column."
            ).format(n=numbers.count(uncounted))
        )
    unnamed = store.value("select count(*) from request where advertiser_id = '(unnamed)'")
    if unnamed:
        hints.append(
            _(
                "{n} records name neither an advertiser nor a dataset; they are judged together as (unnamed). "
                "Name their owner with --advertiser."
            ).format(n=numbers.count(unnamed))
        )
    return hints


_WITHOUT_CRM = """
select distinct advertiser_id from request where channel = 'app'
union
select distinct advertiser_id from attributed_install where advertiser_id is not null
"""


def _unknown(store: Store, config: Config, known: Collection[str]) -> list[str]:
    known = set(known) | {row["advertiser_id"] for row in store.rows(_WITHOUT_CRM)}
    return [
        _("{file} speaks of the advertiser {name}, of whom the store holds nothing{nearest}.").format(
            file=config.path, name=name, nearest=nearest(name, known)
        )
        for name in config.advertisers
        if name not in known and known
    ]


def _idle_waivers(config: Config, results: Sequence[AdvertiserResult], as_of: int) -> list[str]:
    """Waivers that still hold and cover nothing."""
    hints = []
    known = {result.advertiser_id for result in results}
    for waiver in config.waivers:
        names = {"file": config.path, "rule": waiver.rule.upper(), "name": waiver.advertiser_id}
        uses = [use for result in results for use in result.waivers if use.waiver == waiver]
        if known and waiver.advertiser_id not in known and waiver.until >= numbers.day(as_of, "UTC"):
            hints.append(
                _(
                    "{file}: the waiver of {rule} for {name} covers nothing: "
                    "the store holds no such advertiser{nearest}"
                ).format(nearest=nearest(waiver.advertiser_id, known), **names)
            )
        elif uses and all(use.state is WaiverState.IDLE for use in uses):
            hints.append(
                _(
                    "{file}: the waiver of {rule} for {name} covers nothing: the rule neither fails nor warns. "
                    "Take it out."
                ).format(**names)
            )
    return [numbers.visible(hint) for hint in dict.fromkeys(hints)]
