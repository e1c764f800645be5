-- changing_day: one row an advertiser and day (in its time zone) of four weeks on which a lead was created or a stage
-- changed: the first and last such instant, and how many.
create or replace temp table changing_day as
with changed as (
    select
        advertiser_no,
        day,
        min(event_time) as first_activity,
        max(event_time) as last_activity,
        0 as leads,
        count(*) as events
    from coded_sent_event
    join current_log using (advertiser_no)
    join advertiser_window using (advertiser_no)
    join quarter_day on quarter_day.zone_no = current_log.zone_no and quarter = event_time // 900
    where current_log.channel = 'crm'
        and event_time > horizon - $recent_days * 86400
        and event_time <= horizon
        and (dataset_no is null or dataset_no = current_no)
    group by advertiser_no, day
), created as (
    select advertiser_no, day, min(created_time), max(created_time), count(*), 0
    from coded_list_lead
    join current_log using (advertiser_no)
    join advertiser_window using (advertiser_no)
    join quarter_day on quarter_day.zone_no = current_log.zone_no and quarter = created_time // 900
    where current_log.channel = 'crm'
        and not is_test
        and created_time >= coalesce(start, created_time)
        and created_time > horizon - $recent_days * 86400
        and created_time <= horizon
    group by advertiser_no, day
)
select
    advertiser_id,
    channel,
    advertiser_no,
    day,
    min(first_activity) as first_activity,
    max(last_activity) as last_activity,
    sum(leads)::bigint as leads,
    sum(events)::bigint as events
from (from changed union all from created)
join advertiser_number using (advertiser_no)
group by advertiser_id, channel, advertiser_no, day;

-- upload_quarter: one row an advertiser and quarter of an hour of these weeks with an accepted upload: the first.
create or replace temp table upload_quarter as
select advertiser_no, upload_time // 900 as quarter, min(upload_time) as upload_time
from coded_request
join current_log using (advertiser_no)
join advertiser_window using (advertiser_no)
where accepted
    and upload_time > horizon - $recent_days * 86400
    and (dataset_no is null or dataset_no = current_no)
group by advertiser_no, upload_time // 900;

-- prompt_upload: one row a changing day with an accepted upload in the very quarter of an hour of the first activity, from
-- that instant on: the first.
create or replace temp table prompt_upload as
select changing_day.advertiser_no, day, min(upload_time) as upload_time
from coded_request
join current_log using (advertiser_no)
join changing_day
    on changing_day.advertiser_no = coded_request.advertiser_no
    and first_activity // 900 = upload_time // 900
    and first_activity <= upload_time
where accepted and (dataset_no is null or dataset_no = current_no)
group by changing_day.advertiser_no, day;

-- activity_day: one row a changing day, with the first accepted upload from its first activity on.
create or replace temp table activity_day as
select
    changing_day.* exclude (advertiser_no),
    coalesce(prompt_upload.upload_time, upload_quarter.upload_time) as next_upload
from changing_day
left join prompt_upload using (advertiser_no, day)
asof left join upload_quarter
    on upload_quarter.advertiser_no = changing_day.advertiser_no
    and changing_day.first_activity // 900 < upload_quarter.quarter;
