/*---
title = "The CRM keeps Meta's lead id"
severity = "recommended"
source = "Partner guide: store the lead id with the lead's details and stages; Meta, lead ids have 15 to 17 digits"
why = "A lead that the CRM knows only by its own key cannot be sent with the id that Meta matches it by."
fix = "Keep the id that Meta gives each lead in a field of its own, filled when the lead arrives and never edited, and export that field with the history."
acts = "advertiser"
wait = "Load an export of the CRM's history (stages with their times), to see under which ids it knows its leads."
unit = "share"
channel = ["crm", "history"]
needs = ["history"]
reports = []

[message]
pass = "The CRM's history carries Meta's lead id on each of its {rows:count} rows."
warn = "{value:share} of {rows:count} rows of the CRM's history carry an id of 15 to 17 digits, as Meta's lead ids have; {affected:count} of {n:count} leads are known by another."
undecided = "The history of the CRM holds no stage of a lead yet, so it cannot be told whether the CRM keeps Meta's lead id."
not_evaluable = "There is no history of the CRM, so it cannot be told whether the CRM keeps Meta's lead id."

[crm]
Salesforce = "Add a text field for the id to Lead, map it in the connection to Meta's lead ads, and have it carried over when a lead is converted."
HubSpot = "Add a contact property for the id; the built-in sync of lead ads does not fill one, so fill it by a workflow or by the webhook."
"Microsoft Dynamics" = "Add a column for the id to the lead table and fill it by the webhook or a connector; there is no built-in integration that does."
Zoho = "Add a field for the id to Leads and fill it by a connector; the built-in social integration does not keep it."

[[case]]
name = "Meta's id on every row passes"
channel = "history"
given.history_id = [{ rows = 10, meta_rows = 10, leads = 4, other_leads = 0 }]
status = "pass"
value = 1
n = 4

[[case]]
name = "one lead known by another id warns"
channel = "history"
given.history_id = [{ rows = 10, meta_rows = 9, leads = 4, other_leads = 1, example = "00Q5e00000AbCdE" }]
status = "warn"
value = 0.9
n = 4
affected = 1
message = "90.0 % of 10 rows of the CRM's history carry an id of 15 to 17 digits, as Meta's lead ids have; 1 of 4 leads are known by another."

[[case]]
name = "a row without an id warns"
channel = "history"
given.history_id = [{ rows = 10, meta_rows = 9, leads = 4, other_leads = 0 }]
status = "warn"
affected = 0

[[case]]
name = "what is sent is judged by the history that there is"
given.history_id = [{ rows = 10, meta_rows = 9, leads = 4, other_leads = 1 }]
status = "warn"

[[case]]
name = "a history without a row decides nothing yet"
channel = "history"
given.input_present = [{ input = "history" }]
status = "undecided"

[[case]]
name = "without a history it cannot be told"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser.advertiser_id,
    advertiser.channel,
    case when rows > 0 then if(meta_rows < rows, 1, 0) end as level,
    meta_rows / nullif(rows, 0) as value,
    coalesce(leads, 0) as n,
    coalesce(other_leads, 0) as affected,
    rows,
    meta_rows
from advertiser
left join history_id using (advertiser_id)
;
select advertiser_id, channel, lead_id, count(*) as rows, min(path) as file, arg_min(line, (path, line)) as first_line
from sent_event
join (select request_id, file_id, line from sent_request) using (request_id)
join source_file using (file_id)
where channel = 'history' and not coalesce(regexp_full_match(lead_id, '[1-9][0-9]{14,16}'), false)
group by advertiser_id, channel, lead_id
order by advertiser_id, rows desc, lead_id
