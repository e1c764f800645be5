/*---
title = "The raw lead event is sent for every lead"
severity = "recommended"
source = "Partner guide, step 3: a hundred leads in a day mean events for these hundred leads"
why = "The raw lead event tells Meta that the lead arrived and was handled; rates are measured against it."
fix = "Send the raw stage for every lead as it arrives, also for leads that go no further."
acts = "partner"
wait = "Load a lead list that reaches to the end of the log (--leads), and name the raw stage if it is not known."
unit = "share"
needs = ["lead list"]

[message]
pass = "All {n:count} leads have their raw event."
warn = "{covered:count} of {n:count} leads ({value:share}) have their raw event; the guide expects all."
"undecided.stale" = "The lead list ends on {list_end:date}, before newer leads in the log; load a newer list. Up to then {covered:count} of {n:count} leads have their raw event."
"undecided.unknown" = "It is not known which stage is the raw one; name it as raw_stage in the configuration."
"undecided.empty" = "No lead of the last four weeks (less the last day) is in the list, so there is nothing to cover."
not_evaluable = "There is no lead list for this advertiser; hand one over with --leads."

[thresholds]
expected_coverage = 1

[[case]]
name = "every lead passes"
given.coverage = [{ has_list = true, is_stale = false, eligible = 100, covered = 100, raw_covered = 100 }]
given.raw_stage = [{ event_name = "Lead" }]
status = "pass"

[[case]]
name = "one missing lead warns"
given.coverage = [{ has_list = true, is_stale = false, eligible = 100, covered = 100, raw_covered = 99 }]
given.raw_stage = [{ event_name = "Lead" }]
status = "warn"

[[case]]
name = "an unknown raw stage decides nothing"
given.coverage = [{ has_list = true, is_stale = false, eligible = 100, covered = 100, raw_covered = 0 }]
given.advertiser_window = [{ valid_events = 100 }]
given.input_present = [{ input = "lead list" }]
status = "undecided"

[[case]]
name = "no lead is due"
given.coverage = [{ has_list = true, is_stale = false, eligible = 0, covered = 0, raw_covered = 0 }]
given.raw_stage = [{ event_name = "Lead" }]
given.input_present = [{ input = "lead list" }]
status = "undecided"

[[case]]
name = "no list at all"
given.coverage = [{ has_list = false, is_stale = false }]
status = "not_evaluable"
---*/
with judged as (
    select
        coverage.*,
        -- without any valid event every lead lacks its raw event, whatever that is called
        raw_stage.event_name is null and coalesce(valid_events, 0) > 0 as is_unknown
    from coverage
    left join raw_stage using (advertiser_id, channel)
    left join advertiser_window using (advertiser_id, channel)
)
select
    advertiser_id,
    channel,
    case
        when not has_list or is_stale or eligible = 0 or is_unknown then null
        when raw_covered / eligible >= $expected_coverage then 0
        else 2
    end as level,
    if(is_unknown, null, raw_covered / nullif(eligible, 0)) as value,
    coalesce(eligible, 0) as n,
    if(is_unknown, 0, coalesce(eligible - raw_covered, 0)) as affected,
    raw_covered as covered,
    list_end,
    case when is_stale then 'stale' when eligible = 0 then 'empty' when is_unknown then 'unknown' end as reason
from judged
