-- Calls of the Marketing API (call_row) as they will be kept: when each was made, and whether it succeeded.
create or replace temp macro whole_number(t) as
    case when regexp_full_match(t, '-?[0-9]{1,18}(\.0*)?') then try_cast(regexp_extract(t, '^-?[0-9]+') as bigint) end;

create or replace temp macro says_success(t) as
    case
        when lower(t) in ('true', 'yes', 'ok', 'success', 'successful', 'succeeded') then true
        when lower(t) in ('false', 'no', 'error', 'fail', 'failed', 'failure') then false
    end;

create or replace temp table judged_call as
with read as (
    select
        *,
        try_cast(regexp_extract(status_text, '^([1-5][0-9]{2})(?:[^0-9]|$)', 1) as integer) as http_status,
        case
            when http_status is not null then http_status between 200 and 299
            -- zero and less is what clients log when nothing came back; "code": 0 may mean the opposite
            when whole_number(status_text) <= 0 and lower(status_column) is distinct from 'code' then false
            else says_success(trim(status_text))
        end as status_says,
        coalesce(says_success(trim(success_text)), case trim(success_text) when '1' then true when '0' then false end)
            as success_says,
        whole_number(error_text) as code,
        coalesce(lower(trim(error_text)) not in ('', 'false', 'null', 'none', 'nan', '[]', '{}') and code is distinct from 0, false)
            as has_error,
        case
            when has_error or not status_says or not success_says then false
            when status_says or success_says or code = 0 then true
        end as is_success
    from call_row
)
select
    *,
    md5_number('call' || chr(31) || content) as record_digest,
    case
        when broken is not null then broken
        when time_text is null then 'the row says not when the call was made'
        when call_time is null then 'this is no time: ' || left(without_secrets(time_text), 60)
        when is_success is null and coalesce(status_text, success_text) is not null
            then 'this is no outcome: ' || left(without_secrets(coalesce(status_text, success_text)), 40)
        when is_success is null then 'the row tells no outcome: no HTTP status, no error code, neither success nor failure'
    end as reason,
    case
        when reason is null or broken is not null then null
        when call_time is null then $call_column
        when status_text is not null then $status_column
        else $success_column
    end as column_name,
    case
        when reason is null or broken is not null then null
        else left(without_secrets(if(call_time is null, time_text, coalesce(status_text, success_text))), 200)
    end as value
from read;

create or replace temp view read_record as
select
    record, part, line, record_digest, reason, column_name, value,
    -- beside these a log of calls holds addresses, and they hold tokens
    case
        when reason is null then null
        when broken is not null or coalesce(time_text, status_text, success_text, error_text) is null then clean_raw(remains)
        else clean_raw(concat_ws(
            ', ', 'time ' || left(time_text, 60), 'status ' || left(status_text, 60), 'success ' || left(success_text, 60),
            'error ' || left(error_text, 60)
        ))
    end as raw,
    false as is_repeat,
    is_naive(time_text) as has_naive_time,
    false as has_prefix
from judged_call
where not is_left_out;

create or replace temp table read_passed as
select part, count(*) as rows from judged_call where is_left_out group by part;

create or replace temp table read_call as
select
    record, part, line, record_digest, call_time, is_success, http_status,
    if(has_error, code, null) as error_code,
    if(has_error, whole_number(subcode_text), null) as error_subcode
from judged_call
where reason is null and not is_left_out;
