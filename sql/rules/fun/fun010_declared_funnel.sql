/*---
title = "Every stage of the declared funnel is sent"
severity = "required"
source = "Configuring the sales funnel: a funnel with events that are not being sent cannot be used. The seven days are ours"
why = "A stage that stands in the funnel of Events Manager and has no events counts as reached by nobody."
fix = "Send the stages that are declared, under exactly these names, or take them out of the funnel in Events Manager and out of stage_order."
acts = "partner"
origin = { active_days = "ours" }
unit = "stages"
channel = ["crm", "history"]
reports = []

[message]
"pass.undeclared" = "No funnel is declared (stage_order), so there is nothing to compare."
"pass.nothing" = "No event is valid yet, so none of {n:count} declared stages has any (see DAT002)."
pass = "All {n:count} declared stages have valid events in the last {active_days:count} days with events."
warn = "{affected:count} of {n:count} declared stages: no valid event in the last {active_days:count} days with events. {stage}: the latest was on {last_day:day}."
fail = "{affected:count} of {n:count} declared stages: no valid event ever. Not seen: {missing}."

[history]
"pass.nothing" = "The history holds no valid event, so none of {n:count} declared stages has any."
fix = "Record the stages that are declared, under exactly these names, or take them out of stage_order."

[thresholds]
active_days = 7

[[case]]
name = "all declared stages were seen lately"
given.declared_stage = [{ folded_name = "lead", name = "Lead", events = 5, last_day = 2023-11-14 }, { folded_name = "won", name = "Won", events = 5, last_day = 2023-11-08 }]
given.active_day = [{ place = 1, day = 2023-11-14 }, { place = 2, day = 2023-11-13 }, { place = 3, day = 2023-11-12 }, { place = 4, day = 2023-11-11 }, { place = 5, day = 2023-11-10 }, { place = 6, day = 2023-11-09 }, { place = 7, day = 2023-11-08 }, { place = 8, day = 2023-11-07 }]
given.advertiser_window = [{ valid_events = 10 }]
status = "pass"
n = 2
affected = 0

[[case]]
name = "one was last seen on the eighth day"
given.declared_stage = [{ folded_name = "lead", name = "Lead", events = 5, last_day = 2023-11-14 }, { folded_name = "won", name = "Won", events = 5, last_day = 2023-11-07 }]
given.active_day = [{ place = 1, day = 2023-11-14 }, { place = 2, day = 2023-11-13 }, { place = 3, day = 2023-11-12 }, { place = 4, day = 2023-11-11 }, { place = 5, day = 2023-11-10 }, { place = 6, day = 2023-11-09 }, { place = 7, day = 2023-11-08 }, { place = 8, day = 2023-11-07 }]
given.advertiser_window = [{ valid_events = 10 }]
status = "warn"
value = 1
affected = 1

[[case]]
name = "one was never seen"
given.declared_stage = [{ folded_name = "lead", name = "Lead", events = 5, last_day = 2023-11-14 }, { folded_name = "won", name = "Won", events = 0 }]
given.active_day = [{ place = 1, day = 2023-11-14 }]
given.advertiser_window = [{ valid_events = 10 }]
status = "fail"
value = 1
affected = 1
n = 2

[[case]]
name = "nothing valid is DAT002's"
given.declared_stage = [{ folded_name = "lead", name = "Lead", events = 0 }]
status = "pass"
n = 1
affected = 0

[[case]]
name = "no funnel is declared"
given.advertiser_window = [{ valid_events = 10 }]
status = "pass"
n = 0
---*/
with since as (
    select advertiser_id, channel, min(day) as day
    from active_day
    where place <= $active_days
    group by advertiser_id, channel
), compared as (
    select
        advertiser_id,
        channel,
        count(*) as declared,
        count(*) filter (events = 0) as unseen,
        count(*) filter (last_day < day) as silent,
        string_agg(name, ', ' order by position, folded_name) filter (events = 0) as missing,
        arg_min(name, last_day) filter (last_day < day) as stage,
        min(last_day) filter (last_day < day) as last_day
    from declared_stage
    left join since using (advertiser_id, channel)
    group by advertiser_id, channel
), other as (
    select advertiser_id, channel, list(event_name order by events desc, event_name)[:20] as undeclared
    from stage_seen
    anti join (select advertiser_id, channel, folded_name from declared_stage) as declared
        on declared.advertiser_id = stage_seen.advertiser_id
        and declared.channel = stage_seen.channel
        and declared.folded_name = folded(stage_seen.event_name)
    group by advertiser_id, channel
), judged as (
    select
        advertiser_id,
        channel,
        declared,
        case when declared is null or valid_events = 0 then 0 when unseen > 0 then 2 when silent > 0 then 1 else 0 end
            as level,
        if(declared is null or valid_events = 0, 0, if(unseen > 0, unseen, silent)) as affected,
        missing,
        stage,
        last_day::varchar as last_day,
        undeclared,
        case when declared is null then 'undeclared' when valid_events = 0 then 'nothing' end as reason
    from advertiser_window
    left join compared using (advertiser_id, channel)
    left join other using (advertiser_id, channel)
)
select * exclude (declared, undeclared), affected as value, coalesce(declared, 0) as n, if(declared > 0, undeclared, null) as undeclared
from judged
