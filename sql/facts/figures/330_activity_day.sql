-- activity_day: one row an advertiser and day (in its time zone) of four weeks on which a lead was created or a stage
-- changed: the first and last such instant, and the first accepted upload from the first one on.
create or replace temp table activity_day as
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
), by_day as (
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
    group by advertiser_id, channel, day_of(first, time_zone)
), upload as (
    select advertiser_id, channel, upload_time // 900 as quarter, upload_time
    from sent_request
    join advertiser using (advertiser_id, channel)
    where accepted
        and upload_time is not null
        and (sent_request.dataset_id is null or sent_request.dataset_id is not distinct from advertiser.dataset_id)
), same_quarter as (
    select by_day.advertiser_id, by_day.channel, day, min(upload_time) as upload_time
    from by_day
    join upload
        on upload.advertiser_id = by_day.advertiser_id
        and upload.channel = by_day.channel
        and upload.quarter = first_activity // 900
        and upload.upload_time >= first_activity
    group by by_day.advertiser_id, by_day.channel, day
), first_of_quarter as (
    select advertiser_id, channel, quarter, min(upload_time) as upload_time
    from upload
    group by advertiser_id, channel, quarter
)
select by_day.*, coalesce(same_quarter.upload_time, first_of_quarter.upload_time) as next_upload
from by_day
left join same_quarter using (advertiser_id, channel, day)
asof left join first_of_quarter
    on first_of_quarter.advertiser_id = by_day.advertiser_id
    and first_of_quarter.channel = by_day.channel
    and by_day.first_activity // 900 < first_of_quarter.quarter;
