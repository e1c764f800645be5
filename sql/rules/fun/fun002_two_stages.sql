/*---
title = "At least two stages, the raw one among them"
severity = "required"
source = "Partner guide, step 3: at least two stages of the sales funnel including the raw lead"
why = "With one stage there is no funnel, and nothing that Meta could optimise for."
fix = "Send at least one later stage (for example Qualified) besides the raw lead, for every lead that reaches it."
acts = "partner"
wait = "Name the raw stage as raw_stage in the configuration."
unit = "stages"
channel = ["crm", "history"]

[message]
pass = "{value:count} stages are sent, the raw one among them; {min_stages:count} are needed."
"fail.few" = "{value:count} of the {min_stages:count} stages needed are sent: {names}."
"fail.no-raw" = "{value:count} stages are sent, but the configured raw stage is not among them: {names}."
undecided = "{value:count} stages are sent ({names}), but which of them is the raw one is not known; name it as raw_stage in the configuration."

[history]
pass = "{value:count} stages are recorded, the raw one among them; {min_stages:count} are needed."
"fail.few" = "{value:count} of the {min_stages:count} stages needed are recorded: {names}."
"fail.no-raw" = "{value:count} stages are recorded, but the configured raw stage is not among them: {names}."
undecided = "{value:count} stages are recorded ({names}), but which of them is the raw one is not known; name it as raw_stage in the configuration."
fix = "Record at least one later stage (for example Qualified) besides the raw lead, for every lead that reaches it."

[thresholds]
min_stages = 2

[[case]]
name = "two stages pass"
given.stage_count = [{ valid_events = 2, raw = "Lead", raw_events = 1, stages = 2 }]
status = "pass"

[[case]]
name = "one stage fails"
given.stage_count = [{ valid_events = 2, raw = "Lead", raw_events = 2, stages = 1 }]
status = "fail"

[[case]]
name = "two stages without the configured raw one fail"
given.stage_count = [{ valid_events = 2, raw = "Lead", raw_events = 0, stages = 2 }]
status = "fail"

[[case]]
name = "two stages of which the raw one is unknown are undecided"
given.stage_count = [{ valid_events = 2, is_unknown = true, raw_events = 0, stages = 2 }]
status = "undecided"

[[case]]
name = "no stage fails"
given.stage_count = [{ valid_events = 0, raw_events = 0, stages = 0 }]
status = "fail"
---*/
select
    advertiser_id,
    channel,
    case when stages < $min_stages then 2 when is_unknown then null when raw_events > 0 then 0 else 2 end as level,
    stages as value,
    stages as n,
    greatest($min_stages - stages, 0) as affected,
    names,
    if(stages < $min_stages, 'few', 'no-raw') as reason
from stage_count
