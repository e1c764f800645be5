-- Rows of a lead list (lead_row) as rows of lead; what cannot be read as quarantine.
create or replace temp table read_lead as
with stripped as (
    select
        line,
        nullif(regexp_replace(trim(lead_id), '^(l:|'')', ''), '') as lead_id,
        nullif(trim(created), '') as created,
        nullif(trim(advertiser), '') as advertiser,
        nullif(regexp_replace(trim(form_id), '^f:', ''), '') as form_id,
        nullif(trim(page_id), '') as page_id,
        nullif(regexp_replace(trim(campaign_id), '^c:', ''), '') as campaign_id,
        case lower(trim(is_organic)) when 'true' then true when '1' then true when 'false' then false when '0' then false
        end as is_organic,
        is_test,
        content,
        broken
    from lead_row
), owned as (
    select
        stripped.* exclude (advertiser),
        coalesce(
            advertiser, form_owner.advertiser_id, page_owner.advertiser_id, $folder_owner, $owner
        ) as advertiser_id,
        instant(created, $time_zone) as created_time
    from stripped
    left join form_owner using (form_id)
    left join page_owner using (page_id)
)
select
    * exclude (content),
    -- the same instant may come back under another offset
    md5_number(concat_ws(chr(31), advertiser_id, created_time, replace(content, created, ''))) as record_digest,
    case
        when broken is not null then broken
        when lead_id is null then 'the row names no lead'
        when regexp_full_match(lead_id, '[0-9.,]+[eE]\+?[0-9]+')
            then 'a spreadsheet has turned the lead id into ' || lead_id || '; its digits are lost'
        when regexp_full_match(lead_id, '[0-9]+[.,]0*')
            then 'a decimal column has turned the lead id into ' || lead_id
        when not regexp_full_match(lead_id, '[0-9]+') then 'this is not a Meta lead id: ' || left(without_secrets(lead_id), 40)
        when created is null then 'the row says not when the lead was created'
        when created_time is null
            then 'the creation time is neither ISO 8601 nor Unix seconds: ' || left(without_secrets(created), 40)
    end as reason,
    reason is null and record_digest in (select record_digest from lead) as is_duplicate
from owned;

insert into lead
select
    $file_id, line, record_digest, advertiser_id, lead_id, created_time, form_id, page_id, campaign_id, is_organic,
    is_test
from read_lead
where reason is null and not is_duplicate;

insert into quarantine
select
    $file_id, line, reason,
    clean_raw(concat_ws(', ', 'id ' || lead_id, 'created ' || created, 'form ' || form_id, 'advertiser ' || advertiser_id))
from read_lead
where reason is not null;
