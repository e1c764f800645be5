-- coded_request: one row a request sent up to as_of; `accepted` is settled where the log holds no response.
-- Without a time of sending a request stands at the latest of its events.
create or replace temp table coded_request as
with without_upload as (
    select request_id, max(sent_at) as sent_at from coded_sent_event where upload_time is null group by request_id
), sent as (
    select *, upload_time as sent_at from request where channel <> 'app' and upload_time <= $as_of
    union all
    select request.*, without_upload.sent_at
    from request
    left join without_upload using (request_id)
    where channel <> 'app' and upload_time is null and (event_count = 0 or without_upload.request_id is not null)
), kept as (
    select request_id, advertiser_no, file_id, word_no as dataset_no, upload_time, sent_at, event_count, accepted
    from sent
    join advertiser_number using (advertiser_id, channel)
    left join word_number on word = dataset_id
), answered as (
    select advertiser_no, bool_or(accepted is not null) as has_response
    from kept
    group by advertiser_no
)
select
    kept.* exclude (accepted),
    accepted as answer,
    coalesce(accepted, not has_response) as accepted,
    has_response
from kept
join answered using (advertiser_no);

-- sent_request: the same with all that the log says of a request.
create or replace temp view sent_request as
select
    request.* exclude (accepted),
    coded_request.sent_at,
    coded_request.answer,
    coded_request.accepted,
    coded_request.has_response
from coded_request
join request using (request_id);

-- answering: one row an advertiser that sent anything: whether its log holds responses.
create or replace temp table answering as
select advertiser_no, any_value(has_response) as has_response
from coded_request
group by advertiser_no;
