-- Some lines are arrays: their items are the records, numbered on from the last line.
create or replace temp table unfolded as
with typed as (
    select
        rowid + 1 as line,
        text,
        json_valid(text) and json_type(case when json_valid(text) then text else 'null' end) = 'ARRAY' as is_array
    from line
    where not is_blank(text)
), array_line as (
    select
        line,
        text,
        (select max(rowid) + 1 from line) + coalesce(
            sum(json_array_length(text)) over (order by line rows between unbounded preceding and 1 preceding), 0
        )::bigint as earlier
    from typed
    where is_array
)
select line as record, line, text from typed where not is_array
union all
select
    earlier + generate_subscripts(json_extract(text, '$[*]'), 1),
    line,
    unnest(json_extract(text, '$[*]'))::varchar
from array_line;

create or replace temp view record_text as
select record, line, text from unfolded;
