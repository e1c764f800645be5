/*---
title = "Action source is system_generated"
severity = "required"
source = "Partner guide, payload of an event; Meta payload specification (required)"
why = "Meta takes an event for a CRM event only with this action source. Any other is accepted and shown in Events Manager, yet does not count for this integration."
fix = "Send action_source = system_generated with every CRM event."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with the column action_source."
at = ["/action_source"]
unit = "share"
field = "action_source"
cause = """
case
    when action_source is null then phrase('no action_source')
    when lower(trim(action_source)) = 'system_generated'
        then phrase('capitals or blanks in {text:quoted}', {'text': action_source})
    when recipe_of(trim(action_source)) is not null then phrase(
        '{kind:told} ({text})', {'kind': recipe_of(trim(action_source)), 'text': lower(trim(action_source))}
    )
    else phrase('{text:quoted}, which Meta does not know', {'text': action_source})
end
"""
bad = '{"action_source": "website"}'
good = '{"action_source": "system_generated"}'

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks have another action_source than system_generated or none."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) have another action_source than system_generated or none; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[schema]
required = ["action_source"]
properties.action_source.const = "system_generated"

[[case]]
name = "the exact value passes"
given.event = [{ action_source = "system_generated" }]
status = "pass"

[[case]]
name = "another case fails"
given.event = [{ action_source = "System_Generated" }]
status = "fail"

[[case]]
name = "a web event fails"
given.event = [{ action_source = "website" }]
status = "fail"

[[case]]
name = "a missing one fails"
given.event = [{ lead_id = "1234567890123456" }]
status = "fail"

[[case]]
name = "a table without the column cannot be judged"
given.event = [{ payload_fields = "event_source lead_id", action_source = "website" }]
status = "not_evaluable"

[[case]]
name = "a table with the column is judged"
given.event = [{ payload_fields = "lead_id action_source", action_source = "website" }]
status = "fail"
---*/
if(coalesce(action_source, '') = 'system_generated', 0, 2)
