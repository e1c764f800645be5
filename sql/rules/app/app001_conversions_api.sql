/*---
title = "The Conversions API takes app events"
severity = "informational"
source = "App Events guide, opening note: not recommended for new integrations and no longer developed; use the Conversions API for app events. That an integration is new for 90 days is ours"
why = "What is new at Meta comes to the Conversions API alone, which takes events of apps, websites and shops through one door. The App Events API keeps working for those who use it."
fix = "Plan the move to the Conversions API for app events: requests to the /events of a dataset with action_source app, the two flags and extinfo in app_data, and the device in user_data. The command funnelcheck migrate-app-events writes what is sent today in that form, says what cannot be carried over, and sends nothing."
acts = "partner"
origin = { new_days = "ours" }
unit = "days"
channel = ["app"]

[message]
pass = "App Events reach Meta through the App Events API since {first_sent:date} at least ({n:count} requests in the log). It keeps working, but Meta develops only the Conversions API further; funnelcheck migrate-app-events shows these events as that takes them."
"pass.undated" = "App Events reach Meta through the App Events API ({n:count} requests in the log, none with a time). It keeps working, but Meta develops only the Conversions API further; funnelcheck migrate-app-events shows these events as that takes them."
warn = "This looks like a new integration: its first App Event in the log was sent on {first_sent:date}, less than {new_days:count} days ago. Meta advises new integrations against the App Events API; send app events through the Conversions API before more is built on this one (funnelcheck migrate-app-events shows them as that takes them)."

[thresholds]
new_days = 90

[[case]]
name = "an integration of 90 days is told where the future lies"
given.app_advertiser = [{ requests = 12, first_sent = 1692224000 }]
status = "pass"
value = 90.0
n = 12
message = "App Events reach Meta through the App Events API since 2023-08-16 at least (12 requests in the log). It keeps working, but Meta develops only the Conversions API further; funnelcheck migrate-app-events shows these events as that takes them."

[[case]]
name = "a second younger it is new, and advised against"
given.app_advertiser = [{ requests = 12, first_sent = 1692224001 }]
status = "pass"
n = 12
message = "This looks like a new integration: its first App Event in the log was sent on 2023-08-16, less than 90 days ago. Meta advises new integrations against the App Events API; send app events through the Conversions API before more is built on this one (funnelcheck migrate-app-events shows them as that takes them)."

[[case]]
name = "without a time nobody can tell its age, and the note stands"
given.app_advertiser = [{ requests = 1 }]
status = "pass"
n = 1
---*/
select
    advertiser_id,
    channel,
    if($as_of - first_sent < $new_days * 86400, 1, 0) as level,
    ($as_of - first_sent) / 86400 as value,
    requests as n,
    0 as affected,
    first_sent,
    if(first_sent is null, 'undated', null) as reason
from app_advertiser
