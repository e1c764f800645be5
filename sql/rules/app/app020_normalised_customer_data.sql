/*---
title = "Customer data is normalised before it is hashed"
severity = "recommended"
source = "App Events guide, parameters of customer data, and Meta, customer information parameters: ge f or m, country and st two lower-case letters, db as YYYYMMDD. Where a field has few possible values, the digest of a wrong spelling can be told"
why = "Two spellings of one value have different digests: what is hashed before it is normalised matches nobody."
fix = "Bring each value into the guide's form first (f or m, fr, 19911226), then hash it."
acts = "partner"
channel = ["app"]
unit = "share"
reports = []

[message]
pass = "None of {n:count} hashed genders, states, countries and dates of birth of the last four weeks is known to be hashed in a wrong spelling."
warn = "{affected:count} of {n:count} hashed genders, states, countries and dates of birth of the last four weeks ({value:share}) were hashed before they were normalised, and match nobody."
not_evaluable = "No gender, state, country or date of birth was sent hashed in the last four weeks; of other customer data a digest does not tell how it was spelt."

[[case]]
name = "digests of no wrong spelling pass"
given.app_user_value = [{ field = "country", digest = "1a2b3c4d5e6f", requests = 3 }]
status = "pass"
n = 3
value = 0.0

[[case]]
name = "a country in capitals warns"
given.app_user_value = [{ field = "country", digest = "1a2b3c4d5e6f", requests = 3 }, { field = "cn", digest = "2a2b3c4d5e6f", requests = 1, written = "US" }]
status = "warn"
affected = 1
value = 0.25
message = "1 of 4 hashed genders, states, countries and dates of birth of the last four weeks (25.0 %) were hashed before they were normalised, and match nobody. Cause: cn like “US” (1)."

[[case]]
name = "a date is told by its form alone"
given.app_user_value = [{ field = "db", digest = "1a2b3c4d5e6f", requests = 1, written = "31/12/1990" }, { field = "db", digest = "2a2b3c4d5e6f", requests = 1, written = "31/12/1990" }]
status = "warn"
affected = 2
message = "2 of 2 hashed genders, states, countries and dates of birth of the last four weeks (100 %) were hashed before they were normalised, and match nobody. Cause: db like “31/12/1990” (2)."

[[case]]
name = "nothing of the kind was sent"
given.app_advertiser = [{ requests = 3 }]
status = "not_evaluable"
---*/
with counted as (
    select
        app_advertiser.advertiser_id,
        app_advertiser.channel,
        coalesce(sum(app_user_value.requests), 0)::bigint as n,
        coalesce(sum(app_user_value.requests) filter (written is not null), 0)::bigint as affected
    from app_advertiser
    left join app_user_value using (advertiser_id, channel)
    group by app_advertiser.advertiser_id, app_advertiser.channel
), spelling as (
    select advertiser_id, channel, field, written, sum(requests)::bigint as events
    from app_user_value
    where written is not null
    group by advertiser_id, channel, field, written
), told as (
    select
        advertiser_id,
        channel,
        list(
            {'cause': phrase('{field} like {value:quoted}', {'field': field, 'value': written}), 'events': events}
            order by events desc, field, written
        ) as causes
    from spelling
    group by advertiser_id, channel
)
select
    counted.*,
    affected / nullif(n, 0) as value,
    case when n > 0 then if(affected > 0, 1, 0) end as level,
    causes
from counted
left join told using (advertiser_id, channel)
;
with form as (
    select
        request_id,
        unnest(regexp_extract_all(user_forms, '(?:^| )((?:ge|st|country|cn|db):sha256:[0-9a-f]{12})', 1)) as form
    from recent_activity
    where user_forms is not null
)
select
    recent_activity.advertiser_id,
    recent_activity.channel,
    field,
    written as spelt_like,
    upload_time,
    recent_activity.app_id,
    path as file,
    line
from form
join recent_activity using (request_id)
join app_user_value
    on app_user_value.advertiser_id = recent_activity.advertiser_id
    and form = field || ':sha256:' || digest
join source_file using (file_id)
where written is not null
order by recent_activity.advertiser_id, recent_activity.channel, path, line, field
