-- Rows of a lead list (lead_row) as they will be kept.
create or replace temp table judged_lead as
with stripped as (
    select
        record,
        part,
        line,
        starts_with(trim(lead_id), 'l:') as has_prefix,
        if($any_id, id_to_keep(bare_lead_id(lead_id), $key), bare_lead_id(lead_id)) as lead_id,
        nullif(trim(created), '') as created,
        nullif(trim(advertiser), '') as advertiser,
        nullif(regexp_replace(trim(form_id), '^f:', ''), '') as form_id,
        nullif(trim(page_id), '') as page_id,
        nullif(regexp_replace(trim(campaign_id), '^c:', ''), '') as campaign_id,
        nullif(regexp_replace(trim(ad_id), '^ag:', ''), '') as ad_id,
        nullif(regexp_replace(trim(adset_id), '^as:', ''), '') as adset_id,
        case lower(trim(is_organic)) when 'true' then true when '1' then true when 'false' then false when '0' then false
        end as is_organic,
        is_test,
        content,
        broken,
        is_delivery,
        is_left_out
    from lead_row
), owned as (
    select
        stripped.* exclude (advertiser),
        coalesce(
            advertiser, form_owner.advertiser_id, page_owner.advertiser_id, folder_owner, $owner
        ) as advertiser_id,
        table_time(created, $time_zone, $day_first::boolean, $time_format::varchar) as created_time
    from stripped
    join part using (part)
    left join form_owner using (form_id)
    left join page_owner using (page_id)
), digested as (
    select
        *,
        lead_id_fault(lead_id, $any_id) as id_fault,
        -- the same instant may come back under another offset; a webhook is delivered again under another envelope
        md5_number(case
            when is_delivery then concat_ws(chr(31), 'delivery', advertiser_id, lead_id, created_time, form_id, page_id)
            else concat_ws(chr(31), advertiser_id, created_time, replace(content, created, ''))
        end) as record_digest
    from owned
)
select
    *,
    case
        when broken is not null then broken
        when lead_id is null then 'the row names no lead'
        when id_fault is not null then id_fault
        when created is null then 'the row says not when the lead was created'
        when created_time is null
            then 'the creation time is neither ISO 8601 nor Unix seconds: ' || left(without_secrets(created), 40)
    end as reason,
    case
        when reason is null or broken is not null then null
        when lead_id is null or id_fault is not null then $lead_column
        else $created_column
    end as column_name,
    case
        when reason is null or broken is not null then null
        else left(without_secrets(if(lead_id is null or id_fault is not null, lead_id, created)), 200)
    end as value
from digested;

create or replace temp table repeated_delivery as
select record
from judged_lead
where is_delivery
qualify row_number() over (partition by part, record_digest order by record) > 1;

create or replace temp view read_record as
select
    record, part, line, record_digest, reason, column_name, value,
    case when reason is not null then clean_raw(
        concat_ws(', ', 'id ' || lead_id, 'created ' || created, 'form ' || form_id, 'advertiser ' || advertiser_id)
    ) end as raw,
    is_delivery and record in (from repeated_delivery) as is_repeat,
    is_naive(created) as has_naive_time,
    coalesce(has_prefix, false) as has_prefix
from judged_lead
where not is_left_out;

create or replace temp table read_passed as
select part, count(*) as rows from judged_lead where is_left_out group by part;

create or replace temp table read_lead as
select
    record, part, line, record_digest, advertiser_id, lead_id, created_time, form_id, page_id, campaign_id, is_organic,
    is_test, ad_id, adset_id
from judged_lead
where reason is null and not is_left_out;
