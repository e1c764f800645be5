-- event_rule_count: one row an advertiser and rule about events: events, units judged, at fault, and only warned of.
create or replace temp table event_rule_count as
select
    advertiser.advertiser_id,
    advertiser.channel,
    event_rule.code,
    coalesce(sum(events), 0)::bigint as recent_events,
    coalesce(sum(events * ((judged >> bit) & 1)), 0)::bigint as n,
    coalesce(sum(events * ((faulty >> bit) & 1)), 0)::bigint as affected,
    coalesce(sum(events * ((warned >> bit) & 1)), 0)::bigint as warned
from advertiser
cross join event_rule
left join recent_outcome using (advertiser_id, channel)
group by advertiser.advertiser_id, advertiser.channel, event_rule.code;
