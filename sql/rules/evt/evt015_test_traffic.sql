/*---
title = "No test code in production"
severity = "recommended"
source = "Meta, using the API: test_event_code is for testing alone; remove it in production"
why = "Events with a test_event_code stand in the test tool and may count nowhere else. Here they count as test traffic: they are in no figure."
fix = "Remove test_event_code from the requests once the test is over."
acts = "partner"
wait = "Send events without test_event_code."
at = ["/test_event_code", "../test_event_code"]
unit = "share"
bad = '{"data": [{"event_name": "Qualified"}], "test_event_code": "TEST12345"}'
good = '{"data": [{"event_name": "Qualified"}]}'

[message]
pass = "None of {n:count} events of the last four weeks was sent with a test_event_code."
warn = "{affected:count} of {n:count} events of the last four weeks ({value:share}) were sent with a test_event_code and count in no figure."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[[case]]
name = "an event without a test code passes"
given.event = [{ test_traffic = false }]
status = "pass"

[[case]]
name = "one of a thousand would warn, and so does one of one"
given.event = [{ test_traffic = true }]
status = "warn"
affected = 1

[[case]]
name = "one of two warns"
given.event = [{ test_traffic = true }, { test_traffic = false }]
status = "warn"
value = 0.5
---*/
if(test_traffic, 2, 0)
