-- stage_count: one row an advertiser: how many stages it sends, and whether the raw one is known and among them.
create or replace temp table stage_count as
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    valid_events,
    raw_stage.event_name as raw,
    raw_stage.source as raw_source,
    raw_stage.event_name is null and valid_events > 0 as is_unknown,
    count(stage_seen.event_name) as stages,
    coalesce(sum(stage_seen.events) filter (stage_seen.event_name = raw_stage.event_name), 0)::bigint as raw_events,
    string_agg(left(stage_seen.event_name, 60), ', ' order by stage_seen.events desc, stage_seen.event_name) as names
from advertiser_window
join raw_stage using (advertiser_id, channel)
left join stage_seen using (advertiser_id, channel)
group by
    advertiser_window.advertiser_id, advertiser_window.channel, valid_events, raw_stage.event_name, raw_stage.source;
