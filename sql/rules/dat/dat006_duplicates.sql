/*---
title = "Nothing is sent twice"
severity = "recommended"
source = "Meta, deduplication: two server events with the same content are not told apart. That a surplus above 5 % is serious is ours"
why = "Meta counts each copy of an event of the server, so that a stage looks more frequent than it is."
fix = "Remember what was accepted and send each lead, stage and time once; send an event again only when its request was refused."
acts = "partner"
wait = "Keep sending; more data decides it."
unit = "share"

[message]
"pass.nothing" = "No valid event of a lead was sent, so nothing was sent twice (see DAT002)."
pass = "Surplus copies of one lead, stage and time: none of {n:count} valid events."
warn = "Surplus copies of one lead, stage and time: {affected:count} of {n:count} valid events ({value:share})."
fail = "Surplus copies of one lead, stage and time: {affected:count} of {n:count} valid events ({value:share}), more than {max_duplicates:share}."

[history]
not_evaluable = "Nothing was sent, so nothing was sent twice."

[thresholds]
max_duplicates = 0.05

[origin]
max_duplicates = "ours"

[[case]]
name = "each once passes"
given.copy_count = [{ copies = 20, events = 20, repeats = 3 }]
status = "pass"
value = 0.0

[[case]]
name = "one surplus copy in twenty warns"
given.copy_count = [{ copies = 20, events = 19, repeats = 0 }]
status = "warn"
affected = 1
message = "Surplus copies of one lead, stage and time: 1 of 20 valid events (5 %)."

[[case]]
name = "more than 5 % are told as such"
given.copy_count = [{ copies = 19, events = 18, repeats = 0 }]
status = "warn"
message = "Surplus copies of one lead, stage and time: 1 of 19 valid events (5.3 %), more than 5 %."

[[case]]
name = "nothing sent is nothing sent twice"
given.advertiser = [{ advertiser_id = "a" }]
status = "pass"
n = 0
---*/
select
    advertiser_id,
    channel,
    case
        when copies = events or copies is null then 0
        when (copies - events) / copies > $max_duplicates then 2
        else 1
    end as level,
    (copies - events) / copies as value,
    coalesce(copies, 0) as n,
    coalesce(copies - events, 0) as affected,
    repeats,
    if(copies is null, 'nothing', null) as reason
from advertiser
left join copy_count using (advertiser_id, channel);

select
    advertiser_id,
    channel,
    copies,
    event_name,
    event_time,
    upload_time,
    lead_id,
    path as file,
    line,
    position
from valid_copy
join (select * from valid_event where copies > 1) using (advertiser_id, channel, lead_id, event_name, event_time)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
order by advertiser_id, channel, lead_id, event_name, event_time, path, line, position
