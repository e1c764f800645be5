/*---
title = "Not nearly all events are of one stage"
severity = "recommended"
source = "Partner guide, step 3: events of at least two stages. The share of 99 % is ours"
why = "Where one stage holds nearly every event, the others were tried out and not connected: leads do not move on, or nobody is told."
fix = "Connect the other stages: let each change of stage in the CRM send its event."
acts = "partner"
origin = { max_share = "ours" }
unit = "share"
channel = ["crm", "history"]

[message]
"pass.nothing" = "No event is valid yet, so there are no stages to compare."
"pass.single" = "There is one stage only (see FUN002)."
pass = "{stage}, the most frequent stage, holds {most:count} of {n:count} valid events ({value:share})."
warn = "{stage} holds {most:count} of {n:count} valid events ({value:share}), more than {max_share:share}; the other stages hardly come."

[history]
fix = "Let the CRM record every change of stage; a list of current stages holds one a lead."

[thresholds]
max_share = 0.99

[[case]]
name = "99 of 100 pass"
given.stage_seen = [{ event_name = "Lead", events = 99 }, { event_name = "Won", events = 1 }]
status = "pass"
value = 0.99
affected = 0

[[case]]
name = "100 of 101 warn"
given.stage_seen = [{ event_name = "Lead", events = 100 }, { event_name = "Won", events = 1 }]
status = "warn"
affected = 100
n = 101

[[case]]
name = "one stage alone is FUN002's"
given.stage_seen = [{ event_name = "Lead", events = 100 }]
status = "pass"
value = 1.0
affected = 0

[[case]]
name = "nothing valid"
given.advertiser = [{ time_zone = "UTC" }]
status = "pass"
n = 0
---*/
with counted as (
    select
        advertiser_id,
        channel,
        sum(events)::bigint as events,
        max(events) as most,
        first(event_name order by events desc, event_name) as stage,
        count(*) as stages
    from stage_seen
    group by advertiser_id, channel
), judged as (
    select *, coalesce(most / events > $max_share and events >= $min_units and stages > 1, false) as is_alone
    from advertiser
    left join counted using (advertiser_id, channel)
)
select
    advertiser_id,
    channel,
    if(is_alone, 1, 0) as level,
    most / events as value,
    coalesce(events, 0) as n,
    if(is_alone, most, 0) as affected,
    most,
    stage,
    case when events is null then 'nothing' when stages = 1 then 'single' end as reason
from judged
