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
), untold as (
    -- where nothing else tells, the order of events does
    select advertiser_no
    from advertiser
    anti join configured using (advertiser_id, channel)
    anti join hinted using (advertiser_id, channel)
), listed_stage as (
    select advertiser_no, lead_no, stage_no, stage_time
    from coded_lead_stage
    semi join untold using (advertiser_no)
    join coded_list_lead using (advertiser_no, lead_no)
    where not is_test
), first_time as (
    select advertiser_no, lead_no, min(stage_time) as stage_time
    from listed_stage
    group by advertiser_no, lead_no
), started as (
    select advertiser_no, stage_no, count(*) as leads
    from listed_stage
    join first_time using (advertiser_no, lead_no, stage_time)
    group by advertiser_no, stage_no
), most as (
    select advertiser_no, max(leads) as leads from started group by advertiser_no
), with_events as (
    select advertiser_no, count(*) as leads_with_events from first_time group by advertiser_no
), by_order as (
    select advertiser_no, any_value(stage_no) as stage_no
    from started
    join most using (advertiser_no, leads)
    join with_events using (advertiser_no)
    where 5 * leads >= 4 * leads_with_events
    group by advertiser_no
    having count(*) = 1
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    coalesce(configured.event_name, hinted.event_name, stage_number.event_name) as event_name,
    case
        when configured.event_name is not null then 'configured'
        when hinted.event_name is not null then 'hint'
        when stage_number.event_name is not null then 'order'
    end as source
from advertiser
left join configured using (advertiser_id, channel)
left join hinted using (advertiser_id, channel)
left join by_order using (advertiser_no)
left join stage_number using (stage_no);

-- coded_raw_stage: the same as a number, where it was sent at all.
create or replace temp view coded_raw_stage as
select advertiser_no, stage_no
from raw_stage
join advertiser_number using (advertiser_id, channel)
join stage_number using (event_name);
