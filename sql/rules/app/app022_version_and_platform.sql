/*---
title = "Version of the device information fits the device"
severity = "required"
source = "App Events guide, extended device information: the version is a2 for Android and i2 for iOS. That an advertiser_id in capitals is usually Apple's, and one in small letters Android's, is ours and only a sign"
why = "Meta reads the other values by the version; with the wrong one the event is counted for another platform, or for none."
fix = "Set the version by the platform of the app that sends: a2 in the Android app, i2 in the iOS app."
acts = "partner"
channel = ["app"]
at = ["../extinfo/0", "../extinfo", ".."]
unit = "share"
cause = """
case
    when list_contains(string_split(extinfo_marks, ' '), 'no_version') then phrase('no version')
    when list_contains(string_split(extinfo_marks, ' '), 'version') then phrase('a version other than a2 and i2')
    when platform = 'android' and list_contains(string_split(extinfo_marks, ' '), 'model')
        then phrase('a2 with a device of Apple')
    when list_contains(string_split(extinfo_marks, ' '), 'model') then phrase('i2 with an Android device')
    when platform = 'android' then phrase('a2 with an advertiser_id in capitals, as Apple writes it')
    else phrase('i2 with an advertiser_id in small letters, as Android writes it')
end
"""
bad = '{"extinfo": ["i2", "com.shop", "12", "1.2", "14", "Pixel 8", "fr_FR", "CET", "", 1080, 2400, "2.75", 8, 128, 64, "Europe/Paris"]}'
good = '{"extinfo": ["a2", "com.shop", "12", "1.2", "14", "Pixel 8", "fr_FR", "CET", "", 1080, 2400, "2.75", 8, 128, 64, "Europe/Paris"]}'

[message]
pass = "The version of the device information fits the device in all {n:count} App Events of the last four weeks that carry it."
warn = "{affected:count} of {n:count} App Events of the last four weeks with device information (extinfo) have a version that is none or another platform's; in {warned:count} more the letters of advertiser_id look like the other platform's, which alone proves nothing."
fail = "{affected:count} of {n:count} App Events of the last four weeks with device information (extinfo) ({value:share}) have a version that is none or another platform's; {allowed:share} is the most allowed."
not_evaluable = "No App Event of the last four weeks carries device information (extinfo), so there is nothing to judge."

[[case]]
name = "a2 with an id in small letters passes"
given.app_event = [{ extinfo_values = 16, platform = "android", device_form = "lower" }]
status = "pass"

[[case]]
name = "i2 with an id in capitals passes"
given.app_event = [{ extinfo_values = 16, platform = "ios", device_form = "upper" }]
status = "pass"

[[case]]
name = "another version fails"
given.app_event = [{ extinfo_values = 16, extinfo_marks = "version" }]
status = "fail"

[[case]]
name = "no version fails"
given.app_event = [{ extinfo_values = 16, extinfo_marks = "no_version" }]
status = "fail"

[[case]]
name = "a2 on an iPhone fails"
given.app_event = [{ extinfo_values = 16, platform = "android", extinfo_marks = "model" }]
status = "fail"

[[case]]
name = "a2 with an id in capitals only warns"
given.app_event = [{ extinfo_values = 16, platform = "android", device_form = "upper" }]
status = "warn"
warned = 1

[[case]]
name = "i2 with an id in small letters only warns"
given.app_event = [{ extinfo_values = 16, platform = "ios", device_form = "lower" }]
status = "warn"

[[case]]
name = "an id of zeros tells nothing"
given.app_event = [{ extinfo_values = 16, platform = "ios", device_form = "zeros" }]
status = "pass"

[[case]]
name = "an event without it leaves nothing to judge"
given.app_event = [{ platform = "android" }]
status = "not_evaluable"
---*/
case
    when extinfo_values is null then null
    when regexp_matches(extinfo_marks, '(^| )(no_version|version|model)( |$)') then 2
    when platform = 'android' and device_form = 'upper' or platform = 'ios' and device_form = 'lower' then 1
    else 0
end
