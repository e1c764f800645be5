/*---
title = "New leads are sent at once"
severity = "informational"
source = "Derived from the guide's advice to send in real time; that one lead in ten later than a day is worth a note is ours"
why = "A raw lead that arrives days after its form was filled in comes from a download of lists, and leaves every later stage less time."
fix = "Fetch leads by webhook or every hour instead of by a downloaded list, and send the raw stage as soon as the CRM holds the lead."
acts = "partner"
wait = "Hand over the lead list of this advertiser (--leads)."
unit = "days"
needs = ["lead list"]
reports = []

[message]
pass = "Later than a day after the lead was generated: {affected:count} of {n:count} raw events."
"pass.note" = "Raw events later than a day after their lead was generated: {affected:count} of {n:count}; leads seem to come from downloaded lists."
not_evaluable = "No lead of a lead list has a valid raw event, so it cannot be told how soon new leads are sent."

[history]
not_evaluable = "Nothing was sent, so it cannot be told how soon new leads were."

[thresholds]
max_seconds = 86400
max_late_share = 0.1

[origin]
max_seconds = "ours"
max_late_share = "ours"

[[case]]
name = "one in ten later than a day passes in silence"
given.raw_arrival = [{ lead_id = "1", created_time = 0, arrived = 86401 }, { lead_id = "2", created_time = 0, arrived = 86400 }, { lead_id = "3", created_time = 0, arrived = 0 }, { lead_id = "4", created_time = 0, arrived = 0 }, { lead_id = "5", created_time = 0, arrived = 0 }, { lead_id = "6", created_time = 0, arrived = 0 }, { lead_id = "7", created_time = 0, arrived = 0 }, { lead_id = "8", created_time = 0, arrived = 0 }, { lead_id = "9", created_time = 0, arrived = 0 }, { lead_id = "10", created_time = 0, arrived = 0 }]
status = "pass"
n = 10
affected = 1
value = 0.0
message = "Later than a day after the lead was generated: 1 of 10 raw events."

[[case]]
name = "one in nine is a note"
given.raw_arrival = [{ lead_id = "1", created_time = 0, arrived = 86401 }, { lead_id = "2", created_time = 0, arrived = 86400 }, { lead_id = "3", created_time = 0, arrived = 0 }, { lead_id = "4", created_time = 0, arrived = 0 }, { lead_id = "5", created_time = 0, arrived = 0 }, { lead_id = "6", created_time = 0, arrived = 0 }, { lead_id = "7", created_time = 0, arrived = 0 }, { lead_id = "8", created_time = 0, arrived = 0 }, { lead_id = "9", created_time = 0, arrived = 0 }]
status = "pass"
affected = 1
message = "Raw events later than a day after their lead was generated: 1 of 9; leads seem to come from downloaded lists."

[[case]]
name = "of two the lower median is told"
given.raw_arrival = [{ lead_id = "1", created_time = 0, arrived = 43200 }, { lead_id = "2", created_time = 0, arrived = 86400 }]
status = "pass"
value = 0.5

[[case]]
name = "without a raw event of a listed lead it cannot be told"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with counted as (
    select
        advertiser_id,
        channel,
        count(*) as n,
        count(*) filter (arrived - created_time > $max_seconds) as affected,
        nearest_rank(arrived - created_time, 5) as median_seconds,
        max(arrived - created_time) as longest_seconds
    from raw_arrival
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    case when n is null then null when affected / n > $max_late_share then 1 else 0 end as level,
    median_seconds / 86400 as value,
    coalesce(n, 0) as n,
    coalesce(affected, 0) as affected,
    median_seconds,
    longest_seconds,
    if(affected / n > $max_late_share, 'note', null) as reason
from advertiser
left join counted using (advertiser_id, channel);

select
    advertiser_id,
    channel,
    lead_id,
    created_time,
    arrived,
    arrived - created_time as delay_seconds
from raw_arrival
where arrived - created_time > $max_seconds
order by delay_seconds desc, advertiser_id, channel, lead_id
