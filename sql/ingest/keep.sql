-- What was read (read_record and its kin) into the tables of the store; `part` says which file each row is of.
-- A row equal in all columns to one of another file is a duplicate.
create or replace temp table kept_record as
with first_part as (
    select record_digest, min(part) as part
    from read_record
    where reason is null and (select count(*) > 1 from part)
    group by record_digest
)
select
    read_record.record,
    read_record.part,
    read_record.line,
    read_record.record_digest,
    part.file_id,
    read_record.reason is null and (
        is_repeat or read_record.record_digest in (from known_digest) or coalesce(read_record.part > first_part.part, false)
    ) as is_duplicate,
    read_record.reason is not null as is_quarantined
from read_record
join part using (part)
left join first_part using (record_digest);

insert into request
select
    $first_request + record, file_id, line, record_digest, shape, channel, advertiser_id, dataset_id, upload_time,
    event_count, http_status, accepted, events_received, messages, error_code, error_subcode, error_title, trace_id
from read_request
join kept_record using (record)
where not is_duplicate;

insert into event
select
    $first_request + record, position, channel, advertiser_id, dataset_id, upload_time, accepted, test_traffic,
    event_name, event_time, event_time_form, lead_id, customer_parameters, digest_forms, person_digest,
    action_source, event_source, lead_event_source, payload_fields, user_data
from read_event
join kept_record using (record)
where not is_duplicate;

insert into lead
select
    file_id, line, record_digest, advertiser_id, lead_id, created_time, form_id, page_id, campaign_id, is_organic,
    is_test
from read_lead
join kept_record using (record)
where not is_duplicate;

insert into lead_count
select file_id, line, record_digest, advertiser_id, day, leads
from read_count
join kept_record using (record)
where not is_duplicate;

insert into quarantine
select file_id, read_record.line, reason, raw, column_name, value
from read_record
join part using (part)
where reason is not null;

insert into source_file
    (file_id, path, kind, folder_owner, sha256, rows_read, loaded, duplicates, quarantined, passed_over, reading,
    location)
with counted as (
    select
        part,
        count(*) as rows_read,
        count(*) filter (not is_duplicate and not is_quarantined) as loaded,
        count(*) filter (is_duplicate) as duplicates,
        count(*) filter (is_quarantined) as quarantined
    from kept_record
    group by part
)
select
    file_id, path, kind, folder_owner, sha256, coalesce(rows_read, 0), coalesce(loaded, 0), coalesce(duplicates, 0),
    coalesce(quarantined, 0), coalesce(read_passed.rows, 0), reading, location
from part
left join counted using (part)
left join read_passed using (part);
