/*---
title = "Customer data (ud) is hashed"
severity = "required"
source = "App Events guide, advanced matching: all customer data must be SHA-256, what is not hashed is ignored. Meta, customer information parameters: hashing of external_id is recommended"
why = "Meta leaves out what is not hashed, so that the event is matched with fewer people; and plain customer data in a request or a log is a privacy incident."
fix = "Normalise each value of ud and send its SHA-256 as 64 lower-case hex digits; leave a parameter out when it is empty or not in the guide's table."
acts = "partner"
channel = ["app"]
at = ["../ud", ".."]
unit = "share"
cause = """
joined(
    list_filter([
        phrase('{fields:told} not hashed', {'fields': user_fields(user_forms, 'plain')}),
        phrase('{fields:told} as MD5', {'fields': user_fields(user_forms, 'md5')}),
        phrase('{fields:told} as SHA-1', {'fields': user_fields(user_forms, 'sha1')}),
        phrase(
            '{fields:told} a digest of nothing (an empty field, "null", "none" …)',
            {'fields': user_fields(user_forms, 'nothing')}
        ),
        phrase('{fields:told} with an empty value in the list', {'fields': user_fields(user_forms, 'empty')}),
        phrase('{fields:told} in capitals', {'fields': user_fields(user_forms, 'upper')}),
        phrase(
            '{fields:quoted} is no parameter of ud',
            {'fields': nullif(array_to_string(regexp_extract_all(user_forms, '(?:^| )unknown:([^ ]*):', 1), ', '), '')}
        )
    ], lambda one: (one['named'] ->> 'fields') is not null),
    '; '
)
"""
bad = '{"ud": {"em": "someone@example.com"}}'
good = '{"ud": {"em": "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"}}'

[message]
pass = "The customer data of all {n:count} App Events of the last four weeks that carry some is hashed."
warn = "{affected:count} of {n:count} App Events of the last four weeks with customer data carry some that is not a SHA-256 digest of something, which Meta ignores; {warned:count} more carry digests in capitals, an external_id that is not hashed, or a parameter that nobody knows."
fail = "{affected:count} of {n:count} App Events of the last four weeks with customer data ({value:share}) carry some that is not a SHA-256 digest of something, which Meta ignores; {allowed:share} is the most allowed."
not_evaluable = "No App Event of the last four weeks carries customer data (ud); it is optional, so there is nothing to judge."

[[case]]
name = "digests pass"
given.app_event = [{ user_forms = "em:sha256:1a2b3c4d5e6f cn:sha256:1a2b3c4d5e6f external_id:sha256:1a2b3c4d5e6f" }]
status = "pass"

[[case]]
name = "plain text fails"
given.app_event = [{ user_forms = "em:sha256:1a2b3c4d5e6f ph:plain:1a2b3c4d5e6f" }]
status = "fail"

[[case]]
name = "MD5 fails"
given.app_event = [{ user_forms = "em:md5:1a2b3c4d5e6f" }]
status = "fail"

[[case]]
name = "a digest of nothing fails"
given.app_event = [{ user_forms = "fn:nothing:1a2b3c4d5e6f" }]
status = "fail"

[[case]]
name = "a plain external_id only warns"
given.app_event = [{ user_forms = "external_id:plain:1a2b3c4d5e6f" }]
status = "warn"
warned = 1

[[case]]
name = "capitals warn"
given.app_event = [{ user_forms = "em:upper:1a2b3c4d5e6f" }]
status = "warn"

[[case]]
name = "a parameter that nobody knows warns, whatever its name"
given.app_event = [{ user_forms = "em:sha256:1a2b3c4d5e6f unknown:plain:" }]
status = "warn"

[[case]]
name = "an install is judged like any event"
given.app_event = [{ kind = "install", request_kind = "install", user_forms = "em:plain:1a2b3c4d5e6f" }]
status = "fail"

[[case]]
name = "no customer data leaves nothing to judge"
given.app_event = [{ event_name = "fb_mobile_purchase" }]
status = "not_evaluable"
---*/
case
    when user_forms is null then null
    when regexp_matches(
        user_forms, '(^| )(em|ph|fn|ln|db|ge|ct|st|zp|country|cn):(plain|md5|sha1|empty|nothing):'
    ) then 2
    when regexp_matches(
        user_forms, '(^| )(unknown:|external_id:(plain|md5|sha1|empty|nothing|upper):|[a-z]+:upper:)'
    ) then 1
    else 0
end
