/*---
title = "Lead event source names the CRM"
severity = "required"
source = "Partner guide, payload of an event; Meta payload specification (required)"
why = "Meta asks which CRM the stage comes from; without a name the payload is incomplete."
fix = "Send the name of the CRM as custom_data.lead_event_source, spelt the same way every time."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with the column lead_event_source."
at = ["/custom_data/lead_event_source", "/lead_event_source", "/custom_data:", "/custom_data"]
unit = "share"
field = "lead_event_source"
cause = """
case
    when contains(payload_marks, 'custom_data:') then phrase('the key custom_data: is misspelt, with a colon in it')
    when contains(payload_marks, 'top:lead_event_source')
        then phrase('lead_event_source stands at the top level, not in custom_data')
    when lower(trim(event_source)) <> 'crm' and recipe_of(action_source) is null
        then phrase('{text:quoted} stands in event_source', {'text': event_source})
    else phrase('no lead_event_source, or no text')
end
"""
bad = '{"custom_data": {"event_source": "crm"}}'
good = '{"custom_data": {"event_source": "crm", "lead_event_source": "Salesforce"}}'

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks name no CRM in custom_data.lead_event_source."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) name no CRM in custom_data.lead_event_source; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[schema]
required = ["custom_data"]

[schema.properties.custom_data]
type = "object"
required = ["lead_event_source"]
properties.lead_event_source = { type = "string", minLength = 1 }

[[case]]
name = "a name passes"
given.event = [{ lead_event_source = "Salesforce" }]
status = "pass"

[[case]]
name = "an empty one fails"
given.event = [{ lead_event_source = "" }]
status = "fail"

[[case]]
name = "a missing one fails"
given.event = [{ event_source = "crm" }]
status = "fail"

[[case]]
name = "a table without the column cannot be judged"
given.event = [{ payload_fields = "event_source", event_source = "crm" }]
status = "not_evaluable"

[[case]]
name = "a table with the column is judged"
given.event = [{ payload_fields = "lead_id lead_event_source", event_source = "crm" }]
status = "fail"
---*/
if(coalesce(lead_event_source, '') <> '', 0, 2)
