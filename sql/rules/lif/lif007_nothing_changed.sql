/*---
title = "Nothing changed after completion"
severity = "recommended"
source = "Partner guide, closing note: leave the dataset as it is after the integration; any change starts integration and learning again. What counts as gone is ours"
why = "Meta learns from the dataset, its stages and where they come from. Change one of them, and it starts again."
fix = "Undo the change if it was not meant. If it was, tell the advertiser the new date, and change everything else that must change at the same time, so that learning starts again only once."
acts = "partner"
wait = "Look up the status in Events Manager and add it with its date to the configuration or the status file."
origin = { quiet_days = "ours", min_expected = "ours" }
unit = "changes"
needs = ["status line"]
reports = []

[message]
"pass.early" = "Events Manager has not shown funnel analysis yet: what changes now costs no learning."
pass = "Dataset, stages, CRM and partner agent are what they were on {done:date}."
warn = "Since {done:date}: {told:told}. If Meta starts again from the latest of them, expect learning to be complete between {again_low:date} and {again_high:date}."
not_evaluable = "No status of Events Manager is configured, so it cannot be told what changed after completion."

[history]
not_evaluable = "Nothing was sent, so there is nothing to leave unchanged."

[thresholds]
quiet_days = 7
min_expected = 3

[[case]]
name = "a stage first sent after the day of completion is a change"
given.journey = [{ step = 5, done = 1690000000, restart_low = 37, restart_high = 67 }]
given.trait = [
    { kind = "stage", name = "Lead", events = 100, first_sent = 1680000000, last_sent = 1700000000, active_days = 90, quiet_days = 0 },
    { kind = "stage", name = "Won", events = 1, first_sent = 1690086400, last_sent = 1700000000, active_days = 90, quiet_days = 0 },
]
status = "warn"
value = 1
n = 2
message = "Since 2023-07-22: the stage Won is sent since 2023-07-23. If Meta starts again from the latest of them, expect learning to be complete between 2023-08-29 and 2023-09-28."

[[case]]
name = "one of that day is none"
given.journey = [{ step = 5, done = 1690000000, restart_low = 37, restart_high = 67 }]
given.trait = [
    { kind = "stage", name = "Lead", events = 100, first_sent = 1680000000, last_sent = 1700000000, active_days = 90, quiet_days = 0 },
    { kind = "stage", name = "Won", events = 1, first_sent = 1690086399, last_sent = 1700000000, active_days = 90, quiet_days = 0 },
]
status = "pass"

[[case]]
name = "a stage that is not sent for seven days of sending is gone"
given.journey = [{ step = 5, done = 1690000000, restart_low = 37, restart_high = 67 }]
given.trait = [{ kind = "stage", name = "Won", events = 10, first_sent = 1680000000, last_sent = 1690000000, active_days = 10, quiet_days = 7 }]
status = "warn"
message = "Since 2023-07-22: the stage Won is not sent any more since 2023-07-22. If Meta starts again from the latest of them, expect learning to be complete between 2023-08-28 and 2023-09-27."

[[case]]
name = "six days are too few to say so"
given.journey = [{ step = 5, done = 1690000000, restart_low = 37, restart_high = 67 }]
given.trait = [{ kind = "stage", name = "Won", events = 10, first_sent = 1680000000, last_sent = 1690000000, active_days = 10, quiet_days = 6 }]
status = "pass"

[[case]]
name = "so are nine events"
given.journey = [{ step = 5, done = 1690000000, restart_low = 37, restart_high = 67 }]
given.trait = [{ kind = "stage", name = "Won", events = 9, first_sent = 1680000000, last_sent = 1690000000, active_days = 9, quiet_days = 7 }]
status = "pass"

[[case]]
name = "a rare stage is not gone after a week"
given.journey = [{ step = 5, done = 1690000000, restart_low = 37, restart_high = 67 }]
given.trait = [{ kind = "stage", name = "Won", events = 10, first_sent = 1680000000, last_sent = 1690000000, active_days = 24, quiet_days = 7 }]
status = "pass"

[[case]]
name = "what went before completion is no change"
given.journey = [{ step = 5, done = 1690000000, restart_low = 37, restart_high = 67 }]
given.trait = [{ kind = "stage", name = "Won", events = 10, first_sent = 1680000000, last_sent = 1689999999, active_days = 10, quiet_days = 50 }]
status = "pass"

[[case]]
name = "another CRM, agent and dataset are changes"
given.journey = [{ step = 5, done = 1690000000, changed_at = 1690086400, former = "1", dataset_id = "2", restart_low = 37, restart_high = 67 }]
given.trait = [
    { kind = "crm", name = "HubSpot", events = 100, first_sent = 1680000000, last_sent = 1690000000, active_days = 90, quiet_days = 0 },
    { kind = "crm", name = "Zoho", events = 100, first_sent = 1690200000, last_sent = 1700000000, active_days = 90, quiet_days = 0 },
    { kind = "agent", name = "one", events = 100, first_sent = 1680000000, last_sent = 1690000000, active_days = 90, quiet_days = 0 },
    { kind = "agent", name = "two", events = 100, first_sent = 1690300000, last_sent = 1700000000, active_days = 90, quiet_days = 0 },
]
status = "warn"
value = 3
message = "Since 2023-07-22: the dataset 2 is sent to since 2023-07-23, the CRM Zoho is named since 2023-07-24, the partner agent two is named since 2023-07-25. If Meta starts again from the latest of them, expect learning to be complete between 2023-08-31 and 2023-09-30."

[[case]]
name = "what the log never told before is no change"
given.journey = [{ step = 5, done = 1690000000, restart_low = 37, restart_high = 67 }]
given.trait = [{ kind = "agent", name = "one", events = 100, first_sent = 1691000000, last_sent = 1700000000, active_days = 90, quiet_days = 0 }]
status = "pass"

[[case]]
name = "before completion everything may change"
given.journey = [{ step = 4 }]
given.input_present = [{ input = "status line" }]
status = "pass"

[[case]]
name = "without a status line it cannot be told"
given.journey = [{ step = 4 }]
status = "not_evaluable"
---*/
with first_of_kind as (
    -- what the log never told before is no change: a kind must have been seen by the day of completion
    select advertiser_id, channel, kind, min(first_sent) as kind_since from trait group by advertiser_id, channel, kind
), compared as (
    select trait.*, done
    from trait
    join first_of_kind using (advertiser_id, channel, kind)
    join journey using (advertiser_id, channel)
    where kind_since < done + 86400
), change as (
    select advertiser_id, channel, 'dataset' as kind, dataset_id as name, 'new' as what, changed_at
    from journey
    where changed_at >= done + 86400
    union all
    select advertiser_id, channel, kind, name, 'new', first_sent
    from compared
    where first_sent >= done + 86400
    union all
    select advertiser_id, channel, kind, name, 'gone', last_sent
    from compared
    where first_sent < done + 86400
        and last_sent >= done
        and events >= $min_units
        and quiet_days >= $quiet_days
        -- at its own pace a few would have come since
        and events / active_days * quiet_days >= $min_expected
), listed as (
    select
        *,
        row_number() over (partition by advertiser_id, channel order by changed_at, kind, name) as place,
        {'name': left(name, 60), 'since': changed_at} as named,
        case
            when kind = 'stage' and what = 'new' then phrase('the stage {name} is sent since {since:date}', named)
            when kind = 'stage' then phrase('the stage {name} is not sent any more since {since:date}', named)
            when kind = 'crm' and what = 'new' then phrase('the CRM {name} is named since {since:date}', named)
            when kind = 'crm' then phrase('the CRM {name} is not named any more since {since:date}', named)
            when kind = 'agent' and what = 'new'
                then phrase('the partner agent {name} is named since {since:date}', named)
            when kind = 'agent' then phrase('the partner agent {name} is not named any more since {since:date}', named)
            else phrase('the dataset {name} is sent to since {since:date}', named)
        end as told
    from change
), counted as (
    select
        advertiser_id,
        channel,
        count(*) as changes,
        max(changed_at) as latest,
        list(told order by place) filter (place <= 5) as first_changes,
        if(
            count(*) > 5,
            phrase('{changes:told}, and {more:count} more', {'changes': first_changes, 'more': count(*) - 5}),
            joined(first_changes, ', ')
        ) as told,
        list({'kind': kind, 'name': name, 'what': what, 'since': changed_at} order by place) as changes_found
    from listed
    group by advertiser_id, channel
), seen as (
    select advertiser_id, channel, count(*) as traits from compared group by advertiser_id, channel
)
select
    journey.advertiser_id,
    journey.channel,
    case when done is null and input is null then null when changes > 0 then 1 else 0 end as level,
    coalesce(changes, 0) as value,
    coalesce(traits, 0) as n,
    coalesce(changes, 0) as affected,
    done,
    told,
    changes_found,
    latest + (restart_low * 86400)::bigint as again_low,
    latest + (restart_high * 86400)::bigint as again_high,
    if(done is null, 'early', null) as reason
from journey
left join counted using (advertiser_id, channel)
left join seen using (advertiser_id, channel)
left join (select * from input_present where input = 'status line') as lines using (advertiser_id, channel);
select advertiser_id, channel, unnest(changes_found, recursive := true) from row_lif007
