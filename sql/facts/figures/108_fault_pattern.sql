-- fault_pattern: one row an advertiser, combination of faults (bits of the event rules) and CRM named by the event, in
-- the latest weeks of sending: which faults come together, from where, since when.
create or replace temp table fault_pattern as
with counted as (
    select
        advertiser_no,
        faulty,
        source_no,
        count(*) as events,
        min(sent_at) as first_sent,
        max(sent_at) as last_sent
    from coded_recent_event
    where faulty <> 0
    group by advertiser_no, faulty, source_no
)
select advertiser_id, channel, faulty, word as source, events, first_sent, last_sent
from counted
join advertiser_number using (advertiser_no)
left join word_number on word_no = source_no;
