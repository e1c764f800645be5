/*---
title = "Nothing personal and nothing useless"
severity = "informational"
source = "Meta customer information parameters: personal data stands in user_data, hashed; standard parameters: value and currency of a purchase"
why = "An e-mail address or a phone number in custom_data reaches Meta unhashed, which the privacy of the lead forbids. A sale without an amount and a currency says nothing about its value."
fix = "Take e-mail addresses and phone numbers out of custom_data. Give a sale a value above 0 and a currency of three letters, or leave both out."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON."
at = ["/custom_data/value", "/custom_data/currency", "/custom_data"]
unit = "share"
cause = """
case
    when contains(payload_marks, 'custom:personal') then phrase('an e-mail address, a phone number or a token in custom_data')
    else phrase(
        '{faults:told} at the stage {stage:quoted}',
        {
            'faults': joined(
                [
                    case when contains(payload_marks, 'value:not_positive')
                        then phrase('a value that is not above 0') end,
                    case when contains(payload_marks, 'value:no_currency') then phrase('a value without a currency') end
                ],
                'and'
            ),
            'stage': event_name
        }
    )
end
"""
bad = '{"event_name": "Purchase", "custom_data": {"value": 0, "note": "call back +1 650 555 1212"}}'
good = '{"event_name": "Purchase", "custom_data": {"value": 1200.5, "currency": "EUR"}}'

[message]
pass = "None of {n:count} events of the last four weeks carries personal data in custom_data or a sale without value or currency."
warn = "Of {n:count} events of the last four weeks {affected:count} carry personal data in custom_data, which nobody hashed; {warned:count} more are sales whose value is not above 0 or has no currency."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) carry personal data in custom_data, which nobody hashed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "The log is a table; the payload itself was not seen."

[[case]]
name = "a sale with its value passes"
given.event = [{ payload_marks = "value", event_name = "Purchase" }]
status = "pass"
affected = 0

[[case]]
name = "personal data is told and fails nobody"
given.event = [{ payload_marks = "custom:personal", event_name = "Qualified" }]
status = "pass"
affected = 1

[[case]]
name = "a sale of nothing is told"
given.event = [{ payload_marks = "value value:not_positive", event_name = "DealWon" }]
status = "pass"
affected = 0
warned = 1

[[case]]
name = "a sale without a currency is told"
given.event = [{ payload_marks = "value value:no_currency", event_name = "closed - sold" }]
status = "pass"
warned = 1

[[case]]
name = "the value of another stage says nothing"
given.event = [{ payload_marks = "value value:not_positive value:no_currency", event_name = "Wondering" }]
status = "pass"
warned = 0

[[case]]
name = "a table is not judged"
given.event = [{ payload_fields = "event_name", event_name = "Purchase" }]
status = "not_evaluable"
---*/
case
    when payload_marks is null then null
    when contains(payload_marks, 'custom:personal') then 2
    when not regexp_matches(payload_marks, 'value:not_positive|value:no_currency') then 0
    when list_has_any(
        words_of(event_name), ['purchase', 'sale', 'sold', 'won', 'order', 'customer', 'closed']
    ) then 1
    else 0
end
