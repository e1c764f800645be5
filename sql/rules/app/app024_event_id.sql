/*---
title = "An event_id stands for one App Event"
severity = "recommended"
source = "App Events guide, deduplication by event_id and event name; Meta, deduplication: within 48 hours. Judged are events of the app; of those that came again only what Meta accepted"
why = "Meta takes events of one name and event_id for copies and counts one of them: without an id a copy counts again, and an id that other events share loses them."
fix = "Give each event an event_id of its own, made from what the event is, so that it stays the same when it is sent again and is no other event's."
acts = "partner"
channel = ["app"]
at = ["/event_id", ""]
unit = "share"
bad = '{"_eventName": "fb_mobile_purchase"}'
good = '{"_eventName": "fb_mobile_purchase", "event_id": "order-123456"}'

[message]
pass = "All of {n:count} App Events of the last four weeks have an event_id that is no other's{counted_told}."
warn = "Of {n:count} App Events of the last four weeks {without_id:count} have no event_id, so that Meta cannot tell copies of them{late_told}{counted_told}."
"warn.late" = "All of {n:count} App Events of the last four weeks have an event_id{late_told}{counted_told}."
fail = "{affected:count} of {n:count} App Events of the last four weeks ({value:share}) share name and event_id with another that says something else of value, content or device; Meta drops all but the first of them within {window_hours:count} hours. {without_id:count} have no event_id{late_told}{counted_told}."
not_evaluable = "No App Event of an app's use was sent in the last four weeks, so there is nothing to judge."

[thresholds]
window_seconds = 172800

[origin]
window_seconds = "Meta, deduplication"

[[case]]
name = "an id for each passes"
given.app_event_count = [{ events = 3, with_event_id = 3 }]
status = "pass"
n = 3
value = 0.0
message = "All of 3 App Events of the last four weeks have an event_id that is no other's."

[[case]]
name = "copies inside 48 hours are counted once"
given.app_event_count = [{ events = 3, with_event_id = 3 }]
given.app_event_copy = [{ event_name = "fb_mobile_purchase", event_id = "1", copies = 3, is_contradicting = false, first_sent = 1000000000, last_sent = 1000172800 }]
status = "pass"
message = "All of 3 App Events of the last four weeks have an event_id that is no other's; 2 came again within 48 hours and count once."

[[case]]
name = "a copy after 48 hours warns"
given.app_event_count = [{ events = 2, with_event_id = 2 }]
given.app_event_copy = [{ event_name = "fb_mobile_purchase", event_id = "1", copies = 2, is_contradicting = false, first_sent = 1000000000, last_sent = 1000172801 }]
status = "warn"
warned = 1
message = "All of 2 App Events of the last four weeks have an event_id; 1 came again more than 48 hours later, and counts twice."

[[case]]
name = "an event without an id warns"
given.app_event_count = [{ events = 2, with_event_id = 1 }]
status = "warn"
warned = 1
affected = 0

[[case]]
name = "one id for different contents is told as such"
given.app_event_count = [{ events = 2, with_event_id = 2 }]
given.app_event_copy = [{ event_name = "fb_mobile_purchase", event_id = "1", copies = 2, is_contradicting = true, first_sent = 1000000000, last_sent = 1000000000 }]
status = "warn"
affected = 2
value = 1.0

[[case]]
name = "nothing sent"
given.app_advertiser = [{ requests = 1 }]
status = "not_evaluable"
---*/
with copied as (
    select
        advertiser_id,
        channel,
        coalesce(sum(copies) filter (is_contradicting), 0)::bigint as affected,
        count(*) filter (not is_contradicting and last_sent - first_sent > $window_seconds) as late,
        coalesce(
            sum(copies - 1) filter (
                not is_contradicting and not coalesce(last_sent - first_sent > $window_seconds, false)
            ), 0
        )::bigint as counted_once
    from app_event_copy
    group by advertiser_id, channel
), counted as (
    select
        advertiser_id,
        channel,
        coalesce(events, 0) as n,
        coalesce(events - with_event_id, 0) as without_id,
        coalesce(affected, 0) as affected,
        coalesce(late, 0) as late,
        coalesce(counted_once, 0) as counted_once
    from app_advertiser
    left join app_event_count using (advertiser_id, channel)
    left join copied using (advertiser_id, channel)
)
select
    *,
    without_id + late as warned,
    affected / nullif(n, 0) as value,
    case
        when n = 0 then null
        when affected > 0 then 2
        when without_id + late > 0 then 1
        else 0
    end as level,
    if(without_id = 0, 'late', null) as reason,
    ($window_seconds // 3600)::bigint as window_hours,
    if(
        late > 0,
        plural(
            late, '; {n:count} came again more than {hours:count} hours later, and counts twice',
            '; {n:count} came again more than {hours:count} hours later, and count twice',
            {'hours': ($window_seconds // 3600)::bigint}
        ),
        phrase('')
    ) as late_told,
    if(
        counted_once > 0,
        plural(
            counted_once, '; {n:count} came again within {hours:count} hours and counts once',
            '; {n:count} came again within {hours:count} hours and count once',
            {'hours': ($window_seconds // 3600)::bigint}
        ),
        phrase('')
    ) as counted_told
from counted
;
select
    recent_app_event.advertiser_id,
    recent_app_event.channel,
    case
        when recent_app_event.event_id is null then phrase('no event_id')
        when is_contradicting then phrase('one event_id for different contents')
        else phrase('the same event_id later than Meta looks back')
    end as cause,
    recent_app_event.event_name,
    recent_app_event.event_id,
    event_time,
    upload_time,
    recent_app_event.app_id,
    path as file,
    line,
    position
from recent_app_event
left join app_event_copy
    on accepted
    and app_event_copy.advertiser_id = recent_app_event.advertiser_id
    and app_event_copy.app_id is not distinct from recent_app_event.app_id
    and app_event_copy.event_name = recent_app_event.event_name
    and app_event_copy.event_id = recent_app_event.event_id
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where kind = 'conversion'
    and (recent_app_event.event_id is null or is_contradicting or last_sent - first_sent > $window_seconds)
order by
    recent_app_event.advertiser_id,
    recent_app_event.event_id nulls first,
    recent_app_event.event_name,
    path,
    line,
    position
