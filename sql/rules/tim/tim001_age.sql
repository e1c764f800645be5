/*---
title = "Events are sent within seven days"
severity = "required"
source = "Partner guide, backfill of up to 7 days between event_time and upload_time; Meta server event parameters"
why = "Meta refuses an event older than seven days, and with it every event of the same request."
fix = "Send each stage when it happens, at least once a day; leave out what is older than seven days."
acts = "partner"
wait = "Log the time of sending beside each request."
at = ["/event_time"]
unit = "share"
needs = ["upload time"]
cause = """
case
    when upload_time - event_time <= $max_age_seconds + 86400 then phrase('up to a day too late')
    when upload_time - event_time <= 2592000 then phrase('up to 30 days old')
    when upload_time - event_time <= 31536000 then phrase('up to a year old')
    else phrase('more than a year old')
end
"""

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks were sent more than seven days after they happened."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) were sent more than seven days after they happened; {allowed:share} is the most allowed."
not_evaluable = "No event of the last four weeks has both a time of sending and a readable event_time, so their age cannot be told."

[history]
not_evaluable = "Nothing was sent, so there is no time of sending to compare with: a CRM history holds the times of the stages alone."

[thresholds]
max_age_seconds = 604800

[[case]]
name = "seven days to the second pass"
given.event = [{ event_time = 1700000000, event_time_form = "integer", upload_time = 1700604800 }]
status = "pass"

[[case]]
name = "one second more fails"
given.event = [{ event_time = 1700000000, event_time_form = "integer", upload_time = 1700604801 }]
status = "fail"

[[case]]
name = "without a time of sending it cannot be told"
given.event = [{ event_time = 1700000000, event_time_form = "integer" }]
status = "not_evaluable"

[[case]]
name = "a time in milliseconds is not judged"
given.event = [{ event_time = 1700000000000, event_time_form = "integer", upload_time = 1700604801 }]
status = "not_evaluable"
---*/
case
    when evt005 = 2 or upload_time is null then null
    when upload_time - event_time > $max_age_seconds then 2
    else 0
end
