/*---
title = "The CRM knows its leads by Meta's lead id"
severity = "required"
source = "Meta's page on the integration, choosing advertisers: the lead id is stored in the CRM. That nine leads in ten must have it, and six in ten at least, is ours"
why = "Meta matches an event by the lead id; a lead that the CRM knows only by its own key is sent in vain."
fix = "Keep the id that Meta gives each lead in a field of its own in the CRM, filled when the lead arrives, and export that field with the history; leads of other sources can be left out of the source."
takes = "some days for the field and what fills it; older leads can be filled in for 90 days"
wait = "Bring an export of the CRM's history with the field that holds Meta's lead id."
acts = "advertiser"
unit = "share"
needs = ["history"]

[message]
pass = "{meta_leads:count} of {n:count} leads of the CRM carry Meta's lead id ({value:share}).{forensics:told}"
warn = "{meta_leads:count} of {n:count} leads of the CRM carry Meta's lead id ({value:share}); {good_share:share} are wanted.{forensics:told}"
fail = "Only {meta_leads:count} of {n:count} leads of the CRM carry Meta's lead id ({value:share}); {min_share:share} is the least.{forensics:told}"
"fail.answered" = "The CRM does not keep Meta's lead id, by its own answer."
undecided = "The history of the CRM holds no lead yet, so it cannot be told whether it keeps Meta's lead id."
not_evaluable = "Whether the CRM keeps Meta's lead id is not known: there is no history of it."
"not_evaluable.answered" = "The CRM keeps Meta's lead id, by its own answer; no history of it shows it yet."

[thresholds]
min_share = 0.6
good_share = 0.9

[[case]]
name = "nine in ten pass"
given.crm_id = [{ leads = 10, meta_leads = 9, other_leads = 1 }]
status = "pass"
value = 0.9
n = 10
affected = 1

[[case]]
name = "899 of 1,000 are one too few"
given.crm_id = [{ leads = 1000, meta_leads = 899, other_leads = 101 }]
status = "warn"

[[case]]
name = "six in ten only warn"
given.crm_id = [{ leads = 10, meta_leads = 6, other_leads = 4 }]
status = "warn"

[[case]]
name = "599 of 1,000 fail"
given.crm_id = [{ leads = 1000, meta_leads = 599, other_leads = 401 }]
status = "fail"
message = "Only 599 of 1,000 leads of the CRM carry Meta's lead id (59.9 %); 60 % is the least."

[[case]]
name = "rows without any lead count as the leads that they may stand for"
given.crm_id = [{ leads = 1000, meta_leads = 899, other_leads = 0, nameless_rows = 150, nameless_leads = 101 }]
status = "warn"
affected = 101

[[case]]
name = "its own answer that it is not kept is enough to fail"
given.answer = [{ lead_id_in_crm = false }]
status = "fail"

[[case]]
name = "its own answer that it is kept is not enough to pass"
given.answer = [{ lead_id_in_crm = true }]
status = "not_evaluable"

[[case]]
name = "a history without a lead decides nothing"
given.input_present = [{ input = "history" }]
status = "undecided"

[[case]]
name = "without a history it cannot be told"
given.applicant = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case
        when leads is null then if(lead_id_in_crm is false, 2, null)
        when meta_leads / leads >= $good_share then 0
        when meta_leads / leads >= $min_share then 1
        else 2
    end as level,
    meta_leads / nullif(leads, 0) as value,
    coalesce(leads, 0) as n,
    coalesce(leads - meta_leads, 0) as affected,
    if(leads is null and lead_id_in_crm is not null, 'answered', null) as reason,
    meta_leads,
    if(
        stand_ins is null,
        phrase(''),
        phrase(' In its place stands: {stand_ins:told}.', {'stand_ins': stand_ins})
    ) as forensics
from applicant
left join crm_id using (advertiser_id)
left join answer using (advertiser_id)
