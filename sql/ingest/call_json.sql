-- Records of a log of API calls (view record_text) as calls, each still as text; of an address nothing is taken.
create or replace temp table call_row as
with typed as (
    select record, part, line, text, case when json_valid(text) then json_type(text) end as type
    from record_text
), parsed as (
    select
        *,
        case when type = 'OBJECT' then from_json(text, '{
            "call_time": "JSON", "time": "JSON", "timestamp": "JSON", "ts": "JSON", "called_at": "JSON",
            "created_at": "JSON", "sent_at": "JSON", "date": "JSON",
            "http_status": "JSON", "status_code": "JSON", "status": "JSON", "code": "JSON",
            "is_success": "JSON", "success": "JSON", "ok": "JSON",
            "error": "JSON", "error_code": "JSON", "error_subcode": "JSON", "response": "JSON"
        }') end as r
    from typed
), opened as (
    select
        *,
        case when starts_with(decoded(r.response)::varchar, '{') then decoded(r.response) end as response,
        decoded(response -> 'body') as body,
        coalesce(present(r.error), present(body -> 'error'), present(response -> 'error')) as raw_error,
        coalesce(decoded(raw_error), raw_error) as error,
        coalesce(
            word(r.http_status), word(r.status_code), word(r.status), word(response -> 'status'),
            word(response -> 'status_code')
        ) as status,
        -- the first that is a time; where none is, the first
        list_filter(
            [
                word(r.call_time), word(r.time), word(r.timestamp), word(r.ts), word(r.called_at), word(r.created_at),
                word(r.sent_at), word(r.date)
            ],
            lambda t: t is not null
        ) as times,
        list_filter(times, lambda t: instant(t, $time_zone) is not null)[1] as time
    from parsed
)
select
    record,
    part,
    line,
    coalesce(time, times[1]) as time_text,
    instant(time, $time_zone) as call_time,
    coalesce(status, word(r.code)) as status_text,
    coalesce(r.is_success, r.success, r.ok) ->> '$' as success_text,
    coalesce(
        word(r.error_code),
        case when starts_with(error::varchar, '{') then coalesce(word(error -> 'code'), 'unnamed') else error ->> '$' end
    ) as error_text,
    coalesce(word(r.error_subcode), word(error -> 'error_subcode')) as subcode_text,
    if(status is null, 'code', null) as status_column,
    if(type = 'OBJECT', json(text)::varchar, null) as content,
    case
        when type is null then 'this is not JSON'
        when type <> 'OBJECT' then 'no call: a JSON ' || case type
            when 'ARRAY' then 'list'
            when 'VARCHAR' then 'string'
            when 'BOOLEAN' then 'boolean'
            when 'NULL' then 'null'
            else 'number'
        end
    end as broken,
    if(type = 'OBJECT', 'keys: ' || left(array_to_string(json_keys(text), ', '), 400), form_of(text)) as remains,
    false as is_left_out
from opened;
