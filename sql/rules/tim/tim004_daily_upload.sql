/*---
title = "Sent at least once a day"
severity = "recommended"
source = "Partner guide, recommendations: upload at least once a day. Which days are judged, and that 24 hours after a day's last change are in time, are ours"
why = "Meta learns from what is fresh, and a sender that waits for days runs into the limit of seven."
fix = "Send what has changed every hour or every day, also at weekends when leads come in; a day on which nothing changes needs no upload."
acts = "partner"
wait = "Log the time of sending beside each request."
unit = "days"
needs = ["upload time"]
reports = []

[crm]
LeadsBridge = "A bridge runs every six hours by default; leave it so, or let it run more often."

[message]
pass = "Days with a new lead or a stage change, but no accepted upload within 24 hours: none of {n:count}."
warn = "Days with a new lead or a stage change, but no accepted upload within 24 hours: {affected:count} of {n:count} (first {first_missed:day}, last {last_missed:day}); the guide asks for one upload a day."
not_evaluable = "No day of the last four weeks has a new lead or a stage change and a log with times of sending that speaks of it, so daily sending cannot be judged."

[history]
not_evaluable = "Nothing was sent, so there are no uploads to count."

[thresholds]
grace_seconds = 86400

[origin]
grace_seconds = "ours"

[[case]]
name = "an upload 24 hours after the day's last change passes"
given.advertiser_window = [{ latest_here = 1699500000 }]
given.activity_day = [{ day = 2023-11-03, first_activity = 1699000000, last_activity = 1699010000, next_upload = 1699096400 }]
status = "pass"

[[case]]
name = "one a second later is missed"
given.advertiser_window = [{ latest_here = 1699500000 }]
given.activity_day = [{ day = 2023-11-03, first_activity = 1699000000, last_activity = 1699010000, next_upload = 1699096401 }]
status = "warn"
n = 1
affected = 1
value = 1

[[case]]
name = "no upload at all is missed"
given.advertiser_window = [{ latest_here = 1699500000 }]
given.activity_day = [{ day = 2023-11-03, first_activity = 1699000000, last_activity = 1699010000 }]
status = "warn"

[[case]]
name = "a day whose 24 hours end with the log is judged"
given.advertiser_window = [{ latest_here = 1699096400 }]
given.activity_day = [{ day = 2023-11-03, first_activity = 1699000000, last_activity = 1699010000 }]
status = "warn"

[[case]]
name = "a day whose 24 hours go on after the log is not judged"
given.advertiser_window = [{ latest_here = 1699096399 }]
given.activity_day = [{ day = 2023-11-03, first_activity = 1699000000, last_activity = 1699010000 }]
status = "not_evaluable"

[[case]]
name = "unless an upload has satisfied it already"
given.advertiser_window = [{ latest_here = 1699096399 }]
given.activity_day = [{ day = 2023-11-03, first_activity = 1699000000, last_activity = 1699010000, next_upload = 1699010000 }]
status = "pass"
n = 1

[[case]]
name = "without a time of sending it cannot be told"
given.activity_day = [{ day = 2023-11-03, first_activity = 1699000000, last_activity = 1699010000 }]
status = "not_evaluable"

[[case]]
name = "without a day there is nothing to judge"
given.advertiser_window = [{ latest_here = 1699500000 }]
status = "not_evaluable"
---*/
with judged as (
    select
        activity_day.*,
        coalesce(next_upload <= last_activity + $grace_seconds, false) as is_satisfied
    from activity_day
    join advertiser_window using (advertiser_id, channel)
    where next_upload <= last_activity + $grace_seconds or last_activity <= latest_here - $grace_seconds
), counted as (
    select
        advertiser_window.advertiser_id,
        advertiser_window.channel,
        count(first_activity) as n,
        count(*) filter (not is_satisfied) as affected,
        min(day) filter (not is_satisfied)::varchar as first_missed,
        max(day) filter (not is_satisfied)::varchar as last_missed
    from advertiser_window
    left join judged using (advertiser_id, channel)
    group by advertiser_window.advertiser_id, advertiser_window.channel
)
select
    *,
    affected as value,
    case when n = 0 then null when affected > 0 then 1 else 0 end as level
from counted;

select
    advertiser_id,
    channel,
    day,
    activity_day.leads as new_leads,
    activity_day.events as stage_changes,
    first_activity,
    last_activity,
    next_upload
from activity_day
join advertiser_window using (advertiser_id, channel)
where last_activity <= latest_here - $grace_seconds
    and coalesce(next_upload > last_activity + $grace_seconds, true)
order by advertiser_id, channel, day
