/*---
title = "Before launch: the stage is reached within 28 days"
severity = "required"
source = "Partner guide, choosing advertisers: the stage to optimise for occurs within 28 days of the lead. It is FUN007 on what the CRM has recorded, with its threshold"
why = "Meta learns from conversions that follow within 28 days of the lead; an advertiser whose sales take longer teaches it nothing."
fix = "Find, or start recording, a stage nearer to the lead, like a qualified lead or an appointment; if there is none, choose another advertiser."
takes = "a month and more: leads that have the new stage need their 28 days"
wait = "Bring an export of the CRM's history, stages with their times, of leads that are older than 28 days."
acts = "advertiser"
unit = "days"
needs = ["stages"]
reports = []

[message]
pass = "Nine in ten of {n:count} leads that reach {subject} do so within {value:days} (half within {median_days:days}; {within:share} within 28 days)."
"fail.too-slow" = "It takes {value:days} until nine in ten of the {n:count} leads that reach {subject} are there (half are there after {median_days:days}; {within:share} within 28 days); at most {max_days:days} are allowed."
"fail.no-stage" = "The CRM records no stage that could be optimised for: nothing valid but the raw stage and negative ones."
"fail.never-seen" = "The configured optimisation stage {subject} is not recorded with a valid event."
"fail.answered" = "By its own answer it takes {value:days} from the lead to the sale; at most {max_days:days} are allowed."
"undecided.few" = "{n:count} of the {min_units:count} leads needed have reached {subject}, too few to tell how long it takes."
"undecided.young" = "Nine in ten of {n:count} leads that reached {subject} did so within {value:days}, but no lead has had its 28 days; the first has on {first_closing:date}."
not_evaluable = "How long it takes is not known: there is no history of the CRM."
"not_evaluable.answered" = "By its own answer it takes {answered:days} from the lead to the sale; no history of the CRM shows it yet."

[[case]]
name = "28 days to the second pass"
given.judged_stage = [{ subject = "Won", window_level = 0, window_days = 28, reached = 10, max_days = 28 }]
status = "pass"
value = 28
threshold = 28

[[case]]
name = "one second more fails"
given.judged_stage = [{ subject = "Won", window_level = 2, window_reason = "too-slow", window_days = 28.000011574, reached = 10, max_days = 28 }]
status = "fail"
subject = "Won"

[[case]]
name = "what FUN007 cannot tell yet is undecided"
given.judged_stage = [{ subject = "Won", window_reason = "few", reached = 9, max_days = 28 }]
given.input_present = [{ input = "stages" }]
status = "undecided"

[[case]]
name = "a history without a stage behind the raw one fails"
given.judged_stage = [{ window_level = 2, window_reason = "no-stage", max_days = 28 }]
status = "fail"

[[case]]
name = "its own answer of a longer cycle is enough to fail"
given.answer = [{ sales_cycle_days = 28.5 }]
status = "fail"

[[case]]
name = "its own answer of 28 days is not enough to pass"
given.answer = [{ sales_cycle_days = 28 }]
status = "not_evaluable"

[[case]]
name = "without a history it cannot be told"
given.applicant = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
with judged as (
    select
        applicant.advertiser_id,
        applicant.channel,
        judged_stage.* exclude (advertiser_id, max_days),
        judged_stage.advertiser_id is not null as has_stage,
        limit_days.max_days,
        sales_cycle_days as answered
    from applicant
    left join judged_stage using (advertiser_id)
    left join answer using (advertiser_id)
    cross join (select coalesce(max(max_days), 28) as max_days from judged_stage) as limit_days
)
select
    advertiser_id,
    channel,
    subject,
    if(has_stage, window_level, if(answered > max_days, 2, null)) as level,
    if(has_stage, window_days, answered) as value,
    coalesce(reached, 0) as n,
    coalesce(too_late, 0) as affected,
    max_days as threshold,
    if(has_stage, window_reason, if(answered is not null, 'answered', null)) as reason,
    median_days,
    longest_days,
    within,
    first_closing,
    max_days,
    answered
from judged
