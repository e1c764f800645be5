/*---
title = "The raw lead stage is sent"
severity = "required"
source = "Partner guide, sending events: the first stage tells that the lead was received and handled"
why = "Without the first stage Meta cannot see which leads arrived and went no further."
fix = "Send an event for every new lead as it arrives; if you do, name that stage as raw_stage in the configuration."
acts = "partner"
wait = "Name the raw stage as raw_stage in the configuration."
unit = "events"
channel = ["crm", "history"]

[message]
pass = "{value:count} valid events of the raw stage {stage} ({how})."
"fail.missing" = "The configured raw stage {stage} was never sent with a valid event."
"fail.nothing" = "No valid event was sent, so there is no raw stage either (see DAT002)."
undecided = "Which stage is the raw one is not known: no name says so and no stage comes first for four leads in five. Name it as raw_stage in the configuration."

[history]
"fail.missing" = "The configured raw stage {stage} is not recorded with a valid event."
"fail.nothing" = "No stage is recorded with a valid event, so there is no raw stage either."
fix = "Record the first stage of every new lead in the CRM as it arrives; if that is done, name that stage as raw_stage in the configuration."

[thresholds]
min_events = 1

[[case]]
name = "one raw event is enough"
given.stage_count = [{ valid_events = 1, raw = "Lead", raw_source = "hint", raw_events = 1 }]
status = "pass"

[[case]]
name = "a configured stage that never came fails"
given.stage_count = [{ valid_events = 5, raw = "Lead", raw_source = "configured", raw_events = 0 }]
status = "fail"

[[case]]
name = "an unknown raw stage is undecided"
given.stage_count = [{ valid_events = 5, is_unknown = true, raw_events = 0 }]
status = "undecided"

[[case]]
name = "nothing valid fails"
given.stage_count = [{ valid_events = 0, raw_events = 0 }]
status = "fail"
---*/
select
    advertiser_id,
    channel,
    raw as stage,
    case
        when valid_events = 0 then 2
        when is_unknown then null
        when raw_events >= $min_events then 0
        else 2
    end as level,
    if(is_unknown, null, raw_events) as value,
    valid_events as n,
    if(is_unknown or raw_events >= $min_events, 0, 1) as affected,
    case raw_source
        when 'hint' then phrase('known by its name')
        when 'order' then phrase('it comes first')
        else phrase('as configured')
    end as how,
    if(valid_events = 0, 'nothing', 'missing') as reason
from stage_count
