-- activity_day: one row an advertiser and day (in its time zone) of four weeks on which a lead was created or a stage
-- changed: the first and last such instant, and the first accepted upload from the first one on.
create or replace temp table activity_day as
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
), by_day as (
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
    group by advertiser_id, channel, advertiser_no, day
), upload as (
    select advertiser_no, upload_time // 900 as quarter, upload_time
    from coded_request
    join current_log using (advertiser_no)
    join advertiser_window using (advertiser_no)
    where accepted
        and upload_time > horizon - $recent_days * 86400
        and (dataset_no is null or dataset_no = current_no)
), same_quarter as (
    select by_day.advertiser_no, day, min(upload_time) as upload_time
    from by_day
    join upload
        on upload.advertiser_no = by_day.advertiser_no
        and upload.quarter = first_activity // 900
        and upload.upload_time >= first_activity
    group by by_day.advertiser_no, day
), first_of_quarter as (
    select advertiser_no, quarter, min(upload_time) as upload_time
    from upload
    group by advertiser_no, quarter
)
select by_day.* exclude (advertiser_no), coalesce(same_quarter.upload_time, first_of_quarter.upload_time) as next_upload
from by_day
left join same_quarter using (advertiser_no, day)
asof left join first_of_quarter
    on first_of_quarter.advertiser_no = by_day.advertiser_no
    and by_day.first_activity // 900 < first_of_quarter.quarter;
