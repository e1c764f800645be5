/*---
title = "One dataset"
severity = "required"
source = "Partner guide, closing note: any change of dataset starts a new integration and restarts learning. That 28 days of silence end an old dataset is ours"
why = "Events that go to another dataset are missing from this one, and moving to a new dataset starts the journey again."
fix = "Send every event of the advertiser to one dataset; list a dataset that is meant to be separate under ignore_datasets."
acts = "partner"
origin = { recent_dataset_days = "ours" }
unit = "datasets"
channel = ["crm", "history"]

[message]
"pass.nothing" = "Nothing was sent, so there is no second dataset."
pass = "No other dataset has received events."
warn = "{value:count} other dataset received events before (until {last:date}); its past does not count for this one."
fail = "{recent:count} other dataset received events in the last 28 days (until {last:date}): {others}."

[history]
pass = "Nothing was sent, so there is no second dataset."

[thresholds]
max_other_datasets = 0
recent_dataset_days = 28

[[case]]
name = "one dataset passes"
given.advertiser = [{ dataset_id = "1" }]
given.advertiser_window = [{ horizon = 1700000000 }]
given.dataset_use = [{ dataset_id = "1", is_current = true, is_ignored = false, accepted_events = 5, last_accepted = 1700000000 }]
status = "pass"

[[case]]
name = "another one 28 days before the horizon warns"
given.advertiser_window = [{ horizon = 1700000000 }]
given.dataset_use = [{ dataset_id = "2", is_current = false, is_ignored = false, accepted_events = 5, last_accepted = 1697580800 }]
status = "warn"

[[case]]
name = "another one a second later fails"
given.advertiser_window = [{ horizon = 1700000000 }]
given.dataset_use = [{ dataset_id = "2", is_current = false, is_ignored = false, accepted_events = 5, last_accepted = 1697580801 }]
status = "fail"

[[case]]
name = "an ignored one passes"
given.advertiser_window = [{ horizon = 1700000000 }]
given.dataset_use = [{ dataset_id = "2", is_current = false, is_ignored = true, accepted_events = 5, last_accepted = 1700000000 }]
status = "pass"

[[case]]
name = "one that accepted nothing passes"
given.advertiser_window = [{ horizon = 1700000000 }]
given.dataset_use = [{ dataset_id = "2", is_current = false, is_ignored = false, accepted_events = 0 }]
status = "pass"

[[case]]
name = "without any event there is no second dataset"
given.advertiser_window = [{ horizon = 1700000000 }]
status = "pass"
---*/
with other as (
    select
        advertiser_id,
        channel,
        count(*) as datasets,
        count(*) filter (last_accepted > horizon - $recent_dataset_days * 86400) as recent,
        max(last_accepted) as last,
        sum(accepted_events) as events,
        string_agg(dataset_id, ', ' order by last_accepted desc, dataset_id) as others
    from dataset_use
    join advertiser_window using (advertiser_id, channel)
    where not is_current and not is_ignored and accepted_events > 0
    group by advertiser_id, channel
)
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    case when other.recent > 0 then 2 when other.datasets > $max_other_datasets then 1 else 0 end as level,
    coalesce(datasets, 0) as value,
    coalesce(datasets, 0) as n,
    coalesce(recent, 0) as affected,
    recent,
    last,
    others,
    if(requests = 0, 'nothing', null) as reason
from advertiser_window
left join other using (advertiser_id, channel)
