/*---
title = "When campaigns may run"
severity = "informational"
source = "Partner guide, note to the table of steps"
why = "Nobody need wait for the end of learning to run campaigns, and nobody should judge them before it."
fix = "Run campaigns if you like, and compare their results only once learning is complete."
acts = "advertiser"
unit = "step"

[message]
warn = "Campaigns may run while Meta learns, but they reach their full performance only once learning is complete."
pass = "Nothing to say at this step."

[history]
not_evaluable = "Nothing was sent: there is nothing for campaigns to use yet."

[[case]]
name = "during learning there is a note"
given.journey = [{ step = 5, six_step = 5 }]
status = "pass"
affected = 1

[[case]]
name = "before it there is none"
given.journey = [{ step = 4, six_step = 4 }]
status = "pass"
affected = 0

[[case]]
name = "after it there is none"
given.journey = [{ step = 6, six_step = 6 }]
status = "pass"
affected = 0

[[case]]
name = "of a CRM history there is nothing to say"
channel = "history"
given.journey = [{ step = 5, six_step = 5 }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    if(six_step = 5, 1, 0) as level,
    step as value,
    1 as n,
    if(six_step = 5, 1, 0) as affected
from journey
