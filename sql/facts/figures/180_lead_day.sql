-- lead_day: one row an advertiser and day of creation: leads due, with a valid event, with a valid raw event.
create or replace temp table lead_day as
with due as (
    select advertiser_id, channel, lead_id, day_of(created_time, time_zone) as day
    from list_lead
    join advertiser_window using (advertiser_id, channel)
    join advertiser using (advertiser_id, channel)
    where not is_test
        and created_time >= coalesce(start, created_time)
        and created_time > window_end - 2419200
        and created_time <= window_end - 86400
), reached as (
    select advertiser_id, channel, lead_id, bool_or(lead_stage.event_name = raw_stage.event_name) as has_raw
    from lead_stage
    join raw_stage using (advertiser_id, channel)
    where stage_time <= $as_of
    group by advertiser_id, channel, lead_id
)
select
    advertiser_id,
    channel,
    day,
    count(*) as eligible,
    count(reached.lead_id) as covered,
    count(*) filter (has_raw) as raw_covered
from due
left join reached using (advertiser_id, channel, lead_id)
group by advertiser_id, channel, day;
