/*---
title = "Earlier stages are sent as well"
severity = "required"
source = "Partner guide, step 3: sending only the sale is not enough, the stages before it are needed. The share of 90 % is ours"
why = "A sale without its earlier stages shows neither how the lead got there nor how many did not."
fix = "Send every stage that a lead passes, beginning with the raw lead, also when it jumps to a later one."
acts = "partner"
origin = { min_complete = "ours" }
wait = "Name the raw stage as raw_stage in the configuration."
unit = "share"
channel = ["crm", "history"]

[message]
"pass.nothing" = "No lead has reached a later stage yet."
pass = "{complete:count} of {n:count} leads beyond the raw stage ({value:share}) have all earlier stages."
warn = "{complete:count} of {n:count} leads beyond the raw stage ({value:share}) have all earlier stages; at least {min_complete:share} should."
"fail.no-raw" = "Later stages are sent, but the raw stage {raw} is not."
"undecided.nothing" = "No valid event was sent, so there are no stages to compare (see DAT002)."
undecided = "Whether earlier stages are missing cannot be told: which stage is the raw one is not known. Name it as raw_stage in the configuration."

[history]
"fail.no-raw" = "Later stages are recorded, but the raw stage {raw} is not."
"undecided.nothing" = "No stage is recorded with a valid event, so there are none to compare."
fix = "Record every stage that a lead passes, beginning with the raw lead, also when it jumps to a later one; a history holds the changes, a plain export only the last stage."

[thresholds]
min_complete = 0.9

[[case]]
name = "nine in ten complete leads pass"
given.stage_count = [{ valid_events = 30, raw = "Lead", raw_events = 10, stages = 3 }]
given.lead_path = [{ leads = 10, complete = 9 }]
status = "pass"

[[case]]
name = "fewer warn"
given.stage_count = [{ valid_events = 30, raw = "Lead", raw_events = 10, stages = 3 }]
given.lead_path = [{ leads = 100, complete = 89 }]
status = "warn"

[[case]]
name = "later stages without the raw one fail"
given.stage_count = [{ valid_events = 30, raw = "Lead", raw_events = 0, stages = 1 }]
status = "fail"

[[case]]
name = "the raw stage alone passes"
given.stage_count = [{ valid_events = 30, raw = "Lead", raw_events = 30, stages = 1 }]
status = "pass"

[[case]]
name = "an unknown raw stage is undecided"
given.stage_count = [{ valid_events = 30, is_unknown = true, raw_events = 0, stages = 1 }]
status = "undecided"

[[case]]
name = "nothing valid decides nothing"
given.stage_count = [{ valid_events = 0, raw_events = 0, stages = 0 }]
status = "undecided"
---*/
select
    advertiser_id,
    channel,
    case
        when valid_events = 0 or is_unknown then null
        when raw_events = 0 then 2
        when complete / leads < $min_complete then 1
        else 0
    end as level,
    if(raw_events > 0, complete / nullif(leads, 0), null) as value,
    coalesce(leads, 0) as n,
    coalesce(leads - complete, 0) as affected,
    complete,
    raw,
    case
        when valid_events = 0 then 'nothing'
        when raw_events = 0 then 'no-raw'
        when coalesce(leads, 0) = 0 then 'nothing'
    end as reason
from stage_count
left join lead_path using (advertiser_id, channel);

with walk as (
    select lead_walk.*, raw, raw_events = 0 as lacks_raw
    from lead_walk
    join stage_count using (advertiser_id, channel)
    where not is_unknown and if(raw_events = 0, true, steps < deepest)
), missing as (
    select walk.advertiser_id, walk.channel, walk.lead_id, string_agg(funnel_step.event_name, ', ' order by step) as names
    from walk
    join funnel_step
        on funnel_step.advertiser_id = walk.advertiser_id
        and funnel_step.channel = walk.channel
        and funnel_step.step < walk.deepest
    anti join lead_stage
        on lead_stage.advertiser_id = walk.advertiser_id
        and lead_stage.channel = walk.channel
        and lead_stage.lead_id = walk.lead_id
        and lead_stage.event_name = funnel_step.event_name
    group by walk.advertiser_id, walk.channel, walk.lead_id
)
select
    walk.advertiser_id,
    walk.channel,
    walk.lead_id,
    lead_stage.event_name as deepest_stage,
    stage_time as event_time,
    concat_ws(', ', if(lacks_raw, raw, null), names) as missing
from walk
join funnel_step
    on funnel_step.advertiser_id = walk.advertiser_id
    and funnel_step.channel = walk.channel
    and funnel_step.step = walk.deepest
join lead_stage
    on lead_stage.advertiser_id = walk.advertiser_id
    and lead_stage.channel = walk.channel
    and lead_stage.lead_id = walk.lead_id
    and lead_stage.event_name = funnel_step.event_name
left join missing
    on missing.advertiser_id = walk.advertiser_id
    and missing.channel = walk.channel
    and missing.lead_id = walk.lead_id
order by walk.advertiser_id, walk.channel, walk.lead_id
