-- sent_event: one row an event sent up to as_of, with what the rules about one event found (view event_judged).
-- Without a time of sending a request stands at the latest of its events.
create or replace temp table sent_event as
with undated as (
    select request_id, max(if(evt005 = 2, null, event_time)) as latest
    from event_judged
    where upload_time is null
    group by request_id
)
select
    request_id,
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
    if(evt005 = 2, null, event_time) as event_time,
    coalesce(upload_time, undated.latest) as sent_at,
    test_traffic or is_test_lead as is_test,
    (faulty & $validity) <> 0 as is_faulty
from event_judged
left join undated using (request_id)
where coalesce(upload_time, undated.latest, $as_of) <= $as_of;
