/*---
title = "Errors are logged and looked at"
severity = "recommended"
source = "Partner guide: log the error messages of the API, set alerts on them, handle exceptions. What a code means beside Meta's own title is in sql/errors.toml"
why = "An error that nobody looks at comes back every day, and takes all events of its requests with it."
fix = "Set an alert on answers other than 2xx and on errors in their body; mend the most frequent cause below first, then send the refused events again."
acts = "partner"
wait = "Log Meta's responses beside the requests."
unit = "share"
needs = ["response"]
reports = []

[message]
pass = "None of {n:count} requests of the last four weeks came back with an error{counted_told}."
warn = "{affected:count} of {n:count} requests of the last four weeks ({value:share}) came back with an error or not at all{worst_told}{counted_told}."
not_evaluable = "The log holds no responses, so it tells of no error."

[history]
not_evaluable = "Nothing was sent: a CRM history tells nothing about requests and what Meta answered."

[[case]]
name = "no error passes"
given.recent_request = [{ shape = "exchange", accepted = true, has_response = true, event_count = 3, events_sent = 3, events_received = 3 }]
status = "pass"
value = 0
n = 1
message = "None of 1 requests of the last four weeks came back with an error."

[[case]]
name = "errors warn, with their worst day, Meta's title and what is known of it"
given.recent_request = [
  { sent_at = 1699920000, shape = "exchange", accepted = false, has_response = true, event_count = 3, events_sent = 3, error_code = 190 },
  { sent_at = 1700006399, shape = "exchange", accepted = false, has_response = true, event_count = 3, events_sent = 3, error_code = 190 },
  { sent_at = 1700006400, shape = "exchange", accepted = false, has_response = true, event_count = 3, events_sent = 3, error_code = 190 },
  { sent_at = 1699920000, shape = "exchange", accepted = true, has_response = true, event_count = 3, events_sent = 3, events_received = 2 },
]
given.recent_error = [{ requests = 3, label = "error 190", title = "Session has expired", error_code = 190, meaning = "the access token is not valid", sure = "high" }]
status = "warn"
value = 0.75
affected = 3
message = "3 of 4 requests of the last four weeks (75.0 %) came back with an error or not at all, most on 2023-11-14 (2); of 3 events in answered requests Meta counted 2. Cause: error 190 \"Session has expired\", which means: the access token is not valid (3)."

[[case]]
name = "a request that nobody answered is at fault"
given.recent_request = [{ shape = "event", accepted = false, has_response = true, event_count = 1 }]
given.recent_error = [{ requests = 1, label = "no answer" }]
status = "warn"
affected = 1

[[case]]
name = "a message beside a success is no error"
given.recent_request = [{ shape = "event", accepted = true, has_response = true, event_count = 1, messages = "[1]" }]
status = "pass"

[[case]]
name = "without responses it cannot be told"
given.recent_request = [{ shape = "event", accepted = true, has_response = false, event_count = 1 }]
status = "not_evaluable"

[[case]]
name = "nothing sent"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with answered as (
    select * from recent_request where has_response
), counted as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        count(has_response) as n,
        count(*) filter (not accepted or error_code is not null) as affected,
        coalesce(sum(events_sent) filter (events_received is not null), 0)::bigint as events_sent,
        coalesce(sum(events_received) filter (events_sent is not null), 0)::bigint as events_received,
        count(*) filter (accepted and events_received < events_sent) as short_requests,
        count(messages) as with_messages
    from advertiser
    left join answered using (advertiser_id, channel)
    group by advertiser.advertiser_id, advertiser.channel
), worst as (
    select advertiser_id, channel, day_of(sent_at, time_zone)::varchar as day, count(*) as requests
    from answered
    join advertiser using (advertiser_id, channel)
    where (not accepted or error_code is not null) and sent_at is not null
    group by advertiser_id, channel, day
    qualify row_number() over (partition by advertiser_id, channel order by requests desc, day) = 1
), named as (
    select
        *,
        named_error(error_code, error_subcode, title, bare_status) as name,
        if(title is null, name, phrase('{error:told} "{title:told}"', {'error': name, 'title': left(title, 120)}))
            as error
    from recent_error
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
            order by requests desc, label, title
        ) as causes,
        list(
            {
                'code': error_code, 'subcode': error_subcode, 'status': bare_status, 'requests': requests,
                'events': events, 'first_sent': first_sent, 'last_sent': last_sent, 'title': title, 'detail': detail,
                'trace_id': trace_id, 'meaning': meaning, 'advice': advice, 'rule': rule, 'sure': sure
            }
            order by requests desc, label, title
        ) as errors
    from named
    group by advertiser_id, channel
)
select
    counted.*,
    affected / nullif(n, 0) as value,
    case when n > 0 then if(affected > 0, 1, 0) end as level,
    worst.day as worst_day,
    worst.requests as worst_day_requests,
    if(
        worst.requests > 1,
        phrase(', most on {day:day} ({requests:count})', {'day': worst.day, 'requests': worst.requests}),
        phrase('')
    ) as worst_told,
    if(
        events_received < events_sent,
        phrase(
            '; of {sent:count} events in answered requests Meta counted {received:count}',
            {'sent': events_sent, 'received': events_received}
        ),
        phrase('')
    ) as counted_told,
    causes,
    errors
from counted
left join worst using (advertiser_id, channel)
left join told using (advertiser_id, channel)
;
select
    recent_request.advertiser_id,
    recent_request.channel,
    named_error(recent_error.error_code, recent_error.error_subcode, title, recent_error.bare_status) as error,
    upload_time,
    event_count as events,
    events_received,
    error_title,
    error_detail,
    meaning,
    advice,
    recent_request.trace_id,
    path as file,
    line
from recent_request
join recent_error
    on recent_error.advertiser_id = recent_request.advertiser_id
    and recent_error.channel = recent_request.channel
    and recent_error.error_code is not distinct from recent_request.error_code
    and recent_error.error_subcode is not distinct from recent_request.error_subcode
    and recent_error.bare_status is not distinct from if(recent_request.error_code is null, http_status, null)
join source_file using (file_id)
where has_response and (not accepted or recent_request.error_code is not null)
order by requests desc, label, recent_request.advertiser_id, path, line
