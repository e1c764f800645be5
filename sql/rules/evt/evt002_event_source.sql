/*---
title = "Event source is crm"
severity = "required"
source = "Partner guide, payload of an event; Meta payload specification (required)"
why = "An event without custom_data.event_source = crm is not registered as a conversion-leads event."
fix = "Send event_source = crm inside custom_data, not at the top level."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with the column event_source."
at = ["/custom_data/event_source", "/event_source", "/custom_data:", "/custom_data"]
unit = "share"
field = "event_source"
cause = """
case
    when lower(trim(event_source)) = 'crm' then phrase('capitals or blanks in {text:quoted}', {'text': event_source})
    when event_source is not null then phrase('{text:quoted} in its place', {'text': event_source})
    when contains(payload_marks, 'custom_data:') then phrase('the key custom_data: is misspelt, with a colon in it')
    when contains(payload_marks, 'top:event_source')
        then phrase('event_source stands at the top level, not in custom_data')
    when lower(trim(lead_event_source)) = 'crm' then phrase('crm stands in lead_event_source')
    else phrase('no event_source')
end
"""
bad = '{"custom_data": {"lead_event_source": "crm"}}'
good = '{"custom_data": {"event_source": "crm", "lead_event_source": "Salesforce"}}'

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks have no custom_data.event_source = crm."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) have no custom_data.event_source = crm; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[schema]
required = ["custom_data"]

[schema.properties.custom_data]
type = "object"
required = ["event_source"]
properties.event_source.const = "crm"

[[case]]
name = "crm passes"
given.event = [{ event_source = "crm" }]
status = "pass"

[[case]]
name = "capitals fail"
given.event = [{ event_source = "CRM" }]
status = "fail"

[[case]]
name = "a missing one fails"
given.event = [{ action_source = "system_generated" }]
status = "fail"

[[case]]
name = "a table without the column cannot be judged"
given.event = [{ payload_fields = "lead_event_source", event_source = "CRM" }]
status = "not_evaluable"

[[case]]
name = "a table with the column is judged"
given.event = [{ payload_fields = "lead_id event_source", event_source = "CRM" }]
status = "fail"
---*/
if(coalesce(event_source, '') = 'crm', 0, 2)
