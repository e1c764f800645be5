/*---
title = "Standard events carry their parameters"
severity = "recommended"
source = "App Events guide, names and parameters of standard events (sql/app_events.toml). That fb_content stands for fb_content_id is ours: the guide's own example sends it so"
why = "Meta optimises and reports by these parameters: a purchase without its content cannot be matched with a catalogue, one without a currency has no worth."
fix = "Send with each standard event the parameters that the guide's table lists for it, and _valueToSum where it names one."
acts = "partner"
channel = ["app"]
at = [""]
unit = "share"
cause = """
phrase('{name:quoted} without {parameters}', {
    'name': event_name,
    'parameters': array_to_string(list_filter(
        (select map(list(event_name), list(parameters)) from standard_event)[event_name],
        lambda name: not list_contains(parameters, name)
            and not (name = 'fb_content_id' and list_contains(parameters, 'fb_content'))
    ), ', ')
})
"""
bad = '{"_eventName": "fb_mobile_complete_registration"}'
good = '{"_eventName": "fb_mobile_complete_registration", "fb_registration_method": "e-mail"}'

[message]
pass = "All of {n:count} standard events of the last four weeks carry the parameters that the guide lists for them."
warn = "{warned:count} of {n:count} standard events of the last four weeks lack a parameter that the guide lists for them."
not_evaluable = "No event by one of Meta's standard names was sent in the last four weeks, so there is nothing to judge."

[[case]]
name = "a purchase with all that the table lists passes"
given.app_event = [{ event_name = "fb_mobile_purchase", parameters = ["fb_content_id", "fb_content_type", "fb_currency", "fb_num_items"] }]
status = "pass"

[[case]]
name = "fb_content stands for fb_content_id"
given.app_event = [{ event_name = "fb_mobile_purchase", parameters = ["fb_content", "fb_content_type", "fb_currency", "fb_num_items"] }]
status = "pass"

[[case]]
name = "one parameter too few warns"
given.app_event = [{ event_name = "fb_mobile_purchase", parameters = ["fb_content_id", "fb_content_type", "fb_currency"] }]
status = "warn"
warned = 1

[[case]]
name = "an event without parameters in the table needs none"
given.app_event = [{ event_name = "Contact", parameters = [] }]
status = "pass"
n = 1

[[case]]
name = "a name of the app's own is not judged"
given.app_event = [{ event_name = "level_7_done", parameters = [] }]
status = "not_evaluable"

[[case]]
name = "an install is none of these events"
given.app_event = [{ kind = "install", request_kind = "install" }]
status = "not_evaluable"
---*/
case
    when list_contains((select list(event_name) from standard_event), event_name) then
        if(
            len(list_filter(
                (select map(list(event_name), list(parameters)) from standard_event)[event_name],
                lambda name: not coalesce(
                    list_contains(parameters, name)
                    or name = 'fb_content_id' and list_contains(parameters, 'fb_content'),
                    false
                )
            )) > 0, 1, 0
        )
end
