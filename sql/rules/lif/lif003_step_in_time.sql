/*---
title = "The step is not overdue"
severity = "recommended"
source = "Partner guide, table of steps and their durations. The limits, about twice the duration, are ours"
why = "An advertiser that stays at a step for much longer than the guide expects waits for somebody, who may not know it."
fix = "Do what the to-do says for this step, and ask who acts in it what is in the way."
acts = "partner"
wait = "Look up the status in Events Manager and add it with its date to the configuration or the status file."
origin = { limit_factor = "ours" }
unit = "days"
needs = ["status line"]

[message]
"pass.last" = "The last step has no limit."
"pass.earliest" = "Step {step} ({title}) began at most {days:days} ago; more than {limit:days} is overdue."
pass = "Step {step} ({title}) began {days:days} ago; more than {limit:days} is overdue."
"warn.latest" = "Step {step} ({title}) began at least {days:days} ago; more than {limit:days} is overdue."
warn = "Step {step} ({title}) began {days:days} ago; more than {limit:days} is overdue."
"not_evaluable.earliest" = "At step {step} ({title}) since {entered_at:date} at the earliest; whether that is more than the {limit:days} allowed, only Events Manager can tell."
"not_evaluable.back" = "Events Manager showed step {furthest} before; since when it is back at step {step} ({title}) cannot be told."
not_evaluable = "Since when it is at step {step} ({title}) cannot be told: no record and no status of Events Manager says so."

[history]
not_evaluable = "Nothing was sent: a CRM history is at no step of Events Manager."

[thresholds]
limit_factor = 1

[[case]]
name = "exactly the limit is in time"
given.journey = [{ step = 3, furthest = 3, title = "Send", limit_days = 14, entered_at = 1698790400, entered_by = "data" }]
status = "pass"
value = 14
threshold = 14

[[case]]
name = "a second more is overdue"
given.journey = [{ step = 3, title = "Send", limit_days = 14, entered_at = 1698790399, entered_by = "data" }]
status = "warn"
n = 1
affected = 1

[[case]]
name = "where Meta may have been content later, a short time is in time for sure"
given.journey = [{ step = 4, title = "Configure", limit_days = 7, entered_at = 1699395200, entered_by = "earliest" }]
status = "pass"

[[case]]
name = "and a long one cannot be told"
given.journey = [{ step = 4, title = "Configure", limit_days = 7, entered_at = 1699395199, entered_by = "earliest" }]
status = "not_evaluable"

[[case]]
name = "at step 1 the time is at least that"
given.journey = [{ step = 1, title = "Create", limit_days = 1, entered_at = 1699900000, entered_by = "latest" }]
status = "warn"
message = "Step 1 (Create) began at least 1.2 days ago; more than 1 day is overdue."

[[case]]
name = "back from a later step cannot be told"
given.journey = [{ step = 3, furthest = 5, title = "Send", limit_days = 14, entered_at = 1690000000, entered_by = "data" }]
status = "not_evaluable"

[[case]]
name = "without a date it cannot be told"
given.journey = [{ step = 2, title = "Connect", limit_days = 2 }]
status = "not_evaluable"

[[case]]
name = "the last step is never overdue"
given.journey = [{ step = 6, furthest = 6, title = "Run", entered_at = 1600000000, entered_by = "status" }]
status = "pass"
---*/
with timed as (
    select
        *,
        ($as_of - entered_at) / 86400 as days,
        limit_days * $limit_factor as "limit",
        case
            when limit_days is null then 'last'
            when furthest > step then 'back'
            when entered_at is null then 'undated'
            else entered_by
        end as known
    from journey
)
select
    advertiser_id,
    channel,
    case
        when known = 'last' then 0
        when known in ('back', 'undated') then null
        when known = 'earliest' and days > "limit" then null
        when days > "limit" then 1
        else 0
    end as level,
    days as value,
    if(level is null, 0, 1) as n,
    if(level = 1, 1, 0) as affected,
    "limit" as threshold,
    "limit",
    days,
    step,
    title,
    furthest,
    entered_at,
    known as reason
from timed
