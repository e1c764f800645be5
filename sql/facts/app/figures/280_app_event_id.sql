-- app_event_id: one row an advertiser with App Events in the latest weeks of sending: how many have an event_id, how many
-- ids were accepted more than once, and of how many of these the events do not say the same.
create or replace temp table app_event_id as
with recent as (
    select advertiser_id, count(*) as events, count(event_id) as with_id
    from app_event_input
    join (select advertiser_id, recent_since from app_advertiser) using (advertiser_id)
    where kind = 'conversion' and (sent_at is null or recent_since is null or sent_at > recent_since)
    group by advertiser_id
), copied as (
    select
        advertiser_id,
        count(*) as repeated,
        sum(copies - 1) as surplus,
        count(*) filter (is_contradicting) as contradicting
    from app_event_copy
    group by advertiser_id
)
select
    advertiser_id,
    events,
    with_id,
    coalesce(repeated, 0) as repeated,
    coalesce(surplus, 0)::bigint as surplus,
    coalesce(contradicting, 0) as contradicting
from recent
left join copied using (advertiser_id);
