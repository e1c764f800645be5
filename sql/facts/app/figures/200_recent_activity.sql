-- recent_activity: one row a request of App Events of the latest weeks of sending; what the rules about requests see.
create or replace temp table recent_activity as
select
    request_id,
    file_id,
    line,
    advertiser_id,
    channel,
    sent_activity.app_id,
    upload_time,
    sent_at,
    accepted,
    answer,
    sent_activity.has_response,
    event_count,
    events_received,
    messages,
    http_status,
    error_code,
    error_subcode,
    error_title,
    error_detail,
    trace_id,
    has_token,
    sent_activity.has_headers,
    device_form,
    device_digest,
    user_forms,
    forwarded_form,
    forwarded_digest
from sent_activity
join (select advertiser_id, recent_since from app_advertiser) using (advertiser_id)
where sent_at is null or recent_since is null or sent_at > recent_since;
