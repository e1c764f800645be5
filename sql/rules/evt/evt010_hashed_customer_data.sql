/*---
title = "Customer data is hashed"
severity = "required"
source = "Meta customer information parameters: em, ph, fn, ln, db, ge, ct, st, zp and country must be SHA-256"
why = "Meta matches hashes. Plain text, MD5, or the hash of an empty field matches nobody, and plain customer data in a log is a privacy incident."
fix = "Normalise each value and send its SHA-256 as 64 lower-case hex digits; leave a field out when it is empty."
acts = "partner"
wait = "Load a log that holds what was sent: the payloads as JSON, or a table with the column user_data."
at = ["/user_data"]
unit = "share"
field = "user_data"
cause = """
if(
    regexp_matches(digest_forms, ':(plain|md5|sha1|empty|nothing)'),
    joined(
        [
            case when contains(digest_forms, ':plain')
                then phrase('{fields:told} not hashed', {'fields': fields_of(digest_forms, 'plain')}) end,
            case when contains(digest_forms, ':md5')
                then phrase('{fields:told} as MD5', {'fields': fields_of(digest_forms, 'md5')}) end,
            case when contains(digest_forms, ':sha1')
                then phrase('{fields:told} as SHA-1', {'fields': fields_of(digest_forms, 'sha1')}) end,
            case when contains(digest_forms, ':nothing')
                then phrase('{fields:told} a digest of nothing (an empty field, "null", "none" …)', {'fields': fields_of(digest_forms, 'nothing')}) end,
            case when contains(digest_forms, ':empty')
                then phrase('{fields:told} with an empty value in the list', {'fields': fields_of(digest_forms, 'empty')}) end
        ],
        '; '
    ),
    case when contains(digest_forms, ':upper')
        then phrase('{fields:told} in capitals', {'fields': fields_of(digest_forms, 'upper')}) end
)
"""
bad = '{"user_data": {"em": ["someone@example.com"]}}'
good = '{"user_data": {"em": ["973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"]}}'

[message]
pass = "None of {n:count} events of the last four weeks is at fault."
warn = "{affected:count} of {n:count} events of the last four weeks carry customer data that is not a SHA-256 digest of something; {warned:count} more carry digests in capitals."
fail = "{affected:count} of {n:count} events of the last four weeks ({value:share}) carry customer data that is not a SHA-256 digest of something; {allowed:share} is the most allowed."
not_evaluable = "No event was sent in the last four weeks, so there is nothing to judge."

[schema.properties.user_data.patternProperties."^(em|ph|fn|ln|db|ge|ct|st|zp|country)$"]
anyOf = [
    { "$ref" = "#/$defs/absent" },
    { "$ref" = "#/$defs/EVT010/$defs/digest" },
    { type = "array", items."$ref" = "#/$defs/EVT010/$defs/digest" },
]

[schema."$defs".digest]
type = "string"
pattern = "^[0-9a-fA-F]{64}$"
not.anyOf = [{ pattern = "[^0-9a-fA-F]" }, { "$ref" = "#/$defs/digest_of_nothing" }]

[[case]]
name = "digests pass"
given.event = [{ digest_forms = "em:sha256 ph:sha256" }]
status = "pass"

[[case]]
name = "no customer data passes"
given.event = [{ customer_parameters = 1 }]
status = "pass"

[[case]]
name = "upper case warns"
given.event = [{ digest_forms = "em:upper" }]
status = "warn"

[[case]]
name = "plain text fails"
given.event = [{ digest_forms = "em:sha256 ph:plain" }]
status = "fail"

[[case]]
name = "MD5 fails"
given.event = [{ digest_forms = "em:md5" }]
status = "fail"

[[case]]
name = "a digest of nothing fails"
given.event = [{ digest_forms = "em:nothing" }]
status = "fail"

[[case]]
name = "a hole in the list fails"
given.event = [{ digest_forms = "em:empty" }]
status = "fail"

[[case]]
name = "a table without the column cannot be judged"
given.event = [{ payload_fields = "", digest_forms = "em:plain" }]
status = "not_evaluable"

[[case]]
name = "a table with the column is judged"
given.event = [{ payload_fields = "lead_id user_data", digest_forms = "em:plain" }]
status = "fail"
---*/
case
    when regexp_matches(digest_forms, ':(plain|md5|sha1|empty|nothing)') then 2
    when regexp_matches(digest_forms, ':upper') then 1
    else 0
end
