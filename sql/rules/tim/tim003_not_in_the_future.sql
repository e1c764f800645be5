/*---
title = "Events do not lie in the future"
severity = "required"
source = "No edition of the guide gives a limit; practitioners report refusals. The limit of five minutes is ours"
why = "An event that happens after it was sent has a wrong clock or a local time taken for UTC; such events are reported as refused."
fix = "Synchronise the clock of the sender, and send UTC."
acts = "partner"
wait = "Log the time of sending beside each request."
origin = { max_ahead_seconds = "ours" }
at = ["/event_time"]
unit = "share"
needs = ["upload time"]
cause = """
if(
    event_time - upload_time <= $max_ahead_seconds,
    phrase('a clock that is up to five minutes fast'),
    phrase('{span:told} ahead of the sending', {'span': hours_apart(event_time - upload_time)})
)
"""

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks lie more than five minutes after the time of sending; {warned:count} more lie up to five minutes ahead."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) lie more than five minutes after the time of sending; {allowed:share} is the most allowed."
not_evaluable = "No event of the last four weeks has both a time of sending and a readable event_time, so it cannot be told whether it lies in the future."

[history]
not_evaluable = "Nothing was sent, so there is no time of sending to compare with: a CRM history holds the times of the stages alone."

[thresholds]
max_ahead_seconds = 300

[[case]]
name = "the very second passes"
given.event = [{ event_time = 1700000000, event_time_form = "integer", upload_time = 1700000000 }]
status = "pass"

[[case]]
name = "one second ahead warns"
given.event = [{ event_time = 1700000001, event_time_form = "integer", upload_time = 1700000000 }]
status = "warn"

[[case]]
name = "five minutes ahead warn"
given.event = [{ event_time = 1700000300, event_time_form = "integer", upload_time = 1700000000 }]
status = "warn"

[[case]]
name = "one second more fails"
given.event = [{ event_time = 1700000301, event_time_form = "integer", upload_time = 1700000000 }]
status = "fail"

[[case]]
name = "without a time of sending it cannot be told"
given.event = [{ event_time = 1700000000, event_time_form = "integer" }]
status = "not_evaluable"
---*/
case
    when evt005 = 2 or upload_time is null then null
    when event_time - upload_time > $max_ahead_seconds then 2
    when event_time > upload_time then 1
    else 0
end
