/*---
title = "Events follow the CRM recipe"
severity = "required"
source = "Partner guide: this integration differs from that for web, offline, app and messaging events; Meta payload specification"
why = "An event put together for a website, an app, a shop or a chat is accepted and shows up in Events Manager, but does not count for conversion leads."
fix = "Use the CRM recipe. Five fields make it: action_source = system_generated, custom_data.event_source = crm, custom_data.lead_event_source = the name of the CRM, user_data.lead_id = Meta's id of the lead, event_name = the stage of the funnel. Leave out event_source_url, app_data, messaging_channel and what only a browser knows."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON."
at = ["/event_source_url", "/app_data", "/messaging_channel", "/action_source", "/user_data"]
unit = "share"
cause = """
case
    when recipe_of(action_source) is not null and coalesce(event_source, '') <> 'crm'
        then phrase(
            '{kind:told} (action_source {text})', {'kind': recipe_of(action_source), 'text': lower(action_source)}
        )
    else joined(
        [
            case when contains(payload_marks, 'event_source_url') then phrase('event_source_url of a web event') end,
            case when contains(payload_marks, 'app_data') then phrase('app_data of an app event') end,
            case when contains(payload_marks, 'messaging_channel')
                then phrase('messaging_channel of a messaging event') end,
            case when contains(payload_marks, 'user:browser_only')
                then phrase('nothing but a browser''s data of a web event') end
        ],
        'and'
    )
end
"""
bad = '{"event_name": "Lead", "action_source": "website", "event_source_url": "https://example.com/thanks", "user_data": {"fbp": "fb.1.1596403881668.1116446470"}}'
good = '{"event_name": "Qualified", "action_source": "system_generated", "user_data": {"lead_id": 1234567890123456}, "custom_data": {"event_source": "crm", "lead_event_source": "Salesforce"}}'

[message]
pass = "All {n:count} events of the last four weeks follow the CRM recipe."
warn = "{affected:count} of {n:count} events of the last four weeks follow another recipe than the CRM's; {warned:count} more carry fields of another one."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) follow another recipe than the CRM's; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "The log is a table; the payload itself was not seen."

[[case]]
name = "the CRM recipe passes"
given.event = [{ payload_marks = "lead_id:string", action_source = "system_generated", event_source = "crm" }]
status = "pass"

[[case]]
name = "a web event fails"
given.event = [{ payload_marks = "", action_source = "website" }]
status = "fail"

[[case]]
name = "so does one in capitals whose event source is not crm"
given.event = [{ payload_marks = "", action_source = "PHYSICAL_STORE", event_source = "shop" }]
status = "fail"

[[case]]
name = "with the event source of a CRM it is a slip and no other recipe"
given.event = [{ payload_marks = "", action_source = "website", event_source = "crm" }]
status = "pass"

[[case]]
name = "an unknown action source is no recipe"
given.event = [{ payload_marks = "", action_source = "CRM" }]
status = "pass"

[[case]]
name = "a field of a web event warns"
given.event = [{ payload_marks = "event_source_url", action_source = "system_generated", event_source = "crm" }]
status = "warn"

[[case]]
name = "so does one of an app event"
given.event = [{ payload_marks = "app_data", action_source = "system_generated", event_source = "crm" }]
status = "warn"

[[case]]
name = "so does one of a messaging event"
given.event = [{ payload_marks = "lead_id:string messaging_channel", event_source = "crm" }]
status = "warn"

[[case]]
name = "so do a browser's data alone"
given.event = [{ payload_marks = "user:browser_only", event_source = "crm" }]
status = "warn"

[[case]]
name = "a table is not judged"
given.event = [{ payload_fields = "action_source", action_source = "website" }]
status = "not_evaluable"
---*/
case
    when payload_marks is null then null
    when coalesce(event_source, '') <> 'crm' and recipe_of(action_source) is not null then 2
    when regexp_matches(payload_marks, 'event_source_url|app_data|messaging_channel|user:browser_only') then 1
    else 0
end
