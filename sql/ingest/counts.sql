-- Rows of a list that only counts leads (flat_row) as they will be kept.
create or replace temp table judged_count as
with counted as (
    select
        record,
        part,
        line,
        coalesce(advertiser, folder_owner, $owner) as advertiser_id,
        day as day_text,
        leads as leads_text,
        day_of(table_time(day, 'UTC', $day_first::boolean, $time_format::varchar), 'UTC') as day,
        case when regexp_full_match(leads, '[0-9]+|[0-9]{1,3}(,[0-9]{3})+')
            then try_cast(replace(leads, ',', '') as bigint)
        end as leads,
        sha256,
        content,
        digest_text,
        broken,
        is_left_out
    from flat_row
    join part using (part)
)
select
    *,
    -- two lists may well count alike: of one day the larger one holds
    md5_number(concat_ws(chr(31), 'count', sha256, line, digest_text)) as record_digest,
    case
        when broken is not null then broken
        when day is null then 'this is no day: ' || coalesce(left(without_secrets(day_text), 40), '(empty)')
        when leads is null
            then 'this is no number of leads: ' || coalesce(left(without_secrets(leads_text), 40), '(empty)')
    end as reason,
    case when broken is null and reason is not null then if(day is null, $day_column, $leads_column) end as column_name,
    case when broken is null and reason is not null then left(without_secrets(if(day is null, day_text, leads_text)), 200)
    end as value
from counted;

create or replace temp view read_record as
select
    record, part, line, record_digest, reason, column_name, value,
    case when reason is not null then clean_raw(replace(content, chr(31), ' | ')) end as raw,
    false as is_repeat,
    false as has_naive_time,
    false as has_prefix
from judged_count
where not is_left_out;

create or replace temp table read_passed as
select part, count(*) as rows from judged_count where is_left_out group by part;

create or replace temp table read_count as
select record, part, line, record_digest, advertiser_id, day, leads
from judged_count
where reason is null and not is_left_out;
