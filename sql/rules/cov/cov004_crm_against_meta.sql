/*---
title = "The CRM and Meta know the same leads"
severity = "informational"
source = "Derived from the guide's demand that all leads reach the CRM with their Meta lead id"
why = "Leads of the list that the CRM has not are lost between Meta and the CRM; leads of the CRM that the list has not came another way or without their Meta id, and no event of theirs can be matched."
fix = "Check the download of leads into the CRM for those that it lacks, and that it keeps the Meta lead id for those that the list lacks."
acts = "partner"
wait = "Load both the list of the leads that Meta delivered (--leads) and the stage history of the CRM."
unit = "leads"
needs = ["history", "lead list"]

[message]
pass = "The lead list and the CRM's history know the same {n:count} leads."
warn = "Of {n:count} leads the CRM's history lacks {unrecorded:count} that are in the list (the download into the CRM misses them), and the list lacks {unlisted:count} that are in the history (they came another way, or without their Meta lead id)."
"warn.unrecorded" = "Of {n:count} leads of the list the CRM's history lacks {unrecorded:count}: the download from Meta into the CRM misses them."
"warn.unlisted" = "Of {n:count} leads of the CRM's history the list lacks {unlisted:count}: they came another way, or without their Meta lead id."
not_evaluable = "Only a lead list and a CRM history together show which leads one of them misses; there are not both for this advertiser."

[history]
not_evaluable = "Lead list and CRM history are compared where events were sent; nothing was sent here."

[[case]]
name = "the same leads on both sides"
given.input_present = [{ input = "history" }, { input = "lead list" }]
given.lead_reconciled = [{ leads = 100, unrecorded = 0, unlisted = 0 }]
status = "pass"
n = 100
affected = 0

[[case]]
name = "one lead that the CRM lacks"
given.input_present = [{ input = "history" }, { input = "lead list" }]
given.lead_reconciled = [{ leads = 100, unrecorded = 1, unlisted = 0 }]
status = "pass"
value = 1
affected = 1

[[case]]
name = "one lead that the list lacks"
given.input_present = [{ input = "history" }, { input = "lead list" }]
given.lead_reconciled = [{ leads = 100, unrecorded = 0, unlisted = 1 }]
status = "pass"
affected = 1

[[case]]
name = "leads missing on both sides add up"
given.input_present = [{ input = "history" }, { input = "lead list" }]
given.lead_reconciled = [{ leads = 100, unrecorded = 2, unlisted = 3 }]
status = "pass"
affected = 5

[[case]]
name = "a history, but no list"
given.input_present = [{ input = "history" }]
status = "not_evaluable"

[[case]]
name = "a list, but no history"
given.input_present = [{ input = "lead list" }]
status = "not_evaluable"

[[case]]
name = "neither"
given.advertiser = [{ time_zone = "UTC" }]
status = "not_evaluable"
---*/
with given as (
    select advertiser_id, channel
    from input_present
    where input in ('history', 'lead list')
    group by advertiser_id, channel
    having count(*) = 2
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    case when given.advertiser_id is not null then if(coalesce(unrecorded + unlisted, 0) > 0, 1, 0) end as level,
    coalesce(unrecorded + unlisted, 0) as value,
    coalesce(leads, 0) as n,
    coalesce(unrecorded + unlisted, 0) as affected,
    unrecorded,
    unlisted,
    case when unlisted = 0 then 'unrecorded' when unrecorded = 0 then 'unlisted' end as reason
from advertiser
left join given using (advertiser_id, channel)
left join lead_reconciled using (advertiser_id, channel);

select
    advertiser_id,
    'crm' as channel,
    if(is_recorded, phrase('not in the list'), phrase('not in the history')) as found,
    lead_id,
    created_time,
    first_time as first_event_time
from known_lead
where not (is_listed and is_recorded)
order by advertiser_id, found, coalesce(created_time, first_time), lead_id
