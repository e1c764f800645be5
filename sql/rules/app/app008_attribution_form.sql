/*---
title = "attribution is the device's mobile cookie"
severity = "recommended"
source = "App Events guide, mobile cookies: 22 letters and digits on Android, a UUID on iOS; for Android, and for iOS before version 6"
why = "The cookie stands in for the advertising id on devices that have none. One of another form finds nobody, and newer Apple devices have an id of their own."
fix = "Send attribution as Facebook's app on the device gives it, and advertiser_id beside it. On iOS 6 and later send advertiser_id instead. Use the cookie for no retargeting."
acts = "partner"
channel = ["app"]
at = ["../attribution"]
unit = "share"
wait = "Nothing needs to be done where advertiser_id is sent."
cause = """
if(
    attribution_form = 'other',
    phrase('neither 22 letters and digits nor a UUID'),
    phrase('sent from iOS {version:quoted}', {'version': os_version})
)
"""
bad = '{"attribution": "cookie-1"}'
good = '{"attribution": "AbCdEfGhIjKlMnOpQrStUv"}'

[message]
pass = "All of {n:count} App Events of the last four weeks that carry attribution carry one of the right form."
warn = "{affected:count} of {n:count} App Events of the last four weeks with attribution have one that is no mobile cookie; {warned:count} more send it from iOS 6 or later, where advertiser_id takes its place."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "None of the App Events of the last four weeks carries attribution."

[[case]]
name = "a cookie of Android and a UUID of an early iOS pass"
given.app_event = [{ attribution_form = "cookie", platform = "android", os_version = "14" }, { attribution_form = "uuid", platform = "ios", os_version = "5.1.1" }]
status = "pass"
n = 2

[[case]]
name = "any other form warns"
given.app_event = [{ attribution_form = "other" }]
status = "warn"
affected = 1

[[case]]
name = "iOS 6 warns"
given.app_event = [{ attribution_form = "uuid", platform = "ios", os_version = "6.0" }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "so does iOS 17"
given.app_event = [{ kind = "install", attribution_form = "uuid", platform = "ios", os_version = "17" }]
status = "warn"
warned = 1

[[case]]
name = "a version that nobody can read warns of nothing"
given.app_event = [{ attribution_form = "uuid", platform = "ios", os_version = "iOS" }, { attribution_form = "uuid", platform = "ios" }]
status = "pass"

[[case]]
name = "without attribution there is nothing to judge"
given.app_event = [{ device_form = "lower" }]
status = "not_evaluable"
---*/
case
    when attribution_form is null then null
    when attribution_form = 'other' then 2
    when platform = 'ios' and try_cast(regexp_extract(os_version, '^[0-9]+') as integer) >= 6 then 1
    else 0
end
