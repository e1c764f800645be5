/*---
title = "A valid event has arrived"
severity = "required"
source = "Partner guide, step 2: while no event has been sent successfully, the integration stays at sending a CRM event. What counts as valid follows from the rules about events and requests"
why = "Until one event in the right form is accepted, nothing else can start."
fix = "Send one event for a real lead in the form of the guide's example, without test_event_code, and check that the response counts it."
acts = "partner"
unit = "events"

[message]
pass = "{value:count} valid events have been sent."
"fail.nothing" = "No event was sent."
"fail.invalid" = "None of {n:count} events sent is valid: {accepted:count} were accepted by Meta, {clean:count} have the right form and are no test traffic."

[thresholds]
min_events = 1

[[case]]
name = "one valid event is enough"
given.advertiser_window = [{ valid_events = 1, events = 1 }]
status = "pass"

[[case]]
name = "no valid event fails"
given.advertiser_window = [{ valid_events = 0, events = 12 }]
status = "fail"

[[case]]
name = "an advertiser that sent nothing fails"
given.advertiser_window = [{ valid_events = 0, events = 0 }]
status = "fail"
---*/
with counted as (
    select
        advertiser_id,
        channel,
        count(*) filter (coalesce(accepted, not has_response)) as accepted,
        count(*) filter (is_clean) as clean
    from sent_event
    join advertiser_window using (advertiser_id, channel)
    where not exists (from valid_event as v where v.advertiser_id = sent_event.advertiser_id)
    group by advertiser_id, channel
)
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    if(valid_events >= $min_events, 0, 2) as level,
    valid_events as value,
    events as n,
    if(valid_events >= $min_events, 0, events) as affected,
    coalesce(counted.accepted, 0) as accepted,
    coalesce(counted.clean, 0) as clean,
    case when valid_events >= $min_events then null when events = 0 then 'nothing' else 'invalid' end as reason
from advertiser_window
left join counted using (advertiser_id, channel)
