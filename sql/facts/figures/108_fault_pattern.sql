-- fault_pattern: one row an advertiser, combination of faults (bits of the event rules), CRM named by the event and file
-- that holds it, in the latest weeks of sending: which faults come together, from where, since when.
create or replace temp table fault_pattern as
select
    recent_event.advertiser_id,
    recent_event.channel,
    faulty,
    lead_event_source as source,
    file_id,
    count(*) as events,
    min(sent_at) as first_sent,
    max(sent_at) as last_sent
from recent_event
join (select request_id, file_id from request) using (request_id)
where faulty <> 0
group by recent_event.advertiser_id, recent_event.channel, faulty, lead_event_source, file_id;
