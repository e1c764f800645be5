/*---
title = "Event match quality is for web events"
severity = "informational"
source = "Meta, Dataset Quality API: match quality and event coverage are given for web events alone; for conversion leads ask the Meta representative"
why = "A low score or coverage of a website's events says nothing about a CRM's: lead coverage (COV001) is what counts here."
fix = "Judge the CRM's events by lead coverage; for their match quality ask your Meta representative."
acts = "meta"
wait = "Nothing needs to be done; event_match_quality may be set in the advertiser's table of funnelcheck.toml."
unit = "score"
needs = ["event_match_quality"]

[message]
pass = "Event match quality of {value:count} is configured; it is measured on web events and is not applied to this dataset's CRM events."
not_evaluable = "No event match quality is configured; it is measured on web events and would not be applied to CRM events."

[history]
not_evaluable = "Nothing was sent: event match quality is measured on web events."

[[case]]
name = "a configured score is told and not applied"
given.setting = [{ event_match_quality = 3.5 }]
status = "pass"
value = 3.5
n = 1
message = "Event match quality of 3.5 is configured; it is measured on web events and is not applied to this dataset's CRM events."

[[case]]
name = "not even one of nought"
given.setting = [{ event_match_quality = 0.0 }]
status = "pass"

[[case]]
name = "without one there is nothing to tell"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    if(event_match_quality is null, null, 0) as level,
    event_match_quality as value,
    if(event_match_quality is null, 0, 1) as n,
    0 as affected
from advertiser
left join setting using (advertiser_id)
