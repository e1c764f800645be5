-- sent_event: one row an event sent up to as_of, with what the rules about one event found (table event_judged).
-- Without a time of sending an event stands at its own time, where that can be read.
create or replace temp table sent_event as
with timed as (
    select * replace (if(evt005 = 2, null, event_time) as event_time)
    from event_judged
)
select
    request_id,
    position,
    channel,
    advertiser_id,
    dataset_id,
    upload_time,
    accepted,
    event_name,
    lead_id,
    person_digest,
    lead_created,
    judged,
    faulty,
    warned,
    causes,
    event_id,
    partner_agent,
    action_source,
    lead_event_source,
    payload_marks,
    test_traffic,
    is_test_lead,
    event_time,
    coalesce(upload_time, event_time) as sent_at,
    test_traffic or is_test_lead as is_test,
    (faulty & $validity) <> 0 as is_faulty
from timed
where coalesce(upload_time, event_time, $as_of) <= $as_of;
