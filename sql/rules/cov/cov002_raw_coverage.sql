/*---
title = "The raw lead event is sent for every lead"
severity = "recommended"
source = "Partner guide, step 3: a hundred leads in a day mean events for these hundred leads. How daily counts are compared is ours: on each whole day of the four weeks, less the last 24 hours, at most as many leads are covered as were counted"
why = "The raw lead event tells Meta that the lead arrived and was handled; rates are measured against it. Where there is no lead list but daily counts, a day's leads are those whose first raw event lies on it: too many on one day do not make up for too few on another."
fix = "Send the raw stage for every lead as it arrives, also for leads that go no further."
acts = "partner"
wait = "Load a lead list that reaches to the end of the log (--leads), and name the raw stage if it is not known."
unit = "share"
needs = ["lead list or daily counts"]

[message]
pass = "All {n:count} leads have their raw event."
warn = "{covered:count} of {n:count} leads ({value:share}) have their raw event; the guide expects all."
"undecided.stale" = "The lead list ends on {list_end:date}, before newer leads in the log; load a newer list. Up to then {covered:count} of {n:count} leads have their raw event."
"undecided.unknown" = "It is not known which stage is the raw one; name it as raw_stage in the configuration."
"undecided.empty" = "No lead of the last four weeks (less the last day) is in the list, so there is nothing to cover."
"undecided.no-day" = "The daily counts tell of no lead on a whole day of the last four weeks (less the last day), so there is nothing to cover."
"pass.counts" = "As many leads have their raw event as the daily counts tell of, on every day ({n:count} leads)."
"warn.counts" = "{covered:count} of {n:count} leads that the daily counts tell of ({value:share}) have their raw event; the guide expects all."
"warn.over" = "On {days_over:count} of the days counted more leads have a raw event than were counted: the counts are wrong or events are duplicates."
"warn.over-and-under" = "{covered:count} of {n:count} leads that the daily counts tell of ({value:share}) have their raw event, yet on {days_over:count} of the days counted more leads have one than were counted: the counts are wrong or events are duplicates."
not_evaluable = "There is no lead list for this advertiser; hand one over with --leads."

[history]
not_evaluable = "Nothing was sent, so no lead has a raw event yet; whether the CRM knows every lead is not judged here."

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
given.input_present = [{ input = "lead list or daily counts" }]
status = "undecided"

[[case]]
name = "no lead is due"
given.coverage = [{ has_list = true, is_stale = false, eligible = 0, covered = 0, raw_covered = 0 }]
given.raw_stage = [{ event_name = "Lead" }]
given.input_present = [{ input = "lead list or daily counts" }]
status = "undecided"

[[case]]
name = "no list at all"
given.coverage = [{ has_list = false, is_stale = false }]
status = "not_evaluable"

[[case]]
name = "as many leads as were counted pass"
given.coverage = [{ has_list = false, is_stale = false, has_counts = true, counted = 100, counted_covered = 100, days_over = 0 }]
given.raw_stage = [{ event_name = "Lead" }]
status = "pass"
value = 1

[[case]]
name = "one lead fewer than counted warns"
given.coverage = [{ has_list = false, is_stale = false, has_counts = true, counted = 100, counted_covered = 99, days_over = 0 }]
given.raw_stage = [{ event_name = "Lead" }]
status = "warn"
value = 0.99

[[case]]
name = "a day with more leads than counted warns, though all are covered"
given.coverage = [{ has_list = false, is_stale = false, has_counts = true, counted = 100, counted_covered = 100, days_over = 1 }]
given.raw_stage = [{ event_name = "Lead" }]
status = "warn"
value = 1

[[case]]
name = "the list wins over counts"
given.coverage = [{ has_list = true, is_stale = false, eligible = 10, covered = 10, raw_covered = 10, has_counts = false }]
given.raw_stage = [{ event_name = "Lead" }]
status = "pass"
n = 10

[[case]]
name = "counts without a lead decide nothing"
given.coverage = [{ has_list = false, is_stale = false, has_counts = true, counted = 0, counted_covered = 0, days_over = 0 }]
given.raw_stage = [{ event_name = "Lead" }]
given.input_present = [{ input = "lead list or daily counts" }]
status = "undecided"

[[case]]
name = "counts and an unknown raw stage decide nothing"
given.coverage = [{ has_list = false, is_stale = false, has_counts = true, counted = 100, counted_covered = 0, days_over = 0 }]
given.advertiser_window = [{ valid_events = 100 }]
given.input_present = [{ input = "lead list or daily counts" }]
status = "undecided"

[[case]]
name = "a CRM history covers nothing"
channel = "history"
given.coverage = [{ has_list = true, is_stale = false, eligible = 5, covered = 5, raw_covered = 5 }]
status = "not_evaluable"
---*/
with judged as (
    select
        advertiser_id,
        channel,
        coverage.has_list,
        coalesce(coverage.has_counts, false) as has_counts,
        coverage.is_stale,
        coverage.list_end,
        if(coverage.has_list, eligible, counted) as leads,
        if(coverage.has_list, raw_covered, counted_covered) as covered,
        if(coverage.has_counts, days_over, 0) as days_over,
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
        when not (has_list or has_counts) or is_stale or is_unknown then null
        when days_over > 0 then 1
        when leads = 0 then null
        when covered / leads >= $expected_coverage then 0
        else 2
    end as level,
    if(is_unknown, null, covered / nullif(leads, 0)) as value,
    coalesce(leads, 0) as n,
    if(is_unknown, 0, coalesce(leads - covered, 0)) as affected,
    covered,
    days_over,
    list_end,
    case
        when is_stale then 'stale'
        when leads = 0 and days_over = 0 then if(has_list, 'empty', 'no-day')
        when is_unknown then 'unknown'
        when days_over > 0 then if(covered < leads, 'over-and-under', 'over')
        when has_counts then 'counts'
    end as reason
from judged;

select
    due_lead.advertiser_id,
    due_lead.channel,
    due_lead.lead_id,
    due_lead.created_time,
    due_lead.day,
    is_covered as has_another_event,
    min(form_id) as form_id,
    min(path) as file,
    arg_min(line, path) as line
from due_lead
join raw_stage using (advertiser_id, channel)
join advertiser_window using (advertiser_id, channel)
left join (
    select advertiser_id as owner, lead_id, form_id, path, line
    from lead
    join (select file_id, path from source_file) using (file_id)
) as listed
    on listed.lead_id = due_lead.lead_id
    and coalesce(listed.owner, due_lead.advertiser_id) = due_lead.advertiser_id
where not has_raw and due_lead.channel = 'crm' and (raw_stage.event_name is not null or valid_events = 0)
group by
    due_lead.advertiser_id, due_lead.channel, due_lead.lead_id, due_lead.created_time, due_lead.day, is_covered
order by due_lead.advertiser_id, due_lead.channel, created_time, lead_id
