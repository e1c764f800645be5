/*---
title = "Events Manager agrees with the data"
severity = "informational"
source = "Partner guide, journey of the advertiser: the status that Events Manager shows at each step"
why = "When Events Manager shows another step than the data suggest, one of the two has not been told yet."
fix = "Compare the status in Events Manager with the step of this report; when Events Manager is behind for more than a day or two, ask Meta."
acts = "partner"
wait = "Look up the status in Events Manager and add it to the configuration."
unit = "step"
needs = ["status line"]

[message]
"pass.note" = "Events Manager showed step {declared} ({status}) on {date:date}; the data suggest step {step}."
pass = "Events Manager and the data agree on step {step}."
not_evaluable = "No status of Events Manager is configured, so it cannot be compared; add [[advertiser.NAME.status]] lines."

[history]
not_evaluable = "Nothing was sent: Events Manager shows the status of what it received, and knows nothing of a CRM history."

[[case]]
name = "the same step passes"
given.journey = [{ step = 4, declared = 4, status = "Configure Sales Funnel", date = 1699000000 }]
status = "pass"

[[case]]
name = "another step is a note"
given.journey = [{ step = 3, declared = 5, status = "Funnel analysis", date = 1699000000 }]
status = "pass"

[[case]]
name = "without a status line it cannot be told"
given.journey = [{ step = 3 }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case when declared is null then null when declared = step then 0 else 1 end as level,
    declared as value,
    if(declared is null, 0, 1) as n,
    if(declared <> step, 1, 0) as affected,
    step,
    declared,
    status,
    date,
    if(declared <> step, 'note', null) as reason
from journey
