/*---
title = "A price has its currency"
severity = "required"
source = "App Events guide, event parameters: fb_currency is a code of ISO 4217, required where _valueToSum is a price or an amount paid. Which standard events those are is read from the guide's table; that the revenue of an ad only warns is ours"
why = "A price without a currency, or with one that nobody knows, is an amount of nothing: it cannot be added to others, and bidding by value learns from wrong figures."
fix = "Send fb_currency beside every price: three capital letters of ISO 4217, like EUR. No sign, no name and no small letters."
acts = "partner"
channel = ["app"]
at = ["/fb_currency", ""]
unit = "share"
wait = "Nothing needs to be done where no price is sent."
cause = """
case
    when currency is null then phrase('no fb_currency at {event:quoted}', {'event': event_name})
    when upper(currency) in (select code from known_currency)
        then phrase('small letters: {currency:quoted}', {'currency': currency})
    else phrase('no code of ISO 4217 in force: {currency:quoted}', {'currency': currency})
end
"""
bad = '{"_eventName": "fb_mobile_purchase", "_valueToSum": 21.97, "fb_currency": "Euro"}'
good = '{"_eventName": "fb_mobile_purchase", "_valueToSum": 21.97, "fb_currency": "EUR"}'

[message]
pass = "All of {n:count} events of the last four weeks with a price name its currency."
warn = "{affected:count} of {n:count} events of the last four weeks with a price do not name its currency by a code of ISO 4217; {warned:count} more are views of ads whose revenue has none."
fail = "{affected:count} of {n:count} events of the last four weeks with a price ({value:share}) do not name its currency by a code of ISO 4217; {allowed:share} is the most allowed."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "None of the App Events of the last four weeks carries a price: a standard event that the guide has one for, with _valueToSum."

[[case]]
name = "a price in euros passes"
given.app_event = [{ event_name = "fb_mobile_purchase", value_form = "number", value = 21.97, currency = "EUR" }]
status = "pass"

[[case]]
name = "every event with a price needs its currency"
given.app_event = [
    { event_name = "fb_mobile_add_to_cart", value_form = "number" },
    { event_name = "fb_mobile_add_to_wishlist", value_form = "number" },
    { event_name = "fb_mobile_content_view", value_form = "digits" },
    { event_name = "fb_mobile_initiated_checkout", value_form = "number" },
    { event_name = "fb_mobile_purchase", value_form = "other" },
    { event_name = "StartTrial", value_form = "number" },
    { event_name = "Subscribe", value_form = "number" },
]
status = "fail"
n = 7
affected = 7

[[case]]
name = "small letters fail"
given.app_event = [{ event_name = "Subscribe", value_form = "number", value = 9.0, currency = "eur" }]
status = "fail"

[[case]]
name = "three letters that are no currency fail"
given.app_event = [{ event_name = "Subscribe", value_form = "number", value = 9.0, currency = "EUX" }]
status = "fail"

[[case]]
name = "a sign, a name and a withdrawn currency fail"
given.app_event = [
    { event_name = "Subscribe", value_form = "number", currency = "€" },
    { event_name = "Subscribe", value_form = "number", currency = "Euro" },
    { event_name = "Subscribe", value_form = "number", currency = "DEM" },
]
status = "fail"
affected = 3

[[case]]
name = "the revenue of an ad only warns"
given.app_event = [{ event_name = "AdImpression", value_form = "number", value = 0.01 }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "and passes with its currency"
given.app_event = [{ event_name = "AdImpression", value_form = "number", value = 0.01, currency = "USD" }]
status = "pass"

[[case]]
name = "a price that is not sent, a rating, credits and events of one's own need none"
given.app_event = [
    { event_name = "fb_mobile_content_view" },
    { event_name = "fb_mobile_rate", value_form = "number", value = 4.0 },
    { event_name = "fb_mobile_spent_credits", value_form = "number", value = 40.0 },
    { event_name = "My event", value_form = "number", value = 40.0 },
]
status = "not_evaluable"
---*/
case
    when value_form is null or event_name is null then null
    when event_name <> 'AdImpression' and event_name not in (
        'fb_mobile_add_to_cart', 'fb_mobile_add_to_wishlist', 'fb_mobile_content_view', 'fb_mobile_initiated_checkout',
        'fb_mobile_purchase', 'StartTrial', 'Subscribe'
    ) then null
    when coalesce(currency in (select code from known_currency), false) then 0
    when event_name = 'AdImpression' then 1
    else 2
end
