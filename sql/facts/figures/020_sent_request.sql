-- sent_request: one row a request sent up to as_of; `accepted` is settled where the log holds no response.
-- Without a time of sending a request stands at the latest of its events.
create or replace temp table sent_request as
with without_upload as (
    select request_id, max(sent_at) as sent_at from sent_event where upload_time is null group by request_id
), kept as (
    select request.*, upload_time as sent_at from request where channel <> 'app' and upload_time <= $as_of
    union all
    select request.*, without_upload.sent_at
    from request
    left join without_upload using (request_id)
    where channel <> 'app' and upload_time is null and (event_count = 0 or without_upload.request_id is not null)
), answered as (
    select advertiser_id, channel, bool_or(accepted is not null) as has_response
    from kept
    group by advertiser_id, channel
)
select
    kept.* exclude (accepted),
    accepted as answer,
    coalesce(accepted, not has_response) as accepted,
    has_response
from kept
join answered using (advertiser_id, channel);
