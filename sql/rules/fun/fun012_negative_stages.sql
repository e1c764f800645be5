/*---
title = "Negative stages stand outside the funnel"
severity = "informational"
source = "Configuring the sales funnel: take out events that tell of a negative lead. The words that negative stages are known by are ours"
why = "A lead that is lost is no step towards a sale; with such a stage in the funnel Meta looks for more leads of that kind."
fix = "Take the stage out of the funnel in Events Manager, and out of stage_order and optimisation_stage; its events may go on."
acts = "advertiser"
unit = "stages"
channel = ["crm", "history"]

[message]
"pass.nothing" = "No stage tells of a lost lead."
pass = "Stages that tell of lost leads: {n:count}; the declared funnel has none of them."
warn = "Stages that tell of lost leads: {n:count}; the declared funnel has {affected:count} of them: {names}."

[[case]]
name = "outside the declared order"
given.stage = [{ event_name = "Lost", is_negative = true }]
given.stage_setting = [{ name = "Lead", position = 0 }]
status = "pass"
n = 1
affected = 0

[[case]]
name = "in the declared order, however it is spelled"
given.stage = [{ event_name = "Lost", is_negative = true }, { event_name = "Won", is_negative = false }]
given.stage_setting = [{ name = " LOST", position = 1 }, { name = "Won", position = 0 }]
status = "pass"
n = 1
affected = 1
value = 1

[[case]]
name = "as the optimisation stage"
given.stage = [{ event_name = "Lost", is_negative = true }]
given.advertiser = [{ configured_optimisation_stage = "lost" }]
status = "pass"
affected = 1

[[case]]
name = "no negative stage"
given.stage = [{ event_name = "Won", is_negative = false }]
given.stage_setting = [{ name = "Won", position = 0 }]
status = "pass"
n = 0
---*/
with declared as (
    select advertiser_id, channel, folded(name) as name
    from stage_setting
    join advertiser using (advertiser_id)
    union
    select advertiser_id, channel, folded(configured_optimisation_stage)
    from advertiser
), counted as (
    select
        stage.advertiser_id,
        stage.channel,
        count(*) as stages,
        count(declared.name) as declared,
        string_agg(event_name, ', ' order by stage_order, event_name) filter (declared.name is not null) as names
    from stage
    left join declared
        on declared.advertiser_id = stage.advertiser_id
        and declared.channel = stage.channel
        and declared.name = folded(stage.event_name)
    where is_negative
    group by stage.advertiser_id, stage.channel
)
select
    advertiser_id,
    channel,
    if(declared > 0, 1, 0) as level,
    coalesce(declared, 0) as value,
    coalesce(stages, 0) as n,
    coalesce(declared, 0) as affected,
    names,
    if(stages is null, 'nothing', null) as reason
from advertiser
left join counted using (advertiser_id, channel)
