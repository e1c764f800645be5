/*---
title = "The API version is still supported"
severity = "recommended"
source = "Meta, using the API: a version is supported for at least two years; after that it may answer with errors and its events may be discarded. The days are those of Meta's changelog (sql/api_versions.toml)"
why = "When a version ends, its calls fail or are answered by another version, from one day to the next."
fix = "Call the newest version of the API (the part like v25.0 of its address), or update the SDK; plan for a newer one every year."
acts = "partner"
wait = "Log the address that was called beside each request."
at = ["/url", "/request/url", "/body/url", "/params/url"]
unit = "share"
reports = []

[message]
pass = "{n:count} requests of the last four weeks called versions of the API that are supported ({told})."
warn = "{affected:count} of {n:count} requests of the last four weeks ({value:share}) called a version of the API that is past its time: {told_old}."
not_evaluable = "The log does not tell which version of the API was called."

[payload]
warn = "The request calls a version of the API that is past its time: {told_old}."

[history]
not_evaluable = "Nothing was sent: a CRM history tells nothing about requests."

[thresholds]
max_age_days = 730

[[case]]
name = "released two years and some hours ago warns"
given.known_version = [{ api_version = "v90.0", released = "2021-11-14" }]
given.recent_request = [{ api_version = "v90.0" }]
status = "warn"

[[case]]
name = "released two years ago less some hours passes"
given.known_version = [{ api_version = "v90.0", released = "2021-11-15" }]
given.recent_request = [{ api_version = "v90.0" }]
status = "pass"

[[case]]
name = "a version that the table knows as old warns"
given.recent_request = [{ api_version = "v11.0" }, { api_version = "v18.0" }]
status = "warn"
value = 0.5
n = 2
affected = 1
message = "1 of 2 requests of the last four weeks (50.0 %) called a version of the API that is past its time: v11.0 (released 2021-06-08, last day 2023-09-14)."

[[case]]
name = "its last day passes"
given.known_version = [{ api_version = "v90.0", released = "2021-01-01", expires = "2023-11-14" }]
given.recent_request = [{ api_version = "v90.0" }]
status = "pass"

[[case]]
name = "the day after its last day warns"
given.known_version = [{ api_version = "v90.0", released = "2022-01-01", expires = "2023-11-13" }]
given.recent_request = [{ api_version = "v90.0" }]
status = "warn"

[[case]]
name = "a version newer than the table's last is fine"
given.recent_request = [{ api_version = "v99.0" }]
status = "pass"

[[case]]
name = "an unknown version that is not newer is old"
given.recent_request = [{ api_version = "v1.0" }]
status = "warn"

[[case]]
name = "versions are compared as numbers"
given.recent_request = [{ api_version = "v100.0" }]
status = "pass"

[[case]]
name = "a log without addresses cannot be judged"
given.recent_request = [{ upload_time = 1700000000 }]
status = "not_evaluable"
---*/
with newest as (
    -- v9.0 comes before v10.0
    select max(string_split(ltrim(api_version, 'v'), '.')::integer[]) as number from known_version
), called as (
    select advertiser_id, channel, api_version, count(*) as requests, max(sent_at) as last_sent
    from recent_request
    where api_version is not null
    group by advertiser_id, channel, api_version
), judged as (
    select
        called.*,
        released,
        expires,
        coalesce(
            -- the last day that Meta names, else so long after the release as it promises
            epoch(expires + 1)::bigint <= $as_of,
            epoch(released)::bigint + $max_age_days * 86400 < $as_of,
            try_cast(string_split(ltrim(called.api_version, 'v'), '.') as integer[]) <= number
        ) as is_old
    from called
    cross join newest
    left join known_version using (api_version)
), counted as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        coalesce(sum(requests), 0)::bigint as n,
        coalesce(sum(requests) filter (is_old), 0)::bigint as affected,
        list(api_version order by requests desc, api_version) as versions,
        list(
            case
                when released is null then phrase('{version} (no version that Meta lists)', {'version': api_version})
                when expires is null
                    then phrase('{version} (released {released:day})', {'version': api_version, 'released': released})
                else phrase(
                    '{version} (released {released:day}, last day {expires:day})',
                    {'version': api_version, 'released': released, 'expires': expires}
                )
            end
            order by requests desc, api_version
        ) filter (is_old) as old_versions
    from advertiser
    left join judged using (advertiser_id, channel)
    group by advertiser.advertiser_id, advertiser.channel
)
select
    *,
    affected / nullif(n, 0) as value,
    case when n > 0 then if(affected > 0, 1, 0) end as level,
    if(
        len(versions) > 5,
        phrase('{versions} and {more:count} more', {'versions': versions[:5], 'more': len(versions) - 5}),
        phrase('{versions}', {'versions': versions})
    ) as told,
    if(
        len(old_versions) > 1,
        phrase('{versions:told} and {more:count} more', {'versions': old_versions[:1], 'more': len(old_versions) - 1}),
        old_versions[1]
    ) as told_old
from counted
;
select
    recent_request.advertiser_id,
    recent_request.channel,
    api_version,
    released,
    expires,
    path as file,
    count(*) as requests,
    min(upload_time) as first_sent,
    max(upload_time) as last_sent,
    min(line) as first_line
from recent_request
cross join (select max(string_split(ltrim(api_version, 'v'), '.')::integer[]) as number from known_version)
left join known_version using (api_version)
join source_file using (file_id)
where coalesce(
    epoch(released)::bigint + $max_age_days * 86400 < $as_of,
    try_cast(string_split(ltrim(api_version, 'v'), '.') as integer[]) <= number
)
group by recent_request.advertiser_id, recent_request.channel, api_version, released, expires, path
order by requests desc, recent_request.advertiser_id, recent_request.channel, api_version, path
