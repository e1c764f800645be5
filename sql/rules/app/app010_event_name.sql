/*---
title = "_eventName is a name that Meta takes"
severity = "required"
source = "App Events guide: every event has a name; Meta's reference of an app's activities: 1 to 40 letters, digits, blanks, _ and -, the first one a letter, a digit or _"
why = "Meta refuses an event without a name or with one of another form, so that it counts nowhere."
fix = "Give every event a name of at most 40 unaccented letters, digits, blanks, _ and -, that begins with a letter, a digit or _. Use the standard names where one says what happened."
acts = "partner"
channel = ["app"]
at = ["/_eventName", ""]
unit = "share"
wait = "Nothing needs to be done where only installs are reported; else load a log that holds the events."
cause = """
case
    when event_name is null then phrase('no _eventName')
    when length(event_name) > 40 then phrase('more than 40 signs')
    when regexp_matches(event_name, '^[ -]') then phrase('begins with a blank or a hyphen: {name:quoted}', {'name': event_name})
    else phrase('other signs than letters, digits, blanks, _ and -: {name:quoted}', {'name': event_name})
end
"""
bad = '{"_eventName": "-purchase"}'
good = '{"_eventName": "fb_mobile_purchase"}'

[message]
pass = "All of {n:count} events of the last four weeks have a name that Meta takes."
warn = "{affected:count} of {n:count} events of the last four weeks have no name, or one that Meta does not take."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) have no name, or one that Meta does not take; {allowed:share} is the most allowed."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "None of the App Events of the last four weeks is an event with a name: they are installs, or cannot be read."

[[case]]
name = "a standard name, a single sign, and all signs that there are pass"
given.app_event = [{ event_name = "fb_mobile_purchase" }, { event_name = "_" }, { event_name = "0 Level-up_9" }]
status = "pass"
n = 3

[[case]]
name = "40 signs pass"
given.app_event = [{ event_name = "abcdefghijklmnopqrstuvwxyz01234567890123" }]
status = "pass"

[[case]]
name = "41 signs fail"
given.app_event = [{ event_name = "abcdefghijklmnopqrstuvwxyz012345678901234" }]
status = "fail"

[[case]]
name = "a blank in front fails"
given.app_event = [{ event_name = " purchase" }]
status = "fail"

[[case]]
name = "a hyphen in front fails"
given.app_event = [{ event_name = "-purchase" }]
status = "fail"

[[case]]
name = "an accent fails"
given.app_event = [{ event_name = "achat réussi" }]
status = "fail"

[[case]]
name = "a line end behind it fails"
given.app_event = [{ event_name = "purchase\n" }]
status = "fail"

[[case]]
name = "no name fails"
given.app_event = [{ kind = "conversion" }]
status = "fail"

[[case]]
name = "an install, and what cannot be read, have none"
given.app_event = [{ kind = "install" }, { kind = "unreadable" }]
status = "not_evaluable"
---*/
case
    when kind <> 'conversion' then null
    when event_name is null then 2
    when not regexp_full_match(event_name, '[0-9a-zA-Z_][0-9a-zA-Z _-]{0,39}') then 2
    else 0
end
