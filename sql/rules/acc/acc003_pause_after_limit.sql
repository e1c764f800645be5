/*---
title = "A pause after a limit"
severity = "recommended"
source = "Partner guide, prerequisites: stop calling at once when an answer says that a limit is reached. How long a pause is enough, and how many calls are many, is ours"
why = "Calls that go on while Meta refuses them are failed calls themselves, prolong the refusal and count against access."
fix = "After an error with code 4, 17, 32, 341, 613 or 80000 to 80014 stop all calls for a minute, then go on slowly, with a longer pause each time the error comes back."
wait = "Export the log of the app's Marketing API calls with time, status and error code, and load it with --calls."
acts = "partner"
unit = "calls"
needs = ["call log"]
reports = []
origin = { pause_seconds = "ours", many_calls = "ours" }

[message]
pass = "After none of {n:count} errors of the last 15 days that ask to stop did the app call again within {pause_seconds:count} seconds."
"pass.none" = "No call of the last 15 days ran into a limit."
warn = "Calls made within {pause_seconds:count} seconds after an error that asks to stop, in the last 15 days: {value:count}, after {n:count} such errors."
"warn.one" = "Calls made within {pause_seconds:count} seconds after an error that asks to stop, in the last 15 days: {value:count}, after one such error."
not_evaluable = "There is no call log, so it cannot be told whether the app stops calling when Meta asks it to."

[history]
not_evaluable = "Nothing was sent: access is judged beside what is sent."

[thresholds]
pause_seconds = 60
many_calls = 5

[[case]]
name = "no error of that kind passes"
given.access = [{ from_log = true, limit_errors = 0, repeated_calls = 0 }]
status = "pass"

[[case]]
name = "a pause after each passes"
given.access = [{ from_log = true, limit_errors = 2, repeated_calls = 0 }]
status = "pass"
n = 2

[[case]]
name = "one call too soon warns"
given.access = [{ from_log = true, limit_errors = 1, repeated_calls = 1 }]
status = "warn"
value = 1

[[case]]
name = "five are many, and warn too"
given.access = [{ from_log = true, limit_errors = 2, repeated_calls = 5 }]
status = "warn"
affected = 5

[[case]]
name = "requests do not tell"
given.access = [{ from_log = false, limit_errors = 2, repeated_calls = 5 }]
status = "not_evaluable"

[[case]]
name = "without any call it cannot be told"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"
---*/
select
    advertiser_id,
    channel,
    case
        when not from_log then null
        when repeated_calls = 0 then 0
        when repeated_calls < $many_calls then 1
        when repeated_calls >= $many_calls then 2
    end as level,
    repeated_calls as value,
    limit_errors as n,
    repeated_calls as affected,
    $pause_seconds as pause_seconds,
    case limit_errors when 0 then 'none' when 1 then 'one' end as reason
from advertiser
left join access on true;

select advertiser_id, channel, api_call.call_time, limited_at, http_status, error_code, error_subcode, path as file, line
from api_call
join repeated_second using (call_time)
join source_file using (file_id)
cross join (select advertiser_id, channel from advertiser where channel = 'crm')
order by advertiser_id, call_time, path, line
