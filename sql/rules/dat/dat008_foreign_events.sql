/*---
title = "Only events of Meta leads"
severity = "recommended"
source = "Meta, implementing the CRM integration: leads of lead ads alone, none of a website. The limits are ours; 40 % mirrors the coverage that the guide asks for"
why = "Events of people who never filled in a lead ad's form match no lead; they blur every rate and teach Meta nothing."
fix = "Send events only of records that hold a lead id of Meta; if the leads are Meta's, hand over a lead list that holds them too."
acts = "partner"
wait = "Hand over the lead list of this advertiser (--leads)."
unit = "share"
needs = ["lead list"]
reports = ["max_foreign"]

[message]
"pass.nothing" = "No event was sent in the last four weeks, so none is foreign."
pass = "Events of the last four weeks without a lead of the list: {affected:count} of {n:count}."
warn = "Events of the last four weeks without a lead of the list: {affected:count} of {n:count} ({value:share}; up to {max_foreign:share} may be gaps of the list)."
fail = "Events of the last four weeks without a lead of the list: {affected:count} of {n:count} ({value:share}), more than {far_too_many:share}: this looks like another source's events, or a list of other leads."
not_evaluable = "Without a lead list it cannot be told whose events these are."

[history]
not_evaluable = "Nothing was sent; COV004 compares a CRM history with the lead list."

[thresholds]
max_foreign = 0.05
far_too_many = 0.4

[origin]
max_foreign = "ours"
far_too_many = "ours"

[[case]]
name = "5 % are gaps of the list"
given.advertiser_window = [{ has_list = true }]
given.recent_count = [{ events = 40, with_event_id = 0, without_lead = 1, of_unlisted_leads = 1 }]
status = "pass"
n = 40
affected = 2

[[case]]
name = "more than 5 % warn, and the sentence says of what kind"
given.advertiser_window = [{ has_list = true }]
given.recent_count = [{ events = 39, with_event_id = 0, without_lead = 1, of_unlisted_leads = 1 }]
status = "warn"
message = "Events of the last four weeks without a lead of the list: 2 of 39 (5.1 %; up to 5 % may be gaps of the list). Causes: lead not in the list (1), no lead_id (1)."

[[case]]
name = "40 % are still gaps"
given.advertiser_window = [{ has_list = true }]
given.recent_count = [{ events = 10, with_event_id = 0, without_lead = 0, of_unlisted_leads = 4 }]
status = "warn"
message = "Events of the last four weeks without a lead of the list: 4 of 10 (40.0 %; up to 5 % may be gaps of the list). Cause: lead not in the list (4)."

[[case]]
name = "more than 40 % are another source's"
given.advertiser_window = [{ has_list = true }]
given.recent_count = [{ events = 1000, with_event_id = 0, without_lead = 401, of_unlisted_leads = 0 }]
status = "warn"
message = "Events of the last four weeks without a lead of the list: 401 of 1,000 (40.1 %), more than 40.0 %: this looks like another source's events, or a list of other leads. Cause: no lead_id (401)."

[[case]]
name = "nothing sent is nothing foreign"
given.advertiser_window = [{ has_list = true }]
status = "pass"
n = 0

[[case]]
name = "without a list it cannot be told"
given.recent_count = [{ events = 1000, with_event_id = 0, without_lead = 401, of_unlisted_leads = 599 }]
status = "not_evaluable"
---*/
with counted as (
    select
        advertiser_id,
        channel,
        has_list,
        coalesce(recent_count.events, 0) as n,
        coalesce(without_lead, 0) as without_lead,
        coalesce(of_unlisted_leads, 0) as of_unlisted_leads,
        without_lead + of_unlisted_leads as foreign_events
    from advertiser_window
    left join recent_count using (advertiser_id, channel)
)
select
    advertiser_id,
    channel,
    case
        when not has_list then null
        when foreign_events / nullif(n, 0) > $far_too_many then 2
        when foreign_events / nullif(n, 0) > $max_foreign then 1
        else 0
    end as level,
    foreign_events / nullif(n, 0) as value,
    n,
    foreign_events as affected,
    without_lead,
    of_unlisted_leads,
    if(
        foreign_events / nullif(n, 0) > $max_foreign,
        list_filter(
            list_sort(
                [
                    {'events': of_unlisted_leads, 'cause': phrase('lead not in the list')},
                    {'events': without_lead, 'cause': phrase('no lead_id')}
                ],
                'desc'
            ),
            lambda kind: kind.events > 0
        ),
        null
    ) as causes,
    if(n = 0, 'nothing', null) as reason
from counted;

select
    advertiser_id,
    channel,
    if(lead_id is null, phrase('no lead_id'), phrase('lead not in the list')) as found,
    event_name,
    event_time,
    upload_time,
    lead_id,
    path as file,
    line,
    position
from recent_event
join (select advertiser_id, channel from advertiser_window where has_list) using (advertiser_id, channel)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where channel = 'crm' and lead_created is null
order by found, advertiser_id, channel, path, line, position
