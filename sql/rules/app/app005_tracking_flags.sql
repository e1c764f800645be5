/*---
title = "The flags of tracking are 0 or 1"
severity = "required"
source = "App Events guide, tracking of ads: 0 for switched off, 1 for switched on. That the words true and false only warn is ours: Meta's own SDK sends them"
why = "The flags say what Meta may do with an event. One that it cannot read may be taken for either answer: for a consent that nobody gave, or for a refusal that costs the event its use."
fix = "Send application_tracking_enabled and advertiser_tracking_enabled as 0 or 1. Words that come from Meta's own SDK can stay as they are."
acts = "partner"
channel = ["app"]
at = ["../advertiser_tracking_enabled", "../application_tracking_enabled"]
unit = "share"
wait = "Send both flags; rules about what a request must have say where they are missing."
cause = """
case
    when application_tracking = 'other' and advertiser_tracking = 'other' then phrase('another value in both flags')
    when advertiser_tracking = 'other' then phrase('another value in advertiser_tracking_enabled')
    when application_tracking = 'other' then phrase('another value in application_tracking_enabled')
    when is_sdk then phrase('true or false, as Meta''s own SDK sends it')
    else phrase('true or false in place of 1 or 0')
end
"""
bad = '{"advertiser_tracking_enabled": "yes", "application_tracking_enabled": 1}'
good = '{"advertiser_tracking_enabled": 0, "application_tracking_enabled": 1}'

[message]
pass = "All of {n:count} App Events of the last four weeks that carry a flag of tracking have it as 0 or 1."
warn = "{affected:count} of {n:count} App Events of the last four weeks carry a flag of tracking that is neither 0 nor 1; {warned:count} more carry the words true or false."
fail = "{affected:count} of {n:count} App Events of the last four weeks ({value:share}) carry a flag of tracking that is neither 0 nor 1, nor true or false; {allowed:share} is the most allowed."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "None of the App Events of the last four weeks carries a flag of tracking."

[[case]]
name = "0 and 1 pass"
given.app_event = [{ application_tracking = "0", advertiser_tracking = "1" }]
status = "pass"

[[case]]
name = "a word warns"
given.app_event = [{ application_tracking = "true", advertiser_tracking = "1" }]
status = "warn"
warned = 1

[[case]]
name = "the other word in the other flag warns, also of the SDK"
given.app_event = [{ application_tracking = "1", advertiser_tracking = "false", is_sdk = true }]
status = "warn"

[[case]]
name = "any other value fails"
given.app_event = [{ application_tracking = "1", advertiser_tracking = "other" }]
status = "fail"

[[case]]
name = "any other value fails in either flag, at an install too"
given.app_event = [{ kind = "install", application_tracking = "other", advertiser_tracking = "true" }]
status = "fail"

[[case]]
name = "one flag alone is judged, and none is not"
given.app_event = [{ advertiser_tracking = "0" }, { kind = "unreadable" }]
status = "pass"
n = 1

[[case]]
name = "no flag at all"
given.app_event = [{ device_form = "lower" }]
status = "not_evaluable"
---*/
case
    when application_tracking is null and advertiser_tracking is null then null
    when application_tracking = 'other' or advertiser_tracking = 'other' then 2
    when application_tracking in ('true', 'false') or advertiser_tracking in ('true', 'false') then 1
    else 0
end
