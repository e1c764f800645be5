-- sent_app_event: one row an App Event of the logs as it was sent, with what its request says besides.
create or replace temp view sent_app_event as
select
    app_event.request_id,
    app_event.position,
    path,
    line,
    app_event.advertiser_id,
    app_event.app_id,
    app_event.upload_time,
    app_event.accepted,
    app_event.kind,
    activity.kind as request_kind,
    has_readable_events,
    event_name,
    event_time,
    application_tracking,
    advertiser_tracking,
    device_form,
    attribution_form,
    forwarded_form,
    text,
    fields,
    extinfo,
    ud,
    forwarded
from app_event
join activity using (request_id)
join request using (request_id)
join source_file using (file_id)
left join activity_text using (request_id)
left join event_text
    on event_text.request_id = app_event.request_id and event_text.position = app_event.position;
