/*---
title = "custom_events is a list of events"
severity = "required"
source = "App Events guide, conversion events: custom_events is a JSON list of objects. That what can be read leniently only warns is ours; the guide's own examples are no strict JSON"
why = "Events that cannot be read are lost with their whole request. Those that a lenient reader understands may be lost at a stricter one."
fix = "Let a JSON library write custom_events: a list with at least one object in it, quotes inside texts escaped, no comma behind the last part. Do not copy the guide's examples letter by letter."
acts = "partner"
channel = ["app"]
at = ["../custom_events", ".."]
unit = "share"
wait = "Nothing needs to be done where only installs are reported; else load a log that holds the events."
cause = """
case
    when kind = 'unreadable' and has_readable_events is null then phrase('no custom_events')
    when kind = 'unreadable' and not coalesce(contains(leniency, 'unreadable'), false)
        then phrase('an empty list, or one of other things than events')
    when kind = 'unreadable' then phrase('no JSON, however leniently it is read')
    else coalesce(
        joined(
            [
                case when contains(leniency, 'trailing_comma') then phrase('commas too many') end,
                case when contains(leniency, 'missing_comma') then phrase('commas too few') end,
                case when contains(leniency, 'missing_value') then phrase('a key without a value') end,
                case when contains(leniency, 'decimal_comma') then phrase('a comma in place of a decimal point') end,
                case when contains(leniency, 'open_quotes') then phrase('quotes inside texts that are not escaped') end,
                case when contains(leniency, 'single_quotes') then phrase('single quotes') end,
                case when contains(leniency, 'bare_words') then phrase('words without quotes') end,
                case when contains(leniency, 'characters') then phrase('line ends or broken signs inside texts') end,
                case when contains(leniency, 'escapes') then phrase('text that was escaped too often') end,
                case when contains(leniency, 'no_list') then phrase('no list around the events') end,
                case when contains(leniency, 'surplus') then phrase('brackets or quotes too many at the end') end,
                case when contains(leniency, 'cut_off') then phrase('cut off before its end') end
            ],
            'and'
        ),
        phrase('no strict JSON')
    )
end
"""
bad = '{"custom_events": "[{\"_eventName\": \"fb_mobile_search\",}"}'
good = '{"custom_events": "[{\"_eventName\": \"fb_mobile_search\"}]"}'

[message]
pass = "All of {n:count} events of the last four weeks stand in custom_events that are JSON."
warn = "{affected:count} of {n:count} requests or events of the last four weeks have custom_events that nobody can read; {warned:count} more are read although they are no strict JSON."
fail = "{affected:count} of {n:count} requests or events of the last four weeks ({value:share}) have custom_events that nobody can read; {allowed:share} is the most allowed."
not_evaluable = "No App Event was sent in the last four weeks, so there is nothing to judge."
"not_evaluable.unseen" = "The App Events of the last four weeks are installs alone, or of no kind that the guide names."

[[case]]
name = "an event in strict JSON passes"
given.app_event = [{ kind = "conversion", has_readable_events = true }]
status = "pass"

[[case]]
name = "a comma too many warns"
given.app_event = [{ kind = "conversion", has_readable_events = true, leniency = "trailing_comma" }]
status = "warn"
affected = 0
warned = 1

[[case]]
name = "quotes that are not escaped warn"
given.app_event = [{ kind = "conversion", has_readable_events = true, leniency = "open_quotes trailing_comma" }]
status = "warn"

[[case]]
name = "so does whatever else had to be forgiven"
given.app_event = [{ kind = "conversion", has_readable_events = true, leniency = "something" }]
status = "warn"

[[case]]
name = "what nobody can read fails"
given.app_event = [{ kind = "unreadable", has_readable_events = false, leniency = "unreadable" }]
status = "fail"

[[case]]
name = "an empty list fails"
given.app_event = [{ kind = "unreadable", has_readable_events = false }]
status = "fail"

[[case]]
name = "no custom_events at all fails"
given.app_event = [{ kind = "unreadable" }]
status = "fail"

[[case]]
name = "an install, and a request of another kind, need none"
given.app_event = [
    { kind = "install", request_kind = "install" },
    { kind = "unreadable", request_kind = "other" },
    { kind = "unreadable", request_kind = "other", has_readable_events = false, leniency = "unreadable" },
]
status = "not_evaluable"
---*/
case
    when request_kind is distinct from 'conversion' then null
    when kind = 'unreadable' then 2
    when leniency is not null then 1
    else 0
end
