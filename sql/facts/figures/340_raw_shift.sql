-- raw_shift: one row an advertiser and difference in seconds between event_time and the creation of the lead: raw events
-- of listed leads in the latest weeks of sending, valid but for events before their lead.
create or replace temp table raw_shift as
with bit_of as (
    select coalesce(sum(1::bigint << bit), 0)::bigint as tim002 from event_rule where code = 'TIM002'
), judged as (
    select advertiser_no, stage_no, event_time - lead_created as shift, count(*) as events
    from coded_recent_event
    join answering using (advertiser_no)
    cross join bit_of
    where lead_created is not null
        and event_time is not null
        and not is_test
        and coalesce(accepted, not has_response)
        and (faulty & $validity & ~tim002) = 0
    group by advertiser_no, stage_no, shift
), named as (
    select advertiser_id, channel, event_name, shift, events
    from judged
    join advertiser_number using (advertiser_no)
    left join stage_number using (stage_no)
), unseen as (
    -- where every raw event lies before its lead none is valid, so that the raw stage was not found among valid ones
    select advertiser_id, channel, event_name as raw_name
    from raw_stage
    anti join stage_seen using (advertiser_id, channel, event_name)
), likely as (
    select advertiser_id, channel, any_value(event_name) as event_name
    from (select distinct advertiser_id, channel, event_name from named)
    join unseen using (advertiser_id, channel)
    where if(
        raw_name is null,
        folded(event_name) in (select folded(name) from raw_stage_hint),
        folded(event_name) = folded(raw_name)
    )
    group by advertiser_id, channel
    having count(*) = 1
), raw as (
    select advertiser_id, channel, event_name from raw_stage
    union
    from likely
)
select advertiser_id, channel, event_name, shift, events
from named
join raw using (advertiser_id, channel, event_name);
