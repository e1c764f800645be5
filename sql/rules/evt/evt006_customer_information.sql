/*---
title = "User data says who the lead is"
severity = "required"
source = "Partner guide, lead_id (mandatory in the six-step edition, recommended since May 2026); Meta customer information parameters (at least one)"
why = "Without lead_id Meta can hardly tie the stage to the lead that its ad generated; without any customer information it refuses the event."
fix = "Store the Meta lead id with each lead in the CRM and send it as user_data.lead_id with every stage."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with the column user_data."
at = ["/user_data", "/custom_data:", "/user_data/lead_id"]
unit = "share"
field = "user_data"
cause = """
case
    when customer_parameters = 0 and contains(payload_marks, 'custom_data:') then phrase('user_data holds nothing, and custom_data: is misspelt')
    when customer_parameters = 0 then phrase('user_data is missing or holds nothing that says who it is')
    when contains(payload_marks, 'user:browser_only') then phrase('a browser''s data alone (fbp, address, user agent)')
    when digest_forms is not null then phrase('contact data without a lead_id')
    else phrase('other customer information without a lead_id')
end
"""
bad = '{"user_data": {}}'
good = '{"user_data": {"lead_id": 1234567890123456}}'

[crm]
Salesforce = "Keep Meta's id in a text field of the lead, and have it carried over when the lead is converted."
HubSpot = "Keep it in a contact property of your own: the built-in sync of lead ads fills none."
Zoho = "Keep it in a field of Leads of your own: the built-in social integration does not store it."
"Microsoft Dynamics" = "Keep it in a column of the lead table, filled by a webhook or a connector: there is no built-in integration."

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks carry no lead_id (since May 2026: no customer information at all); {warned:count} more carry no lead_id but other customer information."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) carry no lead_id (since May 2026: no customer information at all); {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[thresholds]
lead_id_required = 1

[guide."2026-05"]
lead_id_required = 0

[schema]
required = ["user_data"]

[schema.properties.user_data]
type = "object"
anyOf = [{ required = ["lead_id"], properties.lead_id.not."$ref" = "#/$defs/absent" }, "$lead_id_required = 0"]

[schema.properties.user_data.not.patternProperties]
"^(lead_id|em|ph|fn|ln|db|ge|ct|st|zp|country|external_id|client_ip_address|client_user_agent|fbc|fbp|subscription_id|fb_login_id|page_id|page_scoped_user_id|ctwa_clid|ig_account_id|ig_sid|madid|anon_id)$"."$ref" = "#/$defs/absent"

[[case]]
name = "a lead_id passes"
given.event = [{ lead_id = "1234567890123456", customer_parameters = 1 }]
status = "pass"

[[case]]
name = "an e-mail alone fails"
given.event = [{ customer_parameters = 1 }]
status = "fail"

[[case]]
name = "an e-mail alone warns since May 2026"
guide = "2026-05"
given.event = [{ customer_parameters = 1 }]
status = "warn"

[[case]]
name = "nothing at all fails"
guide = "2026-05"
given.event = [{ customer_parameters = 0 }]
status = "fail"

[[case]]
name = "a table without the column cannot be judged"
given.event = [{ payload_fields = "", customer_parameters = 0 }]
status = "not_evaluable"

[[case]]
name = "a table with the column is judged"
given.event = [{ payload_fields = "lead_id user_data", customer_parameters = 0 }]
status = "fail"
---*/
case
    when customer_parameters = 0 then 2
    when lead_id is not null then 0
    when $lead_id_required = 1 then 2
    else 1
end
