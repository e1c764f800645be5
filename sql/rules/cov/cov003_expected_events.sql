/*---
title = "As many events are sent as the CRM records"
severity = "informational"
source = "Conversion leads integration, development step: a hundred leads of which seventy, thirty and fifteen go on mean 215 events. That the CRM's own history says what to expect is ours"
why = "Every stage that a lead reaches in the CRM should arrive as an event; where some are lost on the way, rates come out too low."
fix = "Look at the stage with the largest shortfall first: is its trigger missing, or are its events refused?"
acts = "partner"
wait = "Load the stage history of the CRM beside the log of what was sent; without it nothing says how many events to expect."
unit = "share"
needs = ["history"]

[message]
pass = "Every one of {n:count} stages that leads reached in the CRM's history was sent with a valid event."
"pass.nothing" = "The CRM's history holds no valid stage, so no event is expected."
warn = "Of {n:count} stages that leads reached in the CRM's history {sent:count} were sent with a valid event and {affected:count} ({value:share}) not; most are missing of {stage} ({stage_missing:count} of {stage_recorded:count})."
"warn.apart" = "None of {n:count} stages that leads reached in the CRM's history was sent with a valid event; where the two name leads by different ids they cannot be compared."
not_evaluable = "There is no CRM history for this advertiser, so nothing says how many events to expect."

[history]
not_evaluable = "This is the history that the events sent are compared with."

[[case]]
name = "every stage of the history was sent"
given.recorded_stage = [{ event_name = "Lead", recorded = 100, sent = 100 }, { event_name = "Won", recorded = 15, sent = 15 }]
given.input_present = [{ input = "history" }]
status = "pass"
n = 115
affected = 0
value = 0.0

[[case]]
name = "one that was not is told, and no more"
given.recorded_stage = [{ event_name = "Lead", recorded = 100, sent = 100 }, { event_name = "Won", recorded = 25, sent = 24 }]
given.input_present = [{ input = "history" }]
status = "pass"
n = 125
affected = 1
value = 0.008

[[case]]
name = "nothing in common"
given.recorded_stage = [{ event_name = "Lead", recorded = 10, sent = 0 }]
given.input_present = [{ input = "history" }]
status = "pass"
n = 10
affected = 10

[[case]]
name = "a history without a valid stage expects nothing"
given.input_present = [{ input = "history" }]
status = "pass"
n = 0

[[case]]
name = "the history itself is not compared"
channel = "history"
given.input_present = [{ input = "history" }]
status = "not_evaluable"

[[case]]
name = "no history at all"
given.advertiser = [{ time_zone = "UTC" }]
status = "not_evaluable"
---*/
with counted as (
    select
        advertiser_id,
        channel,
        sum(recorded)::bigint as recorded,
        sum(sent)::bigint as sent,
        list({'stage': event_name, 'recorded': recorded, 'sent': sent} order by recorded - sent desc, event_name)
            as shortfall
    from recorded_stage
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    case when recorded > sent then 1 when input is not null then 0 end as level,
    (recorded - sent) / nullif(recorded, 0) as value,
    coalesce(recorded, 0) as n,
    coalesce(recorded - sent, 0) as affected,
    sent,
    shortfall[1].stage as stage,
    shortfall[1].recorded as stage_recorded,
    shortfall[1].recorded - shortfall[1].sent as stage_missing,
    shortfall,
    case when recorded is null then 'nothing' when sent = 0 then 'apart' end as reason
from advertiser
left join counted using (advertiser_id, channel)
left join (from input_present where input = 'history') using (advertiser_id, channel);

select advertiser_id, 'crm' as channel, lead_id, event_name, event_time, min(path) as file, arg_min(line, path) as line
from recorded_pair
join (
    select advertiser_id, lead_id, event_name, event_time as stage_time, event_time, path, line
    from sent_event
    join (select request_id, file_id, line from request) using (request_id)
    join (select file_id, path from source_file) using (file_id)
    where channel = 'history'
) using (advertiser_id, lead_id, event_name, stage_time)
where not is_sent
group by advertiser_id, lead_id, event_name, event_time
order by advertiser_id, event_name, event_time, lead_id
