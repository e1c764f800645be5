-- Rows of a table (flat_row, one a record; flat_stage, one a stage in it) as they will be kept.
create or replace temp table timed_stage as
select
    record,
    position,
    column_name,
    nameless(coalesce(stage_name.stage, nullif(trim(event_name), ''))) as event_name,
    event_time as time_text,
    case
        when $is_raw_time then null
        else table_time(event_time, $time_zone, $day_first::boolean, $time_format::varchar)
    end as event_time,
    case
        when not $is_raw_time then 'table'
        when event_time is null then 'missing'
        when regexp_full_match(event_time, '-?[0-9]+') then 'integer'
        when regexp_full_match(event_time, '-?[0-9]+\.[0-9]+') then 'fraction'
        else 'text'
    end as event_time_form
from flat_stage
left join stage_name on stage_name.value = trim(flat_stage.event_name);

create or replace temp table owned_row as
with bare as (
    select
        * replace (
            case
                when not $has_payload then id_to_keep(bare_lead_id(lead_id), $key)
                when not regexp_full_match(lead_id, '[0-9lL:''" ]+') then without_secrets(bare_lead_id(lead_id))
                else bare_lead_id(lead_id)
            end as lead_id,
            nameless(action_source) as action_source,
            nameless(event_source) as event_source,
            nameless(lead_event_source) as lead_event_source
        ),
        starts_with(trim(lead_id), 'l:') as has_prefix
    from flat_row
)
select
    bare.* exclude (advertiser),
    coalesce(advertiser, folder_owner, dataset_owner.advertiser_id, $owner, bare.dataset_id, '(unnamed)')
        as advertiser_id,
    table_time(upload_time, $time_zone, $day_first::boolean, $time_format::varchar) as sent_at,
    table_time(created_time, $time_zone, $day_first::boolean, $time_format::varchar) as created_at
from bare
join part using (part)
left join dataset_owner on dataset_owner.dataset_id = bare.dataset_id;

create or replace temp table judged_row as
with bad_stage as (
    select
        record,
        min_by(
            case
                when event_name is null then 'the row names no stage'
                when time_text is null then 'the row has no time of the stage'
                else 'this is no time: ' || left(without_secrets(time_text), 60)
            end,
            position
        ) as reason,
        min_by(column_name, position) as column_name,
        min_by(case when event_name is not null then time_text end, position) as value
    from timed_stage
    where not $has_payload and (event_name is null or event_time is null)
    group by record
), naive_stage as (
    select record, true as has_naive_stage from timed_stage where is_naive(time_text) group by record
), told_stage as (
    select record, string_agg(concat_ws(' at ', event_name, time_text), ', ' order by position) as stages
    from timed_stage
    group by record
), repeated as (
    -- of a lead's rows in their order in time: one that names the stage which it has already
    select record
    from timed_stage
    join owned_row using (record)
    where $changes_only and lead_id is not null and not is_left_out
    qualify event_name = lag(event_name) over (partition by advertiser_id, lead_id order by event_time, record)
)
select
    owned_row.*,
    coalesce(has_naive_stage, false) as has_naive_stage,
    stages,
    is_left_out or record in (from repeated) as is_passed,
    case
        when broken is not null then broken
        when $has_join and not is_joined
            then 'no row of the joined table has the key ' || coalesce(left(without_secrets(join_key), 60), '(empty)')
        when lead_id is null and not $has_payload then 'the row names no lead'
        when lead_id is not null and (not $has_payload or regexp_full_match(lead_id, '[0-9]([.,][0-9]*)?[eE]\+?[0-9]{1,2}|[0-9]+[.,]0*'))
            and lead_id_fault(lead_id, $any_id) is not null then lead_id_fault(lead_id, $any_id)
        when bad_stage.reason is not null then bad_stage.reason
        when upload_time is not null and sent_at is null
            then 'the time of sending is no time: ' || left(without_secrets(upload_time), 60)
        when created_time is not null and created_at is null
            then 'the creation time is no time: ' || left(without_secrets(created_time), 60)
    end as reason,
    case
        when broken is not null then null
        when $has_join and not is_joined then $join_column
        when lead_id is null and not $has_payload or lead_id is not null and lead_id_fault(lead_id, $any_id or $has_payload) is not null
            then $lead_column
        when bad_stage.reason is not null then bad_stage.column_name
        when upload_time is not null and sent_at is null then $upload_column
        when created_time is not null and created_at is null then $created_column
    end as fault_column,
    case
        when broken is not null then null
        when $has_join and not is_joined then join_key
        when fault_column = $lead_column then lead_id
        when bad_stage.reason is not null then bad_stage.value
        when fault_column = $upload_column then upload_time
        when fault_column = $created_column then created_time
    end as fault_value,
    md5_number(concat_ws(chr(31), $channel, advertiser_id, digest_text)) as record_digest
