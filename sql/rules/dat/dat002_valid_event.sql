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
"fail.invalid" = "None of {n:count} events sent is valid: {refused:count} were refused or not answered, {faulty:count} break a rule about events, {test:count} are tests (test_event_code, or a test lead)."

[history]
not_evaluable = "Nothing was sent: this is what a CRM recorded, judged as if it had been sent."
wait = "Connect the CRM through the Conversions API and send every stage as it happens, beginning with the raw lead; what is older than seven days can no longer be sent. Then load the log of what was sent."

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
        count(*) filter (not coalesce(accepted, not has_response)) as refused,
        count(*) filter (is_faulty) as faulty,
        count(*) filter (is_test) as test
    from sent_event
    join advertiser_window using (advertiser_id, channel)
    where valid_events = 0
    group by advertiser_id, channel
)
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    if(valid_events >= $min_events, 0, 2) as level,
    valid_events as value,
    events as n,
    if(valid_events >= $min_events, 0, events) as affected,
    coalesce(refused, 0) as refused,
    coalesce(faulty, 0) as faulty,
    coalesce(test, 0) as test,
    case when valid_events >= $min_events then null when events = 0 then 'nothing' else 'invalid' end as reason
from advertiser_window
left join counted using (advertiser_id, channel)
