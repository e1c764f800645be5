/*---
title = "_valueToSum is a number"
severity = "recommended"
source = "App Events guide, event parameters: _valueToSum is a floating-point number that reports add up"
why = "Reports add _valueToSum up. A text may count as nothing, and a negative number takes away from what others have paid."
fix = "Send _valueToSum as a plain number with a point, without quotes, currency sign or separators: 21.97. Send refunds as events of another name, or not at all."
acts = "partner"
channel = ["app"]
at = ["/_valueToSum"]
unit = "share"
wait = "Nothing needs to be done where the events have no value."
cause = """
case
    when value_form = 'other' then phrase('no number')
    when value < 0 then phrase('a negative number')
    else phrase('a number in quotes')
end
"""
bad = '{"_eventName": "fb_mobile_purchase", "_valueToSum": "21,97 EUR"}'
good = '{"_eventName": "fb_mobile_purchase", "_valueToSum": 21.97, "fb_currency": "EUR"}'

[message]
pass = "All of {n:count} events of the last four weeks with _valueToSum have a number there."
warn = "{affected:count} of {n:count} events of the last four weeks with _valueToSum have no finite number there; {warned:count} more have a number in quotes or a negative one."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "None of the App Events of the last four weeks carries _valueToSum."

[[case]]
name = "a number passes, and so does nothing"
given.app_event = [{ value_form = "number", value = 21.97 }, { value_form = "number", value = 0.0 }]
status = "pass"
n = 2

[[case]]
name = "the smallest number below nothing warns"
given.app_event = [{ value_form = "number", value = -0.01 }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "a number in quotes warns"
given.app_event = [{ value_form = "digits", value = 21.97 }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "what is no number, or no finite one, is at fault"
given.app_event = [{ value_form = "other" }]
status = "warn"
affected = 1

[[case]]
name = "an event without a value is not judged"
given.app_event = [{ event_name = "fb_mobile_search" }, { kind = "install" }]
status = "not_evaluable"
---*/
case
    when value_form is null then null
    when value_form = 'other' then 2
    when value_form = 'digits' or value < 0 then 1
    else 0
end
