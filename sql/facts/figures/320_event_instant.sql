-- coded_event_instant: one row an advertiser, time of sending and event_time, in the latest weeks of sending: events,
-- those of a listed lead, and those of a lead created more than a day before.
create or replace temp table coded_event_instant as
select
    advertiser_no,
    upload_time,
    event_time,
    count(*)::integer as events,
    count(lead_created)::integer as listed,
    count(*) filter (event_time - lead_created > 86400)::integer as of_older_leads
from coded_recent_event
where channel = 'crm' and upload_time is not null and event_time is not null
group by advertiser_no, upload_time, event_time;

-- event_instant: the same with the texts.
create or replace temp view event_instant as
select advertiser_id, channel, coded_event_instant.* exclude (advertiser_no)
from coded_event_instant
join advertiser_number using (advertiser_no);
