/*---
title = "Seven days of data"
severity = "required"
source = "Partner guide, step 3: at least seven days of data, not necessarily in a row. That they lie within 90 days is ours"
why = "Meta checks the data of a week of events before the funnel can be configured."
fix = "Keep sending. The days need not be in a row, and a day without leads does not count against you."
acts = "partner"
unit = "days"
channel = ["crm", "history"]

[message]
pass = "Valid events lie on {value:count} days from {counted_from:date} to {horizon:date}; {min_days:count} are needed."
warn = "Valid events lie on {value:count} days, but they were sent on only {days_of_sending:count}: one large backfill is not a week of sending."
"fail.nothing" = "No valid event was sent, so there are no days of data (see DAT002)."
fail = "Valid events lie on {value:count} days from {counted_from:date} to {horizon:date}; {min_days:count} are needed."
undecided = "Valid events lie on {value:count} of the {min_days:count} days needed; with events every day this passes on {pass_day:date}."

[history]
"fail.nothing" = "No stage is recorded with a valid event, so there are no days of data."
fix = "Load a history that covers more days; once events are sent, seven days of sending are needed."
wait = "Load a history that covers more days; once events are sent, seven days of sending are needed."

[thresholds]
min_days = 7

[guide."2026-05"]
severity = "informational"

[[case]]
name = "seven days are enough"
given.event_day = [{ days_with_events = 7, days_of_sending = 7 }]
given.advertiser_window = [{ first_valid = 1699000000 }]
status = "pass"

[[case]]
name = "six days are one too few"
given.event_day = [{ days_with_events = 6, days_of_sending = 6 }]
given.advertiser_window = [{ first_valid = 1699000000 }]
status = "fail"

[[case]]
name = "six days are a note since May 2026"
guide = "2026-05"
given.event_day = [{ days_with_events = 6, days_of_sending = 6 }]
given.advertiser_window = [{ first_valid = 1699000000 }]
status = "pass"

[[case]]
name = "a young log may still reach seven days"
given.event_day = [{ days_with_events = 6, days_of_sending = 6 }]
given.advertiser_window = [{ first_valid = 1699395201 }]
status = "undecided"

[[case]]
name = "a log that began exactly seven days ago may not"
given.event_day = [{ days_with_events = 6, days_of_sending = 6 }]
given.advertiser_window = [{ first_valid = 1699395200 }]
status = "fail"

[[case]]
name = "one backfill of a week warns"
given.event_day = [{ days_with_events = 8, days_of_sending = 1 }]
given.advertiser_window = [{ first_valid = 1699000000 }]
status = "warn"

[[case]]
name = "a log that does not say when it was sent passes"
given.event_day = [{ days_with_events = 8, days_of_sending = 0 }]
given.advertiser_window = [{ first_valid = 1699000000 }]
status = "pass"

[[case]]
name = "nothing sent fails"
given.event_day = [{ days_with_events = 0 }]
status = "fail"
---*/
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    case
        when days_with_events >= $min_days and days_of_sending between 1 and $min_days - 1 then 1
        when days_with_events >= $min_days then 0
        when first_valid > $as_of - $min_days * 86400 then null
        else 2
    end as level,
    days_with_events as value,
    days_with_events as n,
    greatest($min_days - days_with_events, 0) as affected,
    days_of_sending,
    horizon - $cohort_days * 86400 as counted_from,
    horizon,
    if(first_valid is null, 'nothing', null) as reason,
    $as_of + ($min_days - days_with_events - if(has_event_today, 0, 1)) * 86400 as pass_day
from advertiser_window
join event_day using (advertiser_id, channel)
