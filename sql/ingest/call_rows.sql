-- Rows of a table (flat_row) as calls, each still as text.
create or replace temp table call_row as
with cell as (
    select
        *,
        case when starts_with(error_code, '{') and json_valid(error_code) then error_code::json end as error
    from flat_row
)
select
    record,
    part,
    line,
    call_time as time_text,
    table_time(call_time, $time_zone, $day_first::boolean, $time_format::varchar) as call_time,
    http_status as status_text,
    is_success as success_text,
    if(error is null, error_code, coalesce(word(error -> 'code'), 'unnamed')) as error_text,
    coalesce(error_subcode, word(error -> 'error_subcode')) as subcode_text,
    $status_column::varchar as status_column,
    digest_text as content,
    case
        when broken is not null then broken
        when $has_join and not is_joined
            then 'no row of the joined table has the key ' || coalesce(left(without_secrets(join_key), 60), '(empty)')
    end as broken,
    form_of(replace(content, chr(31), ' | ')) as remains,
    is_left_out
from cell;
