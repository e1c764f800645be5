/*---
title = "Partner agent is short and has letters"
severity = "recommended"
source = "Meta, end-to-end implementation: partner_agent has fewer than 23 characters and at least two letters"
why = "Meta may not recognise an agent that is too long or that is a mere number."
fix = "Choose a partner_agent of at most 22 characters with at least two letters, and use it everywhere; tell Meta before you change one that is in use."
acts = "partner"
wait = "Nothing to do: no partner_agent was seen."
at = ["/partner_agent", "../partner_agent"]
unit = "share"
cause = """
if(
    length(partner_agent) > $max_characters,
    plural(length(partner_agent), '{n:count} character', '{n:count} characters'),
    phrase('fewer than two letters')
)
"""
bad = '{"partner_agent": "my-partner-integration-2"}'
good = '{"partner_agent": "my-partner-integration"}'

[message]
pass = "The partner_agent of all {n:count} events of the last four weeks that name one is well formed."
warn = "{affected:count} of {n:count} events of the last four weeks with a partner_agent ({value:share}) have one of more than {max_characters} characters or fewer than {min_letters} letters."
not_evaluable = "No event of the last four weeks names a partner_agent."

[thresholds]
max_characters = 22
min_letters = 2

[[case]]
name = "22 characters pass"
given.event = [{ partner_agent = "abcdefghijklmnopqrstuv" }]
status = "pass"

[[case]]
name = "23 warn"
given.event = [{ partner_agent = "abcdefghijklmnopqrstuvw" }]
status = "warn"

[[case]]
name = "two letters pass, of any alphabet"
given.event = [{ partner_agent = "12é3ж" }]
status = "pass"

[[case]]
name = "one letter warns"
given.event = [{ partner_agent = "1a2345" }]
status = "warn"

[[case]]
name = "a number warns"
given.event = [{ partner_agent = "12345" }, { lead_id = "1234567890123456" }]
status = "warn"
n = 1

[[case]]
name = "without one there is nothing to judge"
given.event = [{ payload_marks = "" }]
status = "not_evaluable"
---*/
case
    when partner_agent is null then null
    when length(partner_agent) > $max_characters then 2
    when length(regexp_replace(partner_agent, '[^\p{L}]', '', 'g')) < $min_letters then 2
    else 0
end
