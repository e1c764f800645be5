-- lead_order: one row a lead with at least two stages that are not negative: do their times follow the funnel's order?
create or replace temp table lead_order as
with path as (
    -- place and time in one number (a time has 40 bits): numbers are sorted many times faster than rows
    select advertiser_id, channel, lead_id, list_sort(list((stage_order << 40) + stage_time)) as path
    from lead_stage
    join stage using (advertiser_id, channel, event_name)
    where not is_negative
    group by advertiser_id, channel, lead_id
    having count(*) > 1
), timed as (
    select advertiser_id, channel, lead_id, [step & ((1::bigint << 40) - 1) for step in path] as times from path
)
select advertiser_id, channel, lead_id, times = list_sort(times) as is_in_order
from timed;
