/*---
title = "The request says what it reports"
severity = "required"
source = "App Events guide, installs and conversion events: event is MOBILE_APP_INSTALL or CUSTOM_APP_EVENTS"
why = "The parameter event tells Meta whether a request reports an install or events of the app; without it nothing of the request can be counted."
fix = "Send event=MOBILE_APP_INSTALL for an install and event=CUSTOM_APP_EVENTS for everything else."
acts = "partner"
channel = ["app"]
at = ["../event", ".."]
unit = "share"
cause = "if(event_kind is null, phrase('no event'), phrase('event is {value:quoted}', {'value': event_kind}))"
bad = '{"event": "INSTALL"}'
good = '{"event": "MOBILE_APP_INSTALL"}'

[message]
pass = "All of {n:count} App Events of the last four weeks stand in requests that say what they report."
warn = "{affected:count} of {n:count} App Events of the last four weeks stand in requests without the parameter event; {warned:count} more in requests with a value that the guide does not name."
fail = "{affected:count} of {n:count} App Events of the last four weeks ({value:share}) stand in requests without the parameter event; {allowed:share} is the most allowed."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."

[[case]]
name = "an install passes"
given.app_event = [{ event_kind = "MOBILE_APP_INSTALL", request_kind = "install" }]
status = "pass"

[[case]]
name = "events of the app pass"
given.app_event = [{ event_kind = "CUSTOM_APP_EVENTS", request_kind = "conversion" }]
status = "pass"

[[case]]
name = "a value of the SDK's own warns"
given.app_event = [{ event_kind = "DEFERRED_APP_LINK", request_kind = "other" }]
status = "warn"

[[case]]
name = "no value fails"
given.app_event = [{ request_kind = "conversion" }]
status = "fail"
---*/
case
    when event_kind is null then 2
    when request_kind = 'other' then 1
    else 0
end
