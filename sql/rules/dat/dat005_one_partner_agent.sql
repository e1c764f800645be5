/*---
title = "One partner agent"
severity = "required"
source = "Partner guide, implementation: one partner_agent, the same on every channel; Meta, Dataset Quality API: versions at its end and capitals make no other agent"
why = "Meta credits and reads events by their partner agent: under a second name they belong to somebody else's integration."
fix = "Send the one partner_agent that was agreed with Meta with every event, spelt the same everywhere; find out which other tool sends to this dataset."
acts = "partner"
unit = "agents"

[message]
"pass.none" = "No event of the last four weeks names a partner agent, so there are no two."
pass = "All events of the last four weeks that were read as payloads ({n:count}) name one partner agent: {agent}."
"warn.missing" = "The partner agent {agent} is missing from some events of the last four weeks: {unnamed:count} of {seen:count}."
"warn.spelling" = "One partner agent is spelt in {spellings:count} ways in the events of the last four weeks: {names}."
"warn.both" = "One partner agent is spelt in {spellings:count} ways in the events of the last four weeks ({names}), and missing from {unnamed:count} of {seen:count}."
fail = "{value:count} partner agents in the events of the last four weeks, where the guide asks for one: {names}. Not by {agent}: {affected:count} of {n:count} events that name one."

[history]
not_evaluable = "Nothing was sent: a CRM history names no partner agent."

[thresholds]
max_agents = 1

[[case]]
name = "one agent passes"
given.agent_use = [{ partner_agent = "acme", normal_form = "acme", events = 30 }]
status = "pass"
n = 30
value = 1

[[case]]
name = "two agents fail"
given.agent_use = [{ partner_agent = "acme", normal_form = "acme", events = 30 }, { partner_agent = "zap", normal_form = "zap", events = 1 }]
status = "fail"
n = 31
value = 2
affected = 1
message = "2 partner agents in the events of the last four weeks, where the guide asks for one: acme, zap. Not by acme: 1 of 31 events that name one."

[[case]]
name = "of two that are equally frequent the first by name is the main one"
given.agent_use = [{ partner_agent = "zap", normal_form = "zap", events = 3 }, { partner_agent = "acme", normal_form = "acme", events = 2 }, { partner_agent = "Acme", normal_form = "acme", events = 1 }]
status = "fail"
affected = 3
message = "2 partner agents in the events of the last four weeks, where the guide asks for one: acme, Acme, zap. Not by acme: 3 of 6 events that name one."

[[case]]
name = "two spellings of one agent warn"
given.agent_use = [{ partner_agent = "acme_1_0", normal_form = "acme", events = 30 }, { partner_agent = "Acme", normal_form = "acme", events = 1 }]
status = "warn"
value = 1
affected = 0
message = "One partner agent is spelt in 2 ways in the events of the last four weeks: acme_1_0, Acme."

[[case]]
name = "an agent that some events lack warns"
given.agent_use = [{ partner_agent = "acme", normal_form = "acme", events = 30 }, { events = 2 }]
status = "warn"
n = 30
message = "The partner agent acme is missing from some events of the last four weeks: 2 of 32."

[[case]]
name = "two spellings and a gap"
given.agent_use = [{ partner_agent = "acme", normal_form = "acme", events = 3 }, { partner_agent = "ACME", normal_form = "acme", events = 2 }, { events = 2 }]
status = "warn"
message = "One partner agent is spelt in 2 ways in the events of the last four weeks (acme, ACME), and missing from 2 of 7."

[[case]]
name = "none at all is no second one"
given.agent_use = [{ events = 2 }]
status = "pass"
n = 0
value = 0
message = "No event of the last four weeks names a partner agent, so there are no two."

[[case]]
name = "what was not read as a payload shows none"
given.advertiser = [{ advertiser_id = "a" }]
status = "pass"
n = 0
message = "No event of the last four weeks names a partner agent, so there are no two."
---*/
with form as (
    select advertiser_id, channel, normal_form, sum(events) as events
    from agent_use
    where partner_agent is not null
    group by advertiser_id, channel, normal_form
), main as (
    select advertiser_id, channel, normal_form as agent, events as main_events
    from form
    qualify row_number() over (partition by advertiser_id, channel order by events desc, normal_form) = 1
), counted as (
    select
        advertiser_id,
        channel,
        sum(events)::bigint as seen,
        coalesce(sum(events) filter (partner_agent is not null), 0)::bigint as named,
        count(distinct normal_form) as forms,
        count(partner_agent) as spellings,
        list(partner_agent order by normal_form <> agent, events desc, partner_agent)
            filter (partner_agent is not null) as agents
    from agent_use
    left join main using (advertiser_id, channel)
    group by advertiser_id, channel
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    case when forms > $max_agents then 2 when named > 0 and (spellings > forms or named < seen) then 1 else 0 end
        as level,
    coalesce(forms, 0) as value,
    coalesce(named, 0) as n,
    coalesce(named - main_events, 0)::bigint as affected,
    agent,
    seen,
    seen - named as unnamed,
    spellings,
    agents[:20] as agents,
    array_to_string(agents[:3], ', ') || if(spellings > 3, ', …', '') as names,
    case
        when coalesce(named, 0) = 0 then 'none'
        when spellings > forms and named < seen then 'both'
        when spellings > forms then 'spelling'
        when named < seen then 'missing'
    end as reason
from advertiser
left join counted using (advertiser_id, channel)
left join main using (advertiser_id, channel);

select
    recent_event.advertiser_id,
    recent_event.channel,
    coalesce(recent_event.partner_agent, '(none)') as partner_agent,
    event_name,
    event_time,
    upload_time,
    lead_id,
    path as file,
    line,
    position
from recent_event
join (select advertiser_id, channel, agents[1] as usual from row_dat005 where level > 0) using (advertiser_id, channel)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where payload_marks is not null and recent_event.partner_agent is distinct from usual
order by advertiser_id, channel, path, line, position
