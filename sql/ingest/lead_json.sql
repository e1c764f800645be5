-- Graph reads, webhooks and other JSON that holds leads: a page's data and a webhook's changes unfold into leads.
create or replace temp table lead_row as
with typed as (
    select record, part, line, text, case when json_valid(text) then json_type(text) end as type
    from record_text
), page as (
    select
        *,
        case when type = 'OBJECT' then text::json -> 'data' end as data,
        case when type = 'OBJECT' then text::json -> 'entry' end as entry
    from typed
), entry_of_page as (
    select record, part, line, unnest(json_extract(entry, '$[*]')) as entry
    from page
    where json_type(entry) = 'ARRAY'
), unfolded as (
    select record, part, line, text::json as lead, null as broken, null as page_id, false as is_delivery
    from page
    where type = 'OBJECT' and (json_type(data) = 'ARRAY') is not true and (json_type(entry) = 'ARRAY') is not true
    union all
    select record, part, line, unnest(json_extract(data, '$[*]')), null, null, false
    from page
    where json_type(data) = 'ARRAY'
    union all
    select record, part, line, change -> 'value',
        case when change ->> 'field' <> 'leadgen' then 'a webhook about ' || left(change ->> 'field', 40) || ', not about a lead' end,
        page_id, true
    from (
        select record, part, line, entry ->> 'id' as page_id, unnest(json_extract(entry, '$.changes[*]')) as change
        from entry_of_page
    )
    union all
    select record, part, line, null, 'a webhook that tells of no lead', null, true
    from page
    where json_type(entry) = 'ARRAY' and coalesce(len(json_extract(entry, '$[*].changes[*]')), 0) = 0
    union all
    select record, part, line, null, case when type is null then 'this is not JSON' else 'no lead: a JSON ' || lower(type) end,
        null, false
    from page
    where type is distinct from 'OBJECT'
), opened as (
    select *, from_json(lead, '{
        "lead_id": "JSON", "leadgen_id": "JSON", "id": "JSON", "created_time": "JSON", "created_at": "JSON",
        "advertiser_id": "JSON", "advertiser": "JSON", "account_id": "JSON", "client_id": "JSON", "tenant": "JSON",
        "form_id": "JSON", "page_id": "JSON", "campaign_id": "JSON", "is_organic": "JSON", "ad_id": "JSON",
        "adgroup_id": "JSON", "adset_id": "JSON"
    }') as r
    from unfolded
)
select
    row_number() over (order by record) as record,
    part,
    line,
    word(coalesce(present(r.lead_id), present(r.leadgen_id), present(r.id))) as lead_id,
    word(coalesce(present(r.created_time), present(r.created_at))) as created,
    word(coalesce(r.advertiser_id, r.advertiser, r.account_id, r.client_id, r.tenant)) as advertiser,
    word(r.form_id) as form_id,
    coalesce(word(r.page_id), page_id) as page_id,
    word(r.campaign_id) as campaign_id,
    coalesce(word(r.ad_id), word(r.adgroup_id)) as ad_id,
    word(r.adset_id) as adset_id,
    r.is_organic ->> '$' as is_organic,
    coalesce(contains(lead::varchar, '<test lead:'), false) as is_test,
    lead::varchar as content,
    broken,
    is_delivery,
    false as is_left_out
from opened;
