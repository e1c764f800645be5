/*---
title = "Stages share no name with website events"
severity = "informational"
source = "Derived: Meta's standard events of a website and stages of a CRM under one name in one dataset"
why = "Where a website's events and a CRM's stages have one name, neither Events Manager nor a conversion rate tells them apart."
fix = "Give the stages of the CRM names of their own, or send the website's events to their own dataset; agree on it first, since new stage names restart learning."
acts = "partner"
unit = "events"

[message]
pass = "Standard event names that come both from a website and from the CRM: none (events of the last four weeks: {n:count})."
"pass.note" = "Standard event names that come both from a website and from the CRM: {names}. Website events among {n:count} of the last four weeks: {affected:count}."

[history]
not_evaluable = "Nothing was sent: a CRM history has no events of a website."

[[case]]
name = "a standard name of the CRM alone passes"
given.source_use = [{ event_name = "Lead", action_source = "system_generated", events = 30 }, { event_name = "Contact", action_source = "website", events = 4 }]
status = "pass"
n = 34
affected = 0

[[case]]
name = "of a website as well is a note"
given.source_use = [{ event_name = "Lead", action_source = "system_generated", events = 30 }, { event_name = "Lead", action_source = "website", events = 4 }]
status = "pass"
value = 4
affected = 4
message = "Standard event names that come both from a website and from the CRM: Lead. Website events among 34 of the last four weeks: 4."

[[case]]
name = "another name may come from both"
given.source_use = [{ event_name = "MQL", action_source = "system_generated", events = 30 }, { event_name = "MQL", action_source = "website", events = 4 }]
status = "pass"
affected = 0

[[case]]
name = "nothing sent has no names"
given.advertiser = [{ advertiser_id = "a" }]
status = "pass"
n = 0

[[case]]
name = "a history is not judged"
channel = "history"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with by_name as (
    select
        advertiser_id,
        channel,
        event_name,
        sum(events) as events,
        sum(events) filter (action_source = 'website') as website,
        sum(events) filter (action_source = 'system_generated') as crm,
        event_name in (
            'Lead', 'Purchase', 'CompleteRegistration', 'Contact', 'Schedule', 'SubmitApplication', 'Subscribe',
            'StartTrial', 'InitiateCheckout', 'AddToCart', 'ViewContent'
        ) and website > 0 and crm > 0 as is_mixed
    from source_use
    group by advertiser_id, channel, event_name
), counted as (
    select
        advertiser_id,
        channel,
        sum(events)::bigint as n,
        coalesce(sum(website) filter (is_mixed), 0)::bigint as mixed,
        string_agg(event_name, ', ' order by website desc, event_name) filter (is_mixed) as names
    from by_name
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    if(mixed > 0, 1, 0) as level,
    coalesce(mixed, 0) as value,
    coalesce(n, 0) as n,
    coalesce(mixed, 0) as affected,
    names,
    if(mixed > 0, 'note', null) as reason
from advertiser
left join counted using (advertiser_id, channel);

select
    advertiser_id,
    channel,
    event_name,
    event_time,
    upload_time,
    lead_id,
    path as file,
    line,
    position
from recent_event
join (select advertiser_id, channel, string_split(names, ', ') as mixed from row_dat009 where level > 0)
    using (advertiser_id, channel)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where action_source = 'website' and list_contains(mixed, event_name)
order by advertiser_id, channel, path, line, position
