/*---
title = "Requests are accepted"
severity = "required"
source = "Meta, using the API: a response of 2xx that has received every event; partner guide, errors in Diagnostics"
why = "Events of a refused request are lost until they are sent again; a response that counts fewer events than were sent hides a loss."
fix = "Look up Meta's message for the refused requests, mend the cause, and send them again within seven days of the event."
acts = "partner"
wait = "Log Meta's responses beside the requests."
at = ["/response", "/error", "/http_status", "/status"]
unit = "share"
needs = ["response"]

[message]
pass = "Meta accepted all of {n:count} requests of the last four weeks."
warn = "Of {n:count} requests of the last four weeks {affected:count} were refused, unanswered or only partly received; {warned:count} more came back with a message."
fail = "{affected:count} of {n:count} requests of the last four weeks ({value:share}) were refused, unanswered or only partly received{told:told}; {allowed:share} is the most allowed."
not_evaluable = "The log holds no responses, so it cannot be told whether Meta accepted the requests."

[payload]
fail = "Meta refused this request or took only a part of it, as the logged response says."
warn = "Meta took this request and answered with a message."

[history]
not_evaluable = "Nothing was sent: a CRM history tells nothing about requests and what Meta answered."

[[case]]
name = "a request received in full passes"
given.advertiser = [{ advertiser_id = "a" }]
given.recent_request = [{ accepted = true, answer = true, has_response = true, events_sent = 3, events_received = 3 }]
status = "pass"

[[case]]
name = "a count that the body lacks is no fault"
given.recent_request = [{ accepted = true, answer = true, has_response = true, events_sent = 3 }]
status = "pass"

[[case]]
name = "fewer events received than sent fail"
given.recent_request = [{ accepted = true, answer = true, has_response = true, events_sent = 3, events_received = 2 }]
status = "fail"

[[case]]
name = "a refused request fails"
given.recent_request = [{ accepted = false, answer = false, has_response = true, events_sent = 3 }]
status = "fail"

[[case]]
name = "Meta's own title is told with what is known of its code"
given.recent_request = [{ accepted = false, answer = false, has_response = true, events_sent = 3 }]
given.recent_error = [{ requests = 1, title = "Event Timestamp Too Old", error_code = 100, error_subcode = 2804003, meaning = "an event is too old", sure = "high" }]
status = "fail"
message = "1 of 1 requests of the last four weeks (100 %) were refused, unanswered or only partly received (Meta most often said: Event Timestamp Too Old, code 100/2804003, which means: an event is too old); 1 % is the most allowed."

[[case]]
name = "a code that is not known keeps Meta's title"
given.recent_request = [{ accepted = false, answer = false, has_response = true, events_sent = 3 }]
given.recent_error = [{ requests = 1, title = "Something new", error_code = 999 }]
status = "fail"
message = "1 of 1 requests of the last four weeks (100 %) were refused, unanswered or only partly received (Meta most often said: Something new, code 999); 1 % is the most allowed."

[[case]]
name = "a message warns"
given.recent_request = [{ accepted = true, answer = true, has_response = true, events_sent = 3, events_received = 3, messages = "[1]" }]
status = "warn"

[[case]]
name = "without any response it cannot be told"
given.recent_request = [{ accepted = true, has_response = false, events_sent = 3 }]
status = "not_evaluable"
---*/
with judged as (
    select
        *,
        not accepted or coalesce(events_received <> coalesce(events_sent, greatest(events_received, 1)), false)
            as is_faulty
    from recent_request
    where has_response
), counted as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        count(is_faulty) as n,
        count(*) filter (is_faulty) as affected,
        count(*) filter (not is_faulty and messages is not null) as warned
    from advertiser
    left join judged using (advertiser_id, channel)
    group by advertiser.advertiser_id, advertiser.channel
), most_frequent as (
    select
        advertiser_id,
        channel,
        title as meta_says,
        if(error_code is null, null, concat_ws('/', error_code, error_subcode)) as code,
        meaning,
        advice,
        sure
    from recent_error
    where title is not null
    qualify row_number() over (
        partition by advertiser_id, channel order by requests desc, title, error_code, error_subcode
    ) = 1
)
select
    *,
    affected / nullif(n, 0) as value,
    fault_level(affected, warned, n, $min_units, $max_faulty_share, $max_faulty_share_small) as level,
    $max_faulty_share as allowed,
    {'said': meta_says, 'code': code, 'meaning': meaning} as named,
    case
        when meta_says is null then phrase('')
        when code is null then phrase(' (Meta most often said: {said})', named)
        when meaning is null then phrase(' (Meta most often said: {said}, code {code})', named)
        when sure = 'low'
            then phrase(' (Meta most often said: {said}, code {code}, which may mean: {meaning})', named)
        else phrase(' (Meta most often said: {said}, code {code}, which means: {meaning})', named)
    end as told
from counted
left join most_frequent using (advertiser_id, channel)
;
with refused as (
    select
        *,
        not accepted or coalesce(events_received <> coalesce(events_sent, greatest(events_received, 1)), false)
            as is_faulty
    from recent_request
    where has_response
)
select
    refused.advertiser_id,
    refused.channel,
    if(is_faulty, phrase('fault'), phrase('warning')) as found,
    upload_time,
    event_count as events,
    events_received,
    http_status,
    refused.error_code,
    refused.error_subcode,
    error_title,
    error_detail,
    meaning,
    left(messages, 200) as messages,
    refused.trace_id,
    path as file,
    line
from refused
left join recent_error
    on recent_error.advertiser_id = refused.advertiser_id
    and recent_error.channel = refused.channel
    and recent_error.error_code = refused.error_code
    and recent_error.error_subcode is not distinct from refused.error_subcode
join source_file using (file_id)
where is_faulty or messages is not null
order by found, refused.advertiser_id, refused.channel, path, line
