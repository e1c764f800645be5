/*---
title = "Each stage is reached by fewer leads than the one before"
severity = "recommended"
source = "Conversion leads integration, development step: the example funnel of 100, 70, 30 and 15 leads"
why = "A stage that more leads reach than the one before it shows that events of the earlier stage are missing, or that the order of the stages is another one."
fix = "Send the earlier stage for every lead that passes it, or correct the order of the stages (stage_order)."
acts = "partner"
unit = "stages"
channel = ["crm", "history"]

[message]
pass = "No stage is reached by more leads than the stage before it."
"pass.single" = "There are not two stages to compare yet."
warn = "The funnel widens at {affected:count} of {n:count} steps: {stage} is reached by {leads:count} leads, {former}, the stage before it, by {former_leads:count}."

[history]
fix = "Record the earlier stage for every lead that passes it, or correct the order of the stages (stage_order)."

[[case]]
name = "as many leads as the stage before are no fault"
given.stage = [{ event_name = "Lead", stage_order = 1, leads = 10, is_negative = false }, { event_name = "Won", stage_order = 2, leads = 10, is_negative = false }]
status = "pass"
n = 1

[[case]]
name = "one more is"
given.stage = [{ event_name = "Lead", stage_order = 1, leads = 10, is_negative = false }, { event_name = "Won", stage_order = 2, leads = 11, is_negative = false }]
status = "warn"
value = 1
affected = 1
n = 1

[[case]]
name = "a negative stage between is left out"
given.stage = [{ event_name = "Lead", stage_order = 1, leads = 10, is_negative = false }, { event_name = "Lost", stage_order = 2, leads = 2, is_negative = true }, { event_name = "Won", stage_order = 3, leads = 9, is_negative = false }]
status = "pass"
n = 1

[[case]]
name = "no stage at all"
given.advertiser = [{ time_zone = "UTC" }]
status = "pass"
n = 0
---*/
with stepped as (
    select
        *,
        lag(event_name) over (partition by advertiser_id, channel order by stage_order) as former,
        lag(leads) over (partition by advertiser_id, channel order by stage_order) as former_leads
    from stage
    where not is_negative
), counted as (
    select
        advertiser_id,
        channel,
        count(*) - 1 as steps,
        count(*) filter (leads > former_leads) as widening,
        arg_min(stepped, stage_order) filter (leads > former_leads) as widest
    from stepped
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    if(widening > 0, 1, 0) as level,
    coalesce(widening, 0) as value,
    coalesce(steps, 0) as n,
    coalesce(widening, 0) as affected,
    widest.event_name as stage,
    widest.leads as leads,
    widest.former as former,
    widest.former_leads as former_leads,
    if(coalesce(steps, 0) = 0, 'single', null) as reason
from advertiser
left join counted using (advertiser_id, channel)
