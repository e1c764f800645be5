/*---
title = "Click ids are well formed"
severity = "recommended"
source = "Meta customer information parameters: fbc is fb, subdomain index, creation time in milliseconds and fbclid, joined by dots and not hashed; payload specification: many invalid click ids cause an alert"
why = "Meta takes nothing from a click id that is hashed, cut or made up; many of them raise an alert in Events Manager."
fix = "Send fbc as the browser's cookie _fbc holds it, like fb.1.1554763741205.IwAR2F4…, never hashed; leave it out when there is none. A CRM event does not need it."
acts = "partner"
wait = "Nothing to do: fbc is optional."
at = ["/user_data/fbc"]
unit = "share"
bad = '{"user_data": {"fbc": "IwAR2F4dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB"}}'
good = '{"user_data": {"fbc": "fb.1.1554763741205.IwAR2F4dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB"}}'

[message]
pass = "None of {n:count} click ids (fbc) of the last four weeks is malformed."
warn = "{affected:count} of {n:count} click ids (fbc) of the last four weeks ({value:share}) are not of the form fb.1.<milliseconds>.<fbclid>."
not_evaluable = "No event of the last four weeks carries a click id (fbc); it is optional."

[[case]]
name = "one as the cookie holds it passes"
given.event = [{ payload_marks = "lead_id:string fbc" }]
status = "pass"
n = 1

[[case]]
name = "a malformed one warns"
given.event = [{ payload_marks = "fbc:malformed" }]
status = "warn"
affected = 1

[[case]]
name = "an event without one is not judged"
given.event = [{ payload_marks = "lead_id:string" }, { payload_marks = "fbc" }]
status = "pass"
n = 1

[[case]]
name = "none at all, or a table"
given.event = [{ payload_marks = "" }, { payload_fields = "lead_id" }]
status = "not_evaluable"
---*/
case
    when contains(payload_marks, 'fbc:malformed') then 2
    when contains(payload_marks, 'fbc') then 0
end
