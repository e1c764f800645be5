/*---
title = "Stages follow each other"
severity = "recommended"
source = "Meta payload specification: when a lead reaches a stage, all stages before it were sent beforehand. That one lead in a hundred may differ is ours"
why = "A later stage that lies before an earlier one says that times are wrong, or that the configured order is not the funnel's."
fix = "Send the time of each stage change instead of the time of sending or of the last modification; if leads really go that way, mend stage_order."
acts = "partner"
wait = "Keep sending; it is judged as soon as a lead has two stages."
unit = "share"
channel = ["crm", "history"]

[message]
pass = "Leads whose stages do not follow the funnel's order: {affected:count} of {n:count} with two stages or more."
warn = "Leads with a later stage before an earlier one: {affected:count} of {n:count} with two stages or more ({value:share}); {allowed:share} is the most allowed."
not_evaluable = "No lead has two stages that are not negative, so there is no order to judge."

[history]
fix = "Record the time of each stage change instead of that of the last modification; if leads really go that way, mend stage_order."
wait = "Load a newer export of the history; it is judged as soon as a lead has two stages."

[[case]]
name = "all in order pass"
given.lead_order = [{ lead_id = "1", is_in_order = true }, { lead_id = "2", is_in_order = true }]
status = "pass"
n = 2

[[case]]
name = "one in two warns"
given.lead_order = [{ lead_id = "1", is_in_order = true }, { lead_id = "2", is_in_order = false }]
status = "warn"
affected = 1
value = 0.5

[[case]]
name = "what went before what is told"
given.lead_order = [{ lead_id = "1", is_in_order = false }]
given.stage = [{ event_name = "Qualified", stage_order = 1, is_negative = false }, { event_name = "Won", stage_order = 2, is_negative = false }]
given.lead_stage = [{ lead_id = "1", event_name = "Qualified", stage_time = 1699000001 }, { lead_id = "1", event_name = "Won", stage_time = 1699000000 }]
status = "warn"
message = "Leads with a later stage before an earlier one: 1 of 1 with two stages or more (100 %); 1 % is the most allowed. Cause: Won before Qualified (1)."

[[case]]
name = "a history is judged alike"
channel = "history"
given.lead_order = [{ lead_id = "1", is_in_order = false }]
status = "warn"

[[case]]
name = "without a lead of two stages there is no order"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with counted as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        count(is_in_order) as n,
        count(*) filter (not is_in_order) as affected
    from advertiser
    left join lead_order using (advertiser_id, channel)
    group by advertiser.advertiser_id, advertiser.channel
), step as (
    select
        advertiser_id,
        channel,
        event_name,
        stage_time,
        lag(event_name) over path as before_name,
        lag(stage_time) over path as before_time
    from lead_stage
    join stage using (advertiser_id, channel, event_name)
    semi join (select * from lead_order where not is_in_order) using (advertiser_id, channel, lead_id)
    where not is_negative
    window path as (partition by advertiser_id, channel, lead_id order by stage_order)
), pair as (
    select advertiser_id, channel, phrase('{later:told} before {earlier:told}', {'later': event_name, 'earlier': before_name}) as cause, count(*) as events
    from step
    where stage_time < before_time
    group by advertiser_id, channel, event_name, before_name
), told as (
    select advertiser_id, channel, list({'cause': cause, 'events': events} order by events desc, cause) as causes
    from pair
    group by advertiser_id, channel
)
select
    counted.*,
    affected / nullif(n, 0) as value,
    case when n = 0 then null when affected / n > $max_faulty_share then 1 else 0 end as level,
    $max_faulty_share as allowed,
    if(affected / nullif(n, 0) > $max_faulty_share, causes[:20], null) as causes
from counted
left join told using (advertiser_id, channel);

select
    advertiser_id,
    channel,
    lead_id,
    stage_order as place,
    event_name,
    stage_time
from lead_stage
join stage using (advertiser_id, channel, event_name)
semi join (select * from lead_order where not is_in_order) using (advertiser_id, channel, lead_id)
where not is_negative
order by advertiser_id, channel, lead_id, stage_order
