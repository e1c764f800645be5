/*---
title = "No stage has changed its name"
severity = "recommended"
source = "Partner guide, closing note: changes after the integration restart learning. How a rename is recognised (one name ends as another begins, with as many events a day, and no lead has both) is ours"
why = "To Meta a new name is a new stage: its history is gone, and where it is the one optimised for, learning starts again."
fix = "Go back to the old name while learning lasts, or move the funnel in Events Manager to the new one and expect learning to start again; then leave the names alone."
acts = "partner"
unit = "stages"
channel = ["crm", "history"]

[message]
"pass.nothing" = "No stage is known yet."
pass = "None of {n:count} stages looks like another one under a new name."
warn = "{affected:count} of {n:count} stages: probably renamed. {former} ended on {last_time:date} and {stage} began on {first_time:date}, with as many events a day and no lead in common."

[[case]]
name = "one name ends as another begins"
given.stage_count = [{ stages = 3 }]
given.stage_rename = [{ former_name = "MQL", event_name = "Marketing Qualified Lead", former_events = 20, events = 12, last_time = 1699000000, first_time = 1699080000 }]
status = "warn"
value = 1
affected = 1
n = 3

[[case]]
name = "every name stays"
given.stage_count = [{ stages = 3 }]
status = "pass"
affected = 0
n = 3

[[case]]
name = "no stage at all"
given.stage_count = [{ stages = 0 }]
status = "pass"
n = 0
---*/
with latest as (
    select
        advertiser_id,
        channel,
        count(*) as renames,
        first(stage_rename order by first_time desc, former_name, event_name) as latest,
        list({'former': former_name, 'stage': event_name, 'last_time': last_time, 'first_time': first_time}
            order by first_time desc, former_name, event_name) as renamed
    from stage_rename
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    if(renames > 0, 1, 0) as level,
    coalesce(renames, 0) as value,
    stages as n,
    coalesce(renames, 0) as affected,
    latest.former_name as former,
    latest.event_name as stage,
    latest.last_time as last_time,
    latest.first_time as first_time,
    renamed,
    if(stages = 0, 'nothing', null) as reason
from stage_count
left join latest using (advertiser_id, channel)
