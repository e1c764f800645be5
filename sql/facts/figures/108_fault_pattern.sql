-- fault_pattern: one row an advertiser, combination of faults (bits of the event rules) and CRM named by the event, in
-- the latest weeks of sending: which faults come together, from where, since when.
create or replace temp table fault_pattern as
select
    advertiser_id,
    channel,
    faulty,
    lead_event_source as source,
    count(*) as events,
    min(sent_at) as first_sent,
    max(sent_at) as last_sent
from recent_event
where faulty <> 0
group by advertiser_id, channel, faulty, lead_event_source;
