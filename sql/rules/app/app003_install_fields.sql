/*---
title = "An install says whose it is and what may be tracked"
severity = "required"
source = "App Events guide, app installs: application_tracking_enabled and advertiser_tracking_enabled with the advertiser_id. That an install needs an advertiser_id or attribution, as an event does, and what may stand in for them, is ours"
why = "Without the two flags Meta does not know what it may do with an install, and without an id of the device it can give it to no ad."
fix = "Send both flags with every install, as the device and the app's own settings have them, and advertiser_id (else attribution) with it. Where Meta has agreed to anon_id or ud in place of the two, set anonymous_ids in the advertiser's table of funnelcheck.toml."
acts = "partner"
channel = ["app"]
at = ["../application_tracking_enabled", "../advertiser_tracking_enabled", "../advertiser_id", ".."]
unit = "share"
wait = "Nothing needs to be done where installs are reported by other means; else load a log that holds them."
cause = """
phrase(
    'no {fields:told}',
    {
        'fields': joined(
            [
                case when application_tracking is null then phrase('application_tracking_enabled') end,
                case when advertiser_tracking is null then phrase('advertiser_tracking_enabled') end,
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
bad = '{"event": "MOBILE_APP_INSTALL", "advertiser_tracking_enabled": 1}'
good = '{"event": "MOBILE_APP_INSTALL", "advertiser_id": "38400000-8cf0-11bd-b23e-10b96e40000d", "advertiser_tracking_enabled": 1, "application_tracking_enabled": 1}'

[message]
pass = "All of {n:count} installs of the last four weeks carry both flags of tracking and an id of the device."
warn = "{affected:count} of {n:count} installs of the last four weeks lack a flag of tracking or the id of the device; {warned:count} more name the person in another way."
fail = "{affected:count} of {n:count} installs of the last four weeks ({value:share}) lack a flag of tracking or the id of the device; {allowed:share} is the most allowed."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "None of the App Events of the last four weeks is an install."

[[case]]
name = "both flags and advertiser_id pass"
given.app_event = [{ kind = "install", application_tracking = "0", advertiser_tracking = "0", device_form = "lower" }]
status = "pass"

[[case]]
name = "attribution instead of advertiser_id passes"
given.app_event = [{ kind = "install", application_tracking = "1", advertiser_tracking = "1", attribution_form = "cookie" }]
status = "pass"

[[case]]
name = "no application_tracking_enabled fails"
given.app_event = [{ kind = "install", advertiser_tracking = "1", device_form = "lower" }]
status = "fail"

[[case]]
name = "no advertiser_tracking_enabled fails"
given.app_event = [{ kind = "install", application_tracking = "1", device_form = "lower" }]
status = "fail"

[[case]]
name = "no id of the device fails"
given.app_event = [{ kind = "install", application_tracking = "1", advertiser_tracking = "1" }]
status = "fail"

[[case]]
name = "anon_id in its place fails where nobody agreed to it"
given.app_event = [{ kind = "install", application_tracking = "1", advertiser_tracking = "1", has_anon_id = true, anonymous_ids = false }]
status = "fail"

[[case]]
name = "anon_id or ud in its place warns where it is agreed"
given.app_event = [
    { kind = "install", application_tracking = "1", advertiser_tracking = "1", has_anon_id = true, anonymous_ids = true },
    { kind = "install", application_tracking = "1", advertiser_tracking = "1", user_forms = "em:sha256:1a2b3c4d5e6f", anonymous_ids = true },
]
status = "warn"
affected = 0
warned = 2

[[case]]
name = "a flag of a strange value is there; another rule judges what it says"
given.app_event = [{ kind = "install", application_tracking = "other", advertiser_tracking = "true", device_form = "zeros" }]
status = "pass"

[[case]]
name = "an event of the app is no install"
given.app_event = [{ kind = "conversion" }, { kind = "unreadable" }]
status = "not_evaluable"
---*/
case
    when kind <> 'install' then null
    when application_tracking is null or advertiser_tracking is null then 2
    when device_form is not null or attribution_form is not null then 0
    when coalesce(anonymous_ids, false) and (has_anon_id or user_forms is not null) then 1
    else 2
end
