-- event_age: one row an advertiser, stage, CRM and age: valid events of the latest weeks of sending, by the seconds
-- from the event to its sending.
create or replace temp table event_age as
select
    advertiser_id,
    channel,
    event_name,
    lead_event_source,
    greatest(upload_time - event_time, 0) as age,
    count(*) as events
from valid_copy
join advertiser_window using (advertiser_id, channel)
where upload_time > recent_since and event_time is not null
group by advertiser_id, channel, event_name, lead_event_source, greatest(upload_time - event_time, 0);
