/*---
title = "Device information (extinfo) has its sixteen values"
severity = "required"
source = "App Events guide, extended device information: all values are required, in their order; Meta's SDKs send sixteen. Meta, app data of server events: version and version of the system are required, others may be empty. That more than 4,096 GB are megabytes is ours"
why = "Meta reads extinfo by position: with a value too many or too few every one behind it is taken for another, and the device cannot be matched."
fix = "Send all sixteen values in the guide's order, an empty text where one is not known; the first is a2 or i2, the fifth the version of the system."
acts = "partner"
channel = ["app"]
at = ["../extinfo", ".."]
unit = "share"
cause = """
joined(
    [
        case
            when extinfo_values = 17 then phrase('17 values in place of 16 (a comma inside one, as in 2,75, makes two)')
            when extinfo_values <> $values then plural(
                extinfo_values, '{n:count} value in place of {values:count}',
                '{n:count} values in place of {values:count}', {'values': $values::bigint}
            )
        end,
        case when list_contains(string_split(extinfo_marks, ' '), 'no_version')
            then phrase('no version (value 1)') end,
        case when list_contains(string_split(extinfo_marks, ' '), 'no_os')
            then phrase('no version of the system (value 5)') end,
        case when contains(extinfo_marks, 'number:')
            then phrase(
                'text in place of a whole number (value {places})',
                {
                    'places': array_to_string(
                        list_transform(
                            regexp_extract_all(extinfo_marks, 'number:([0-9]+)', 1),
                            lambda place: place::integer + 1
                        ),
                        ', '
                    )
                }
            ) end,
        case when list_contains(string_split(extinfo_marks, ' '), 'megabytes')
            then phrase('storage in megabytes, not gigabytes (values 14 and 15)') end,
        case when list_contains(string_split(extinfo_marks, ' '), 'free')
            then phrase('more storage free than there is (values 14 and 15)') end
    ],
    '; '
)
"""
bad = '{"extinfo": ["a2", "com.shop"]}'
good = '{"extinfo": ["a2", "com.shop", "12", "1.2", "14", "Pixel 8", "fr_FR", "CET", "", 1080, 2400, "2.75", 8, 128, 64, "Europe/Paris"]}'

[message]
pass = "The device information of all {n:count} App Events of the last four weeks that carry it has its sixteen values."
warn = "{affected:count} of {n:count} App Events of the last four weeks with device information (extinfo) have not its sixteen values, or not those that must be there; {warned:count} more have values of another type than the guide's."
fail = "{affected:count} of {n:count} App Events of the last four weeks with device information (extinfo) ({value:share}) have not its sixteen values, or not those that must be there; {allowed:share} is the most allowed."
not_evaluable = "No App Event of the last four weeks carries device information (extinfo), so there is nothing to judge."

[thresholds]
values = 16

[origin]
values = "what Meta's own SDKs send"

[[case]]
name = "sixteen values pass"
given.app_event = [{ extinfo_values = 16 }]
status = "pass"

[[case]]
name = "fifteen fail"
given.app_event = [{ extinfo_values = 15 }]
status = "fail"

[[case]]
name = "seventeen fail"
given.app_event = [{ extinfo_values = 17 }]
status = "fail"

[[case]]
name = "no version of the system fails"
given.app_event = [{ extinfo_values = 16, extinfo_marks = "no_os" }]
status = "fail"

[[case]]
name = "no version fails"
given.app_event = [{ extinfo_values = 16, extinfo_marks = "no_version" }]
status = "fail"

[[case]]
name = "a version that is none is told by APP022"
given.app_event = [{ extinfo_values = 16, extinfo_marks = "version" }]
status = "pass"

[[case]]
name = "text in place of a number warns"
given.app_event = [{ extinfo_values = 16, extinfo_marks = "number:9 number:13" }]
status = "warn"
warned = 1

[[case]]
name = "megabytes warn"
given.app_event = [{ extinfo_values = 16, extinfo_marks = "megabytes" }]
status = "warn"

[[case]]
name = "an event without it leaves nothing to judge"
given.app_event = [{ event_name = "fb_mobile_purchase" }]
status = "not_evaluable"
---*/
case
    when extinfo_values is null then null
    when extinfo_values <> $values then 2
    when regexp_matches(extinfo_marks, '(^| )(no_version|no_os)( |$)') then 2
    when regexp_matches(extinfo_marks, '(^| )(number:|megabytes|free)') then 1
    else 0
end
