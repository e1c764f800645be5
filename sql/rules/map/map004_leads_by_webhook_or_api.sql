/*---
title = "Leads are fetched by webhook or API"
severity = "recommended"
source = "Partner guide: lead ids are read by webhook or in bulk by the API; Meta advises against downloads by hand for an integration"
why = "A list that is downloaded by hand is late, ends when nobody thinks of it, and loses digits of its ids in a spreadsheet."
fix = "Subscribe to the leadgen webhook of the page, or read the leads of each form by the API once an hour; keep the download for looking things up."
acts = "partner"
wait = "Load a lead list (--leads)."
unit = "leads"
needs = ["lead list"]
reports = []

[message]
"pass.none" = "The lead list does not say whose its leads are, so it cannot be told how this advertiser's were fetched."
pass = "None of {n:count} rows of the lead list comes from a download."
warn = "{affected:count} of {n:count} rows of the lead list come from files that look like downloads."
not_evaluable = "There is no lead list for this advertiser; hand one over with --leads."

[history]
not_evaluable = "Nothing was sent: how leads are fetched is judged where events are sent."

[[case]]
name = "leads by webhook or API pass"
given.advertiser_window = [{ has_list = true }]
given.lead_file = [{ file_id = 1, path = "leads.jsonl", rows = 9, is_download = false }]
status = "pass"
n = 9
affected = 0

[[case]]
name = "one row of a download warns"
given.advertiser_window = [{ has_list = true }]
given.lead_file = [{ file_id = 1, path = "leads.jsonl", rows = 9, is_download = false }, { file_id = 2, path = "leads.csv", rows = 1, is_download = true }]
status = "warn"
value = 1
n = 10
affected = 1
message = "1 of 10 rows of the lead list come from files that look like downloads."

[[case]]
name = "leads without an owner are nobody's"
given.advertiser_window = [{ has_list = true }]
status = "pass"
n = 0

[[case]]
name = "no list at all"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"

[[case]]
name = "a history is not judged by it"
channel = "history"
given.advertiser_window = [{ has_list = true }]
status = "not_evaluable"
---*/
with counted as (
    select
        advertiser_window.advertiser_id,
        advertiser_window.channel,
        coalesce(has_list, false) as has_list,
        coalesce(sum(rows), 0)::bigint as n,
        coalesce(sum(rows) filter (is_download), 0)::bigint as affected
    from advertiser_window
    left join lead_file using (advertiser_id)
    group by advertiser_window.advertiser_id, advertiser_window.channel, has_list
)
select
    *,
    case when has_list then if(affected > 0, 1, 0) end as level,
    if(has_list, affected, null) as value,
    if(n = 0, 'none', null) as reason
from counted
;
select lead_file.advertiser_id, channel, path as file, rows
from lead_file
join advertiser using (advertiser_id)
where is_download and channel = 'crm'
order by lead_file.advertiser_id, rows desc, path
