-- sent_activity: one row a request of App Events sent up to as_of; `accepted` is settled where the log holds no response.
-- Without a time of sending a request stands at the latest of its events.
create or replace temp table sent_activity as
with without_upload as (
    select request_id, max(event_time) as sent_at
    from app_event
    where upload_time is null and event_time between 1000000000 and 99999999999
    group by request_id
), kept as (
    select
        request.* exclude (dataset_id, accepted),
        dataset_id as app_id,
        accepted as answer,
        coalesce(upload_time, without_upload.sent_at) as sent_at
    from request
    left join without_upload using (request_id)
    where channel = 'app' and coalesce(upload_time, without_upload.sent_at, $as_of) <= $as_of
), answered as (
    select advertiser_id, bool_or(answer is not null) as has_response
    from kept
    group by advertiser_id
)
select
    kept.*,
    coalesce(answer, not has_response) as accepted,
    has_response,
    activity.* exclude (request_id)
from kept
join answered using (advertiser_id)
join activity using (request_id);
