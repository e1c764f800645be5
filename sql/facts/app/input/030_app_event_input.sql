-- app_event_input: one row an App Event sent up to as_of with what its request says; what the rules about one event see.
create or replace temp view app_event_input as
select
    app_event.* exclude (advertiser_id, app_id, upload_time, accepted, kind),
    app_event.kind,
    sent_activity.* exclude (request_id, file_id, line, record_digest, kind),
    sent_activity.kind as request_kind,
    is_server,
    auto_logging,
    anonymous_ids
from app_event
join sent_activity using (request_id)
join app_advertiser on app_advertiser.advertiser_id = sent_activity.advertiser_id;
