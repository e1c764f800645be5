/*---
title = "The dataset is a CRM dataset"
severity = "required"
source = "Partner guide, step 1: the dataset's settings in Events Manager show a section for conversion leads"
why = "Events that go to a web or app dataset do not count for this integration."
fix = "Create a CRM dataset in Events Manager and send the events there; then set crm_dataset = true."
acts = "advertiser"
wait = "Look in Events Manager, Data sources, Settings: a CRM dataset shows a section for conversion leads. Then set crm_dataset = true."
unit = ""
channel = ["crm", "history"]
needs = ["crm_dataset"]

[crm]
GoHighLevel = "Choose the dataset of the kind CRM in the integration; a pixel of the kind Web does not count."
Make = "Choose the dataset of the kind CRM in the module for CRM events."

[message]
pass = "The configuration says that the dataset is a CRM one."
fail = "The configuration says that the dataset is not a CRM one."
not_evaluable = "No log tells whether the dataset is a CRM one; look in Events Manager and set crm_dataset in the configuration."

[[case]]
name = "a CRM dataset passes"
given.advertiser = [{ crm_dataset = true }]
status = "pass"

[[case]]
name = "another kind fails"
given.advertiser = [{ crm_dataset = false }]
status = "fail"

[[case]]
name = "without the statement it cannot be told"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case when crm_dataset then 0 when not crm_dataset then 2 end as level,
    crm_dataset::integer as value,
    if(crm_dataset is null, 0, 1) as n,
    if(crm_dataset, 0, 1) as affected
from advertiser
