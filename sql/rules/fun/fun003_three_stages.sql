/*---
title = "Three stages or more"
severity = "recommended"
source = "Partner guide, sending events: three stages or more are recommended"
why = "A stage in the middle of the funnel is reached sooner and more often, which gives Meta more to learn from."
fix = "Send the stages between the raw lead and the sale as well."
acts = "partner"
unit = "stages"

[message]
pass = "{value:count} stages are sent."
warn = "{value:count} stages are sent ({names}); {min_stages:count} are recommended."

[thresholds]
min_stages = 3

[[case]]
name = "three stages pass"
given.advertiser_window = [{ valid_events = 3 }]
given.stage_seen = [{ event_name = "Lead", events = 1 }, { event_name = "Qualified", events = 1 }, { event_name = "Won", events = 1 }]
status = "pass"

[[case]]
name = "two stages warn"
given.advertiser_window = [{ valid_events = 2 }]
given.stage_seen = [{ event_name = "Lead", events = 1 }, { event_name = "Won", events = 1 }]
status = "warn"

[[case]]
name = "no stage warns"
given.advertiser_window = [{ valid_events = 0 }]
status = "warn"
---*/
with counted as (
    select
        advertiser_window.advertiser_id,
        advertiser_window.channel,
        valid_events,
        count(stage_seen.event_name) as stages,
        raw_stage.event_name is null and valid_events > 0 as is_unknown,
        coalesce(bool_or(stage_seen.event_name = raw_stage.event_name), false) as has_raw,
        coalesce(string_agg(left(stage_seen.event_name, 60), ', ' order by stage_seen.events desc, stage_seen.event_name), 'none') as names
    from advertiser_window
    left join raw_stage using (advertiser_id, channel)
    left join stage_seen using (advertiser_id, channel)
    group by advertiser_window.advertiser_id, advertiser_window.channel, valid_events, raw_stage.event_name
)
select
    advertiser_id,
    channel,
    if(stages >= $min_stages, 0, 2) as level,
    stages as value,
    stages as n,
    greatest($min_stages - stages, 0) as affected,
    names
from counted
