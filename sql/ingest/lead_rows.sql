-- Rows of a table (flat_row) as leads.
create or replace temp table lead_row as
select
    record,
    part,
    line,
    lead_id,
    created_time as created,
    advertiser,
    form_id,
    page_id,
    campaign_id,
    ad_id,
    adset_id,
    is_organic,
    contains(content, '<test lead:') as is_test,
    digest_text as content,
    case
        when broken is not null then broken
        when $has_join and not is_joined
            then 'no row of the joined table has the key ' || coalesce(left(without_secrets(join_key), 60), '(empty)')
    end as broken,
    false as is_delivery,
    is_left_out
from flat_row;
