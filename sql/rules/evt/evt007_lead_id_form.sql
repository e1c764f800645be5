/*---
title = "Lead id has 15 to 17 digits"
severity = "required"
source = "Partner guide, lead_id; Meta payload specification (15 to 17 digits; 15 or 16 in older copies)"
why = "A lead id that a spreadsheet rounded, a CRM key, or a hash matches no lead: the event counts for nobody."
fix = "Send the id that Meta gave the lead: 15 to 17 digits, as text or whole number, without prefix, never hashed and never through a spreadsheet."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with the column lead_id."
at = ["/user_data/lead_id", "/lead_id"]
unit = "share"
field = "lead_id"
cause = """
case
    when contains(payload_marks, 'lead_id:list') or starts_with(lead_id, '[') then phrase('wrapped in a list')
    when contains(payload_marks, 'lead_id:digest') or regexp_full_match(lead_id, '[0-9a-fA-F]{64}')
        then phrase('hashed: a SHA-256 digest in its place')
    when starts_with(lead_id, 'l:') then phrase('the label l: of a download left on')
    when starts_with(lead_id, 'f:') then phrase('the form in its place (f:)')
    when starts_with(lead_id, 'ag:') then phrase('the ad in its place (ag:)')
    when starts_with(lead_id, 'as:') then phrase('the ad set in its place (as:)')
    when starts_with(lead_id, 'c:') then phrase('the campaign in its place (c:)')
    when is_exponent(lead_id) then phrase('an exponent, as a spreadsheet writes it; the digits are lost')
    when regexp_full_match(lead_id, '[0-9]{1,3}([ .,''’ ][0-9]{3})+') then phrase('thousand separators in it')
    when is_decimal(lead_id) then phrase('a decimal point, from a column of numbers')
    when regexp_full_match(lead_id, '0[0-9]*') then phrase('a leading zero')
    when regexp_full_match(lead_id, '[0-9]{18,}')
        then phrase(
            'too many digits: {digits}, where 15 to {usual} are usual',
            {'digits': length(lead_id), 'usual': $usual_digits::int}
        )
    when regexp_full_match(lead_id, '[0-9]+') then phrase('too few digits: the CRM''s own id')
    when regexp_full_match(lead_id, '[\\s\\p{Z}''"`=]*[0-9]+[\\s\\p{Z}''"`]*') then phrase('an apostrophe, quotes or blanks around it')
    when regexp_full_match(lead_id, '(00Q|003|006|001|00T|500)[0-9A-Za-z]{12}([0-9A-Za-z]{3})?') then phrase('a Salesforce id')
    when regexp_full_match(lead_id, '\\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\}?')
        then phrase('a UUID, the CRM''s own key')
    when lead_id in ('null', 'None', 'undefined', 'NaN', 'nan') then phrase('a word for nothing')
    when contains(lead_id, '(e-mail)') then phrase('an e-mail address')
    when contains(lead_id, '(hidden)') then phrase('a digest, a key or a phone number in its place')
    else phrase('letters or signs in it')
end
"""
bad = '{"user_data": {"lead_id": "l:1234567890123456"}}'
good = '{"user_data": {"lead_id": 1234567890123456}}'

[crm]
Salesforce = "Meta's id is in the field Lead ID of its lead capture; a Salesforce id such as 00Q… is another one."
Zapier = "Take the field id of the lead, not the id of the step or the CRM record."
Make = "Take the field Lead ID of the lead module."
LeadsBridge = "Map Lead Id to the field id of the lead."

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks have a lead_id that is not 15 to 17 digits."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) have a lead_id that is not 15 to 17 digits; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[thresholds]
usual_digits = 16

[guide."2026-05"]
usual_digits = 17

[schema.properties.user_data.properties.lead_id]
anyOf = [
    { "$ref" = "#/$defs/absent" },
    { type = "integer", minimum = 100000000000000, maximum = 99999999999999999 },
    { type = "string", pattern = "^[1-9][0-9]{14,16}$", not.pattern = "[^0-9]" },
]

[[case]]
name = "15 digits pass"
given.event = [{ lead_id = "100000000000000" }]
status = "pass"

[[case]]
name = "17 digits pass"
given.event = [{ lead_id = "12345678901234567" }]
status = "pass"

[[case]]
name = "14 digits fail"
given.event = [{ lead_id = "12345678901234" }]
status = "fail"

[[case]]
name = "18 digits fail"
given.event = [{ lead_id = "123456789012345678" }]
status = "fail"

[[case]]
name = "the prefix of a download fails"
given.event = [{ lead_id = "l:1234567890123456" }]
status = "fail"

[[case]]
name = "exponent notation fails"
given.event = [{ lead_id = "1.23E+15" }]
status = "fail"

[[case]]
name = "a decimal point fails"
given.event = [{ lead_id = "1234567890123456.0" }]
status = "fail"

[[case]]
name = "a leading zero fails"
given.event = [{ lead_id = "012345678901234" }]
status = "fail"

[[case]]
name = "a hash fails"
given.event = [{ lead_id = "9999999999999999999999999999999999999999999999999999999999999999" }]
status = "fail"

[[case]]
name = "a missing one is another rule's matter"
given.event = [{ customer_parameters = 1 }]
status = "pass"

[[case]]
name = "a table without the column cannot be judged"
given.event = [{ payload_fields = "", lead_id = "00Q5e00000AbCdE" }]
status = "not_evaluable"

[[case]]
name = "a table with the column is judged"
given.event = [{ payload_fields = "lead_id", lead_id = "00Q5e00000AbCdE" }]
status = "fail"
---*/
if(lead_id is null or regexp_full_match(lead_id, '[1-9][0-9]{14,16}'), 0, 2)
