/*---
title = "Event time is in Unix seconds"
severity = "required"
source = "Partner guide, payload of an event; Meta server event parameters (Unix seconds, GMT). The range that tells seconds from milliseconds is ours"
why = "A time in milliseconds lies thousands of years ahead and a date in text is no time to Meta: the event is refused, and with it its whole batch."
fix = "Send event_time as a whole number of seconds since 1970 (UTC): ten digits today, without quotes."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with the column event_time."
origin = { min_seconds = "ours", max_seconds = "ours" }
at = ["/event_time"]
unit = "share"
field = "event_time"
cause = """
case
    when event_time_form = 'missing' then phrase('no event_time')
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
end
"""
bad = '{"event_time": 1617693833000}'
good = '{"event_time": 1617693833}'

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks have an event_time that is not Unix seconds; {warned:count} more give it as text or with a fraction."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) have an event_time that is not Unix seconds; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[thresholds]
min_seconds = 1000000000
max_seconds = 100000000000

[schema]
required = ["event_time"]
# of a text a schema sees the length alone: ten and eleven digits are what the thresholds come to
properties.event_time.anyOf = [
    { type = "number", minimum = "$min_seconds", exclusiveMaximum = "$max_seconds" },
    { type = "string", pattern = "^0*[1-9][0-9]{9,10}$", not.pattern = "[^0-9]" },
]

[[case]]
name = "whole seconds pass"
given.event = [{ event_time = 1617693833, event_time_form = "integer" }]
status = "pass"

[[case]]
name = "milliseconds fail"
given.event = [{ event_time = 1617693833000, event_time_form = "integer" }]
status = "fail"

[[case]]
name = "a spreadsheet date fails"
given.event = [{ event_time = 44292, event_time_form = "fraction" }]
status = "fail"

[[case]]
name = "the first second of the range passes"
given.event = [{ event_time = 1000000000, event_time_form = "integer" }]
status = "pass"

[[case]]
name = "the second before it fails"
given.event = [{ event_time = 999999999, event_time_form = "integer" }]
status = "fail"

[[case]]
name = "the last second of the range passes"
given.event = [{ event_time = 99999999999, event_time_form = "integer" }]
status = "pass"

[[case]]
name = "the second after it fails"
given.event = [{ event_time = 100000000000, event_time_form = "integer" }]
status = "fail"

[[case]]
name = "digits in a string warn"
given.event = [{ event_time = 1617693833, event_time_form = "digits" }]
status = "warn"

[[case]]
name = "a fraction warns"
given.event = [{ event_time = 1617693833, event_time_form = "fraction" }]
status = "warn"

[[case]]
name = "text fails"
given.event = [{ event_time_form = "text" }]
status = "fail"

[[case]]
name = "a missing one fails"
given.event = [{ event_time_form = "missing" }]
status = "fail"

[[case]]
name = "a table without the column cannot be judged"
given.event = [{ payload_fields = "", event_time = 999999999, event_time_form = "table" }]
status = "not_evaluable"

[[case]]
name = "a table with the column is judged"
given.event = [{ payload_fields = "lead_id event_time", event_time = 999999999, event_time_form = "table" }]
status = "fail"
---*/
case
    when event_time is null or event_time_form in ('text', 'missing') then 2
    when event_time < $min_seconds or event_time >= $max_seconds then 2
    when event_time_form in ('digits', 'fraction') then 1
    else 0
end
