/*---
title = "Events cover at least 60 % of leads"
severity = "required"
source = "Partner guide of May 2026: at least 60 % of leads with matching events (the six-step edition asks for all and gives no minimum). The four weeks, less the last day, are ours"
why = "Meta compares the events with the leads that the ads generated; where too many leads are missing the data does not count as complete."
fix = "Find out which leads never reach the CRM, or reach it without the Meta lead id: compare form by form and day by day."
acts = "partner"
origin = { min_coverage = "guide 2026-05" }
wait = "Load a lead list that reaches to the end of the log (--leads)."
unit = "share"
needs = ["lead list"]

[message]
pass = "{covered:count} of {n:count} leads ({value:share}) have a valid event; at least {min_coverage:share} is needed, all of them are expected."
fail = "Only {covered:count} of {n:count} leads ({value:share}) have a valid event; at least {min_coverage:share} is needed."
"undecided.stale" = "The lead list ends on {list_end:date}, before newer leads in the log; load a newer list. Up to then {covered:count} of {n:count} leads have a valid event."
"undecided.few" = "{covered:count} of only {n:count} leads have a valid event; {min_units:count} leads are needed to tell."
"undecided.empty" = "No lead of the last four weeks (less the last day) is in the list, so there is nothing to cover."
not_evaluable = "There is no lead list for this advertiser; hand one over with --leads."
"not_evaluable.counts" = "There are only daily counts of leads for this advertiser, which do not tell which of them have events; hand a list of the leads over with --leads."

[history]
not_evaluable = "Nothing was sent, so events cover no lead yet; whether the CRM knows every lead is not judged here."
"not_evaluable.no-list" = "There is no lead list for this advertiser, so the time of a lead's raw stage stands for its creation; hand a list over with --leads."
"not_evaluable.counts" = "There are only daily counts of leads for this advertiser, so the time of a lead's raw stage stands for its creation; hand a list of the leads over with --leads."
wait = "Load a lead list that reaches to the end of the history (--leads)."

[thresholds]
min_coverage = 0.6

[[case]]
name = "three of five pass"
given.coverage = [{ has_list = true, is_stale = false, eligible = 5, covered = 3 }]
status = "pass"

[[case]]
name = "60 of 100 pass"
given.coverage = [{ has_list = true, is_stale = false, eligible = 100, covered = 60 }]
status = "pass"

[[case]]
name = "599 of 1,000 fail"
given.coverage = [{ has_list = true, is_stale = false, eligible = 1000, covered = 599 }]
status = "fail"

[[case]]
name = "five of nine are too few to tell"
given.coverage = [{ has_list = true, is_stale = false, eligible = 9, covered = 5 }]
given.input_present = [{ input = "lead list" }]
status = "undecided"

[[case]]
name = "five of ten fail"
given.coverage = [{ has_list = true, is_stale = false, eligible = 10, covered = 5 }]
status = "fail"

[[case]]
name = "a stale list decides nothing"
given.coverage = [{ has_list = true, is_stale = true, eligible = 100, covered = 100, list_end = 1690000000 }]
given.input_present = [{ input = "lead list" }]
status = "undecided"

[[case]]
name = "no lead is due"
given.coverage = [{ has_list = true, is_stale = false, eligible = 0, covered = 0 }]
given.input_present = [{ input = "lead list" }]
status = "undecided"

[[case]]
name = "no list at all"
given.coverage = [{ has_list = false, is_stale = false }]
status = "not_evaluable"

[[case]]
name = "daily counts do not tell which leads"
given.coverage = [{ has_list = false, is_stale = false, has_counts = true, counted = 100, counted_covered = 100 }]
given.input_present = [{ input = "lead list or daily counts" }]
status = "not_evaluable"

[[case]]
name = "a CRM history covers nothing"
channel = "history"
given.coverage = [{ has_list = true, is_stale = false, eligible = 5, covered = 5 }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case
        when not has_list or is_stale or eligible = 0 then null
        -- a quotient of integers below 10^13 compares with the limit as the fraction itself does
        when covered / eligible >= $min_coverage then 0
        when eligible >= $min_units then 2
    end as level,
    covered / nullif(eligible, 0) as value,
    coalesce(eligible, 0) as n,
    coalesce(eligible - covered, 0) as affected,
    covered,
    list_end,
    case
        when has_counts then 'counts'
        when not has_list then 'no-list'
        when is_stale then 'stale'
        when eligible = 0 then 'empty'
        when covered / eligible < $min_coverage then 'few'
    end as reason
from coverage;

select
    due_lead.advertiser_id,
    due_lead.channel,
    due_lead.lead_id,
    due_lead.created_time,
    due_lead.day,
    min(form_id) as form_id,
    min(path) as file,
    arg_min(line, path) as line
from due_lead
left join (
    select advertiser_id as owner, lead_id, form_id, path, line
    from lead
    join (select file_id, path from source_file) using (file_id)
) as listed
    on listed.lead_id = due_lead.lead_id
    and coalesce(listed.owner, due_lead.advertiser_id) = due_lead.advertiser_id
where not is_covered and due_lead.channel = 'crm'
group by due_lead.advertiser_id, due_lead.channel, due_lead.lead_id, due_lead.created_time, due_lead.day
order by due_lead.advertiser_id, due_lead.channel, created_time, lead_id
