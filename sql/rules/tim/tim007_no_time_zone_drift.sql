/*---
title = "Times are in UTC"
severity = "recommended"
source = "Meta, server event parameters: event_time is in GMT. That ten raw events at one offset of an hour or more show a time zone is ours"
why = "A local time that is sent as UTC moves every event by hours: ahead of UTC it lies in the future, behind UTC before its lead, and Meta discards it."
fix = "Turn the CRM's local time into UTC before it is sent, and check that the lead list's times name their offset."
acts = "partner"
wait = "Hand over the lead list of this advertiser (--leads)."
unit = "days"
needs = ["lead list"]
reports = []

[message]
pass = "No constant offset between raw events of the last four weeks and the creation of their leads ({n:count} judged)."
"pass.few" = "Too few raw events of listed leads to tell a time zone: {n:count} of the {min_events:count} needed."
warn = "Raw events lie a constant {offset} from the creation of their lead (median of {n:count} in the last four weeks; half of them within {spread:days} of each other): a local time of that offset is sent as UTC."
not_evaluable = "No raw event of the last four weeks belongs to a lead of a lead list, so a time zone cannot be told."

[history]
not_evaluable = "Nothing was sent: event_time is what a sender makes of the CRM's time."

[thresholds]
min_events = 10
min_offset_seconds = 3600
step_seconds = 900
max_spread_seconds = 900

[origin]
min_events = "ours"
min_offset_seconds = "ours"
step_seconds = "ours"
max_spread_seconds = "ours"

[[case]]
name = "ten raw events two hours late"
given.raw_shift = [{ event_name = "Lead", shift = 7230, events = 10 }]
status = "warn"
n = 10
affected = 10
message = "Raw events lie a constant +02:00 from the creation of their lead (median of 10 in the last four weeks; half of them within 1 second of each other): a local time of that offset is sent as UTC."

[[case]]
name = "nine are too few to tell"
given.raw_shift = [{ event_name = "Lead", shift = 7230, events = 9 }]
status = "pass"
affected = 0

[[case]]
name = "behind UTC, with a quarter of an hour"
given.raw_shift = [{ event_name = "Lead", shift = -12600, events = 12 }]
status = "warn"
value = -0.14583333333333334
message = "Raw events lie a constant -03:30 from the creation of their lead (median of 12 in the last four weeks; half of them within 1 second of each other): a local time of that offset is sent as UTC."

[[case]]
name = "a median that rounds to an hour"
given.raw_shift = [{ event_name = "Lead", shift = 3150, events = 10 }]
status = "warn"

[[case]]
name = "one that rounds to three quarters is mere delay"
given.raw_shift = [{ event_name = "Lead", shift = 3149, events = 10 }]
status = "pass"

[[case]]
name = "the middle half within a quarter of an hour"
given.raw_shift = [{ event_name = "Lead", shift = 7200, events = 7 }, { event_name = "Lead", shift = 8100, events = 5 }]
status = "warn"

[[case]]
name = "a second more is no constant offset"
given.raw_shift = [{ event_name = "Lead", shift = 7200, events = 7 }, { event_name = "Lead", shift = 8101, events = 5 }]
status = "pass"

[[case]]
name = "without a raw event it cannot be told"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with ranked as (
    select
        *,
        sum(events) over (so_far order by shift) as up_to,
        sum(events) over (so_far) as n
    from raw_shift
    window so_far as (partition by advertiser_id, channel)
), quantile as (
    -- nearest rank; of an even number of events the lower median
    select
        advertiser_id,
        channel,
        any_value(n)::bigint as n,
        min(shift) filter (4 * up_to >= n) as p25,
        min(shift) filter (2 * up_to >= n) as p50,
        min(shift) filter (4 * up_to >= 3 * n) as p75
    from ranked
    group by advertiser_id, channel
), judged as (
    select
        *,
        (round(p50 / $step_seconds) * $step_seconds)::bigint as rounded,
        n >= $min_events and abs(rounded) >= $min_offset_seconds and p75 - p25 <= $max_spread_seconds as is_drift
    from advertiser
    left join quantile using (advertiser_id, channel)
)
select
    advertiser_id,
    channel,
    case when n is null then null when is_drift then 1 else 0 end as level,
    rounded / 86400 as value,
    coalesce(n, 0) as n,
    if(is_drift, n, 0) as affected,
    if(rounded < 0, '-', '+') || printf('%02d:%02d', abs(rounded) // 3600, abs(rounded) % 3600 // 60) as offset,
    (greatest(p75 - p25, 1)) / 86400 as spread,
    p25,
    p50,
    p75,
    if(n < $min_events, 'few', null) as reason
from judged;

select
    recent_event.advertiser_id,
    recent_event.channel,
    event_name,
    lead_created,
    event_time,
    event_time - lead_created as shift_seconds,
    lead_id,
    path as file,
    line,
    position
from recent_event
join (select advertiser_id, channel from row_tim007 where level > 0) using (advertiser_id, channel)
join (select distinct advertiser_id, channel, event_name from raw_shift) using (advertiser_id, channel, event_name)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where lead_created is not null
order by advertiser_id, channel, path, line, position
