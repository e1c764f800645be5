/*---
title = "Event name is the stage"
severity = "required"
source = "Partner guide, payload of an event; Meta payload specification (required, free form)"
why = "The event name is the funnel stage. Without a name there is no stage to count."
fix = "Send the stage as event_name, a text that is not blank."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with the column event_name."
at = ["/event_name"]
unit = "share"
field = "event_name"
cause = """
if(event_name is null, phrase('no event_name, or no text'), phrase('nothing but blanks'))
"""
bad = '{"event_name": ""}'
good = '{"event_name": "Qualified"}'

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks have no event_name."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) have no event_name; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[schema]
required = ["event_name"]
# the blanks one by one: programs that read a schema differ in what \s stands for
properties.event_name.pattern = "[^\t\n\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
properties.event_name.type = "string"

[[case]]
name = "a name passes"
given.event = [{ event_name = "Qualified" }]
status = "pass"

[[case]]
name = "blanks alone fail"
given.event = [{ event_name = "   " }]
status = "fail"

[[case]]
name = "a missing one fails"
given.event = [{ event_source = "crm" }]
status = "fail"

[[case]]
name = "a table without the column cannot be judged"
given.event = [{ payload_fields = "", event_name = "   " }]
status = "not_evaluable"

[[case]]
name = "a table with the column is judged"
given.event = [{ payload_fields = "lead_id event_name", event_name = "   " }]
status = "fail"
---*/
if(regexp_matches(coalesce(event_name, ''), '[^\s\p{Z}]'), 0, 2)
