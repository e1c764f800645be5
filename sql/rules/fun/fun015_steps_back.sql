/*---
title = "Leads that go back in the funnel"
severity = "informational"
source = "Derived: a lead counts for a stage once, at its first valid event"
why = "A lead that returns to an earlier stage is counted there once and no rate changes; many of them hint at an order of stages that the CRM does not follow, or at times that are not those of the change."
fix = "Nothing needs mending where leads really return; else check the order of the stages (stage_order) and the times that are sent."
acts = "partner"
unit = "leads"
channel = ["crm", "history"]

[message]
"pass.nothing" = "No lead has two stages yet."
pass = "Of {n:count} leads with several stages none has an event of an earlier stage after one of a later stage."
warn = "Of {n:count} leads with several stages {affected:count} went back: an event of an earlier stage came after one of a later stage. Each stage counts once, when it is first reached."

[[case]]
name = "nobody goes back"
given.lead_path = [{ leads = 30, several = 20, going_back = 0 }]
status = "pass"
n = 20
affected = 0

[[case]]
name = "one lead goes back"
given.lead_path = [{ leads = 30, several = 20, going_back = 1 }]
status = "pass"
n = 20
affected = 1
value = 1

[[case]]
name = "no lead has two stages"
given.advertiser = [{ time_zone = "UTC" }]
status = "pass"
n = 0
---*/
select
    advertiser_id,
    channel,
    if(going_back > 0, 1, 0) as level,
    coalesce(going_back, 0) as value,
    coalesce(several, 0) as n,
    coalesce(going_back, 0) as affected,
    if(coalesce(several, 0) = 0, 'nothing', null) as reason
from advertiser
left join lead_path using (advertiser_id, channel);

select
    advertiser_id,
    channel,
    lead_id,
    event_name,
    step,
    stage_time as first_event_time,
    last_time as last_event_time
from lead_walk
join lead_stage using (advertiser_id, channel, lead_id)
join funnel_step using (advertiser_id, channel, event_name)
where goes_back
order by advertiser_id, channel, lead_id, step
