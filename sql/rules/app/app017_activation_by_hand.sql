/*---
title = "Activations are not sent beside automatic logging"
severity = "recommended"
source = "App Events guide, standard events: fb_mobile_activate_app is not to be used where automatic event logging is enabled"
why = "With automatic logging Meta's SDK sends fb_mobile_activate_app of itself; sent by hand too, every start of the app counts twice."
fix = "Stop sending fb_mobile_activate_app, or turn automatic logging off in the app and send it by hand alone."
acts = "partner"
channel = ["app"]
at = ["/_eventName"]
unit = "share"
bad = '{"_eventName": "fb_mobile_activate_app"}'
good = '{"_eventName": "fb_mobile_activate_app", "_implicitlyLogged": "1"}'

[message]
pass = "None of {n:count} App Events of the last four weeks is an activation sent by hand beside automatic logging."
warn = "{warned:count} of {n:count} App Events of the last four weeks are fb_mobile_activate_app sent by hand, though automatic logging is on and sends it of itself."
not_evaluable = "No App Event of an app's use was sent in the last four weeks, so there is nothing to judge."

[[case]]
name = "by hand without automatic logging passes"
given.app_event = [{ event_name = "fb_mobile_activate_app", auto_logging = false, is_automatic = false }]
status = "pass"

[[case]]
name = "by hand beside automatic logging warns"
given.app_event = [{ event_name = "fb_mobile_activate_app", auto_logging = true, is_automatic = false }]
status = "warn"
warned = 1

[[case]]
name = "what the SDK logged of itself passes"
given.app_event = [{ event_name = "fb_mobile_activate_app", auto_logging = true, is_automatic = true }]
status = "pass"

[[case]]
name = "another event beside automatic logging passes"
given.app_event = [{ event_name = "fb_mobile_purchase", auto_logging = true, is_automatic = false }]
status = "pass"

[[case]]
name = "where the configuration does not say it passes"
given.app_event = [{ event_name = "fb_mobile_activate_app", is_automatic = false }]
status = "pass"

[[case]]
name = "an install is none of these events"
given.app_event = [{ kind = "install", request_kind = "install", auto_logging = true }]
status = "not_evaluable"
---*/
case
    when kind <> 'conversion' then null
    when event_name = 'fb_mobile_activate_app' and auto_logging and not coalesce(is_automatic, false) then 1
    else 0
end
