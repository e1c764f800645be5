/*---
title = "Which stages can be optimised for"
severity = "informational"
source = "Configuring the sales funnel: choose the earliest lead stage that one would like to optimise for. Which qualify follows from FUN006 and FUN007"
why = "The earlier the stage, the sooner and the more often Meta hears of it; it need not be the last one."
fix = "Choose the earliest of these stages; where there is none, see the reason beside each stage in the funnel."
acts = "advertiser"
unit = "stages"
channel = ["crm", "history"]

[message]
pass = "{value:count} of {n:count} stages after the raw lead can be optimised for; the earliest is {earliest}."
warn = "None of {n:count} stages after the raw lead can be optimised for yet: {refused}."
"warn.nothing" = "There is no stage after the raw lead that could be optimised for (see DAT002 and FUN002)."

[history]
"warn.nothing" = "The history holds no valid stage after the raw lead that could be optimised for (see FUN002)."

[[case]]
name = "the earliest that qualifies is named"
given.stage_status = [{ event_name = "Lead", stage_order = 1, reason = "raw", is_eligible = false }, { event_name = "Won", stage_order = 3, is_eligible = true }, { event_name = "Qualified", stage_order = 2, is_eligible = true }]
status = "pass"
value = 2
n = 2

[[case]]
name = "none qualifies"
given.stage_status = [{ event_name = "Lead", stage_order = 1, reason = "raw", is_eligible = false }, { event_name = "Won", stage_order = 2, reason = "too-rare", is_eligible = false }, { event_name = "Lost", stage_order = 3, reason = "negative", is_eligible = false }]
status = "pass"
value = 0
n = 1

[[case]]
name = "no stage at all"
given.advertiser = [{ time_zone = "UTC" }]
status = "pass"
value = 0
n = 0
---*/
with candidate as (
    select * from stage_status where (reason in ('raw', 'negative')) is not true
), refused as (
    select
        advertiser_id,
        channel,
        joined(
            list(
                case reason
                    when 'too-rare' then plural(stages, '{n:count} too rare', '{n:count} too rare')
                    when 'too-common' then plural(stages, '{n:count} too common', '{n:count} too common')
                    when 'too-slow' then plural(stages, '{n:count} too slow', '{n:count} too slow')
                    else plural(stages, '{n:count} cannot be told yet', '{n:count} cannot be told yet')
                end
                order by stages desc, reason
            ),
            ', '
        ) as refused
    from (select advertiser_id, channel, reason, count(*) as stages from candidate where not is_eligible group by all)
    group by advertiser_id, channel
), counted as (
    select
        advertiser_id,
        channel,
        count(*) as stages,
        count(*) filter (is_eligible) as eligible,
        arg_min(event_name, stage_order) filter (is_eligible) as earliest
    from candidate
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    if(eligible > 0, 0, 1) as level,
    coalesce(eligible, 0) as value,
    coalesce(stages, 0) as n,
    0 as affected,
    earliest,
    refused,
    if(stages is null, 'nothing', null) as reason
from advertiser
left join counted using (advertiser_id, channel)
left join refused using (advertiser_id, channel)
