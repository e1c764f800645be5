/*---
title = "Before launch: 1 to 40 % of leads reach the stage"
severity = "required"
source = "Partner guide, choosing advertisers: the stage to optimise for has a conversion rate between 1 and 40 %. It is FUN006 on what the CRM has recorded, with its thresholds"
why = "A stage that nearly every lead reaches tells good leads from bad ones no better than the raw lead does; one that hardly any reaches gives too few examples to learn from."
fix = "Find, or start recording, a stage that between 1 and 40 of 100 leads reach within 28 days; if there is none, choose another advertiser."
takes = "a month and more: leads that have the new stage need their 28 days"
wait = "Bring an export of the CRM's history, stages with their times, of more leads that are older than 28 days."
acts = "advertiser"
unit = "share"
needs = ["stages"]
reports = []

[message]
pass = "{value:share} of leads reach {subject} within 28 days (95 %: {rate_low:share} to {rate_high:share}; so far {converted:count} of {n:count}, of whom {mature:count} have had their 28 days)."
"fail.too-rare" = "Only {value:share} of leads reach {subject} within 28 days (95 %: {rate_low:share} to {rate_high:share}; so far {converted:count} of {n:count}); at least {min_rate:share} is needed."
"fail.too-common" = "{value:share} of leads reach {subject} within 28 days (95 %: {rate_low:share} to {rate_high:share}; so far {converted:count} of {n:count}); at most {max_rate:share} is allowed."
"fail.no-stage" = "The CRM records no stage that could be optimised for: nothing valid but the raw stage and negative ones."
"fail.never-seen" = "The configured optimisation stage {subject} is not recorded with a valid event."
"undecided.no-cohort" = "No lead can be followed to {subject} yet: none was created while the history speaks of it."
"undecided.on-course" = "{converted:count} of {n:count} leads have reached {subject} so far, which is on course, but none has had its 28 days; the first has on {first_closing:date}."
"undecided.young" = "{converted:count} of {n:count} leads have reached {subject} so far, but none has had its 28 days; the first has on {first_closing:date}."
"undecided.few" = "{converted:count} of {n:count} leads have reached {subject}, too few conversions to be sure (estimate {value:share}, 95 %: {rate_low:share} to {rate_high:share}); {min_units:count} are needed."
"undecided.unsettled" = "{converted:count} of {n:count} leads have reached {subject}, too few leads to be sure (estimate {value:share}, 95 %: {rate_low:share} to {rate_high:share}); about {leads_to_settle:count} more leads with their 28 days settle it."
"undecided.little" = "{converted:count} of {n:count} leads have reached {subject}, too little data to tell (estimate {value:share}, 95 %: {rate_low:share} to {rate_high:share})."
not_evaluable = "How many leads reach which stage is not known: there is no history of the CRM."

[[case]]
name = "exactly 1 % passes, as FUN006 says"
given.judged_stage = [{ subject = "Won", rate_level = 0, rate = 0.01, rate_low = 0.0065, rate_high = 0.0154, cohort = 2000, mature = 2000, converted = 20, certain = false, min_rate = 0.01, max_rate = 0.4 }]
status = "pass"
certain = false
subject = "Won"

[[case]]
name = "none of 1,000 fails"
given.judged_stage = [{ subject = "Won", rate_level = 2, rate_reason = "too-rare", rate = 0.0, rate_low = 0.0, rate_high = 0.00383, cohort = 1000, mature = 1000, converted = 0, min_rate = 0.01, max_rate = 0.4 }]
status = "fail"
n = 1000

[[case]]
name = "half of 1,000 fails"
given.judged_stage = [{ subject = "Won", rate_level = 2, rate_reason = "too-common", rate = 0.5, rate_low = 0.469, rate_high = 0.531, cohort = 1000, mature = 1000, converted = 500, min_rate = 0.01, max_rate = 0.4 }]
status = "fail"

[[case]]
name = "what may be chance is undecided, and what settles it is told"
given.judged_stage = [{ subject = "Won", rate_reason = "unsettled", rate = 0.012, rate_low = 0.006, rate_high = 0.02, cohort = 1000, mature = 1000, converted = 12, leads_to_settle = 800, min_rate = 0.01, max_rate = 0.4 }]
given.input_present = [{ input = "stages" }]
status = "undecided"
leads_to_settle = 800

[[case]]
name = "a history without a stage behind the raw one fails"
given.judged_stage = [{ rate_level = 2, rate_reason = "no-stage", min_rate = 0.01, max_rate = 0.4 }]
status = "fail"

[[case]]
name = "without a history it cannot be told"
given.applicant = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    subject,
    rate_level as level,
    rate as value,
    coalesce(cohort, 0) as n,
    0 as affected,
    certain,
    leads_to_settle,
    if(min_rate is null, null, [min_rate, max_rate]) as threshold,
    rate_reason as reason,
    rate_low,
    rate_high,
    mature,
    converted,
    first_closing,
    min_rate,
    max_rate
from applicant
left join judged_stage using (advertiser_id)
