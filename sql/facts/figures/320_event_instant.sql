-- event_instant: one row an advertiser, time of sending and event_time, in the latest weeks of sending: events, those of
-- a listed lead, and those of a lead created more than a day before.
create or replace temp table event_instant as
select
    advertiser_id,
    channel,
    upload_time,
    event_time,
    count(*) as events,
    count(lead_created) as listed,
    count(*) filter (event_time - lead_created > 86400) as of_older_leads
from recent_event
where channel = 'crm' and upload_time is not null and event_time is not null
group by advertiser_id, channel, upload_time, event_time;
