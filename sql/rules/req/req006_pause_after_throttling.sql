/*---
title = "A pause after Meta asks for one"
severity = "recommended"
source = "Partner guide: stop calling at once when an error says that there were too many calls. The codes are those of sql/errors.toml that throttle; 60 seconds and the five calls are ours"
why = "Calls that go on after the limit fail too, and count: the limit lasts longer."
fix = "After an error that says there were too many calls (codes 4, 17, 32, 341, 613, 80000 to 80014) wait, at first a minute, then twice as long each time, before the next request."
acts = "partner"
wait = "Log Meta's responses beside the requests, with the time of sending."
unit = "requests"
needs = ["response"]
reports = []
origin = { pause_seconds = "ours", many_calls = "ours" }

[message]
"pass.none" = "Meta never asked for a pause in the last four weeks."
pass = "Meta asked for a pause {n_told} in the last four weeks, and no request followed within {pause_seconds:count} seconds."
warn = "Meta asked for a pause {n_told} in the last four weeks, and {value_told} followed within {pause_seconds:count} seconds."
not_evaluable = "The log holds no responses, so it cannot be told whether Meta asked for a pause."

[history]
not_evaluable = "Nothing was sent: a CRM history tells nothing about requests and what Meta answered."

[thresholds]
pause_seconds = 60
many_calls = 5

[[case]]
name = "a request 60 seconds later warns"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [{ request_id = 1, dataset_id = "1", upload_time = 1000, error_code = 17 }, { request_id = 2, dataset_id = "1", upload_time = 1060 }]
status = "warn"
value = 1
n = 2

[[case]]
name = "a request 61 seconds later passes"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [{ request_id = 1, dataset_id = "1", upload_time = 1000, error_code = 80014 }, { request_id = 2, dataset_id = "1", upload_time = 1061 }]
status = "pass"
value = 0
n = 2

[[case]]
name = "a request of the same second was under way"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [{ request_id = 1, dataset_id = "1", upload_time = 1000, error_code = 613 }, { request_id = 2, dataset_id = "1", upload_time = 1000 }]
status = "pass"

[[case]]
name = "a request to another dataset is another matter"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [{ request_id = 1, dataset_id = "1", upload_time = 1000, error_code = 4 }, { request_id = 2, upload_time = 1001 }]
status = "pass"

[[case]]
name = "requests that are refused in turn count once each"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [{ request_id = 1, upload_time = 1000, error_code = 32 }, { request_id = 2, upload_time = 1010, error_code = 341 }, { request_id = 3, upload_time = 1020 }]
status = "warn"
value = 2
n = 3

[[case]]
name = "other errors ask for no pause"
given.advertiser_window = [{ has_response = true }]
given.recent_request = [{ request_id = 1, upload_time = 1000, error_code = 80015 }, { request_id = 2, upload_time = 1010, error_code = 100 }]
status = "pass"
n = 2

[[case]]
name = "without responses it cannot be told"
given.recent_request = [{ request_id = 1, upload_time = 1000 }]
status = "not_evaluable"
---*/
with throttled as (
    select distinct advertiser_id, channel, dataset_id, upload_time
    from recent_request
    where upload_time is not null and error_code in (select code from known_error where throttles)
), asked as (
    select advertiser_id, channel, count(*) as requests
    from recent_request
    where upload_time is not null and error_code in (select code from known_error where throttles)
    group by advertiser_id, channel
), dated as (
    select advertiser_id, channel, count(*) as requests
    from recent_request
    where upload_time is not null
    group by advertiser_id, channel
), timed as (
    -- only where a pause was asked for: the usual log is not sorted
    select recent_request.*, coalesce(recent_request.dataset_id, '') as dataset
    from recent_request
    semi join throttled using (advertiser_id, channel)
    where upload_time is not null
), hasty as (
    select timed.advertiser_id, timed.channel, count(*) as requests
    from timed
    asof join (select *, coalesce(dataset_id, '') as dataset from throttled) as throttled
        on throttled.advertiser_id = timed.advertiser_id
        and throttled.channel = timed.channel
        and throttled.dataset = timed.dataset
        and throttled.upload_time < timed.upload_time
    where timed.upload_time - throttled.upload_time <= $pause_seconds
    group by timed.advertiser_id, timed.channel
), counted as (
    select
        advertiser_id,
        channel,
        coalesce(has_response, false) as has_response,
        coalesce(dated.requests, 0) as n,
        coalesce(asked.requests, 0) as pauses,
        coalesce(hasty.requests, 0) as affected
    from advertiser_window
    left join dated using (advertiser_id, channel)
    left join asked using (advertiser_id, channel)
    left join hasty using (advertiser_id, channel)
)
select
    *,
    case when not has_response or n = 0 then null when affected >= $many_calls then 2 when affected > 0 then 1 else 0 end as level,
    if(has_response, affected, null) as value,
    plural(pauses, 'once', '{n:count} times') as n_told,
    plural(affected, '{n:count} request', '{n:count} requests') as value_told,
    if(pauses = 0, 'none', null) as reason
from counted
;
with throttled as (
    select distinct advertiser_id, channel, coalesce(dataset_id, '') as dataset, upload_time, error_code
    from recent_request
    where upload_time is not null and error_code in (select code from known_error where throttles)
)
select
    recent_request.advertiser_id,
    recent_request.channel,
    recent_request.upload_time,
    max(throttled.upload_time) as pause_asked_at,
    arg_max(throttled.error_code, throttled.upload_time) as with_code,
    event_count as events,
    recent_request.error_code,
    path as file,
    line
from recent_request
join throttled
    on throttled.advertiser_id = recent_request.advertiser_id
    and throttled.channel = recent_request.channel
    and throttled.dataset = coalesce(recent_request.dataset_id, '')
    and recent_request.upload_time > throttled.upload_time
    and recent_request.upload_time <= throttled.upload_time + $pause_seconds
join source_file using (file_id)
group by all
order by recent_request.advertiser_id, recent_request.channel, recent_request.upload_time, path, line
