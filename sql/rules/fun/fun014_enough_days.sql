/*---
title = "The log is as long as a conversion takes"
severity = "recommended"
source = "Follow-up steps: where a lead normally takes fourteen days to convert, at least that many days of good data are needed. That nine leads in ten stand for normally is ours"
why = "In a log shorter than the way to the stage, the slower leads cannot be there yet, and the delay itself comes out too short."
fix = "Keep sending; the funnel can be analysed when the log spans the time that nine in ten leads take."
acts = "partner"
unit = "days"
channel = ["crm", "history"]

[message]
"pass.unknown" = "How long leads take to the stage to optimise for is not known yet; the valid events span {value:days}."
"pass.nothing" = "No event is valid yet, so nothing spans any days (see DAT002)."
pass = "The valid events span {value:days}; nine in ten of {n:count} leads that reach {stage} are there after {p90_days:days}."
warn = "The valid events span {value:days}, but it takes {p90_days:days} until nine in ten of {n:count} leads that reach {stage} are there: the funnel needs at least as many days of events."

[history]
"pass.nothing" = "The history holds no valid event, so nothing spans any days."
fix = "Export a longer history; the funnel can be analysed when it spans the time that nine in ten leads take."

[[case]]
name = "as long as nine in ten leads take"
given.stage_choice = [{ judged_stage = "Won" }]
given.stage = [{ event_name = "Won", p90_seconds = 864000, reached = 12 }]
given.stage_seen = [{ event_name = "Won", first_time = 1690000000, last_time = 1690864000 }]
status = "pass"
value = 10.0
n = 12

[[case]]
name = "a second shorter"
given.stage_choice = [{ judged_stage = "Won" }]
given.stage = [{ event_name = "Won", p90_seconds = 864000, reached = 12 }]
given.stage_seen = [{ event_name = "Lead", first_time = 1690000000, last_time = 1690000010 }, { event_name = "Won", first_time = 1690000005, last_time = 1690863999 }]
status = "warn"
n = 12

[[case]]
name = "no delay is known"
given.stage_seen = [{ event_name = "Lead", first_time = 1690000000, last_time = 1690086400 }]
status = "pass"
value = 1.0
n = 0

[[case]]
name = "nothing valid"
given.advertiser = [{ time_zone = "UTC" }]
status = "pass"
n = 0
---*/
with spanned as (
    select advertiser_id, channel, max(last_time) - min(first_time) as seconds
    from stage_seen
    group by advertiser_id, channel
), judged as (
    select stage_choice.advertiser_id, stage_choice.channel, event_name as stage, p90_seconds, reached
    from stage_choice
    join stage
        on stage.advertiser_id = stage_choice.advertiser_id
        and stage.channel = stage_choice.channel
        and stage.event_name = judged_stage
)
select
    advertiser_id,
    channel,
    if(seconds < p90_seconds, 1, 0) as level,
    seconds / 86400 as value,
    coalesce(reached, 0) as n,
    0 as affected,
    stage,
    p90_seconds / 86400 as p90_days,
    case when seconds is null then 'nothing' when p90_seconds is null then 'unknown' end as reason
from advertiser
left join spanned using (advertiser_id, channel)
left join judged using (advertiser_id, channel)
