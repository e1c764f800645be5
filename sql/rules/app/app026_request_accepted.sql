/*---
title = "App Events requests are accepted"
severity = "required"
source = "App Events guide: a request that worked is answered with success true. What a code means beside Meta's own title is in sql/errors.toml"
why = "Events of a refused request are lost until they are sent again; an answer that counts fewer events than were sent hides a loss."
fix = "Look up Meta's message for the refused requests, mend the cause, and send them again; set an alert on answers without success true."
acts = "partner"
wait = "Log Meta's responses beside the requests."
channel = ["app"]
at = ["/response", "/error", "/http_status", "/status"]
unit = "share"
needs = ["response"]
reports = ["max_faulty_share"]
bad = '{"response": {"success": false}}'
good = '{"response": {"success": true}}'

[message]
pass = "Meta accepted all of {n:count} App Events requests of the last four weeks."
warn = "Of {n:count} App Events requests of the last four weeks {affected:count} were refused, unanswered or only partly received; {warned:count} more came back with a message."
fail = "{affected:count} of {n:count} App Events requests of the last four weeks ({value:share}) were refused, unanswered or only partly received; {allowed:share} is the most allowed."
not_evaluable = "The log holds no responses to App Events, so it cannot be told whether Meta accepted them."

[[case]]
name = "a request that succeeded passes"
given.recent_activity = [{ request_id = 1, accepted = true, answer = true, has_response = true, event_count = 3 }]
status = "pass"
n = 1

[[case]]
name = "fewer events received than sent fail"
given.recent_activity = [{ request_id = 1, accepted = true, answer = true, has_response = true, event_count = 3, events_received = 2 }]
status = "fail"

[[case]]
name = "all events received pass"
given.recent_activity = [{ request_id = 1, accepted = true, answer = true, has_response = true, event_count = 3, events_received = 3 }]
status = "pass"

[[case]]
name = "one request refused in eleven warns"
given.recent_activity = [
  { request_id = 1, accepted = true, has_response = true }, { request_id = 2, accepted = true, has_response = true },
  { request_id = 3, accepted = true, has_response = true }, { request_id = 4, accepted = true, has_response = true },
  { request_id = 5, accepted = true, has_response = true }, { request_id = 6, accepted = true, has_response = true },
  { request_id = 7, accepted = true, has_response = true }, { request_id = 8, accepted = true, has_response = true },
  { request_id = 9, accepted = true, has_response = true }, { request_id = 10, accepted = true, has_response = true },
  { request_id = 11, accepted = false, has_response = true },
]
status = "warn"
affected = 1

[[case]]
name = "a refusal is told with Meta's title and what is known of its code"
given.recent_activity = [{ request_id = 1, accepted = false, answer = false, has_response = true, event_count = 3, error_code = 190 }]
given.app_error = [{ requests = 1, title = "Session has expired", error_code = 190, meaning = "the access token is not valid", sure = "high" }]
status = "fail"
affected = 1
message = "1 of 1 App Events requests of the last four weeks (100 %) were refused, unanswered or only partly received; 1 % is the most allowed. Cause: error 190 “Session has expired”, which means: the access token is not valid (1)."

[[case]]
name = "what Meta does not explain is told as such"
given.recent_activity = [{ request_id = 1, accepted = false, answer = false, has_response = true, event_count = 3 }]
given.app_error = [{ requests = 1 }]
status = "fail"
message = "1 of 1 App Events requests of the last four weeks (100 %) were refused, unanswered or only partly received; 1 % is the most allowed. Cause: no answer, or one without success (1)."

[[case]]
name = "a message beside a success warns"
given.recent_activity = [{ request_id = 1, accepted = true, answer = true, has_response = true, event_count = 3, messages = "[1]" }]
status = "warn"
warned = 1

[[case]]
name = "without any response it cannot be told"
given.recent_activity = [{ request_id = 1, accepted = true, has_response = false, event_count = 3 }]
status = "not_evaluable"
---*/
with judged as (
    select *, not accepted or coalesce(events_received < event_count, false) as is_faulty
    from recent_activity
    where has_response
), counted as (
    select
        app_advertiser.advertiser_id,
        app_advertiser.channel,
        count(is_faulty) as n,
        count(*) filter (is_faulty) as affected,
        count(*) filter (not is_faulty and messages is not null) as warned
    from app_advertiser
    left join judged using (advertiser_id, channel)
    group by app_advertiser.advertiser_id, app_advertiser.channel
), named as (
    select
        *,
        if(
            coalesce(error_code::varchar, title, bare_status::varchar) is null,
            phrase('no answer, or one without success'),
            named_error(error_code, error_subcode, title, bare_status)
        ) as name,
        if(title is null, name, phrase('{error:told} {title:quoted}', {'error': name, 'title': title})) as error
    from app_error
), told as (
    select
        advertiser_id,
        channel,
        list(
            {
                'cause': case
                    when meaning is null then phrase('{error:told}', {'error': error})
                    when sure = 'low'
                        then phrase('{error:told}, which may mean: {meaning:told}', {'error': error, 'meaning': meaning})
                    else phrase('{error:told}, which means: {meaning:told}', {'error': error, 'meaning': meaning})
                end,
                'events': requests
            }
            order by requests desc, error_code, error_subcode, bare_status
        ) as causes
    from named
    group by advertiser_id, channel
)
select
    counted.*,
    affected / nullif(n, 0) as value,
    fault_level(affected, warned, n, $min_units, $max_faulty_share, $max_faulty_share_small) as level,
    $max_faulty_share as allowed,
    causes
from counted
left join told using (advertiser_id, channel)
;
with judged as (
    select *, not accepted or coalesce(events_received < event_count, false) as is_faulty
    from recent_activity
    where has_response
)
select
    judged.advertiser_id,
    judged.channel,
    if(is_faulty, phrase('fault'), phrase('warning')) as found,
    upload_time,
    judged.app_id,
    event_count as events,
    events_received,
    http_status,
    judged.error_code,
    judged.error_subcode,
    error_title,
    error_detail,
    meaning,
    advice,
    left(messages, 200) as messages,
    judged.trace_id,
    path as file,
    line
from judged
left join app_error
    on app_error.advertiser_id = judged.advertiser_id
    and app_error.error_code = judged.error_code
    and app_error.error_subcode is not distinct from judged.error_subcode
join source_file using (file_id)
where is_faulty or messages is not null
order by found, judged.advertiser_id, judged.channel, path, line
