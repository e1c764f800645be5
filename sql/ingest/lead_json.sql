-- Graph reads and other JSON that holds leads: a page's data unfolds into its leads.
create or replace temp table lead_row as
with typed as (
    select line, text, case when json_valid(text) then json_type(text) end as type
    from record_text
), page as (
    select line, text, type, case when type = 'OBJECT' then text::json -> 'data' end as data
    from typed
), unfolded as (
    select line, text::json as lead, null as broken
    from page
    where type = 'OBJECT' and (json_type(data) = 'ARRAY') is not true
    union all
    select line, unnest(json_extract(data, '$[*]')), null
    from page
    where json_type(data) = 'ARRAY'
    union all
    select line, null, case when type is null then 'this is not JSON' else 'no lead: a JSON ' || lower(type) end
    from page
    where type is distinct from 'OBJECT'
), opened as (
    select line, lead, broken, from_json(lead, '{
        "lead_id": "JSON", "leadgen_id": "JSON", "id": "JSON", "created_time": "JSON", "created_at": "JSON",
        "advertiser_id": "JSON", "advertiser": "JSON", "account_id": "JSON", "client_id": "JSON", "tenant": "JSON",
        "form_id": "JSON", "page_id": "JSON", "campaign_id": "JSON", "is_organic": "JSON"
    }') as r
    from unfolded
)
select
    line,
    word(coalesce(r.lead_id, r.leadgen_id, r.id)) as lead_id,
    word(coalesce(r.created_time, r.created_at)) as created,
    word(coalesce(r.advertiser_id, r.advertiser, r.account_id, r.client_id, r.tenant)) as advertiser,
    word(r.form_id) as form_id,
    word(r.page_id) as page_id,
    word(r.campaign_id) as campaign_id,
    r.is_organic ->> '$' as is_organic,
    coalesce(contains(lead::varchar, '<test lead:'), false) as is_test,
    lead::varchar as content,
    broken
from opened;
