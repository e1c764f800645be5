/*---
title = "At most 1,000 events a request"
severity = "required"
source = "Meta, using the API; partner guide: up to 1,000 events a request"
why = "Meta refuses a request with more events than it takes, and with it all of them."
fix = "Cut what is to be sent into requests of at most 1,000 events; a few hundred are better, since one event at fault can cost its whole request. Send nothing where there is nothing to send."
acts = "partner"
wait = "Load a log of the requests that were sent."
at = ["../data"]
unit = "share"

[message]
pass = "No request of the last four weeks holds more than {max_events:count} events ({n:count} events judged)."
"warn.empty" = "No request of the last four weeks holds more than {max_events:count} events, but {empty_told}."
warn = "{affected:count} of {n:count} events of the last four weeks stand in requests of more than {max_events:count}{largest_told}, which Meta refuses as a whole."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) stand in requests of more than {max_events:count}{largest_told}, which Meta refuses as a whole; {allowed:share} is the most allowed."
not_evaluable = "Nothing was sent in the last four weeks, so there is nothing to judge."

[payload]
fail = "The request holds {largest:count} events; {max_events:count} are the most that Meta takes."
"warn.empty" = "The request holds no event."

[history]
not_evaluable = "Nothing was sent: a CRM history tells nothing about requests."

[thresholds]
max_events = 1000

[schema.properties.data]
maxItems = "$max_events"

[[case]]
name = "1,000 events pass"
given.recent_request = [{ shape = "request", event_count = 1000, events_sent = 1000 }]
status = "pass"
n = 1000

[[case]]
name = "1,001 events fail"
given.recent_request = [{ shape = "exchange", event_count = 1001, events_sent = 1001 }]
status = "fail"
affected = 1001

[[case]]
name = "a request without events warns"
given.recent_request = [{ shape = "request", event_count = 99, events_sent = 99 }, { shape = "request", event_count = 0, events_sent = 0 }]
status = "warn"
n = 100
warned = 1

[[case]]
name = "a bare event counts as one event of a request of unknown size"
given.recent_request = [{ shape = "event", event_count = 1 }, { shape = "enveloped event", event_count = 1 }]
status = "pass"
n = 2

[[case]]
name = "a request too large whose events are 1 % of all warns"
given.recent_request = [{ shape = "request", event_count = 1001, events_sent = 1001 }, { shape = "event", event_count = 99099 }]
status = "warn"
affected = 1001

[[case]]
name = "one event more than 1 % fails"
given.recent_request = [{ shape = "request", event_count = 1001, events_sent = 1001 }, { shape = "event", event_count = 99098 }]
status = "fail"

[[case]]
name = "nothing sent"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"

[[case]]
name = "a CRM history sent nothing"
channel = "history"
given.recent_request = [{ shape = "row", event_count = 1 }]
status = "not_evaluable"
---*/
with counted as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        coalesce(sum(if(event_count = 0, 1, event_count)), 0)::bigint as n,
        coalesce(sum(event_count) filter (events_sent > $max_events), 0)::bigint as affected,
        count(*) filter (event_count = 0) as warned,
        max(events_sent) as largest,
        count(*) filter (events_sent > $max_events) as too_large
    from advertiser
    left join recent_request using (advertiser_id, channel)
    group by advertiser.advertiser_id, advertiser.channel
)
select
    *,
    affected / nullif(n, 0) as value,
    fault_level(affected, warned, n, $min_units, $max_faulty_share, $max_faulty_share_small) as level,
    if(too_large > 0, phrase(' (the largest holds {events:count})', {'events': largest}), phrase('')) as largest_told,
    plural(warned, '{n:count} request holds no event', '{n:count} requests hold no event') as empty_told,
    if(affected = 0 and warned > 0, 'empty', null) as reason
from counted
;
select advertiser_id, channel, path as file, line, upload_time, event_count as events
from recent_request
join source_file using (file_id)
where channel = 'crm' and (events_sent > $max_events or event_count = 0)
order by advertiser_id, channel, path, line
