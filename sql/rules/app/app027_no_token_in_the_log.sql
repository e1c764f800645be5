/*---
title = "No app access token in the log"
severity = "recommended"
source = "App Events guide: the app access token is not to be stored on the client. That none belongs in a log is ours"
why = "Whoever has the app's token can send App Events in the app's name, and change its settings; a log is read by more people than may send."
fix = "Take access_token out of the address and the body before they are logged, and make a new app secret in place of the one that was; send from a server, or with the client token that Meta's SDK uses. funnelcheck keeps none."
acts = "partner"
channel = ["app"]
at = ["/access_token", "/params/access_token", "/url", ""]
unit = "requests"
reports = []

[message]
pass = "None of {n:count} App Events requests of the last four weeks is logged with an access token."
warn = "{affected:count} of {n:count} App Events requests of the last four weeks are logged with an access token; who reads the log can send in the app's name."
not_evaluable = "No App Event was sent in the last four weeks, so no request could hold an access token."

[[case]]
name = "no token passes"
given.recent_activity = [{ request_id = 1, has_token = false }, { request_id = 2, has_token = false }]
status = "pass"
n = 2
affected = 0

[[case]]
name = "one token warns"
given.recent_activity = [{ request_id = 1, has_token = true }, { request_id = 2, has_token = false }]
status = "warn"
affected = 1
value = 1

[[case]]
name = "nothing sent"
given.app_advertiser = [{ requests = 0 }]
status = "not_evaluable"
---*/
with counted as (
    select
        app_advertiser.advertiser_id,
        app_advertiser.channel,
        count(has_token) as n,
        count(*) filter (has_token) as affected
    from app_advertiser
    left join recent_activity using (advertiser_id, channel)
    group by app_advertiser.advertiser_id, app_advertiser.channel
)
select
    *,
    if(n > 0, affected, null) as value,
    case when n > 0 then if(affected > 0, 1, 0) end as level
from counted
;
select advertiser_id, channel, upload_time, app_id, event_count as events, path as file, line
from recent_activity
join source_file using (file_id)
where has_token
order by advertiser_id, channel, path, line
