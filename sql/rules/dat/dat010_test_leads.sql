/*---
title = "Test leads"
severity = "informational"
source = "Meta, Lead Ads Testing Tool: its leads carry dummy data, and nothing else marks a test lead"
why = "Test leads are no customers: they are left out of every figure, and counted here so that nobody misses them."
fix = "Nothing to do; delete test leads in the testing tool when they are no longer needed."
acts = "advertiser"
wait = "Hand over the lead list of this advertiser (--leads)."
unit = "leads"
channel = ["crm", "history"]
needs = ["lead list"]

[message]
pass = "Test leads in the list: none of {n:count}."
"pass.note" = "Test leads in the list, left out of every figure: {affected:count} of {n:count}."
not_evaluable = "Without a lead list there are no test leads to count."

[[case]]
name = "a list without test leads"
given.advertiser_window = [{ has_list = true, leads = 30, test_leads = 0 }]
status = "pass"
n = 30
value = 0

[[case]]
name = "one test lead is told"
given.advertiser_window = [{ has_list = true, leads = 30, test_leads = 1 }]
status = "pass"
n = 31
affected = 1
message = "Test leads in the list, left out of every figure: 1 of 31."

[[case]]
name = "without a list it cannot be told"
given.advertiser_window = [{ has_list = false }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case when not has_list then null when test_leads > 0 then 1 else 0 end as level,
    test_leads as value,
    leads + test_leads as n,
    test_leads as affected,
    if(test_leads > 0, 'note', null) as reason
from advertiser_window;

select
    list_lead.advertiser_id,
    list_lead.channel,
    lead_id,
    lead.created_time,
    form_id,
    path as file,
    line
from list_lead
join lead using (lead_id)
join (select file_id, path from source_file) using (file_id)
where list_lead.is_test
    and lead.is_test
    and lead.created_time <= $as_of
    and coalesce(lead.advertiser_id, list_lead.advertiser_id) = list_lead.advertiser_id
order by list_lead.advertiser_id, list_lead.channel, path, line
