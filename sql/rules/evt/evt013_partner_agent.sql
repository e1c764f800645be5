/*---
title = "Partner agent is the one agreed on"
severity = "required"
source = "Partner guide: send a unique partner_agent. The guide puts it into the event, Meta's SDK beside the list of events; either counts"
why = "Meta knows by partner_agent whose integration sent an event. Without it, or with another's, the events do not count for yours."
fix = "Send the same partner_agent with every event, in one place; write it into funnelcheck.toml under [partner] as partner_agent (or under [advertiser.NAME] where one differs), so that it can be compared."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON."
at = ["/partner_agent", "../partner_agent"]
unit = "share"
cause = """
case
    when contains(payload_marks, 'agent:conflict') then phrase('the event and its request name two different agents')
    when partner_agent is null then phrase('no partner_agent')
    when lower(trim(partner_agent)) = lower(expected_agent)
        then phrase('{text:quoted}, with other capitals', {'text': partner_agent})
    else phrase('{text:quoted}', {'text': partner_agent})
end
"""
bad = '{"event_name": "Qualified", "partner_agent": "someone-else"}'
good = '{"event_name": "Qualified", "partner_agent": "datapartner"}'

[message]
pass = "None of {n:count} events of the last four weeks names two agents, or another than the configured one."
warn = "{affected:count} of {n:count} events of the last four weeks name two agents, or not the configured one."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) name two agents, or not the configured one; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "The log is a table; the payload itself was not seen."

[[case]]
name = "the configured agent passes, blanks around it aside"
given.event = [{ payload_marks = "", expected_agent = "datapartner", partner_agent = " datapartner" }]
status = "pass"

[[case]]
name = "other capitals fail"
given.event = [{ payload_marks = "", expected_agent = "datapartner", partner_agent = "DataPartner" }]
status = "fail"

[[case]]
name = "none fails where one is configured"
given.event = [{ payload_marks = "lead_id:string", expected_agent = "datapartner" }]
status = "fail"

[[case]]
name = "none passes where none is configured"
given.event = [{ payload_marks = "lead_id:string" }]
status = "pass"

[[case]]
name = "any passes where none is configured"
given.event = [{ payload_marks = "", partner_agent = "datapartner" }]
status = "pass"

[[case]]
name = "two in one event fail, configured or not"
given.event = [{ payload_marks = "agent:conflict lead_id:string", partner_agent = "datapartner", expected_agent = "datapartner" }]
status = "fail"

[[case]]
name = "a table is not judged"
given.event = [{ payload_fields = "lead_id", expected_agent = "datapartner" }]
status = "not_evaluable"
---*/
case
    when payload_marks is null then null
    when contains(payload_marks, 'agent:conflict') then 2
    when expected_agent is not null and trim(partner_agent) is distinct from expected_agent then 2
    else 0
end
