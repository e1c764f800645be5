-- app_rule_count: one row an advertiser and rule about App Events: events, units judged, at fault, and only warned of.
create or replace temp table app_rule_count as
with outcome as (
    select advertiser_id, judged, faulty, warned, count(*) as events
    from recent_app_event
    group by advertiser_id, judged, faulty, warned
)
select
    app_advertiser.advertiser_id,
    'app' as channel,
    app_rule.code,
    coalesce(sum(events), 0)::bigint as recent_events,
    coalesce(sum(events * ((judged >> bit) & 1)), 0)::bigint as n,
    coalesce(sum(events * ((faulty >> bit) & 1)), 0)::bigint as affected,
    coalesce(sum(events * ((warned >> bit) & 1)), 0)::bigint as warned
from app_advertiser
cross join app_rule
left join outcome using (advertiser_id)
group by app_advertiser.advertiser_id, app_rule.code;
