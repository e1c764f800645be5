/*---
title = "It cares about the quality of leads"
severity = "required"
source = "Partner guide, choosing advertisers: those that care about lead quality"
why = "Optimising for conversions gives fewer, better leads at a higher price each; who counts leads alone will call that a failure."
fix = "Agree with the advertiser that cost per qualified lead or per sale decides, not cost per lead; if it does not want that, choose another."
takes = "a conversation"
wait = "Ask whether it judges its campaigns by the quality of leads, and bring the answer to lead_quality."
acts = "partner"
unit = "answers"
needs = ["answer"]
reports = []

[message]
pass = "Lead quality counts, by its own answer."
fail = "Lead quality does not count, by its own answer."
not_evaluable = "Nothing tells whether it cares about the quality of leads: there is no answer to lead_quality."

[[case]]
name = "yes passes"
given.answer = [{ lead_quality = true }]
status = "pass"

[[case]]
name = "no fails"
given.answer = [{ lead_quality = false }]
status = "fail"

[[case]]
name = "without an answer it cannot be told"
given.answer = [{ daily_upload = true }]
status = "not_evaluable"

[[case]]
name = "nor without any"
given.applicant = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case when lead_quality is not null then if(lead_quality, 0, 2) end as level,
    case when lead_quality is not null then lead_quality::integer end as value,
    (lead_quality is not null)::integer as n,
    (lead_quality is false)::integer as affected
from applicant
left join answer using (advertiser_id)
