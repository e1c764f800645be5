-- raw_stage: one row an advertiser: the stage that a lead starts with, and how it was found; null where it is unknown.
create or replace temp table raw_stage as
with configured as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        coalesce(
            any_value(stage_seen.event_name) filter (stage_seen.event_name = configured_raw_stage),
            -- of several spellings the one that is sent most
            first(stage_seen.event_name order by stage_seen.events desc, stage_seen.event_name)
                filter (stage_seen.event_name is not null),
            configured_raw_stage
        ) as event_name
    from advertiser
    left join stage_seen
        on stage_seen.advertiser_id = advertiser.advertiser_id
        and stage_seen.channel = advertiser.channel
        and folded(stage_seen.event_name) = folded(configured_raw_stage)
    where configured_raw_stage is not null
    group by advertiser.advertiser_id, advertiser.channel, configured_raw_stage
), hinted as (
    select advertiser_id, channel, any_value(event_name) as event_name
    from stage_seen
    where folded(event_name) in (select folded(name) from raw_stage_hint)
    group by advertiser_id, channel
    having count(*) = 1
), listed_stage as (
    select advertiser_id, channel, lead_id, event_name, stage_time
    from lead_stage
    join list_lead using (advertiser_id, channel, lead_id)
    where not is_test
), first_time as (
    select advertiser_id, channel, lead_id, min(stage_time) as stage_time
    from listed_stage
    group by advertiser_id, channel, lead_id
), started as (
    select advertiser_id, channel, event_name, count(*) as leads
    from listed_stage
    join first_time using (advertiser_id, channel, lead_id, stage_time)
    group by advertiser_id, channel, event_name
), most as (
    select advertiser_id, channel, max(leads) as leads from started group by advertiser_id, channel
), with_events as (
    select advertiser_id, channel, count(*) as leads_with_events from first_time group by advertiser_id, channel
), by_order as (
    select advertiser_id, channel, any_value(event_name) as event_name
    from started
    join most using (advertiser_id, channel, leads)
    join with_events using (advertiser_id, channel)
    where 5 * leads >= 4 * leads_with_events
    group by advertiser_id, channel
    having count(*) = 1
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    coalesce(configured.event_name, hinted.event_name, by_order.event_name) as event_name,
    case
        when configured.event_name is not null then 'configured'
        when hinted.event_name is not null then 'hint'
        when by_order.event_name is not null then 'order'
    end as source
from advertiser
left join configured using (advertiser_id, channel)
left join hinted using (advertiser_id, channel)
left join by_order using (advertiser_id, channel);
