-- changing_day: one row an advertiser and day (in its time zone) of four weeks on which a lead was created or a stage
-- changed: the first and last such instant, and how many.
create or replace temp table changing_day as
with changed as (
    -- all offsets of time zones are whole quarters of an hour: of many instants few need their day looked up
    select
        advertiser_id,
        channel,
        event_time // 900 as quarter,
        min(event_time) as first,
        max(event_time) as last,
        0 as leads,
        count(*) as events
    from sent_event
    join advertiser using (advertiser_id, channel)
    join advertiser_window using (advertiser_id, channel)
    where channel = 'crm'
        and event_time > horizon - $recent_days * 86400
        and event_time <= horizon
        and (sent_event.dataset_id is null or sent_event.dataset_id is not distinct from advertiser.dataset_id)
    group by advertiser_id, channel, event_time // 900
), created as (
    select advertiser_id, channel, created_time // 900, min(created_time), max(created_time), count(*), 0
    from list_lead
    join advertiser_window using (advertiser_id, channel)
    where channel = 'crm'
        and not is_test
        and created_time >= coalesce(start, created_time)
        and created_time > horizon - $recent_days * 86400
        and created_time <= horizon
    group by advertiser_id, channel, created_time // 900
)
select
    advertiser_id,
    channel,
    day_of(first, time_zone) as day,
    min(first) as first_activity,
    max(last) as last_activity,
    sum(leads)::bigint as leads,
    sum(events)::bigint as events
from (from changed union all from created)
join advertiser using (advertiser_id, channel)
group by advertiser_id, channel, day_of(first, time_zone);

-- upload_quarter: one row an advertiser and quarter of an hour with an accepted upload to the current dataset: the first.
create or replace temp table upload_quarter as
select advertiser_id, channel, upload_time // 900 as quarter, min(upload_time) as upload_time
from sent_request
join advertiser using (advertiser_id, channel)
where accepted
    and upload_time is not null
    and (sent_request.dataset_id is null or sent_request.dataset_id is not distinct from advertiser.dataset_id)
group by advertiser_id, channel, upload_time // 900;

-- prompt_upload: one row a changing day with an accepted upload in the very quarter of an hour of the first activity, from
-- that instant on: the first.
create or replace temp table prompt_upload as
select changing_day.advertiser_id, changing_day.channel, day, min(upload_time) as upload_time
from sent_request
join advertiser using (advertiser_id, channel)
join changing_day
    on changing_day.advertiser_id = sent_request.advertiser_id
    and changing_day.channel = sent_request.channel
    and first_activity // 900 = upload_time // 900
    and first_activity <= upload_time
where accepted
    and (sent_request.dataset_id is null or sent_request.dataset_id is not distinct from advertiser.dataset_id)
group by changing_day.advertiser_id, changing_day.channel, day;

-- activity_day: one row a changing day, with the first accepted upload from its first activity on.
create or replace temp table activity_day as
select changing_day.*, coalesce(prompt_upload.upload_time, upload_quarter.upload_time) as next_upload
from changing_day
left join prompt_upload using (advertiser_id, channel, day)
asof left join upload_quarter
    on upload_quarter.advertiser_id = changing_day.advertiser_id
    and upload_quarter.channel = changing_day.channel
    and changing_day.first_activity // 900 < upload_quarter.quarter;
