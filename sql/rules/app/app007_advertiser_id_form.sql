/*---
title = "advertiser_id is an advertising id"
severity = "recommended"
source = "App Events guide: the advertising id of an Android device or the IDFA of an Apple one. That both have the form of a UUID in letters of one case, and are all zeros where tracking is refused, is how the systems give them"
why = "Meta finds the person behind an event by this id. One of another form finds nobody, and one of zeros is what a device gives out when its user refuses to be tracked."
fix = "Send the id as the device gives it, with its hyphens: neither hashed nor shortened, and no id of your own. Where it is all zeros the user has refused: send advertiser_tracking_enabled=0 with it."
acts = "partner"
channel = ["app"]
at = ["../advertiser_id"]
unit = "share"
wait = "Send advertiser_id; rules about what a request must have say where it is missing."
cause = """
case
    when device_form = 'other' then phrase('no UUID')
    when device_form = 'mixed' then phrase('capital and small letters in one id')
    when advertiser_tracking in ('1', 'true') then phrase('all zeros, yet tracking is said to be allowed')
    else phrase('all zeros: tracking was refused')
end
"""
bad = '{"advertiser_id": "3840000080cf011bdb23e10b96e40000d"}'
good = '{"advertiser_id": "38400000-8cf0-11bd-b23e-10b96e40000d"}'

[message]
pass = "All of {n:count} App Events of the last four weeks that name an advertiser_id name one of the right form."
warn = "{affected:count} of {n:count} App Events of the last four weeks with an advertiser_id have one of another form; {warned:count} more have one of zeros, which is nobody's, or one that was rewritten."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "None of the App Events of the last four weeks names an advertiser_id."

[[case]]
name = "a UUID passes in capital and in small letters"
given.app_event = [{ device_form = "lower" }, { device_form = "upper" }, { device_form = "digits" }]
status = "pass"
n = 3

[[case]]
name = "both in one id warn: no device writes so"
given.app_event = [{ device_form = "mixed" }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "anything else warns"
given.app_event = [{ device_form = "other" }]
status = "warn"
affected = 1

[[case]]
name = "zeros warn where tracking is refused"
given.app_event = [{ device_form = "zeros", advertiser_tracking = "0" }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "zeros where tracking is said to be allowed contradict it"
given.app_event = [{ device_form = "zeros", advertiser_tracking = "1" }, { kind = "install", device_form = "zeros", advertiser_tracking = "true" }]
status = "warn"
affected = 0
warned = 2

[[case]]
name = "zeros without a readable flag warn"
given.app_event = [{ device_form = "zeros" }, { device_form = "zeros", advertiser_tracking = "other" }]
status = "warn"
affected = 0
warned = 2

[[case]]
name = "without an advertiser_id there is nothing to judge"
given.app_event = [{ attribution_form = "cookie" }]
status = "not_evaluable"
---*/
case
    when device_form is null then null
    when device_form = 'other' then 2
    when device_form in ('zeros', 'mixed') then 1
    else 0
end
