/*---
title = "No access token in the log"
severity = "informational"
source = "Good practice of ours: a log is read by more people than may send"
why = "Whoever reads a log with a token in it can send events, and read leads, in the advertiser's name."
fix = "Take access_token out of the address and the body before they are logged, and make a new token in place of the one that was. funnelcheck keeps none."
acts = "partner"
wait = "Load the log as JSON; a table does not tell."
at = ["/access_token", "../access_token", "/url", ""]
unit = "requests"
reports = []

[message]
pass = "None of {n:count} records of the last four weeks holds an access token."
"pass.note" = "{affected:count} of {n:count} records of the last four weeks hold an access token; who reads the log can send and read in the advertiser's name."
not_evaluable = "Nothing was sent in the last four weeks, so no record could hold an access token."

[payload]
warn = "The record holds an access token; who reads the file can send and read in the advertiser's name."

[history]
not_evaluable = "Nothing was sent: a CRM history holds no request, and no token."

[[case]]
name = "no token passes"
given.recent_request = [{ has_token = false }, { has_token = false }]
status = "pass"
n = 2
affected = 0

[[case]]
name = "one token is a note"
given.recent_request = [{ has_token = true }, { has_token = false }]
status = "pass"
n = 2
affected = 1
message = "1 of 2 records of the last four weeks hold an access token; who reads the log can send and read in the advertiser's name."

[[case]]
name = "a table does not tell"
given.recent_request = [{ shape = "row" }]
status = "not_evaluable"
---*/
with counted as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        count(has_token) as n,
        count(*) filter (has_token) as affected
    from advertiser
    left join recent_request using (advertiser_id, channel)
    group by advertiser.advertiser_id, advertiser.channel
)
select
    *,
    if(n > 0, affected, null) as value,
    case when n > 0 then if(affected > 0, 1, 0) end as level,
    if(affected > 0, 'note', null) as reason
from counted
;
select advertiser_id, channel, path as file, line, upload_time, event_count as events
from recent_request
join source_file using (file_id)
where has_token
order by advertiser_id, channel, path, line
