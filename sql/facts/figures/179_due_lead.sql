-- due_lead: one row a lead of the list that an event is due for: created in the four weeks, less the last day, up to
-- where log and list speak; whether it has a valid event, the raw one, one of another stage; and whether a raw event was
-- sent for it at all, what Meta answered to it, and whether it answered.
create or replace temp table due_lead as
with due as (
    select advertiser_id, channel, lead_id, created_time, day_of(created_time, time_zone) as day, dataset_id
    from list_lead
    join advertiser_window using (advertiser_id, channel)
    join advertiser using (advertiser_id, channel)
    where not is_test
        and created_time >= coalesce(start, created_time)
        and created_time > window_end - 2419200
        and created_time <= window_end - 86400
), reached as (
    select
        advertiser_id,
        channel,
        lead_id,
        bool_or(lead_stage.event_name = raw_stage.event_name) as has_raw,
        bool_or(lead_stage.event_name <> raw_stage.event_name) as has_later
    from lead_stage
    join raw_stage using (advertiser_id, channel)
    where stage_time <= $as_of
    group by advertiser_id, channel, lead_id
), raw_event as (
    -- valid or not
    select
        due.advertiser_id,
        due.channel,
        due.lead_id,
        bool_or(coalesce(accepted, false)) as is_accepted,
        bool_or(accepted is not null) as is_answered
    from sent_event
    join raw_stage using (advertiser_id, channel, event_name)
    join due using (advertiser_id, channel, lead_id)
    where not is_test and (sent_event.dataset_id is null or sent_event.dataset_id is not distinct from due.dataset_id)
    group by due.advertiser_id, due.channel, due.lead_id
)
select
    due.* exclude (dataset_id),
    reached.lead_id is not null as is_covered,
    coalesce(has_raw, false) as has_raw,
    coalesce(has_later, false) as has_later,
    raw_event.lead_id is not null as raw_sent,
    coalesce(is_accepted, false) as raw_accepted,
    coalesce(is_answered, false) as raw_answered
from due
left join reached using (advertiser_id, channel, lead_id)
left join raw_event using (advertiser_id, channel, lead_id);
