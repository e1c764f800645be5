/*---
title = "At least two stages, the raw one among them"
severity = "required"
source = "Partner guide, step 3: at least two stages of the sales funnel including the raw lead"
why = "With one stage there is no funnel, and nothing that Meta could optimise for."
fix = "Send at least one later stage (for example Qualified) besides the raw lead, for every lead that reaches it."
acts = "partner"
wait = "Name the raw stage as raw_stage in the configuration."
unit = "stages"

[message]
pass = "{value:count} stages are sent, the raw one among them; {min_stages:count} are needed."
"fail.few" = "{value:count} of the {min_stages:count} stages needed are sent: {names}."
"fail.no-raw" = "{value:count} stages are sent, but the configured raw stage is not among them: {names}."
undecided = "{value:count} stages are sent ({names}), but which of them is the raw one is not known; name it as raw_stage in the configuration."

[thresholds]
min_stages = 2

[[case]]
name = "two stages pass"
given.advertiser_window = [{ valid_events = 2 }]
given.raw_stage = [{ event_name = "Lead" }]
given.stage_seen = [{ event_name = "Lead", events = 1 }, { event_name = "Won", events = 1 }]
status = "pass"

[[case]]
name = "one stage fails"
given.advertiser_window = [{ valid_events = 2 }]
given.raw_stage = [{ event_name = "Lead" }]
given.stage_seen = [{ event_name = "Lead", events = 2 }]
status = "fail"

[[case]]
name = "two stages without the configured raw one fail"
given.advertiser_window = [{ valid_events = 2 }]
given.raw_stage = [{ event_name = "Lead" }]
given.stage_seen = [{ event_name = "Qualified", events = 1 }, { event_name = "Won", events = 1 }]
status = "fail"

[[case]]
name = "two stages of which the raw one is unknown are undecided"
given.advertiser_window = [{ valid_events = 2 }]
given.stage_seen = [{ event_name = "Qualified", events = 1 }, { event_name = "Won", events = 1 }]
status = "undecided"

[[case]]
name = "no stage fails"
given.advertiser_window = [{ valid_events = 0 }]
status = "fail"
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
    case when stages < $min_stages then 2 when is_unknown then null when has_raw then 0 else 2 end as level,
    stages as value,
    stages as n,
    greatest($min_stages - stages, 0) as affected,
    names,
    if(stages < $min_stages, 'few', 'no-raw') as reason
from counted
