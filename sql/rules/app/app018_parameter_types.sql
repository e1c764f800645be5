/*---
title = "Parameters are of their type"
severity = "required"
source = "App Events guide, parameters of standard events: fb_content is a list of objects, each with id and quantity; types of the others. That a rating lies between 0 and fb_max_rating_value is ours"
why = "Meta reads contents and flags by their type: what is of another is left out, and a catalogue or a report stays empty without an error."
fix = "Send fb_content as JSON, a list of objects with id and quantity each; whole numbers and 1 or 0 where the guide asks for them; fb_content_type as product or product_group."
acts = "partner"
channel = ["app"]
at = ["/fb_content", ""]
unit = "share"
cause = """
joined(
    list_transform(
        string_split(parameter_marks, ' '),
        lambda mark: case split_part(mark, ':', 2)
            when 'list' then phrase('{name} is no list of objects', {'name': split_part(mark, ':', 1)})
            when 'id_and_quantity' then phrase('{name} without id or quantity', {'name': split_part(mark, ':', 1)})
            when 'trailing_comma' then phrase('{name} with a comma too many', {'name': split_part(mark, ':', 1)})
            when 'whole' then phrase('{name} is no whole number', {'name': split_part(mark, ':', 1)})
            when 'flag' then phrase('{name} is neither 1 nor 0', {'name': split_part(mark, ':', 1)})
            when 'value' then phrase('{name} is neither product nor product_group', {'name': split_part(mark, ':', 1)})
            when 'range' then phrase('a rating outside 0 to fb_max_rating_value')
            else phrase('{name} is no text', {'name': split_part(mark, ':', 1)})
        end
    ),
    '; '
)
"""
bad = '{"_eventName": "fb_mobile_purchase", "fb_content": "[{\\"id\\": \\"1234\\"}]"}'
good = '{"_eventName": "fb_mobile_purchase", "fb_content": "[{\\"id\\": \\"1234\\", \\"quantity\\": 2}]"}'

[message]
pass = "The parameters of all {n:count} App Events of the last four weeks are of their type."
warn = "{affected:count} of {n:count} App Events of the last four weeks have an fb_content without what it needs; {warned:count} more a parameter of another type than the guide's."
fail = "{affected:count} of {n:count} App Events of the last four weeks ({value:share}) have an fb_content without what it needs; {allowed:share} is the most allowed."
not_evaluable = "No App Event with parameters was sent in the last four weeks, so there is nothing to judge."

[[case]]
name = "nothing wrong passes"
given.app_event = [{ event_name = "fb_mobile_purchase" }]
status = "pass"

[[case]]
name = "contents without a quantity fail"
given.app_event = [{ parameter_marks = "fb_content:id_and_quantity" }]
status = "fail"

[[case]]
name = "contents that are no list fail"
given.app_event = [{ parameter_marks = "fb_content:list" }]
status = "fail"

[[case]]
name = "a comma too many, as in the guide's own example, warns"
given.app_event = [{ parameter_marks = "fb_content:trailing_comma" }]
status = "warn"
warned = 1

[[case]]
name = "a number of items that is none warns"
given.app_event = [{ parameter_marks = "fb_num_items:whole" }]
status = "warn"

[[case]]
name = "a rating outside its scale warns"
given.app_event = [{ event_name = "fb_mobile_rate", parameter_marks = "rating:range" }]
status = "warn"

[[case]]
name = "an install has no parameters"
given.app_event = [{ kind = "install", request_kind = "install" }]
status = "not_evaluable"
---*/
case
    when kind <> 'conversion' then null
    when regexp_matches(parameter_marks, 'fb_content:(list|id_and_quantity)') then 2
    when parameter_marks is not null then 1
    else 0
end
