/*---
title = "An event says whose it is and what may be tracked"
severity = "required"
source = "App Events guide, conversion events: advertiser_tracking_enabled for every event, and advertiser_id or attribution. application_tracking_enabled stands in all of its examples; that its lack only warns is ours"
why = "Without advertiser_tracking_enabled Meta does not know what it may do with an event, and without an id of the device it can give it to no ad."
fix = "Send advertiser_tracking_enabled and application_tracking_enabled with every request, and advertiser_id (else attribution). Where Meta has agreed to anon_id or ud in place of the two, set anonymous_ids in the advertiser's table of funnelcheck.toml."
acts = "partner"
channel = ["app"]
at = ["../advertiser_tracking_enabled", "../advertiser_id", "../application_tracking_enabled", ".."]
unit = "share"
wait = "Nothing needs to be done where only installs are reported; else load a log that holds the events."
cause = """
phrase(
    'no {fields:told}',
    {
        'fields': joined(
            [
                case when advertiser_tracking is null then phrase('advertiser_tracking_enabled') end,
                case when application_tracking is null then phrase('application_tracking_enabled') end,
                case
                    when device_form is not null or attribution_form is not null then null
                    when not has_anon_id and user_forms is null then phrase('advertiser_id or attribution')
                    when has_anon_id then phrase('advertiser_id or attribution (anon_id alone)')
                    else phrase('advertiser_id or attribution (ud alone)')
                end
            ],
            ', '
        )
    }
)
"""
bad = '{"event": "CUSTOM_APP_EVENTS", "custom_events": [{"_eventName": "fb_mobile_search"}]}'
good = '{"event": "CUSTOM_APP_EVENTS", "advertiser_id": "38400000-8cf0-11bd-b23e-10b96e40000d", "advertiser_tracking_enabled": 1, "application_tracking_enabled": 1, "custom_events": [{"_eventName": "fb_mobile_search"}]}'

[message]
pass = "All of {n:count} events of the last four weeks carry both flags of tracking and an id of the device."
warn = "{affected:count} of {n:count} events of the last four weeks lack advertiser_tracking_enabled or the id of the device; {warned:count} more lack application_tracking_enabled or name the person in another way."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) lack advertiser_tracking_enabled or the id of the device; {allowed:share} is the most allowed."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "The App Events of the last four weeks are installs alone, or of no kind that the guide names."

[[case]]
name = "both flags and advertiser_id pass"
given.app_event = [{ application_tracking = "1", advertiser_tracking = "0", device_form = "upper" }]
status = "pass"

[[case]]
name = "attribution instead of advertiser_id passes"
given.app_event = [{ application_tracking = "true", advertiser_tracking = "true", attribution_form = "uuid" }]
status = "pass"

[[case]]
name = "no advertiser_tracking_enabled fails"
given.app_event = [{ application_tracking = "1", device_form = "lower" }]
status = "fail"

[[case]]
name = "no application_tracking_enabled warns"
given.app_event = [{ advertiser_tracking = "1", device_form = "lower" }]
status = "warn"
warned = 1

[[case]]
name = "no id of the device fails"
given.app_event = [{ application_tracking = "1", advertiser_tracking = "1" }]
status = "fail"

[[case]]
name = "anon_id in its place fails where nobody agreed to it"
given.app_event = [{ application_tracking = "1", advertiser_tracking = "1", has_anon_id = true, anonymous_ids = false }]
status = "fail"

[[case]]
name = "anon_id in its place warns where it is agreed"
given.app_event = [{ application_tracking = "1", advertiser_tracking = "1", has_anon_id = true, anonymous_ids = true }]
status = "warn"

[[case]]
name = "ud in its place warns where it is agreed"
given.app_event = [{ application_tracking = "1", advertiser_tracking = "1", user_forms = "em:sha256:1a2b3c4d5e6f", anonymous_ids = true }]
status = "warn"

[[case]]
name = "an agreement alone names nobody"
given.app_event = [{ application_tracking = "1", advertiser_tracking = "1", anonymous_ids = true }]
status = "fail"

[[case]]
name = "a request whose events cannot be read is one"
given.app_event = [{ kind = "unreadable", application_tracking = "1", advertiser_tracking = "1" }]
status = "fail"
n = 1

[[case]]
name = "an install, and a request of another kind without events, are none"
given.app_event = [{ kind = "install", request_kind = "install" }, { kind = "unreadable", request_kind = "other" }]
status = "not_evaluable"
---*/
case
    when kind = 'install' or (kind = 'unreadable' and request_kind is distinct from 'conversion') then null
    when advertiser_tracking is null then 2
    when device_form is null and attribution_form is null
        and not (coalesce(anonymous_ids, false) and (has_anon_id or user_forms is not null)) then 2
    when application_tracking is null or (device_form is null and attribution_form is null) then 1
    else 0
end
