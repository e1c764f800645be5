/*---
title = "Requests are accepted"
severity = "required"
source = "Meta, using the API: a response of 2xx that has received every event; partner guide, errors in Diagnostics"
why = "Events of a refused request are lost until they are sent again; a response that counts fewer events than were sent hides a loss."
fix = "Look up Meta's message for the refused requests, mend the cause, and send them again within seven days of the event."
acts = "partner"
wait = "Log Meta's responses beside the requests."
unit = "share"
needs = ["response"]

[message]
pass = "Meta accepted all of {n:count} requests of the last four weeks."
warn = "Of {n:count} requests of the last four weeks {affected:count} were refused, unanswered or only partly received; {warned:count} more came back with a message."
fail = "{affected:count} of {n:count} requests of the last four weeks ({value:share}) were refused, unanswered or only partly received{told}; {allowed:share} is the most allowed."
not_evaluable = "The log holds no responses, so it cannot be told whether Meta accepted the requests."

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
    select advertiser_id, channel, error_title as meta_says, error_code as code
    from judged
    where is_faulty and error_title is not null
    group by advertiser_id, channel, error_title, error_code
    qualify row_number() over (
        partition by advertiser_id, channel order by count(*) desc, error_title, error_code
    ) = 1
)
select
    *,
    affected / nullif(n, 0) as value,
    fault_level(affected, warned, n, $min_units, $max_faulty_share, $max_faulty_share_small) as level,
    $max_faulty_share as allowed,
    coalesce(' (Meta most often said: ' || left(meta_says, 120) || coalesce(', code ' || code, '') || ')', '') as told
from counted
left join most_frequent using (advertiser_id, channel)
