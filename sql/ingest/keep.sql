-- What was read (read_record and its kin) into the tables of the store; `part` says which file each row is of.
-- A row equal in all columns to one of another file is a duplicate.
-- Few rows are, and only these are remembered: a table of all would have to fit into memory.
create or replace temp table dropped_record as
select record, part from read_record where reason is null and is_repeat
union
select record, part from read_record semi join known_digest using (record_digest) where reason is null
union
select record, part
from (
    select record, part, part > min(part) over (partition by record_digest) as is_later
    from read_record
    where reason is null and (select count(*) > 1 from part)
)
where is_later;

insert into request
select
    $first_request + record, file_id, line, record_digest, shape, channel, advertiser_id, dataset_id, upload_time,
    event_count, http_status, accepted, events_received, messages, error_code, error_subcode, error_title, trace_id,
    api_version, partner_agent, has_token, error_detail
from read_request
anti join dropped_record using (record)
join part using (part);

insert into event
select
    $first_request + record, position, channel, advertiser_id, dataset_id, upload_time, accepted, test_traffic,
    event_name, event_time, event_time_form, lead_id, customer_parameters, digest_forms, person_digest,
    action_source, event_source, lead_event_source, payload_fields, user_data, event_id, partner_agent,
    payload_marks
from read_event
anti join dropped_record using (record)
semi join part using (part);

insert into activity
select
    $first_request + record, kind, event_kind, transport, leniency, has_readable_events, is_sdk, application_tracking,
    advertiser_tracking, device_form, device_digest, attribution_form, has_anon_id, user_forms, user_digest, platform,
    os_version, extinfo_values, extinfo_marks, has_headers, forwarded_form, forwarded_digest
from read_activity
anti join dropped_record using (record)
semi join part using (part);

insert into app_event
select
    $first_request + record, position, advertiser_id, app_id, upload_time, accepted, kind, event_name, event_time,
    event_time_form, value, value_form, currency, event_id, parameters, parameter_marks, content_digest,
    is_automatic
from read_app_event
anti join dropped_record using (record)
semi join part using (part);

insert into lead
select
    file_id, line, record_digest, advertiser_id, lead_id, created_time, form_id, page_id, campaign_id, is_organic,
    is_test, ad_id, adset_id
from read_lead
anti join dropped_record using (record)
join part using (part);

insert into lead_count
select file_id, line, record_digest, advertiser_id, day, leads
from read_count
anti join dropped_record using (record)
join part using (part);

insert into api_call
select file_id, line, record_digest, call_time, is_success, http_status, error_code, error_subcode
from read_call
anti join dropped_record using (record)
join part using (part);

insert into attributed_install
select
    file_id, line, record_digest, side, advertiser_id, app_id, platform, event_name, install_time, touch_time,
    touch_type, attributed_to, window_days, campaign, has_device
from read_install
anti join dropped_record using (record)
join part using (part);

insert into quarantine
select file_id, read_record.line, reason, raw, column_name, value
from read_record
join part using (part)
where reason is not null;

insert into source_file
    (file_id, path, kind, folder_owner, sha256, rows_read, loaded, duplicates, quarantined, passed_over, reading,
    location)
with counted as (
    select part, count(*) as rows_read, count(reason) as quarantined from read_record group by part
), dropped as (
    select part, count(*) as duplicates from dropped_record group by part
)
select
    file_id, path, kind, folder_owner, sha256, coalesce(rows_read, 0),
    coalesce(rows_read, 0) - coalesce(duplicates, 0) - coalesce(quarantined, 0), coalesce(duplicates, 0),
    coalesce(quarantined, 0), coalesce(read_passed.rows, 0), reading, location
from part
left join counted using (part)
left join dropped using (part)
left join read_passed using (part);
