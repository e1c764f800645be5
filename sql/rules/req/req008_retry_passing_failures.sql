/*---
title = "What failed for a passing reason is sent again"
severity = "informational"
source = "Meta, best practices for the API: send again what failed for no fault of the sender. Which answers pass (HTTP 5xx, 429 and 408, codes 1, 2, 4, 17, 32, 341 and 613, no answer), and how a retry is recognised, are ours"
why = "A passing failure costs its events for good when nobody sends them again."
fix = "Queue a request that came back with a passing failure and send it again, each time after a longer pause, until it is accepted or its events are seven days old."
acts = "partner"
wait = "Log Meta's responses beside the requests."
unit = "requests"
needs = ["response"]
reports = []

[message]
"pass.none" = "No request of the last four weeks failed for a passing reason."
pass = "Everything that failed for a passing reason in the last four weeks was sent again ({failed_told})."
"pass.note" = "{affected:count} of {failed_told} that failed for a passing reason in the last four weeks hold events that no later accepted request does: {lost_told}."
not_evaluable = "The log holds no responses, so it cannot be told which requests failed."

[history]
not_evaluable = "Nothing was sent: a CRM history tells nothing about requests and what Meta answered."

[[case]]
name = "a lost event of a request that the server failed is a note"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [{ request_id = 1, accepted = false, http_status = 500 }]
given.lost_event = [{ request_id = 1, position = 0 }, { request_id = 1, position = 1 }]
status = "pass"
n = 1
affected = 1
value = 1
message = "1 of 1 request that failed for a passing reason in the last four weeks hold events that no later accepted request does: 2 events."

[[case]]
name = "sent again"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [
  { request_id = 1, accepted = false, http_status = 599 }, { request_id = 2, accepted = false, http_status = 429 },
  { request_id = 3, accepted = false, http_status = 408 }, { request_id = 4, accepted = false, http_status = 400, error_code = 2 },
  { request_id = 5, accepted = false, http_status = 403, error_code = 613 }, { request_id = 6, accepted = false },
]
status = "pass"
n = 6
affected = 0

[[case]]
name = "other failures do not pass by themselves"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [
  { request_id = 1, accepted = false, http_status = 499 }, { request_id = 2, accepted = false, http_status = 400, error_code = 100 },
  { request_id = 3, accepted = false, error_title = "odd" }, { request_id = 4, accepted = true, http_status = 200 },
]
given.lost_event = [{ request_id = 1, position = 0 }]
status = "pass"
n = 4
affected = 0

[[case]]
name = "without responses it cannot be told"
given.recent_request = [{ request_id = 1, accepted = true }]
status = "not_evaluable"
---*/
with passing as (
    select request_id, advertiser_id, channel
    from recent_request
    where not accepted
        and (
            http_status between 500 and 599
            or http_status in (408, 429)
            or error_code in (select code from known_error where passes)
            -- nothing came back
            or (http_status is null and error_code is null and error_title is null and events_received is null)
        )
), lost as (
    select request_id, count(*) as events from lost_event group by request_id
), sent as (
    select advertiser_id, channel, count(*) as requests from recent_request group by advertiser_id, channel
), counted as (
    select
        advertiser_window.advertiser_id,
        advertiser_window.channel,
        coalesce(has_response, false) as has_response,
        coalesce(any_value(sent.requests), 0) as n,
        count(passing.request_id) as failed,
        count(lost.request_id) as affected,
        coalesce(sum(lost.events), 0)::bigint as lost_events
    from advertiser_window
    left join sent using (advertiser_id, channel)
    left join passing using (advertiser_id, channel)
    left join lost using (request_id)
    group by advertiser_window.advertiser_id, advertiser_window.channel, has_response
)
select
    *,
    case when has_response and n > 0 then if(affected > 0, 1, 0) end as level,
    if(has_response, affected, null) as value,
    plural(failed, '{n:count} request', '{n:count} requests') as failed_told,
    plural(lost_events, '{n:count} event', '{n:count} events') as lost_told,
    case when affected > 0 then 'note' when failed = 0 then 'none' end as reason
from counted
;
select
    lost_event.advertiser_id,
    lost_event.channel,
    lost_event.lead_id,
    lost_event.event_name,
    lost_event.event_time,
    upload_time,
    http_status,
    error_code,
    error_title,
    path as file,
    line,
    position
from lost_event
join recent_request using (request_id)
join source_file using (file_id)
where http_status between 500 and 599
    or http_status in (408, 429)
    or error_code in (select code from known_error where passes)
    or (http_status is null and error_code is null and error_title is null and events_received is null)
order by lost_event.advertiser_id, lost_event.channel, path, line, position
