/*---
title = "An event_id stands for one event"
severity = "recommended"
source = "Meta, server event parameters: event_id is optional and tells copies of one event apart from other events"
why = "Meta takes events of one name and event_id for copies of one event, and drops all but the first."
fix = "Make the event_id from what is the event's own, like the lead id and the stage, so that it is the same when it is sent again and no other event's."
acts = "partner"
unit = "share"

[message]
"pass.none" = "No event of the last four weeks has an event_id; it is optional."
pass = "An event_id that several leads or stages share: none of {n:count} events of the last four weeks that have one."
warn = "An event_id that several leads or stages share: {affected:count} of {n:count} events of the last four weeks that have one ({value:share})."

[history]
not_evaluable = "Nothing was sent: a CRM history has no event_id."

[[case]]
name = "an id for each event passes"
given.recent_count = [{ events = 30, with_event_id = 20, without_lead = 0, of_unlisted_leads = 0 }]
status = "pass"
n = 20
value = 0.0

[[case]]
name = "an id that two events share warns"
given.recent_count = [{ events = 30, with_event_id = 20, without_lead = 0, of_unlisted_leads = 0 }]
given.shared_event_id = [{ event_id = "7", events = 2 }, { event_id = "8", events = 3 }]
status = "warn"
affected = 5
value = 0.25

[[case]]
name = "none at all is fine"
given.recent_count = [{ events = 30, with_event_id = 0, without_lead = 0, of_unlisted_leads = 0 }]
status = "pass"
n = 0
message = "No event of the last four weeks has an event_id; it is optional."

[[case]]
name = "nothing sent has no ids"
given.advertiser = [{ advertiser_id = "a" }]
status = "pass"
---*/
with shared as (
    select advertiser_id, channel, count(*) as shared_ids, sum(events)::bigint as events
    from shared_event_id
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    if(shared.events > 0, 1, 0) as level,
    coalesce(shared.events, 0) / nullif(with_event_id, 0) as value,
    coalesce(with_event_id, 0) as n,
    coalesce(shared.events, 0) as affected,
    shared_ids,
    if(coalesce(with_event_id, 0) = 0, 'none', null) as reason
from advertiser
left join recent_count using (advertiser_id, channel)
left join shared using (advertiser_id, channel);

select
    advertiser_id,
    channel,
    event_id,
    lead_id,
    event_name,
    event_time,
    upload_time,
    path as file,
    line,
    position
from recent_event
semi join shared_event_id using (advertiser_id, channel, event_id)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
order by advertiser_id, channel, event_id, path, line, position
