/*---
title = "The raw lead stage is sent"
severity = "required"
source = "Partner guide, sending events: the first stage tells that the lead was received and handled"
why = "Without the first stage Meta cannot see which leads arrived and went no further."
fix = "Send an event for every new lead as it arrives; if you do, name that stage as raw_stage in the configuration."
acts = "partner"
wait = "Name the raw stage as raw_stage in the configuration."
unit = "events"

[message]
pass = "{value:count} valid events of the raw stage {stage} ({how})."
"fail.missing" = "The configured raw stage {stage} was never sent with a valid event."
"fail.nothing" = "No valid event was sent, so there is no raw stage either (see DAT002)."
undecided = "Which stage is the raw one is not known: no name says so and no stage comes first for four leads in five. Name it as raw_stage in the configuration."

[thresholds]
min_events = 1

[[case]]
name = "one raw event is enough"
given.raw_stage = [{ event_name = "Lead", source = "hint" }]
given.stage_seen = [{ event_name = "Lead", events = 1 }]
given.advertiser_window = [{ valid_events = 1 }]
status = "pass"

[[case]]
name = "a configured stage that never came fails"
given.raw_stage = [{ event_name = "Lead", source = "configured" }]
given.stage_seen = [{ event_name = "Won", events = 5 }]
given.advertiser_window = [{ valid_events = 5 }]
status = "fail"

[[case]]
name = "an unknown raw stage is undecided"
given.raw_stage = [{ source = "none" }]
given.stage_seen = [{ event_name = "Won", events = 5 }]
given.advertiser_window = [{ valid_events = 5 }]
status = "undecided"

[[case]]
name = "nothing valid fails"
given.raw_stage = [{ source = "none" }]
given.advertiser_window = [{ valid_events = 0 }]
status = "fail"
---*/
select
    raw_stage.advertiser_id,
    raw_stage.channel,
    raw_stage.event_name as stage,
    case
        when valid_events = 0 then 2
        when raw_stage.event_name is null then null
        when coalesce(stage_seen.events, 0) >= $min_events then 0
        else 2
    end as level,
    if(valid_events > 0 and raw_stage.event_name is null, null, coalesce(stage_seen.events, 0)) as value,
    valid_events as n,
    if(coalesce(stage_seen.events, 0) >= $min_events, 0, 1) as affected,
    case raw_stage.source when 'hint' then 'known by its name' when 'order' then 'it comes first' else 'as configured' end
        as how,
    if(valid_events = 0, 'nothing', 'missing') as reason
from raw_stage
join advertiser_window using (advertiser_id, channel)
left join stage_seen
    on stage_seen.advertiser_id = raw_stage.advertiser_id
    and stage_seen.channel = raw_stage.channel
    and stage_seen.event_name = raw_stage.event_name
