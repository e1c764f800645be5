-- What keep.sql takes from, empty: each is made anew by what reads the kind of file that gives it.
create or replace temp table read_request (
    record bigint, part integer, line bigint, record_digest uhugeint, shape varchar, channel varchar, advertiser_id varchar, dataset_id varchar, upload_time bigint,
    event_count integer, http_status integer, accepted boolean, events_received bigint, messages varchar,
    error_code bigint, error_subcode bigint, error_title varchar, trace_id varchar,
    api_version varchar, partner_agent varchar, has_token boolean, error_detail varchar
);
create or replace temp table read_event (
    record bigint, part integer, position integer, channel varchar, advertiser_id varchar, dataset_id varchar, upload_time bigint,
    accepted boolean, test_traffic boolean, event_name varchar, event_time bigint, event_time_form varchar,
    lead_id varchar, customer_parameters utinyint, digest_forms varchar, person_digest varchar, action_source varchar,
    event_source varchar, lead_event_source varchar, payload_fields varchar, user_data varchar,
    event_id varchar, partner_agent varchar, payload_marks varchar
);
create or replace temp table read_activity (
    record bigint, part integer, kind varchar, event_kind varchar, transport varchar, leniency varchar,
    has_readable_events boolean, is_sdk boolean, application_tracking varchar, advertiser_tracking varchar,
    device_form varchar, device_digest varchar, attribution_form varchar, has_anon_id boolean, user_forms varchar,
    user_digest varchar, platform varchar, os_version varchar, extinfo_values integer, extinfo_marks varchar,
    has_headers boolean, forwarded_form varchar, forwarded_digest varchar, events varchar, fields varchar,
    extinfo varchar[], ud varchar, forwarded varchar
);
create or replace temp table read_app_event (
    record bigint, part integer, position integer, advertiser_id varchar, app_id varchar, upload_time bigint,
    accepted boolean, kind varchar, event_name varchar, event_time bigint, event_time_form varchar, value double,
    value_form varchar, currency varchar, event_id varchar, parameters varchar[], parameter_marks varchar,
    content_digest varchar, is_automatic boolean
);
create or replace temp table read_lead (
    record bigint, part integer, line bigint, record_digest uhugeint, advertiser_id varchar, lead_id varchar, created_time bigint, form_id varchar, page_id varchar,
    campaign_id varchar, is_organic boolean, is_test boolean, ad_id varchar, adset_id varchar
);
create or replace temp table read_count (
    record bigint, part integer, line bigint, record_digest uhugeint, advertiser_id varchar, day date, leads bigint
);
create or replace temp table read_call (
    record bigint, part integer, line bigint, record_digest uhugeint, call_time bigint, is_success boolean,
    http_status integer, error_code bigint, error_subcode bigint
);
create or replace temp table read_install (
    record bigint, part integer, line bigint, record_digest uhugeint, side varchar, advertiser_id varchar,
    app_id varchar, platform varchar, event_name varchar, install_time bigint, touch_time bigint, touch_type varchar,
    attributed_to varchar, window_days double, campaign varchar, has_device boolean
);
create or replace temp table read_passed (part integer, rows bigint);
create or replace temp view event_element as
select 0::bigint as record, 0 as part, 0 as position, ''::varchar as element
where false;
create or replace temp view read_record as
select
    0::bigint as record, 0 as part, 0::bigint as line, 0::uhugeint as record_digest, ''::varchar as reason,
    ''::varchar as column_name, ''::varchar as value, ''::varchar as raw, false as is_repeat, false as has_naive_time,
    false as has_prefix
where false;