from owned_row
left join bad_stage using (record)
left join naive_stage using (record)
left join told_stage using (record);

create or replace temp view read_record as
select
    record, part, line, record_digest, reason, fault_column as column_name,
    left(without_secrets(fault_value), 200) as value,
    -- a row of a table may hold anything about a person: only what says which row it is stays
    case
        when reason is null then null
        when broken is not null then form_of(replace(content, chr(31), ' | '))
        else clean_raw(concat_ws(
            ', ', 'lead ' || lead_id, 'stages ' || stages, 'advertiser ' || advertiser_id, 'sent ' || upload_time,
            'created ' || created_time
        ))
    end as raw,
    false as is_repeat,
    is_naive(upload_time) or is_naive(created_time) or has_naive_stage as has_naive_time,
    coalesce(has_prefix, false) as has_prefix
from judged_row
where not is_passed;

create or replace temp table read_passed as
select part, count(*) as rows from judged_row where is_passed group by part;

create or replace temp table read_request as
with kept as (
    select
        *,
        try_cast(regexp_extract(http_status, '^([1-5][0-9]{2})(?:[^0-9]|$)', 1) as integer) as outcome
    from judged_row
    where reason is null and not is_passed
), counted as (
    select record, count(*) as events from timed_stage group by record
)
select
    record,
    part,
    line,
    record_digest,
    'row' as shape,
    $channel as channel,
    advertiser_id,
    if($channel = 'history', null, dataset_id) as dataset_id,  -- nothing was sent anywhere
    if($channel = 'history', null, sent_at) as upload_time,
    coalesce(counted.events, 0)::integer as event_count,
    if($channel = 'history', null, outcome) as http_status,
    case
        when $channel = 'history' or http_status is null then null
        else coalesce(outcome between 200 and 299, false)
    end as accepted,
    null::bigint as events_received,
    null::varchar as messages,
    null::bigint as error_code,
    null::bigint as error_subcode,
    null::varchar as error_title,
    null::varchar as trace_id,
    null::varchar as api_version,
    null::varchar as partner_agent,
    if($channel = 'history', null, contains(coalesce(content, ''), 'access_token')) as has_token,
    null::varchar as error_detail
from kept
left join counted using (record);

create or replace temp table read_event as
select
    record,
    read_request.part,
    row_number() over (partition by record order by position)::integer - 1 as position,
    read_request.channel,
    read_request.advertiser_id,
    read_request.dataset_id,
    read_request.upload_time,
    read_request.accepted,
    test_event_code is not null and read_request.channel = 'crm' as test_traffic,
    event_name,
    case
        when event_time_form = 'table' then event_time
        when event_time_form in ('integer', 'fraction') then try_cast(trunc(try_cast(time_text as double)) as bigint)
    end as event_time,
    event_time_form,
    lead_id,
    (lead_id is not null)::integer + len(digests) as customer_parameters,
    nullif(array_to_string(list_transform(
        digests,
        lambda d: d.name || ':' || digest_form(d.value) || ':' || short_digest($key, d.value::varchar)
    ), ' '), '') as digest_forms,
    case when lead_id is null then short_digest($key, left(sha256(digests::varchar), 16)) end as person_digest,
    action_source,
    event_source,
    lead_event_source,
    $payload_fields as payload_fields,
    case when $store_user_data and len(digests) > 0 then to_json(digests)::varchar end as user_data,
    null::varchar as event_id,
    null::varchar as partner_agent,
    -- a table that carries a payload has nothing in it but its columns
    case when $has_payload then '' end as payload_marks
from read_request
join judged_row using (record)
join timed_stage using (record);

-- Where the rows say when their leads were created: one row a lead.
create or replace temp table read_lead as
select
    min(record) as record,
    arg_min(part, record) as part,
    arg_min(line, record) as line,
    arg_min(record_digest, record) as record_digest,
    advertiser_id,
    lead_id,
    created_at as created_time,
    any_value(form_id) as form_id,
    any_value(page_id) as page_id,
    any_value(campaign_id) as campaign_id,
    any_value(is_organic) as is_organic,
    false as is_test,
    any_value(ad_id) as ad_id,
    any_value(adset_id) as adset_id
from judged_row
where reason is null and not is_passed and created_at is not null
group by advertiser_id, lead_id, created_at;
