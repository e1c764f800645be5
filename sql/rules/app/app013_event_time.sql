/*---
title = "_logTime is in Unix seconds"
severity = "required"
source = "App Events guide, event parameters: _logTime is recommended, a whole number of Unix seconds. The range that tells seconds from milliseconds, the age of seven days and the slack of five minutes are ours: the guide gives no limit"
why = "Without _logTime an event counts when it arrives, not when it happened. A time in milliseconds lies thousands of years ahead, and an event that is too old may find no ad to be counted for."
fix = "Send _logTime as a whole number of seconds since 1970 (UTC): ten digits today, without quotes (what JavaScript calls a time is a thousand times as much). Send events when they happen, at the latest within a week."
acts = "partner"
channel = ["app"]
origin = { min_seconds = "ours", max_seconds = "ours", max_age_seconds = "ours", max_ahead_seconds = "ours" }
at = ["/_logTime", ""]
unit = "share"
wait = "Nothing needs to be done where only installs are reported; else load a log that holds the events."
cause = """
case
    when event_time_form = 'missing' then phrase('no _logTime')
    when event_time_form = 'text' then phrase('a date in text (ISO 8601 or other)')
    when event_time is null then phrase('not readable as a time')
    when event_time >= 100000000000000000 then phrase('nanoseconds')
    when event_time >= 100000000000000 then phrase('microseconds')
    when event_time >= $max_seconds then phrase('milliseconds')
    when event_time between 20000 and 80000 then phrase('a spreadsheet''s date (days since 1900)')
    when event_time < 0 then phrase('a negative number')
    when event_time < $min_seconds then phrase('a time before September 2001')
    when event_time_form = 'digits' then phrase('digits in quotes')
    when event_time_form = 'fraction' then phrase('a fraction of a second')
    when event_time > upload_time
        then phrase('{span:told} ahead of the sending', {'span': hours_apart(event_time - upload_time)})
    else phrase('more than seven days old at sending')
end
"""
bad = '{"_eventName": "fb_mobile_purchase", "_logTime": 1730134282000}'
good = '{"_eventName": "fb_mobile_purchase", "_logTime": 1730134282}'

[message]
pass = "All of {n:count} events of the last four weeks have a _logTime in Unix seconds that fits the time of sending where that is known."
warn = "{affected:count} of {n:count} events of the last four weeks have a _logTime that is not Unix seconds; {warned:count} more have none, write it as text or with a fraction, or lie more than seven days before or more than five minutes after the time of sending."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) have a _logTime that is not Unix seconds; {allowed:share} is the most allowed."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "None of the App Events of the last four weeks is an event with a time: they are installs, or cannot be read."

[thresholds]
min_seconds = 1000000000
max_seconds = 100000000000
max_age_seconds = 604800
max_ahead_seconds = 300

[[case]]
name = "whole seconds pass"
given.app_event = [{ event_time = 1700000000, event_time_form = "integer", upload_time = 1700000000 }]
status = "pass"

[[case]]
name = "without a time of sending the form alone is judged"
given.app_event = [{ event_time = 1100000000, event_time_form = "integer" }]
status = "pass"

[[case]]
name = "none warns"
given.app_event = [{ event_time_form = "missing" }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "milliseconds fail"
given.app_event = [{ event_time = 1700000000000, event_time_form = "integer" }]
status = "fail"

[[case]]
name = "the first second of the range passes"
given.app_event = [{ event_time = 1000000000, event_time_form = "integer" }]
status = "pass"

[[case]]
name = "the second before it fails"
given.app_event = [{ event_time = 999999999, event_time_form = "integer" }]
status = "fail"

[[case]]
name = "the last second of the range passes"
given.app_event = [{ event_time = 99999999999, event_time_form = "integer" }]
status = "pass"

[[case]]
name = "the second after it fails"
given.app_event = [{ event_time = 100000000000, event_time_form = "integer" }]
status = "fail"

[[case]]
name = "text fails"
given.app_event = [{ event_time_form = "text" }]
status = "fail"

[[case]]
name = "a number too large to be a time fails"
given.app_event = [{ event_time_form = "integer" }]
status = "fail"

[[case]]
name = "digits in a string warn"
given.app_event = [{ event_time = 1700000000, event_time_form = "digits" }]
status = "warn"

[[case]]
name = "a fraction warns"
given.app_event = [{ event_time = 1700000000, event_time_form = "fraction" }]
status = "warn"

[[case]]
name = "seven days to the second pass"
given.app_event = [{ event_time = 1700000000, event_time_form = "integer", upload_time = 1700604800 }]
status = "pass"

[[case]]
name = "one second more warns"
given.app_event = [{ event_time = 1700000000, event_time_form = "integer", upload_time = 1700604801 }]
status = "warn"

[[case]]
name = "five minutes ahead pass"
given.app_event = [{ event_time = 1700000300, event_time_form = "integer", upload_time = 1700000000 }]
status = "pass"

[[case]]
name = "one second more ahead warns"
given.app_event = [{ event_time = 1700000301, event_time_form = "integer", upload_time = 1700000000 }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "an install, and what cannot be read, have none"
given.app_event = [{ kind = "install" }, { kind = "unreadable" }]
status = "not_evaluable"
---*/
case
    when kind <> 'conversion' then null
    when event_time_form = 'missing' then 1
    when event_time is null or event_time_form = 'text' then 2
    when event_time < $min_seconds or event_time >= $max_seconds then 2
    when event_time_form in ('digits', 'fraction') then 1
    when upload_time - event_time > $max_age_seconds then 1
    when event_time - upload_time > $max_ahead_seconds then 1
    else 0
end
