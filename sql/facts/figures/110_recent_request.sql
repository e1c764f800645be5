-- recent_request: one row a request to the current dataset in the latest weeks of sending.
create or replace temp table recent_request as
with recent as (
    select request_id, coded_request.sent_at, answer, coded_request.accepted, coded_request.has_response
    from coded_request
    join current_log using (advertiser_no)
    join advertiser_window using (advertiser_no)
    where (dataset_no is null or dataset_no = current_no) and (sent_at is null or sent_at > recent_since)
)
select
    request.* exclude (record_digest, accepted),
    recent.* exclude (request_id),
    -- the log of a single event does not say how many shared its request
    if(shape in ('request', 'exchange'), event_count, null) as events_sent
from recent
join request using (request_id);
