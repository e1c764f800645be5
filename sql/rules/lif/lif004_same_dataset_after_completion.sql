/*---
title = "The dataset is the one that was configured"
severity = "required"
source = "Partner guide, closing note: a change of dataset after the integration starts a new one, and learning with it"
why = "What Meta learned belongs to the former dataset. In the new one the week of events, the funnel and learning come again."
fix = "Go back to the former dataset if the change was a mistake. If not, go through the steps again, and add the new dataset's status of Events Manager once funnel analysis shows."
acts = "partner"
unit = "datasets"
needs = ["status line"]

[message]
"pass.again" = "The dataset changed on {changed_at:date}, and funnel analysis was reached again on {done_anew:date}."
"pass.early" = "The dataset changed on {changed_at:date}, before funnel analysis was reached: nothing learned was lost."
pass = "No dataset took the place of another after completion."
fail = "The dataset changed on {changed_at:date} (from {former} to {dataset_id}), after Events Manager showed on {formerly_done:date} that the funnel was configured. Integration and learning start again: expect their end between {again_low:date} and {again_high:date}."
not_evaluable = "No status of Events Manager is configured, so it cannot be told whether a dataset changed after completion."

[history]
not_evaluable = "Nothing was sent, so there is no dataset."

[[case]]
name = "a change after completion fails, and says when the end is to be expected"
given.journey = [{ furthest = 3, formerly_done = 1690000000, changed_at = 1695000000, former = "1", dataset_id = "2", restart_low = 37, restart_high = 67 }]
given.input_present = [{ input = "status line" }]
status = "fail"
value = 1
message = "The dataset changed on 2023-09-18 (from 1 to 2), after Events Manager showed on 2023-07-22 that the funnel was configured. Integration and learning start again: expect their end between 2023-10-25 and 2023-11-24."

[[case]]
name = "completed again in the new dataset passes"
given.journey = [{ furthest = 5, formerly_done = 1690000000, changed_at = 1695000000, done_anew = 1699000000, former = "1", dataset_id = "2", restart_low = 37, restart_high = 67 }]
given.input_present = [{ input = "status line" }]
status = "pass"

[[case]]
name = "a change before completion passes"
given.journey = [{ furthest = 3, changed_at = 1695000000, former = "1", dataset_id = "2", restart_low = 37, restart_high = 67 }]
given.input_present = [{ input = "status line" }]
status = "pass"

[[case]]
name = "one dataset passes"
given.journey = [{ furthest = 5 }]
given.input_present = [{ input = "status line" }]
status = "pass"
value = 0

[[case]]
name = "without a status line it cannot be told"
given.journey = [{ step = 4 }]
status = "not_evaluable"
---*/
select
    journey.advertiser_id,
    journey.channel,
    case
        when input is null then null
        when formerly_done is not null and done_anew is null then 2
        else 0
    end as level,
    if(changed_at is not null and formerly_done is not null and done_anew is null, 1, 0) as value,
    if(input is null, 0, 1) as n,
    if(level = 2, 1, 0) as affected,
    null as threshold,
    changed_at,
    former,
    journey.dataset_id,
    formerly_done,
    done_anew,
    changed_at + (restart_low * 86400)::bigint as again_low,
    changed_at + (restart_high * 86400)::bigint as again_high,
    case
        when changed_at is null then null
        when done_anew is not null and formerly_done is not null then 'again'
        when formerly_done is null then 'early'
    end as reason
from journey
left join (select * from input_present where input = 'status line') as told using (advertiser_id, channel);
select advertiser_id, channel, dataset_id, first_accepted, last_accepted, accepted_events, is_current
from dataset_use
where (advertiser_id, channel) in (select (advertiser_id, channel) from journey where formerly_done is not null and done_anew is null)
order by advertiser_id, channel, first_accepted
