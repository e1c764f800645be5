/*---
title = "Required parameters are there and well formed"
severity = "required"
source = "Partner guide, step 2: the data holds every required parameter in the right format; Meta names no tolerance"
why = "An event counts only if all its required parameters are there and well formed: faults of several kinds add up, though each alone may seem small."
fix = "Mend the rules named here, the most frequent first; each names its causes."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with columns of the payload."
unit = "share"
bad = '{"event_name": "Qualified", "event_time": 1617693833000, "action_source": "website", "user_data": {}}'
good = '{"event_name": "Qualified", "event_time": 1617693833, "action_source": "system_generated", "user_data": {"lead_id": 1234567890123456}, "custom_data": {"event_source": "crm", "lead_event_source": "Salesforce"}}'

[message]
pass = "All {n:count} events of the last four weeks have every required parameter in the right format."
warn = "{affected:count} of {n:count} events of the last four weeks lack a required parameter or have one in the wrong format; {warned:count} more have one that Meta might misread{told}."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) lack a required parameter or have one in the wrong format{told}; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "The log is a table without a column of the payload; the payload itself was not seen."

[[case]]
name = "faultless events pass"
given.recent_outcome = [{ judged = 255, faulty = 0, warned = 0, events = 20 }]
status = "pass"
n = 20

[[case]]
name = "one fault in a hundred is let pass with a warning"
given.recent_outcome = [{ judged = 255, faulty = 0, warned = 0, events = 990 }, { judged = 255, faulty = 1, warned = 0, events = 10 }]
status = "warn"
value = 0.01

[[case]]
name = "one more fails, though no rule alone does"
given.recent_outcome = [{ judged = 255, faulty = 0, warned = 0, events = 989 }, { judged = 255, faulty = 1, warned = 0, events = 6 }, { judged = 255, faulty = 66, warned = 0, events = 5 }]
status = "fail"
affected = 11
n = 1000

[[case]]
name = "a warning of one rule warns, on top of a fault of another it does not count"
given.recent_outcome = [{ judged = 255, faulty = 0, warned = 16, events = 1 }, { judged = 255, faulty = 1, warned = 16, events = 1 }, { judged = 255, faulty = 0, warned = 0, events = 98 }]
status = "warn"
affected = 1
warned = 1

[[case]]
name = "other rules about events do not count"
given.recent_outcome = [{ judged = 511, faulty = 256, warned = 0, events = 20 }]
status = "pass"
affected = 0

[[case]]
name = "a table without any field of the payload is not judged"
given.recent_outcome = [{ judged = 256, faulty = 256, warned = 0, events = 20 }]
status = "not_evaluable"

[[case]]
name = "nothing sent, nothing judged"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with format_rule as (
    select * from event_rule where code between 'EVT001' and 'EVT007' or code = 'EVT010'
), mask as (
    select bit_or(1::bigint << bit) as bits from format_rule
), counted as (
    select
        advertiser_id,
        channel,
        sum(events)::bigint as recent_events,
        coalesce(sum(events) filter (judged & bits <> 0), 0)::bigint as n,
        coalesce(sum(events) filter (faulty & bits <> 0), 0)::bigint as affected,
        coalesce(sum(events) filter (faulty & bits = 0 and warned & bits <> 0), 0)::bigint as warned
    from recent_outcome
    cross join mask
    group by advertiser_id, channel
), by_rule as (
    select advertiser_id, channel, code, sum(events)::bigint as events
    from recent_outcome
    join format_rule on (faulty >> bit) & 1 = 1
    group by advertiser_id, channel, code
), named as (
    select
        advertiser_id,
        channel,
        list({'code': code, 'events': events} order by events desc, code) as by_rule,
        list(phrase('{code} {events:count}', {'code': code, 'events': events}) order by events desc, code) as codes
    from by_rule
    group by advertiser_id, channel
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    coalesce(n, 0) as n,
    coalesce(affected, 0) as affected,
    coalesce(warned, 0) as warned,
    affected / nullif(n, 0) as value,
    fault_level(
        coalesce(affected, 0), coalesce(warned, 0), coalesce(n, 0), $min_units, $max_faulty_share, $max_faulty_share_small
    ) as level,
    by_rule,
    if(codes is null, phrase(''), phrase(' ({codes:told})', {'codes': codes})) as told,
    if(coalesce(n, 0) = 0 and recent_events > 0, 'unseen', null) as reason
from advertiser
left join counted using (advertiser_id, channel)
left join named using (advertiser_id, channel);

with format_rule as (
    select bit from event_rule where code between 'EVT001' and 'EVT007' or code = 'EVT010'
), mask as (
    select bit_or(1::bigint << bit) as bits from format_rule
)
select
    recent_event.advertiser_id,
    recent_event.channel,
    (
        select string_agg(code, ' ' order by code)
        from event_rule
        where (faulty & bits) >> bit & 1 = 1
    ) as fails,
    event_name,
    event_time,
    recent_event.upload_time,
    lead_id,
    path as file,
    line,
    position
from recent_event
cross join mask
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where faulty & bits <> 0
order by recent_event.advertiser_id, recent_event.channel, path, line, position
