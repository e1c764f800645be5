/*---
title = "The flags of tracking follow the user's choice"
severity = "informational"
source = "App Events guide: advertiser_tracking_enabled is read from the device, and a choice in the app outlives its end. That the same answer of all devices looks like a fixed value is ours"
why = "From iOS 14.5 on everybody is asked, and some say yes and some no: one answer for all is most likely written into the program. A choice in the app that comes and goes was not kept from one start to the next."
fix = "Read advertiser_tracking_enabled from the device each time (App Tracking Transparency on iOS). Keep the user's choice in the app from one start to the next, and send it as application_tracking_enabled."
acts = "partner"
channel = ["app"]
unit = "share"
wait = "Send both flags, the advertiser_id, and extinfo with the version of the system."

[message]
pass = "Of {n:count} requests from iOS 14.5 or later in the last four weeks {value:share} say that tracking is allowed, and none of {devices:count} devices goes back and forth in its choice in the app."
"pass.few" = "The {n:count} requests of the last four weeks from iOS 14.5 or later come from too few devices to tell a fixed value from chance; none of {devices:count} devices goes back and forth in its choice in the app."
"pass.elsewhere" = "No request of the last four weeks names iOS 14.5 or later; none of {devices:count} devices goes back and forth in its choice in the app."
warn = "{flapping:count} of {devices:count} devices say in the last four weeks that application_tracking_enabled is off, then on, then off again: the app seems to forget the user's choice."
"warn.fixed" = "All {n:count} requests from iOS 14.5 or later in the last four weeks say advertiser_tracking_enabled = {said}, whoever sent them: that looks like a fixed value, and should be what the device says."
"warn.both" = "All {n:count} requests from iOS 14.5 or later in the last four weeks say advertiser_tracking_enabled = {said}, which looks like a fixed value; and {flapping:count} of {devices:count} devices say that application_tracking_enabled is off, then on, then off again."
not_evaluable = "No request of the last four weeks names iOS 14.5 or later with a readable flag, and none names a device with its choice in the app, so nothing can be compared."

[[case]]
name = "both answers occur"
given.app_tracking = [{ ios_requests = 10, ios_senders = 10, ios_allowed = 9, devices = 4, flapping = 0 }]
status = "pass"
n = 10
affected = 0
value = 0.9

[[case]]
name = "ten devices that all say yes look fixed"
given.app_tracking = [{ ios_requests = 10, ios_senders = 10, ios_allowed = 10, devices = 4, flapping = 0 }]
status = "pass"
affected = 10
value = 1.0
message = "All 10 requests from iOS 14.5 or later in the last four weeks say advertiser_tracking_enabled = 1, whoever sent them: that looks like a fixed value, and should be what the device says."

[[case]]
name = "ten that all say no look fixed"
given.app_tracking = [{ ios_requests = 10, ios_senders = 10, ios_allowed = 0, devices = 0, flapping = 0 }]
status = "pass"
affected = 10
value = 0.0

[[case]]
name = "nine devices may be chance, however often they send"
given.app_tracking = [{ ios_requests = 90, ios_senders = 9, ios_allowed = 90, devices = 0, flapping = 0 }]
status = "pass"
affected = 0
value = 1.0

[[case]]
name = "a choice that goes and comes back is told, from whatever system"
given.app_tracking = [{ ios_requests = 0, ios_senders = 0, ios_allowed = 0, devices = 3, flapping = 1 }]
status = "pass"
n = 0
message = "1 of 3 devices say in the last four weeks that application_tracking_enabled is off, then on, then off again: the app seems to forget the user's choice."

[[case]]
name = "both at once"
given.app_tracking = [{ ios_requests = 12, ios_senders = 11, ios_allowed = 12, devices = 3, flapping = 2 }]
status = "pass"
affected = 12
message = "All 12 requests from iOS 14.5 or later in the last four weeks say advertiser_tracking_enabled = 1, which looks like a fixed value; and 2 of 3 devices say that application_tracking_enabled is off, then on, then off again."

[[case]]
name = "nothing to compare"
given.app_tracking = [{ ios_requests = 0, ios_senders = 0, ios_allowed = 0, devices = 0, flapping = 0 }]
status = "not_evaluable"
---*/
select
    app_tracking.*,
    'app' as channel,
    ios_senders >= $min_units and ios_allowed in (0, ios_requests) as is_fixed,
    case when ios_requests + devices = 0 then null when is_fixed or flapping > 0 then 1 else 0 end as level,
    ios_allowed / nullif(ios_requests, 0) as value,
    ios_requests as n,
    if(is_fixed, ios_requests, 0) as affected,
    if(ios_allowed = 0, '0', '1') as said,
    case
        when is_fixed and flapping > 0 then 'both'
        when is_fixed then 'fixed'
        when flapping > 0 then null
        when ios_requests = 0 then 'elsewhere'
        when ios_senders < $min_units then 'few'
    end as reason
from app_tracking
;
select advertiser_id, 'app' as channel, app_id, first_refused, allowed_at, last_refused, path as file, line
from flapping_device
join source_file using (file_id)
order by advertiser_id, app_id, allowed_at, file, line
