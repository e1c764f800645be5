/*---
title = "Events happen after the lead"
severity = "required"
source = "Partner guide, event_time after the generation of the lead; Meta payload specification"
why = "A stage that lies before its lead was generated may be discarded."
fix = "Send the time of the stage change in UTC; look for a time zone that was taken for UTC, or a time cut to the minute."
acts = "partner"
wait = "Hand over the lead list of this advertiser (--leads)."
unit = "share"
channel = ["crm", "history"]
needs = ["lead list"]
cause = """
case
    when lead_created - event_time < 60 and event_time % 60 = 0 then phrase('minutes truncated by the CRM')
    when lead_created - event_time < 86400 and event_time % 86400 = 0 then phrase('a date without a time of day')
    else phrase('{span:told} before the lead', {'span': hours_apart(lead_created - event_time)})
end
"""

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks lie before their lead was generated."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) lie before their lead was generated; {allowed:share} is the most allowed."
not_evaluable = "No event of the last four weeks belongs to a lead of a lead list, so it cannot be told whether it happened after its lead."

[history]
fix = "Record, and later send, the time of the stage change in UTC; look for a time zone that was taken for UTC, or a time cut to the minute."
not_evaluable = "No stage change of the last four weeks belongs to a lead of a lead list, so it cannot be told whether it happened after its lead."

[[case]]
name = "the very second passes"
given.event = [{ event_time = 1700000000, event_time_form = "integer", lead_created = 1700000000 }]
status = "pass"

[[case]]
name = "a second before fails"
given.event = [{ event_time = 1699999999, event_time_form = "integer", lead_created = 1700000000 }]
status = "fail"

[[case]]
name = "a lead that is not in the list is not judged"
given.event = [{ event_time = 1700000000, event_time_form = "integer" }]
status = "not_evaluable"
---*/
case
    when evt005 = 2 or lead_created is null then null
    when event_time < lead_created then 2
    else 0
end
