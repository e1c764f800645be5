-- mistaken_id: one row an advertiser and lead_id that no list holds, but that its lead lists know as something else.
create or replace temp table mistaken_id as
with unlisted as (
    select distinct advertiser_id, channel, lead_id from recent_lead_id where not is_listed
), named as (
    select distinct advertiser_id, form_id, ad_id, adset_id, campaign_id, page_id
    from lead
    where created_time <= $as_of
), thing as (
    select advertiser_id, form_id as id, 'form' as kind from named
    union
    select advertiser_id, ad_id, 'ad' from named
    union
    select advertiser_id, adset_id, 'ad set' from named
    union
    select advertiser_id, campaign_id, 'campaign' from named
    union
    select advertiser_id, page_id, 'page' from named
)
select unlisted.advertiser_id, unlisted.channel, lead_id, min(kind) as kind
from unlisted
join thing
    on thing.id = unlisted.lead_id
    -- a list without owner speaks of everybody
    and coalesce(thing.advertiser_id, unlisted.advertiser_id) = unlisted.advertiser_id
group by unlisted.advertiser_id, unlisted.channel, lead_id;
