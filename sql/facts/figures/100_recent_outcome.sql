-- recent_outcome: one row an advertiser and combination of outcomes of the event rules, in the latest weeks of sending.
create or replace temp table recent_outcome as
select sent_event.advertiser_id, sent_event.channel, judged, faulty, warned, count(*) as events
from sent_event
join advertiser using (advertiser_id, channel)
join advertiser_window using (advertiser_id, channel)
where (sent_event.dataset_id is null or sent_event.dataset_id is not distinct from advertiser.dataset_id)
    and (sent_at is null or sent_at > latest_current - $recent_days * 86400)
group by sent_event.advertiser_id, sent_event.channel, judged, faulty, warned;

-- event_rule_count: one row an advertiser and rule about events: units judged, at fault, and only warned of.
create or replace temp table event_rule_count as
select
    advertiser.advertiser_id,
    advertiser.channel,
    event_rule.code,
    coalesce(sum(events * ((judged >> bit) & 1)), 0)::bigint as n,
    coalesce(sum(events * ((faulty >> bit) & 1)), 0)::bigint as affected,
    coalesce(sum(events * ((warned >> bit) & 1)), 0)::bigint as warned
from advertiser
cross join event_rule
left join recent_outcome using (advertiser_id, channel)
group by advertiser.advertiser_id, advertiser.channel, event_rule.code;
