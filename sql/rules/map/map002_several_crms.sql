/*---
title = "The CRMs that events come from"
severity = "informational"
source = "Partner guide: lead_event_source names the CRM, and each CRM has its mapping"
why = "With several CRMs a fault often lies in the mapping of one; judged together it hides among the others' events."
fix = "Look at the CRM with the largest share at fault first. Where one CRM is spelt in several ways, settle on one spelling."
acts = "partner"
unit = "sources"
reports = []

[message]
"pass.none" = "Nothing was sent in the last four weeks that names a CRM."
pass = "All events of the last four weeks that name a CRM come from one, {first}."
"pass.spellings" = "All events of the last four weeks that name a CRM come from one, spelt in {spellings:count} ways, most often {first}."
"pass.two" = "Events of the last four weeks come from 2 CRMs: {first} ({first_share:share} of {first_events:count} events at fault) and {second} ({second_share:share} of {second_events:count})."
"pass.several" = "Events of the last four weeks come from {value:count} CRMs, most of them from {first} ({first_share:share} of {first_events:count} events at fault), {second} ({second_share:share} of {second_events:count}) and {third} ({third_share:share} of {third_events:count})."

[history]
not_evaluable = "Nothing was sent: a CRM history is of one CRM, and its rows do not name it."

[[case]]
name = "one CRM passes"
given.recent_source = [{ source = "hubspot", spelling = "HubSpot", spellings = 1, events = 10, faulty = 0 }]
status = "pass"
value = 1
n = 10

[[case]]
name = "two CRMs are a note, with the share at fault of each"
given.recent_source = [{ source = "hubspot", spelling = "HubSpot", spellings = 1, events = 9, faulty = 0 }, { source = "sap", spelling = "SAP", spellings = 1, events = 4, faulty = 1 }]
status = "pass"
value = 2
n = 13
message = "Events of the last four weeks come from 2 CRMs: HubSpot (0 % of 9 events at fault) and SAP (25.0 % of 4)."

[[case]]
name = "of more than two CRMs the three with the most events are told"
given.recent_source = [
  { source = "a", spelling = "A", spellings = 1, events = 1, faulty = 1 }, { source = "b", spelling = "B", spellings = 1, events = 2, faulty = 1 },
  { source = "c", spelling = "C", spellings = 1, events = 3, faulty = 0 }, { source = "d", spelling = "D", spellings = 1, events = 4, faulty = 4 },
]
status = "pass"
value = 4
message = "Events of the last four weeks come from 4 CRMs, most of them from D (100 % of 4 events at fault), C (0 % of 3) and B (50.0 % of 2)."

[[case]]
name = "two spellings are one CRM"
given.recent_source = [{ source = "sap", spelling = "SAP", spellings = 2, events = 9, faulty = 0 }]
status = "pass"
value = 1
message = "All events of the last four weeks that name a CRM come from one, spelt in 2 ways, most often SAP."

[[case]]
name = "events that name none are no CRM"
given.recent_source = [{ source = "hubspot", spelling = "HubSpot", spellings = 1, events = 9, faulty = 0 }, { events = 4, faulty = 4 }]
status = "pass"
value = 1
n = 13

[[case]]
name = "nothing sent"
given.advertiser = [{ advertiser_id = "a" }]
status = "pass"
value = 0
n = 0

[[case]]
name = "a history names no CRM"
channel = "history"
given.recent_source = [{ events = 4, faulty = 0 }]
status = "not_evaluable"
---*/
with named as (
    select *, faulty / events as share
    from recent_source
    where source is not null
), listed as (
    select
        advertiser_id,
        channel,
        count(*) as sources,
        max(spellings) as spellings,
        list(
            {'source': spelling, 'spellings': spellings, 'events': events, 'faulty': faulty, 'share': share}
            order by events desc, source
        ) as per_source
    from named
    group by advertiser_id, channel
), counted as (
    select advertiser_id, channel, sum(events)::bigint as events from recent_source group by advertiser_id, channel
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    if(sources > 1, 1, 0) as level,
    coalesce(sources, 0) as value,
    coalesce(counted.events, 0) as n,
    0 as affected,
    spellings,
    per_source,
    per_source[1].source as first,
    per_source[1].events as first_events,
    per_source[1].share as first_share,
    per_source[2].source as second,
    per_source[2].events as second_events,
    per_source[2].share as second_share,
    per_source[3].source as third,
    per_source[3].events as third_events,
    per_source[3].share as third_share,
    case
        when sources is null then 'none'
        when sources > 2 then 'several'
        when sources = 2 then 'two'
        when spellings > 1 then 'spellings'
    end as reason
from advertiser
left join counted using (advertiser_id, channel)
left join listed using (advertiser_id, channel)
