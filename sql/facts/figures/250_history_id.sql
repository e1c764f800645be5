-- history_id: one row an advertiser with a CRM history: its rows and leads, and how many of them carry an id that Meta
-- may have given (15 to 17 digits).
create or replace temp table history_id as
with of_lead as (
    select
        advertiser_id,
        lead_id,
        count(*) as rows,
        coalesce(regexp_full_match(lead_id, '[1-9][0-9]{14,16}'), false) as is_meta
    from sent_event
    where channel = 'history'
    group by advertiser_id, lead_id
)
select
    advertiser_id,
    sum(rows)::bigint as rows,
    coalesce(sum(rows) filter (is_meta), 0)::bigint as meta_rows,
    count(lead_id) as leads,
    count(lead_id) filter (not is_meta) as other_leads,
    min(lead_id) filter (not is_meta and not starts_with(lead_id, 'person ')) as example
from of_lead
group by advertiser_id;
