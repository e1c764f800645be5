/*---
title = "It can upload at least once a day"
severity = "required"
source = "Meta's page on the integration, choosing advertisers: can upload regularly, at least once a day. That an advertiser which sends already shows it by TIM004 is ours"
why = "Meta learns from what it hears in time; an export by hand once a week comes too late for half of it."
fix = "Have the CRM's changes of stage exported and sent by a job that runs every day or more often, not by hand."
takes = "3 to 4 weeks, as the guide expects of an integration"
wait = "Ask whether its CRM can deliver changes of stage every day without anybody's hand, and bring the answer to daily_upload."
acts = "partner"
unit = "days"
needs = ["answer"]
reports = []

[message]
pass = "Uploads at least once a day are possible, by its own answer."
"pass.shown" = "What it sends already was sent within a day on each of {n:count} days with something new."
warn = "On {affected:count} of {n:count} days with something new, what it sends already was not sent within a day (see TIM004)."
fail = "Uploads once a day are not possible, by its own answer."
not_evaluable = "Nothing tells whether it can upload every day: there is no answer to daily_upload, and nothing was sent yet."

[[case]]
name = "yes passes"
given.answer = [{ daily_upload = true }]
status = "pass"

[[case]]
name = "no fails"
given.answer = [{ daily_upload = false }]
status = "fail"

[[case]]
name = "what is sent each day shows it"
given.upload_pace = [{ level = 0, days = 12, missed_days = 0 }]
status = "pass"
n = 12

[[case]]
name = "a day that was missed is asked about, whatever the answer"
given.upload_pace = [{ level = 1, days = 12, missed_days = 1 }]
given.answer = [{ daily_upload = true }]
status = "warn"
affected = 1

[[case]]
name = "without an answer it cannot be told"
given.applicant = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case
        when daily_upload is false then 2
        when upload_pace.level is not null then least(upload_pace.level, 1)
        when daily_upload then 0
    end as level,
    coalesce(missed_days, 0) as value,
    coalesce(days, 0) as n,
    coalesce(missed_days, 0) as affected,
    if(daily_upload is not false and upload_pace.level = 0, 'shown', null) as reason
from applicant
left join upload_pace using (advertiser_id)
left join answer using (advertiser_id)
