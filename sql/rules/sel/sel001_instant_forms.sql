/*---
title = "Lead ads with instant forms"
severity = "required"
source = "Partner guide, choosing advertisers: those that use Facebook and Instagram lead ads with instant forms. That a lead with a form and an ad shows it is ours"
why = "Optimising for conversion leads is for leads of instant forms; leads of a website are not part of it."
fix = "Run lead ads with an instant form on Facebook or Instagram; without them another advertiser is the better choice."
takes = "days to weeks: a campaign is made and has to bring leads"
wait = "Bring the list of its leads as Meta gives it (webhook, Graph API or download, with form and ad), or the answer to instant_forms."
acts = "advertiser"
unit = "leads"
needs = ["lead list"]
reports = []

[message]
pass = "{value:count} of {n:count} leads came from an ad with an instant form."
"pass.answered" = "Instant forms are used, by its own answer; its list does not show it."
warn = "The answer is that no instant forms are used, but {value:count} of {n:count} leads came from an ad with one."
fail = "No instant forms are used, by its own answer."
undecided = "The list of {n:count} leads names no lead with both a form and an ad, so it cannot be told whether instant forms are used."
not_evaluable = "Nothing tells whether instant forms are used: there is no list of leads and no answer to instant_forms."

[[case]]
name = "one lead of a form and an ad shows it"
given.form_use = [{ leads = 3, form_leads = 1 }]
status = "pass"
value = 1
n = 3

[[case]]
name = "leads without a form or an ad show nothing"
given.form_use = [{ leads = 3, form_leads = 0 }]
given.input_present = [{ input = "lead list" }]
status = "undecided"

[[case]]
name = "where the list shows nothing the answer counts"
given.form_use = [{ leads = 3, form_leads = 0 }]
given.answer = [{ instant_forms = true }]
status = "pass"

[[case]]
name = "no is no"
given.answer = [{ instant_forms = false }]
status = "fail"

[[case]]
name = "an answer that the list contradicts is asked about"
given.form_use = [{ leads = 3, form_leads = 1 }]
given.answer = [{ instant_forms = false }]
status = "warn"

[[case]]
name = "without a list and an answer it cannot be told"
given.applicant = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case
        when form_leads > 0 then if(instant_forms is false, 1, 0)
        when instant_forms is not null then if(instant_forms, 0, 2)
    end as level,
    coalesce(form_leads, 0) as value,
    coalesce(leads, 0) as n,
    0 as affected,
    if(coalesce(form_leads, 0) = 0 and instant_forms, 'answered', null) as reason
from applicant
left join form_use using (advertiser_id)
left join answer using (advertiser_id)
