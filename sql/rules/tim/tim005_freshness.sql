/*---
title = "Events are sent while they are fresh"
severity = "recommended"
source = "Meta, end-to-end implementation: in real time or within an hour; losses after two hours, serious ones after a day. Partner guide, backfill of up to seven days; that the last two of them are called a cliff is ours"
why = "Late events are matched and learnt from less well, and those later than seven days are lost with their whole request."
fix = "Send each stage when it changes, or every hour; work off what waits before it is five days old."
acts = "partner"
wait = "Log the time of sending beside each request."
unit = "days"
needs = ["upload time"]
reports = []

[message]
pass = "Valid events of the last four weeks ({n:count}): half were sent within {p50:days} and 95 % within {p95:days}{pace}; later than {cliff_days:days}: {late_share:share}."
"pass.silent" = "Valid events of the last four weeks ({n:count}): half were sent within {p50:days} and 95 % within {p95:days}{pace}; later than {cliff_days:days}: {late_share:share}. Silent since {latest_upload:instant}; until {backfill_end:instant} ({left:days} left) all of it can still be backfilled."
"pass.lost" = "Valid events of the last four weeks ({n:count}): half were sent within {p50:days} and 95 % within {p95:days}{pace}; later than {cliff_days:days}: {late_share:share}. Silent since {latest_upload:instant}; until {backfill_end:instant} all of it could be backfilled, and what is older than seven days by now is lost."
warn = "Valid events of the last four weeks ({n:count}): half were sent within {p50:days} and 95 % within {p95:days}{pace}; later than {cliff_days:days}, so about to be lost: {late_share:share}."
"warn.silent" = "Valid events of the last four weeks ({n:count}): half were sent within {p50:days} and 95 % within {p95:days}{pace}; later than {cliff_days:days}, so about to be lost: {late_share:share}. Silent since {latest_upload:instant}; until {backfill_end:instant} ({left:days} left) all of it can still be backfilled."
"warn.lost" = "Valid events of the last four weeks ({n:count}): half were sent within {p50:days} and 95 % within {p95:days}{pace}; later than {cliff_days:days}, so about to be lost: {late_share:share}. Silent since {latest_upload:instant}; until {backfill_end:instant} all of it could be backfilled, and what is older than seven days by now is lost."
not_evaluable = "No valid event of the last four weeks has a time of sending, so it cannot be told how late events are sent."

[history]
not_evaluable = "Nothing was sent, so there is no time of sending to compare with: a CRM history holds the times of the stages alone."

[thresholds]
max_p95_seconds = 7200
late_p95_seconds = 86400
cliff_days = 5
backfill_seconds = 604800
silence_seconds = 86400

[origin]
cliff_days = "ours"
silence_seconds = "ours"

[[case]]
name = "two hours to the second pass"
given.advertiser_window = [{ latest_upload = 1700000000 }]
given.event_age = [{ event_name = "Lead", ages = [7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200, 7200] }]
status = "pass"
n = 20

[[case]]
name = "one second more warns"
given.advertiser_window = [{ latest_upload = 1700000000 }]
given.event_age = [{ event_name = "Lead", ages = [7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201, 7201] }]
status = "warn"
message = "Valid events of the last four weeks (20): half were sent within 2.1 hours and 95 % within 2.1 hours, where two hours are asked for; later than 5 days, so about to be lost: 0 %."

[[case]]
name = "one in twenty may be later"
given.advertiser_window = [{ latest_upload = 1700000000 }]
given.event_age = [{ event_name = "Lead", ages = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }, { event_name = "Won", ages = [500000] }]
status = "pass"
value = 0.0
message = "Valid events of the last four weeks (20): half were sent within 1 second and 95 % within 1 second; later than 5 days: 5.0 %."

[[case]]
name = "two in twenty-one may not"
given.advertiser_window = [{ latest_upload = 1700000000 }]
given.event_age = [{ event_name = "Lead", ages = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }, { event_name = "Won", ages = [43200, 43200] }]
status = "warn"
value = 0.5

[[case]]
name = "a second less than a day is late"
given.advertiser_window = [{ latest_upload = 1700000000 }]
given.event_age = [{ event_name = "Lead", ages = [86399, 86399, 86399, 86399] }]
status = "warn"
message = "Valid events of the last four weeks (4): half were sent within 1 day and 95 % within 1 day, where two hours are asked for; later than 5 days, so about to be lost: 0 %."

[[case]]
name = "a day is very late"
given.advertiser_window = [{ latest_upload = 1700000000 }]
given.event_age = [{ event_name = "Lead", ages = [86400, 86400, 86400, 86400] }]
status = "warn"
value = 1.0
message = "Valid events of the last four weeks (4): half were sent within 1 day and 95 % within 1 day, a day or more, where two hours are asked for; later than 5 days, so about to be lost: 0 %."

[[case]]
name = "five days are not beyond the cliff, a second more is"
given.advertiser_window = [{ latest_upload = 1700000000 }]
given.event_age = [{ event_name = "Lead", ages = [432000, 432000, 432000] }, { event_name = "Won", ages = [432001] }]
status = "warn"
message = "Valid events of the last four weeks (4): half were sent within 5 days and 95 % within 5.1 days, a day or more, where two hours are asked for; later than 5 days, so about to be lost: 25.0 %."

[[case]]
name = "a day of silence is none"
given.advertiser_window = [{ latest_upload = 1699913600 }]
given.event_age = [{ event_name = "Lead", ages = [60, 60, 60, 60] }]
status = "pass"
message = "Valid events of the last four weeks (4): half were sent within 1 minute and 95 % within 1 minute; later than 5 days: 0 %."

[[case]]
name = "a second more is silence, and says how long is left"
given.advertiser_window = [{ latest_upload = 1699913599 }]
given.event_age = [{ event_name = "Lead", ages = [61, 61, 61, 61] }]
status = "pass"
message = "Valid events of the last four weeks (4): half were sent within 2 minutes and 95 % within 2 minutes; later than 5 days: 0 %. Silent since 2023-11-13 22:13 UTC; until 2023-11-20 22:13 UTC (6.0 days left) all of it can still be backfilled."

[[case]]
name = "after seven days of silence some of it is lost"
given.advertiser_window = [{ latest_upload = 1699395200 }]
given.event_age = [{ event_name = "Lead", ages = [61, 61, 61, 61] }]
status = "pass"
message = "Valid events of the last four weeks (4): half were sent within 2 minutes and 95 % within 2 minutes; later than 5 days: 0 %. Silent since 2023-11-07 22:13 UTC; until 2023-11-14 22:13 UTC all of it could be backfilled, and what is older than seven days by now is lost."

[[case]]
name = "without a time of sending it cannot be told"
given.advertiser_window = [{ events = 5 }]
status = "not_evaluable"
---*/
with sorted as (
    select
        advertiser_id,
        channel,
        grouping_id(event_name, lead_event_source) as part,
        coalesce(event_name, lead_event_source) as name,
        list_sort(flatten(list(ages))) as ages
    from event_age
    group by grouping sets (
        (advertiser_id, channel),
        (advertiser_id, channel, event_name),
        (advertiser_id, channel, lead_event_source)
    )
), quantile as (
    -- nearest rank; of an even number of events the lower median
    select
        advertiser_id,
        channel,
        part,
        name,
        len(ages) as n,
        ages[(n + 1) // 2] as p50,
        ages[(19 * n + 19) // 20] as p95,
        len(list_filter(ages, lambda age: age > $max_p95_seconds)) as late,
        len(list_filter(ages, lambda age: age > $cliff_days * 86400)) as near_cliff
    from sorted
), part as (
    select
        advertiser_id,
        channel,
        list({'name': name, 'events': n, 'p50': p50, 'p95': p95, 'near_cliff': near_cliff} order by n desc, name)
            filter (part = 1) as stages,
        list({'name': name, 'events': n, 'p50': p50, 'p95': p95, 'near_cliff': near_cliff} order by n desc, name)
            filter (part = 2) as crms
    from quantile
    group by advertiser_id, channel
), told as (
    -- what is printed of a duration is its beginning; a little more than the whole step keeps "within" true
    select
        advertiser_window.advertiser_id,
        advertiser_window.channel,
        quantile.n,
        quantile.late,
        quantile.near_cliff,
        quantile.p50 as p50_seconds,
        quantile.p95 as p95_seconds,
        [
            case
                when seconds < 60 then (greatest(seconds, 1) + 0.5) / 86400
                when seconds <= 3540 then (ceil(seconds / 60) * 60 + 1) / 86400
                when seconds <= 86040 then (ceil(seconds / 360) * 360 + 1) / 86400
                when seconds % 86400 = 0 or seconds < 86400 then ceil(seconds / 86400)
                else ceil(seconds / 8640) / 10
            end
            for seconds in [quantile.p50, quantile.p95]
        ] as within,
        stages[:20] as stages,
        crms[:20] as crms,
        latest_upload,
        latest_upload + $backfill_seconds as backfill_end
    from advertiser_window
    left join quantile
        on quantile.advertiser_id = advertiser_window.advertiser_id
        and quantile.channel = advertiser_window.channel
        and part = 3
    left join part
        on part.advertiser_id = advertiser_window.advertiser_id
        and part.channel = advertiser_window.channel
)
select
    advertiser_id,
    channel,
    case
        when n is null then null
        when p95_seconds >= $late_p95_seconds then 2
        when p95_seconds > $max_p95_seconds then 1
        else 0
    end as level,
    p95_seconds / 86400 as value,
    coalesce(n, 0) as n,
    coalesce(late, 0) as affected,
    within[1] as p50,
    within[2] as p95,
    p50_seconds,
    p95_seconds,
    near_cliff,
    near_cliff / n as late_share,
    case
        when p95_seconds >= $late_p95_seconds then phrase(', a day or more, where two hours are asked for')
        when p95_seconds > $max_p95_seconds then phrase(', where two hours are asked for')
        else phrase('')
    end as pace,
    stages,
    crms,
    latest_upload,
    backfill_end,
    (backfill_end - $as_of) / 86400 as left,
    case
        when $as_of - latest_upload <= $silence_seconds then null
        when $as_of < backfill_end then 'silent'
        else 'lost'
    end as reason
from told;

select
    advertiser_id,
    channel,
    event_name,
    lead_event_source as crm,
    event_time,
    upload_time,
    upload_time - event_time as age_seconds,
    lead_id,
    path as file,
    line,
    position
from valid_copy
join advertiser_window using (advertiser_id, channel)
join (select request_id, file_id, line from request) using (request_id)
join (select file_id, path from source_file) using (file_id)
where upload_time > recent_since and upload_time - event_time > $max_p95_seconds
order by age_seconds desc, advertiser_id, channel, path, line, position
