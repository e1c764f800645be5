/*---
title = "When learning should be complete"
severity = "informational"
source = "Partner guide, step 5: how long learning takes once the funnel is configured. That a month is 30 days is ours"
why = "Learning shows in no log; the guide says how long it takes, so that nobody waits in vain or gives up too soon."
fix = "Look up the status in Events Manager once the expected time has passed; if learning goes on, ask Meta."
acts = "advertiser"
wait = "Look up the status in Events Manager and add it with its date to the configuration or the status file."
unit = "days"
needs = ["status line"]

[message]
"pass.complete" = "Events Manager shows that learning is complete."
pass = "The funnel is configured since {since:date}: learning should be complete between {low:date} and {high:date}."
"warn.late" = "The funnel is configured since {since:date}: learning should have been complete by {high:date}. Look up the status in Events Manager."
"not_evaluable.early" = "The funnel is not configured yet; learning takes {learning_low:count} to {learning_high:count} days from then."
not_evaluable = "When the funnel was configured is not known; add the status of Events Manager with its date. Learning takes {learning_low:count} to {learning_high:count} days from then."

[history]
not_evaluable = "Nothing was sent, so Meta has nothing to learn from."

[[case]]
name = "the first day on which learning may be complete"
given.journey = [{ six_step = 5, learning_since = 1697408000, learning_low = 30, learning_high = 60 }]
status = "pass"
value = 30
message = "The funnel is configured since 2023-10-15: learning should be complete between 2023-11-14 and 2023-12-14."

[[case]]
name = "the last day is still in time"
given.journey = [{ six_step = 5, learning_since = 1694816000, learning_low = 30, learning_high = 60 }]
status = "pass"
affected = 0

[[case]]
name = "a second later it has passed"
given.journey = [{ six_step = 5, learning_since = 1694815999, learning_low = 30, learning_high = 60 }]
status = "pass"
affected = 1

[[case]]
name = "the guide of May 2026 expects less"
guide = "2026-05"
given.journey = [{ six_step = 5, learning_since = 1697408000, learning_low = 14, learning_high = 28 }]
status = "pass"
affected = 1

[[case]]
name = "a complete one is complete"
given.journey = [{ six_step = 6, learning_since = 1600000000, learning_low = 30, learning_high = 60 }]
status = "pass"
affected = 0

[[case]]
name = "without a date it cannot be told"
given.journey = [{ six_step = 5, learning_low = 30, learning_high = 60 }]
status = "not_evaluable"

[[case]]
name = "before the funnel is configured there is none"
given.journey = [{ six_step = 3, learning_low = 30, learning_high = 60 }]
status = "not_evaluable"
message = "The funnel is not configured yet; learning takes 30 to 60 days from then."
---*/
with timed as (
    select
        *,
        six_step = 6 as is_complete,
        ($as_of - learning_since) / 86400 as days
    from journey
)
select
    advertiser_id,
    channel,
    case when is_complete then 0 when days is null then null when days > learning_high then 1 else 0 end as level,
    days as value,
    if(level is null, 0, 1) as n,
    coalesce(level, 0) as affected,
    [learning_low, learning_high] as threshold,
    learning_since as since,
    learning_since + (learning_low * 86400)::bigint as low,
    learning_since + (learning_high * 86400)::bigint as high,
    learning_low,
    learning_high,
    case
        when is_complete then 'complete'
        when days is null and six_step < 5 then 'early'
        when days > learning_high then 'late'
    end as reason
from timed
