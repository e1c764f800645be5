-- event_age: one row an advertiser, stage and CRM: how many seconds after it happened each valid event of the latest
-- weeks of sending was sent.
create or replace temp table event_age as
select
    advertiser_id,
    channel,
    event_name,
    lead_event_source,
    list(greatest(upload_time - event_time, 0)) as ages
from valid_copy
join advertiser_window using (advertiser_id, channel)
where upload_time > recent_since and event_time is not null
group by advertiser_id, channel, event_name, lead_event_source;
