/*---
title = "Small requests, and refused ones sent again"
severity = "recommended"
source = "Partner guide: small batches and retries are highly recommended. That half of the requests hold at most 500 events, and how a retry is recognised (same lead, stage and time in an accepted request sent later), are ours"
why = "One event at fault costs its whole request, so small requests lose little; what was refused is lost until it is sent again."
fix = "Send a few hundred events a request at most, and send what was refused again, without what made it fail, within seven days of the event."
acts = "partner"
wait = "Load a log of whole requests; the log of single events does not tell which were sent together."
unit = "events"
reports = ["max_median"]
origin = { max_median = "ours" }

[message]
pass = "The usual request of the last four weeks holds {usual_told} (median of {n:count}){resent_told}."
"warn.large" = "The usual request of the last four weeks holds {usual_told} (median of {n:count}); at most {max_median:count} keep the cost of a fault small."
"warn.lost" = "{affected:count} of {n:count} requests of the last four weeks were refused and hold events that no later accepted request does: {lost_told}."
"warn.large-and-lost" = "The usual request of the last four weeks holds {usual_told} (median of {n:count}; at most {max_median:count} keep the cost of a fault small), and {affected:count} were refused and hold events that no later accepted request does: {lost_told}."
not_evaluable = "The log holds no whole request of the last four weeks, so it does not tell which events were sent together."

[history]
not_evaluable = "Nothing was sent: a CRM history tells nothing about requests."

[thresholds]
max_median = 500

[[case]]
name = "a median of 500 passes"
given.recent_request = [{ shape = "request", event_count = 500, accepted = true }, { shape = "request", event_count = 900, accepted = true }]
status = "pass"
value = 500

[[case]]
name = "a median of 501 warns"
given.recent_request = [{ shape = "request", event_count = 501, accepted = true }, { shape = "exchange", event_count = 501, accepted = true }, { shape = "request", event_count = 1, accepted = true }]
status = "warn"
value = 501
n = 3

[[case]]
name = "a refused request whose events came later passes"
given.recent_request = [{ request_id = 1, shape = "exchange", event_count = 1, accepted = false }, { request_id = 2, shape = "exchange", event_count = 1, accepted = true }]
status = "pass"
affected = 0

[[case]]
name = "a refused request with an event that came no more warns once"
given.recent_request = [{ request_id = 1, shape = "exchange", event_count = 2, accepted = false }]
given.lost_event = [{ request_id = 1, position = 0, shape = "exchange" }, { request_id = 1, position = 1, shape = "exchange" }]
status = "warn"
affected = 1

[[case]]
name = "large and lost at once"
given.recent_request = [{ request_id = 1, shape = "exchange", event_count = 501, accepted = false }]
given.lost_event = [{ request_id = 1, position = 0, shape = "exchange" }]
status = "warn"
value = 501
affected = 1

[[case]]
name = "a refused bare event is no whole request"
given.recent_request = [{ request_id = 1, shape = "event", event_count = 1, accepted = false }]
given.lost_event = [{ request_id = 1, position = 0, shape = "event" }]
status = "not_evaluable"

[[case]]
name = "nothing sent"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with whole as (
    select
        advertiser_id,
        channel,
        count(*) as requests,
        count(*) filter (not accepted) as refused,
        quantile_disc(event_count, 0.5) as median  -- the lower one
    from recent_request
    where shape in ('request', 'exchange') and event_count > 0
    group by advertiser_id, channel
), lost as (
    select advertiser_id, channel, count(distinct request_id) as requests, count(*) as events
    from lost_event
    where shape in ('request', 'exchange')
    group by advertiser_id, channel
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    case when whole.requests > 0 then if(median > $max_median or lost.requests > 0, 2, 0) end as level,
    median as value,
    coalesce(whole.requests, 0) as n,
    coalesce(lost.requests, 0) as affected,
    refused,
    events as lost_events,
    plural(median, '{n:count} event', '{n:count} events') as usual_told,
    case
        when refused = 0 then phrase('')
        else plural(
            refused,
            '; the one that was refused was sent again',
            '; all {n:count} that were refused were sent again'
        )
    end as resent_told,
    plural(events, '{n:count} event', '{n:count} events') as lost_told,
    case
        when lost.requests > 0 then if(median > $max_median, 'large-and-lost', 'lost')
        when median > $max_median then 'large'
    end as reason
from advertiser
left join whole using (advertiser_id, channel)
left join lost using (advertiser_id, channel)
;
select
    lost_event.advertiser_id,
    lost_event.channel,
    lost_event.lead_id,
    lost_event.event_name,
    lost_event.event_time,
    upload_time,
    error_code,
    error_title,
    path as file,
    line,
    position
from lost_event
join recent_request using (request_id)
join source_file using (file_id)
where lost_event.shape in ('request', 'exchange')
order by lost_event.advertiser_id, lost_event.channel, path, line, position
