/*---
title = "Stages are sent as they change, not as a snapshot"
severity = "recommended"
source = "Partner guide and development step: send every stage as it is updated, the history of changes instead of a snapshot. The share of 10 % is ours"
why = "A lead that jumps over stages, or reaches all of them in the same second, was read off the CRM once instead of being followed; rates and delays of the stages between are then wrong."
fix = "Send an event at every change of stage, with the time of that change; where stages are read once a day, read the history of changes instead of the current stage."
acts = "partner"
origin = { max_skipped = "ours" }
unit = "share"
channel = ["crm", "history"]

[crm]
GoHighLevel = "Let a contact enter the workflow that sends stages more than once; otherwise only its first change is sent."
Salesforce = "Send from LeadHistory and OpportunityFieldHistory, which hold every change, not from the record's present status."
HubSpot = "Read the property with its history; the property alone holds the last stage."

[message]
"pass.nothing" = "No lead has a stage beyond the first one yet."
pass = "Of {n:count} leads beyond the first stage {affected:count} ({value:share}) jump over a stage or have all stages at one time; up to {max_skipped:share} may."
warn = "Of {n:count} leads beyond the first stage {affected:count} ({value:share}) jump over a stage ({skipped:count}) or have all stages at one time ({at_once:count}); up to {max_skipped:share} may."

[history]
fix = "Export the history of stage changes instead of the current stage, and let the CRM record every stage that a lead passes."

[thresholds]
max_skipped = 0.1

[[case]]
name = "one in ten may jump"
given.lead_path = [{ leads = 10, complete = 9, jumping = 1, at_once = 0 }]
status = "pass"
value = 0.1
affected = 1

[[case]]
name = "more warn"
given.lead_path = [{ leads = 109, complete = 109, jumping = 11, at_once = 11 }]
status = "warn"
affected = 11

[[case]]
name = "nobody is beyond the first stage"
given.advertiser = [{ time_zone = "UTC" }]
status = "pass"
n = 0
---*/
select
    advertiser_id,
    channel,
    if(jumping / leads > $max_skipped, 1, 0) as level,
    jumping / leads as value,
    coalesce(leads, 0) as n,
    coalesce(jumping, 0) as affected,
    leads - complete as skipped,
    at_once,
    if(leads is null, 'nothing', null) as reason
from advertiser
left join lead_path using (advertiser_id, channel);

select
    advertiser_id,
    channel,
    if(steps < deepest, phrase('a stage left out'), phrase('all at one time')) as found,
    lead_id,
    string_agg(event_name, ' > ' order by step) as stages,
    min(stage_time) as first_event_time,
    max(stage_time) as last_event_time
from lead_walk
join lead_stage using (advertiser_id, channel, lead_id)
join funnel_step using (advertiser_id, channel, event_name)
where deepest > 1 and (steps < deepest or is_at_once)
group by advertiser_id, channel, lead_id, steps, deepest
order by advertiser_id, channel, found, lead_id
