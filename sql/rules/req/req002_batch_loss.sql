/*---
title = "What one event at fault costs its request"
severity = "informational"
source = "Meta, using the API: one invalid event makes Meta refuse the whole request. Which faults count (EVT001 to EVT007, EVT010, TIM001) and the comparison with requests of 50 are ours"
why = "Meta refuses a request as a whole: good events are lost with the one at fault until they are sent again."
fix = "Check events before they are sent, leave out the ones at fault, and send smaller requests, so that a fault costs fewer good events."
acts = "partner"
wait = "Load a log of whole requests; the log of single events does not tell which were sent together."
unit = "events"
reports = []
origin = { small_batch = "ours" }

[message]
pass = "No request of the last four weeks holds good events beside one at fault ({n:count} requests judged)."
"pass.note" = "{value:count} good events share a request with {bad_told} ({affected:count} of {n:count} requests of the last four weeks), and Meta can refuse them together{refused_told}; in requests of {small_batch:count} it would be {lost_at_50:count}."
not_evaluable = "The log holds no whole request of the last four weeks, so it does not tell which events were sent together."

[history]
not_evaluable = "Nothing was sent: a CRM history tells nothing about requests."

[thresholds]
small_batch = 50

[[case]]
name = "good events beside one at fault are a note"
given.recent_request = [{ request_id = 1, shape = "request", event_count = 3 }, { request_id = 2, shape = "exchange", event_count = 5 }]
given.troubled_event = [
  { request_id = 1, position = 0, shape = "request", accepted = true, is_bad = false },
  { request_id = 1, position = 1, shape = "request", accepted = true, is_bad = true },
  { request_id = 1, position = 2, shape = "request", accepted = true, is_bad = false },
]
status = "pass"
value = 2
n = 2
affected = 1

[[case]]
name = "in batches of fifty only the neighbours are lost"
given.recent_request = [{ request_id = 1, shape = "request", event_count = 3 }]
given.troubled_event = [
  { request_id = 1, position = 0, shape = "request", accepted = false, is_bad = true },
  { request_id = 1, position = 49, shape = "request", accepted = false, is_bad = false },
  { request_id = 1, position = 50, shape = "request", accepted = false, is_bad = false },
]
status = "pass"
value = 2
message = "2 good events share a request with 1 event at fault (1 of 1 requests of the last four weeks), and Meta can refuse them together (2 of them stand in requests that were refused); in requests of 50 it would be 1."

[[case]]
name = "a request of nothing but faults costs no good event"
given.recent_request = [{ request_id = 1, shape = "request", event_count = 1 }]
given.troubled_event = [{ request_id = 1, position = 0, shape = "request", accepted = true, is_bad = true }]
status = "pass"
value = 0
affected = 0

[[case]]
name = "a refused request without a fault of ours is another rule's matter"
given.recent_request = [{ request_id = 1, shape = "request", event_count = 1 }]
given.troubled_event = [{ request_id = 1, position = 0, shape = "request", accepted = false, is_bad = false }]
status = "pass"
value = 0

[[case]]
name = "single events do not tell what was sent together"
given.recent_request = [{ request_id = 1, shape = "event", event_count = 1 }]
status = "not_evaluable"

[[case]]
name = "an empty request has nothing to lose"
given.recent_request = [{ request_id = 1, shape = "request", event_count = 0 }]
status = "not_evaluable"
---*/
with batch as (
    select
        advertiser_id,
        channel,
        request_id,
        position // $small_batch::integer as batch,
        accepted,
        count(*) filter (is_bad) as bad,
        count(*) filter (not is_bad) as good
    from troubled_event
    where shape in ('request', 'exchange')
    group by all
), of_request as (
    select
        advertiser_id,
        channel,
        accepted,
        sum(bad) as bad,
        sum(good) as good,
        sum(if(bad > 0, good, 0)) as lost_at_50
    from batch
    group by advertiser_id, channel, request_id, accepted
    having sum(bad) > 0 and sum(good) > 0
), loss as (
    select
        advertiser_id,
        channel,
        count(*) as requests,
        sum(bad)::bigint as bad,
        sum(good)::bigint as good,
        coalesce(sum(good) filter (not accepted), 0)::bigint as refused,
        sum(lost_at_50)::bigint as lost_at_50
    from of_request
    group by advertiser_id, channel
), whole as (
    select advertiser_id, channel, count(*) as requests
    from recent_request
    where shape in ('request', 'exchange') and event_count > 0
    group by advertiser_id, channel
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    case when whole.requests > 0 then if(loss.requests > 0, 1, 0) end as level,
    if(whole.requests > 0, coalesce(good, 0), null) as value,
    coalesce(whole.requests, 0) as n,
    coalesce(loss.requests, 0) as affected,
    bad,
    refused,
    coalesce(lost_at_50, 0) as lost_at_50,
    plural(bad, '{n:count} event at fault', '{n:count} events at fault') as bad_told,
    if(
        refused > 0,
        phrase(' ({events:count} of them stand in requests that were refused)', {'events': refused}),
        phrase('')
    ) as refused_told,
    if(loss.requests > 0, 'note', null) as reason
from advertiser
left join whole using (advertiser_id, channel)
left join loss using (advertiser_id, channel)
;
select
    troubled_event.advertiser_id,
    troubled_event.channel,
    path as file,
    line,
    upload_time,
    troubled_event.accepted,
    count(*) filter (is_bad) as at_fault,
    count(*) filter (not is_bad) as good_events,
    min(position) filter (is_bad) as first_fault_at
from troubled_event
join recent_request using (request_id)
join source_file using (file_id)
where troubled_event.shape in ('request', 'exchange')
group by troubled_event.advertiser_id, troubled_event.channel, path, line, upload_time, troubled_event.accepted
having at_fault > 0 and good_events > 0
order by good_events desc, troubled_event.advertiser_id, path, line
