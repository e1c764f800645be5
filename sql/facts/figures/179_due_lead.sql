-- due_lead: one row a lead of the list that an event is due for: created in the four weeks, less the last day, up to
-- where log and list speak; whether it has a valid event, and the raw one.
create or replace temp table due_lead as
with due as (
    select advertiser_id, channel, lead_id, created_time, day_of(created_time, time_zone) as day
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
select due.*, reached.lead_id is not null as is_covered, coalesce(has_raw, false) as has_raw
from due
left join reached using (advertiser_id, channel, lead_id);
