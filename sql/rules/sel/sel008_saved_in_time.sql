/*---
title = "Lead ids are saved within 90 days"
severity = "recommended"
source = "Meta's help: leads can be downloaded for 90 days. Which leads count as not saved is ours: those that the CRM knows by another id, and those after the end of a list"
why = "Meta keeps a lead for 90 days; an id that nobody saved by then is gone, and what the CRM records of that lead can never be matched."
fix = "Download the leads of the last 90 days now, with their ids, and match them to the CRM's own by name, e-mail or phone number; then save each lead as it arrives (webhook or Graph API)."
takes = "a day; what is older than 90 days is lost for good"
wait = "Bring the list of leads or an export of the CRM's history, to see since when ids are saved."
acts = "advertiser"
unit = "days"
needs = ["history or lead list"]

[message]
pass = "No lead is about to be lost: every lead that is known of has its id saved."
warn = "{at_risk:count} leads of the CRM have no lead id of Meta's yet, and can still be downloaded; the first is lost after {next_lost:date}."
fail = "{affected:count} of {n:count} leads of the CRM have no lead id of Meta's and are older than {retention_days:count} days: their ids are lost, unless somebody else has saved them. {at_risk:count} more can still be downloaded."
"fail.gap" = "The list of leads ends on {list_end:date}, more than {retention_days:count} days before {as_of:date}: what came soon after it can no longer be downloaded."
not_evaluable = "Nothing tells since when leads are saved: there is neither a list of leads nor a history of the CRM."

[thresholds]
retention_days = 90

[[case]]
name = "every id saved passes"
given.crm_id = [{ leads = 10, meta_leads = 10, other_leads = 0, lost = 0 }]
status = "pass"

[[case]]
name = "a lead of 90 days can still be fetched"
given.crm_id = [{ leads = 10, meta_leads = 9, other_leads = 1, lost = 0, oldest = 1692224000, next_lost = 1700000000 }]
status = "warn"
value = 90.0
affected = 0

[[case]]
name = "a lead of 90 days and a second is lost"
given.crm_id = [{ leads = 10, meta_leads = 9, other_leads = 1, lost = 1, oldest = 1692223999 }]
status = "warn"
affected = 1
message = "1 of 10 leads of the CRM have no lead id of Meta's and are older than 90 days: their ids are lost, unless somebody else has saved them. 0 more can still be downloaded."

[[case]]
name = "a list that ended 90 days ago misses none yet"
given.lead_volume = [{ leads = 0, list_end = 1692224000 }]
status = "pass"

[[case]]
name = "one that ended a second earlier does"
given.lead_volume = [{ leads = 0, list_end = 1692223999 }]
status = "warn"

[[case]]
name = "without list and history it cannot be told"
given.applicant = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with judged as (
    select
        applicant.*,
        crm_id.* exclude (advertiser_id),
        list_end,
        if(source = 'counts', null, list_end) < $as_of - $retention_days * 86400 as has_gap
    from applicant
    left join crm_id using (advertiser_id)
    left join lead_volume using (advertiser_id)
)
select
    advertiser_id,
    channel,
    case
        when leads is null and list_end is null then null
        when lost > 0 or has_gap then 2
        when other_leads > 0 then 1
        else 0
    end as level,
    ($as_of - if(other_leads > 0, oldest, list_end)) / 86400 as value,
    coalesce(leads, 0) as n,
    coalesce(lost, 0) as affected,
    if(coalesce(lost, 0) = 0 and has_gap, 'gap', null) as reason,
    other_leads - lost as at_risk,
    next_lost,
    list_end,
    $as_of as as_of
from judged
