/*---
title = "Three stages or more"
severity = "recommended"
source = "Partner guide, sending events: three stages or more are recommended"
why = "A stage in the middle of the funnel is reached sooner and more often, which gives Meta more to learn from."
fix = "Send the stages between the raw lead and the sale as well."
acts = "partner"
unit = "stages"
channel = ["crm", "history"]

[message]
pass = "{value:count} stages are sent."
warn = "{value:count} stages are sent ({names}); {min_stages:count} are recommended."

[history]
pass = "{value:count} stages are recorded."
warn = "{value:count} stages are recorded ({names}); {min_stages:count} are recommended."
fix = "Record, and send, the stages between the raw lead and the sale as well."

[thresholds]
min_stages = 3

[[case]]
name = "three stages pass"
given.stage_count = [{ stages = 3 }]
status = "pass"

[[case]]
name = "two stages warn"
given.stage_count = [{ stages = 2 }]
status = "warn"

[[case]]
name = "no stage warns"
given.stage_count = [{ stages = 0 }]
status = "warn"
---*/
select
    advertiser_id,
    channel,
    if(stages >= $min_stages, 0, 2) as level,
    stages as value,
    stages as n,
    greatest($min_stages - stages, 0) as affected,
    names
from stage_count
