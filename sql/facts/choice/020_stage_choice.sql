-- stage_choice: one row an advertiser: the stage to optimise for, and the one that FUN006 and FUN007 report on.
create or replace temp table stage_choice as
with configured as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        coalesce(
            any_value(stage.event_name) filter (stage.event_name = configured_optimisation_stage),
            arg_min(stage.event_name, stage.stage_order),
            configured_optimisation_stage
        ) as event_name,
        count(stage.event_name) > 0 as is_seen
    from advertiser
    left join stage
        on stage.advertiser_id = advertiser.advertiser_id
        and stage.channel = advertiser.channel
        and folded(stage.event_name) = folded(configured_optimisation_stage)
    where configured_optimisation_stage is not null
    group by advertiser.advertiser_id, advertiser.channel, configured_optimisation_stage
), eligible as (
    select advertiser_id, channel, arg_min(event_name, stage_order) as event_name
    from stage_status
    where is_eligible
    group by advertiser_id, channel
), candidate as (
    select
        advertiser_id,
        channel,
        event_name,
        row_number() over (
            partition by advertiser_id, channel
            order by if(rate is null, null, round(greatest($min_rate - rate, rate - $max_rate, 0), 12)) nulls last, stage_order
        ) as rank
    from (
        select advertiser_id, channel, event_name, stage_order, rate from stage_status
        where (reason in ('raw', 'negative')) is not true
    )
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    coalesce(configured.event_name, eligible.event_name) as optimisation_stage,
    case
        when configured.event_name is not null then 'configured'
        when eligible.event_name is not null then 'recommended'
    end as source,
    coalesce(configured.event_name, eligible.event_name, candidate.event_name) as judged_stage,
    coalesce(configured.is_seen, true) as is_seen
from advertiser
left join configured using (advertiser_id, channel)
left join eligible using (advertiser_id, channel)
left join candidate
    on candidate.advertiser_id = advertiser.advertiser_id
    and candidate.channel = advertiser.channel
    and candidate.rank = 1;
