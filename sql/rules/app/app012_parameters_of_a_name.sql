/*---
title = "An event has at most 25 parameters"
severity = "recommended"
source = "Meta's questions and answers on App Events: up to 25 parameters for each name of an event, over all that are sent. That event_id and names beginning with _ do not count is ours"
why = "Meta keeps 25 parameters of a name. What is sent beyond them cannot be looked at or aimed at, and nobody chose which ones those are."
fix = "Send a parameter under one spelling and one name for all events of a kind, and leave out what no report and no audience uses. Parameters whose names hold a number or an id belong into one parameter's value."
acts = "partner"
channel = ["app"]
origin = { max_parameters = "Meta's questions and answers on App Events" }
unit = "parameters"

[message]
"pass.nothing" = "No event with a name was sent, so that none has more than {max_parameters:count} parameters."
pass = "None of {n:count} names of events in the whole log has more than {max_parameters:count} parameters; {subject:quoted} has most ({value:count})."
warn = "{affected:count} of {n:count} names of events in the whole log have more than {max_parameters:count} parameters, all of its events taken together; {subject:quoted} has most ({value:count})."

[thresholds]
max_parameters = 25

[[case]]
name = "25 parameters pass"
given.app_event_name = [
    { event_name = "full", parameters = ["p00", "p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08", "p09", "p10", "p11", "p12", "p13", "p14", "p15", "p16", "p17", "p18", "p19", "p20", "p21", "p22", "p23", "p24"] },
    { event_name = "empty", parameters = [] },
]
status = "pass"
value = 25
n = 2
affected = 0
subject = "full"

[[case]]
name = "26 warn"
given.app_event_name = [{ event_name = "full", parameters = ["p00", "p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08", "p09", "p10", "p11", "p12", "p13", "p14", "p15", "p16", "p17", "p18", "p19", "p20", "p21", "p22", "p23", "p24", "p25"] }]
status = "warn"
value = 26
affected = 1
subject = "full"

[[case]]
name = "the same name in another app is another name"
given.app_event_name = [
    { app_id = "1", event_name = "full", parameters = ["p00", "p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08", "p09", "p10", "p11", "p12", "p13", "p14", "p15", "p16", "p17", "p18", "p19", "p20", "p21", "p22", "p23", "p24", "p25"] },
    { app_id = "2", event_name = "full", parameters = ["p00", "p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08", "p09", "p10", "p11", "p12", "p13", "p14", "p15", "p16", "p17", "p18", "p19", "p20", "p21", "p22", "p23", "p24", "p25", "p26"] },
]
status = "warn"
value = 27
n = 2
affected = 2

[[case]]
name = "no name at all"
given.app_advertiser = [{ requests = 1 }]
status = "pass"
value = 0
n = 0
---*/
with counted as (
    select advertiser_id, app_id, event_name, len(parameters) as parameters
    from app_event_name
), gathered as (
    select
        advertiser_id,
        count(*) as n,
        count(*) filter (parameters > $max_parameters) as affected,
        list(
            {'app_id': app_id, 'event_name': event_name, 'parameters': parameters}
            order by parameters desc, event_name, app_id
        )[:20] as names
    from counted
    group by advertiser_id
)
select
    advertiser_id,
    channel,
    names[1].event_name as subject,
    if(affected > 0, 1, 0) as level,
    coalesce(names[1].parameters, 0) as value,
    coalesce(n, 0) as n,
    coalesce(affected, 0) as affected,
    names,
    if(n is null, 'nothing', null) as reason
from app_advertiser
left join gathered using (advertiser_id)
;
select
    advertiser_id,
    'app' as channel,
    app_id,
    event_name,
    len(parameters) as parameters,
    array_to_string(parameters[:50], ', ') || if(len(parameters) > 50, ', …', '') as named
from app_event_name
where len(parameters) > $max_parameters
order by advertiser_id, len(parameters) desc, event_name, app_id
