/*---
title = "Times are those of the stages"
severity = "required"
source = "Meta, implementing the CRM integration: do not backfill more than seven days by changing event_time. The signs by which such times are told, and their limits, are ours"
why = "Meta may discard all events of a sender that makes up their times, and a made-up time spoils the conversion window of its stage."
fix = "Send the time at which the CRM recorded the stage change, and leave out what is older than seven days; look for a field like the last modification, or a missing time that is filled with the present."
acts = "partner"
wait = "Log the time of sending beside each request."
unit = "share"
needs = ["upload time"]
reports = []

[crm]
Salesforce = "Send the CreatedDate of the history row of the stage change, not the record's LastModifiedDate."
Zapier = "Map the time of the stage change to the event time: an empty field is filled with the time of sending."

[message]
pass = "Times that look made up: none of {n:count} events of the last four weeks."
warn = "Times that look made up: {affected:count} of {n:count} events of the last four weeks ({value:share})."
not_evaluable = "No event of the last four weeks has both a time of sending and a readable event_time, so made-up times cannot be told."

[history]
not_evaluable = "Nothing was sent, so there is no time of sending to compare with: a CRM history holds the times of the stages alone."

[thresholds]
min_identical = 20
now_seconds = 2
now_share = 0.9
older_share = 0.5
min_clamped = 20
clamp_seconds = 3600
backfill_seconds = 604800

[origin]
min_identical = "ours"
now_seconds = "ours"
now_share = "ours"
older_share = "ours"
min_clamped = "ours"
clamp_seconds = "ours"

[[case]]
name = "nineteen events of one sending may share a time"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699990000, events = 19, listed = 0, of_older_leads = 0 }]
status = "pass"
n = 19

[[case]]
name = "twenty may not"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699990000, events = 20, listed = 0, of_older_leads = 0 }, { upload_time = 1700000000, event_time = 1699990001, events = 20000, listed = 0, of_older_leads = 0 }]
status = "warn"
n = 20020
affected = 20020

[[case]]
name = "the sentence names the sign that was seen"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699990000, events = 20, listed = 0, of_older_leads = 0 }, { upload_time = 1700000001, event_time = 1699990001, events = 19, listed = 0, of_older_leads = 0 }]
status = "warn"
affected = 20
message = "Times that look made up: 20 of 39 events of the last four weeks (51.3 %). Cause: one event_time on 20 or more events of one sending (20)."

[[case]]
name = "the time of sending as event_time, for old leads"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699999998, events = 10, listed = 4, of_older_leads = 2 }, { upload_time = 1700000000, event_time = 1699999997, events = 1, listed = 0, of_older_leads = 0 }]
status = "warn"
affected = 10
message = "Times that look made up: 10 of 11 events of the last four weeks (90.9 %). Cause: the time of sending as event_time, of leads older than a day (10)."

[[case]]
name = "nine in ten of them may be sent at once"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699999998, events = 9, listed = 4, of_older_leads = 2 }, { upload_time = 1700000000, event_time = 1699999997, events = 1, listed = 0, of_older_leads = 0 }]
status = "pass"

[[case]]
name = "three seconds are not the time of sending"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699999997, events = 10, listed = 4, of_older_leads = 4 }]
status = "pass"

[[case]]
name = "a clock two seconds ahead counts as the time of sending"
given.event_instant = [{ upload_time = 1700000000, event_time = 1700000002, events = 10, listed = 4, of_older_leads = 4 }]
status = "warn"

[[case]]
name = "fresh leads are sent at once by a good sender"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699999998, events = 10, listed = 5, of_older_leads = 2 }]
status = "pass"

[[case]]
name = "of leads that no list holds nothing is said"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699999998, events = 10, listed = 0, of_older_leads = 0 }]
status = "pass"

[[case]]
name = "nineteen events an hour within the limit of seven days"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699398800, events = 19, listed = 0, of_older_leads = 0 }]
status = "pass"

[[case]]
name = "twenty events up to an hour on either side of it"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699398800, events = 10, listed = 0, of_older_leads = 0 }, { upload_time = 1700000000, event_time = 1699391600, events = 10, listed = 0, of_older_leads = 0 }]
status = "warn"
affected = 20
message = "Times that look made up: 20 of 20 events of the last four weeks (100 %). Cause: an event_time of just seven days before the sending (20)."

[[case]]
name = "a second further away is another time"
given.event_instant = [{ upload_time = 1700000000, event_time = 1699398801, events = 10, listed = 0, of_older_leads = 0 }, { upload_time = 1700000000, event_time = 1699391599, events = 10, listed = 0, of_older_leads = 0 }]
status = "pass"

[[case]]
name = "without an event it cannot be told"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with kind as (
    select
        *,
        abs(upload_time - event_time) <= $now_seconds as is_now,
        abs(upload_time - event_time - $backfill_seconds) <= $clamp_seconds as is_clamped
    from event_instant
), counted as (
    select
        advertiser_id,
        channel,
        sum(events)::bigint as n,
        sum(events) filter (is_now) / sum(events) > $now_share
            and sum(of_older_leads) filter (is_now) / nullif(sum(listed) filter (is_now), 0) >= $older_share as has_now,
        sum(events) filter (is_clamped) >= $min_clamped as has_clamped
    from kind
    group by advertiser_id, channel
), summed as (
    select
        advertiser_id,
        channel,
        coalesce(sum(events) filter (events >= $min_identical), 0)::bigint as identical_events,
        coalesce(sum(events) filter (is_now and has_now), 0)::bigint as now_events,
        coalesce(sum(events) filter (is_clamped and has_clamped), 0)::bigint as clamped_events,
        coalesce(
            sum(events) filter (events >= $min_identical or (is_now and has_now) or (is_clamped and has_clamped)), 0
        )::bigint as affected
    from kind
    join counted using (advertiser_id, channel)
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    case when n is null then null when affected > 0 then 1 else 0 end as level,
    affected / n as value,
    coalesce(n, 0) as n,
    coalesce(affected, 0) as affected,
    identical_events,
    now_events,
    clamped_events,
    list_sort(
        list_filter(
            [
                {'events': -identical_events, 'cause': phrase('one event_time on 20 or more events of one sending')},
                {'events': -now_events, 'cause': phrase('the time of sending as event_time, of leads older than a day')},
                {'events': -clamped_events, 'cause': phrase('an event_time of just seven days before the sending')}
            ],
            lambda sign: sign.events < 0
        )
    ) as signs,
    [{'cause': sign.cause, 'events': -sign.events} for sign in signs] as causes
from advertiser
left join counted using (advertiser_id, channel)
left join summed using (advertiser_id, channel);

select
    recent_event.advertiser_id,
    recent_event.channel,
    case
        when event_instant.events >= $min_identical then phrase('identical')
        when abs(upload_time - event_time) <= $now_seconds then phrase('time of sending')
        else phrase('seven days')
    end as found,
    event_name,
    event_time,
    upload_time,
    lead_id,
    path as file,
    line,
    position
from recent_event
join event_instant using (advertiser_id, channel, upload_time, event_time)
join (select advertiser_id, channel, now_events, clamped_events from row_tim006) using (advertiser_id, channel)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where event_instant.events >= $min_identical
    or (now_events > 0 and abs(upload_time - event_time) <= $now_seconds)
    or (clamped_events > 0 and abs(upload_time - event_time - $backfill_seconds) <= $clamp_seconds)
order by found, advertiser_id, channel, path, line, position
