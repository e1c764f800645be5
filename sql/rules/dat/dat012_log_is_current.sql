/*---
title = "The log is current"
severity = "required"
source = "Derived from the guide's demand to upload all stages as they change; the limit of seven days of silence is ours"
why = "When leads keep coming and nothing is sent, or the newest files were not loaded, every other figure speaks of the past."
fix = "Check that the integration still sends, and load the newest log files; what is older than seven days can no longer be sent."
acts = "partner"
wait = "Load the newer log files, and check that the integration still sends."
unit = "days"
channel = ["crm", "history"]
reports = ["max_silence_days"]

[message]
"pass.nothing" = "Nothing was sent, so no log can be out of date (see DAT002)."
pass = "The log of this advertiser ends {value:days} before the report's time."
fail = "{affected:count} leads were generated more than {max_silence_days:count} days after the log of this advertiser ends ({horizon:date}): nothing was sent for them, or the log is older than the lead list."
"undecided.few" = "The log of this advertiser ends on {horizon:date}; {affected:count} younger leads are in the list, too few to say that sending stopped. Load newer files."
"undecided.old" = "The log of this advertiser ends on {horizon:date}, {value:days} before the report's time; load newer files."

[history]
pass = "The history of this advertiser ends {value:days} before the report's time."
fail = "{affected:count} leads were generated more than {max_silence_days:count} days after the history of this advertiser ends ({horizon:date}): nothing was recorded for them, or the history is older than the lead list."
"undecided.few" = "The history of this advertiser ends on {horizon:date}; {affected:count} younger leads are in the list, too few to say that nothing is recorded any more. Load a newer history."
"undecided.old" = "The history of this advertiser ends on {horizon:date}, {value:days} before the report's time; load a newer history."
fix = "Export the stage history again up to today, and check that new leads still reach the CRM."
wait = "Export the stage history again up to today, and load it."

[[case]]
name = "ten leads more than seven days after the log fail"
given.advertiser_window = [{ horizon = 1699000000, leads = 500 }]
given.newer_lead = [{ leads = 10 }]
status = "fail"

[[case]]
name = "nine are too few to tell"
given.advertiser_window = [{ horizon = 1700000000, leads = 500 }]
given.newer_lead = [{ leads = 9 }]
status = "undecided"

[[case]]
name = "seven days of silence pass"
given.advertiser_window = [{ horizon = 1699395200 }]
given.newer_lead = [{ leads = 0 }]
status = "pass"

[[case]]
name = "one second more is undecided"
given.advertiser_window = [{ horizon = 1699395199 }]
given.newer_lead = [{ leads = 0 }]
status = "undecided"

[[case]]
name = "an advertiser without a record has no silence"
given.advertiser_window = [{ horizon = 1700000000, requests = 0 }]
given.newer_lead = [{ leads = 0 }]
status = "pass"
---*/
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    case
        when newer_lead.leads >= $min_units then 2
        when newer_lead.leads > 0 or $as_of - horizon > $max_silence_days * 86400 then null
        else 0
    end as level,
    ($as_of - horizon) / 86400 as value,
    advertiser_window.leads as n,
    newer_lead.leads as affected,
    horizon,
    case when requests = 0 then 'nothing' when newer_lead.leads > 0 then 'few' else 'old' end as reason
from advertiser_window
join newer_lead using (advertiser_id, channel)
