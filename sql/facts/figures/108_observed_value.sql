-- observed_name: one row an advertiser, stage and name of a CRM in the latest weeks of sending, with counts of events.
create or replace temp table observed_name as
with counted as (
    select
        advertiser_no,
        stage_no,
        source_no,
        count(*) as events,
        count(*) filter (
            upload_time - event_time between $TIM001_max_age_seconds - 86399 and $TIM001_max_age_seconds
        ) as nearly_late,
        -- all offsets of time zones are whole quarters of an hour
        count(*) filter (
            event_time % 86400 = 0
            or event_time % 900 = 0 and timezone(time_zone, to_timestamp(event_time))::time = time '00:00:00'
        ) as at_midnight
    from coded_recent_event
    where channel = 'crm'
    group by advertiser_no, stage_no, source_no
)
select advertiser_id, channel, event_name, word as lead_event_source, events, nearly_late, at_midnight
from counted
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join word_number on word_no = source_no;

-- observed_digest: one row an advertiser, field and hashed value (as the store knows it) of the same weeks: of gender,
-- state and country all, of e-mail addresses and numbers those that more than five leads share.
create or replace temp table observed_digest as
with hashed as (
    select
        event.advertiser_id,
        event.channel,
        lead_id,
        unnest(regexp_extract_all(digest_forms, '(?:em|ph|ge|st|country):sha256:[0-9a-f]{12}')) as form
    from event
    join advertiser using (advertiser_id, channel)
    join advertiser_window using (advertiser_id, channel)
    where digest_forms is not null
        and event.channel = 'crm'
        and (event.dataset_id is null or event.dataset_id is not distinct from advertiser.dataset_id)
        and coalesce(upload_time, event_time) > recent_since
        and coalesce(upload_time, event_time) <= $as_of
), of_lead as (
    select advertiser_id, channel, form, lead_id, count(*) as events
    from hashed
    group by advertiser_id, channel, form, lead_id
)
select
    advertiser_id,
    channel,
    split_part(form, ':', 1) as field,
    split_part(form, ':', 3) as digest,
    sum(events)::bigint as events,
    count(lead_id) as leads
from of_lead
group by advertiser_id, channel, form
having leads > 5 or field in ('ge', 'st', 'country');
