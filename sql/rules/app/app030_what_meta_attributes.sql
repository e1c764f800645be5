/*---
title = "What Meta attributes is known"
severity = "informational"
source = "App Events guide, attribution: requests about several campaigns, use on several devices"
why = "Meta attributes an event to a campaign with another objective than installs or use of the app only where the ad names the app for tracking; and an install on one device may be attributed to an ad seen on another. Who counts otherwise finds a gap that is none."
fix = "Before figures are compared, add the app to the field Mobile App Event tracking of ads with other objectives, and expect installs of people who saw the ad on another device."
acts = "advertiser"
channel = ["app"]
unit = "campaigns"
reports = []

[message]
pass = "No export of what Meta attributes is loaded; when one is compared, campaigns with other objectives are in it only where the ad tracks the app, and devices may differ between ad and install."
"pass.note" = "Meta attributes {n:count} installs and events to {value:count} campaigns; those with other objectives are among them only where the ad tracks the app, and devices may differ between ad and install."
"pass.unnamed" = "Meta attributes {n:count} installs and events, without naming campaigns; those of campaigns with other objectives are among them only where the ad tracks the app, and devices may differ between ad and install."

[[case]]
name = "what Meta attributes is told"
given.app_meta_attribution = [{ attributed = 12, with_campaign = 10, campaigns = 2 }]
status = "pass"
n = 12
value = 2

[[case]]
name = "no campaign is named"
given.app_meta_attribution = [{ attributed = 12, with_campaign = 0, campaigns = 0 }]
status = "pass"
n = 12
value = 0

[[case]]
name = "no export is loaded"
given.app_advertiser = [{ requests = 1 }]
status = "pass"
n = 0
---*/
select
    advertiser_id,
    channel,
    campaigns as value,
    if(attributed > 0, 1, 0) as level,
    coalesce(attributed, 0) as n,
    0 as affected,
    case when campaigns > 0 then 'note' when attributed > 0 then 'unnamed' end as reason
from app_advertiser
left join app_meta_attribution using (advertiser_id, channel)
