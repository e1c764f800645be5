/*---
title = "Lead ids are those of leads"
severity = "required"
source = "Meta payload specification: an event whose lead_id is no lead's is refused or not recognised. Lists are often incomplete, so that this never fails: coverage does"
why = "An id that Meta never gave a lead matches nobody: the event counts for no lead. The usual cause is the id of something else, like the form or the ad."
fix = "Compare the ids that are not in the list with the lead list; send the id of the lead itself, and hand over newer lists if leads are missing there."
acts = "partner"
wait = "Hand over the lead list of this advertiser (--leads), and send the lead_id with each event."
unit = "share"
needs = ["lead list"]
reports = []
bad = '{"user_data": {"lead_id": 1122334455667788}, "custom_data": {"event_source": "crm"}}'
good = '{"user_data": {"lead_id": 1234567890123456}}'

[message]
pass = "All {n:count} events of the last four weeks that carry a lead_id carry one of the lead list."
warn = "Of {n:count} events of the last four weeks with a lead_id, {affected:count} ({value:share}) carry one that is not in the lead list{told}."
not_evaluable = "There is no lead list to look lead ids up in."
"not_evaluable.no-id" = "No event of the last four weeks carries a lead_id, so there is nothing to look up in the lead list."

[[case]]
name = "an id of the list passes"
given.advertiser_window = [{ has_list = true }]
given.recent_lead_id = [{ lead_id = "1234567890123456", events = 3, is_listed = true }]
status = "pass"
value = 0.0
n = 3

[[case]]
name = "one event with another id warns"
given.advertiser_window = [{ has_list = true }]
given.recent_lead_id = [{ lead_id = "1", events = 999, is_listed = true }, { lead_id = "2", events = 1, is_listed = false }]
status = "warn"
value = 0.001
n = 1000
affected = 1

[[case]]
name = "ids that are all of something else warn and never fail"
given.advertiser_window = [{ has_list = true }]
given.recent_lead_id = [{ lead_id = "2", events = 500, is_listed = false }]
given.mistaken_id = [{ lead_id = "2", kind = "form" }]
status = "warn"
affected = 500

[[case]]
name = "without a list there is nothing to look ids up in"
given.advertiser_window = [{ has_list = false }]
given.recent_lead_id = [{ lead_id = "2", events = 500, is_listed = false }]
status = "not_evaluable"

[[case]]
name = "without an id there is nothing to look up"
given.advertiser_window = [{ has_list = true }]
status = "not_evaluable"
---*/
with counted as (
    select
        advertiser_id,
        channel,
        sum(events)::bigint as n,
        coalesce(sum(events) filter (not is_listed), 0)::bigint as affected,
        coalesce(sum(events) filter (kind is not null), 0)::bigint as mistaken
    from recent_lead_id
    left join mistaken_id using (advertiser_id, channel, lead_id)
    group by advertiser_id, channel
), by_kind as (
    select advertiser_id, channel, kind, sum(events)::bigint as events
    from mistaken_id
    join recent_lead_id using (advertiser_id, channel, lead_id)
    group by advertiser_id, channel, kind
), named as (
    select
        advertiser_id,
        channel,
        list({'kind': kind, 'events': events} order by events desc, kind) as mistaken_kinds,
        list(
            case kind
                when 'form' then phrase('{events:count} the id of a form', {'events': events})
                when 'ad' then phrase('{events:count} the id of an ad', {'events': events})
                when 'ad set' then phrase('{events:count} the id of an ad set', {'events': events})
                when 'campaign' then phrase('{events:count} the id of a campaign', {'events': events})
                else phrase('{events:count} the id of a page', {'events': events})
            end
            order by events desc, kind
        ) as kinds
    from by_kind
    group by advertiser_id, channel
)
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    case when not has_list or n is null then null when affected > 0 then 1 else 0 end as level,
    if(has_list, affected / n, null) as value,
    if(has_list, n, null) as n,
    if(has_list, affected, null) as affected,
    coalesce(mistaken, 0) as mistaken,
    mistaken_kinds,
    if(kinds is null, phrase(''), phrase('; of these {kinds:told}', {'kinds': kinds})) as told,
    if(has_list and n is null, 'no-id', null) as reason
from advertiser_window
left join counted using (advertiser_id, channel)
left join named using (advertiser_id, channel);

select
    recent_event.advertiser_id,
    recent_event.channel,
    lead_id,
    case kind
        when 'form' then phrase('form')
        when 'ad' then phrase('ad')
        when 'ad set' then phrase('ad set')
        when 'campaign' then phrase('campaign')
        when 'page' then phrase('page')
    end as is_id_of,
    event_name,
    event_time,
    recent_event.upload_time,
    path as file,
    line,
    position
from recent_event
join recent_lead_id using (advertiser_id, channel, lead_id)
join (select advertiser_id, channel from advertiser_window where has_list) using (advertiser_id, channel)
left join mistaken_id using (advertiser_id, channel, lead_id)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where not is_listed
order by recent_event.advertiser_id, recent_event.channel, path, line, position
