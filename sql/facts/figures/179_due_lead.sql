-- coded_due_lead: one row a lead of the list that an event is due for: created in the four weeks, less the last day, up
-- to where log and list speak; whether it has a valid event, the raw one, one of another stage; and whether a raw event
-- was sent for it at all, what Meta answered to it, and whether it answered.
create or replace temp table coded_due_lead as
with due as (
    select advertiser_no, lead_no, created_time, current_no
    from coded_list_lead
    join advertiser_window using (advertiser_no)
    join current_log using (advertiser_no)
    where not is_test
        and created_time >= coalesce(start, created_time)
        and created_time > window_end - 2419200
        and created_time <= window_end - 86400
), raw as (
    -- null where no stage is known as the raw one
    select advertiser_no, stage_no, event_name is not null as is_known
    from raw_stage
    join advertiser_number using (advertiser_id, channel)
    left join stage_number using (event_name)
), reached as (
    select
        advertiser_no,
        lead_no,
        bool_or(is_known and coalesce(coded_lead_stage.stage_no = raw.stage_no, false)) as has_raw,
        bool_or(
            is_known and coded_lead_stage.stage_no is not null and coded_lead_stage.stage_no is distinct from raw.stage_no
        ) as has_later
    from coded_lead_stage
    join due using (advertiser_no, lead_no)
    join raw using (advertiser_no)
    where stage_time <= $as_of
    group by advertiser_no, lead_no
), raw_event as (
    -- valid or not
    select
        advertiser_no,
        lead_no,
        bool_or(coalesce(accepted, false)) as is_accepted,
        bool_or(accepted is not null) as is_answered
    from coded_sent_event
    join coded_raw_stage using (advertiser_no, stage_no)
    join due using (advertiser_no, lead_no)
    where not is_test and (dataset_no is null or dataset_no = current_no)
    group by advertiser_no, lead_no
)
select
    due.advertiser_no,
    due.lead_no,
    created_time,
    reached.lead_no is not null as is_covered,
    coalesce(has_raw, false) as has_raw,
    coalesce(has_later, false) as has_later,
    raw_event.lead_no is not null as raw_sent,
    coalesce(is_accepted, false) as raw_accepted,
    coalesce(is_answered, false) as raw_answered
from due
left join reached using (advertiser_no, lead_no)
left join raw_event using (advertiser_no, lead_no);

-- due_lead: the same with the texts.
create or replace temp view due_lead as
select
    advertiser_id,
    channel,
    coalesce(lead_id, lead_no::varchar) as lead_id,
    created_time,
    day_of(created_time, time_zone) as day,
    is_covered,
    has_raw,
    has_later,
    raw_sent,
    raw_accepted,
    raw_answered,
    advertiser_no,
    lead_no
from coded_due_lead
join advertiser using (advertiser_no)
left join odd_lead using (lead_no);
