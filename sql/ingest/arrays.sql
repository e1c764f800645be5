-- Some lines are arrays: their items are the records, numbered on from the last line.
create or replace temp table unfolded as
with typed as (
    select
        place as record,
        part,
        line,
        text,
        json_valid(text) and json_type(case when json_valid(text) then text else 'null' end) = 'ARRAY' as is_array
    from placed_line
    where not is_blank(text)
), array_line as (
    select
        record,
        part,
        line,
        text,
        (select max(rowid) + 1 from line) + coalesce(
            sum(json_array_length(text)) over (order by record rows between unbounded preceding and 1 preceding), 0
        )::bigint as earlier
    from typed
    where is_array
), item as (
    select
        part,
        line,
        earlier + generate_subscripts(json_extract(text, '$[*]'), 1) as record,
        unnest(json_extract(text, '$[*]'))::varchar as text
    from array_line
)
select record, part, line, text from typed where not is_array
union all
select record, part, line, text from item;

create or replace temp view record_text as
select record, part, line, text from unfolded;
