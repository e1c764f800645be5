/*---
title = "Few failed calls"
severity = "required"
source = "Partner guide, prerequisites: less than 10 % errors in 15 days; Meta's changelog of May 2026: less than 15 % of the latest 500 calls. That every call of the log counts, those of the Conversions API too, is ours"
why = "Meta refuses full access to an app whose calls fail too often."
fix = "Look at the failed calls by their error code (funnelcheck rows ACC002), mend the most frequent cause, and wait until enough good calls have been made since."
wait = "Export the log of the app's Marketing API calls with time and status, and load it with --calls."
acts = "partner"
unit = "share"
needs = ["call log"]
reports = ["max_error_share"]

[message]
pass = "{affected:count} of {n:count} calls of the last 15 days failed ({value:share}), by the call log; less than {max_error_share:share} is asked for."
"pass.latest" = "{affected:count} of the latest {n:count} calls failed ({value:share}), by the call log; less than {max_error_share:share} is asked for."
fail = "{affected:count} of {n:count} calls of the last 15 days failed ({value:share}), by the call log; less than {max_error_share:share} is asked for."
"fail.latest" = "{affected:count} of the latest {n:count} calls failed ({value:share}), by the call log; less than {max_error_share:share} is asked for."
not_evaluable = "There is no call log (--calls), so the errors of the app's calls cannot be judged."
"not_evaluable.silent" = "The call log holds no call of the 15 days up to {as_of:date} (it ends on {last_call:date}), so there are no errors to judge."

[history]
not_evaluable = "Nothing was sent: access is judged beside what is sent."

[thresholds]
max_error_share = 0.1
window_calls = 0  # 0: the calls of 15 days, else so many of the latest

[guide."2026-05"]
max_error_share = 0.15
window_calls = 500

[[case]]
name = "166 errors beside 1,500 successes are 9.96 %"
given.access = [{ from_log = true, is_enough = true, calls = 1666, errors = 166, last_call = 1690000000 }]
status = "pass"
n = 1666
affected = 166

[[case]]
name = "167 are 10.02 %"
given.access = [{ from_log = true, is_enough = true, calls = 1667, errors = 167, last_call = 1690000000 }]
status = "fail"

[[case]]
name = "exactly a tenth is too much"
given.access = [{ from_log = true, is_enough = true, calls = 2000, errors = 200, last_call = 1690000000 }]
status = "fail"
value = 0.1

[[case]]
name = "a log with too few calls has errors all the same"
given.access = [{ from_log = true, is_enough = false, calls = 10, errors = 1, last_call = 1690000000 }]
status = "fail"

[[case]]
name = "requests alone are no call log"
given.access = [{ from_log = false, is_enough = true, calls = 1667, errors = 167, last_call = 1690000000 }]
status = "not_evaluable"

[[case]]
name = "a log that ends before has no errors to judge"
given.access = [{ from_log = true, is_enough = false, calls = 0, errors = 0, last_call = 1690000000 }]
status = "not_evaluable"
message = "The call log holds no call of the 15 days up to 2023-11-14 (it ends on 2023-07-22), so there are no errors to judge."

[[case]]
name = "without any call it cannot be told"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"

[[case]]
name = "in the newer guide 74 of the latest 500 pass"
given.access = [{ from_log = true, is_enough = true, calls = 9000, errors = 4000, latest_calls = 500, latest_errors = 74 }]
guide = "2026-05"
status = "pass"
n = 500

[[case]]
name = "in the newer guide 75 of the latest 500 fail"
given.access = [{ from_log = true, is_enough = true, calls = 9000, errors = 0, latest_calls = 500, latest_errors = 75 }]
guide = "2026-05"
status = "fail"
value = 0.15

[[case]]
name = "fewer than 500 are judged as they are"
given.access = [{ from_log = true, is_enough = false, calls = 20, errors = 2, latest_calls = 20, latest_errors = 2 }]
guide = "2026-05"
status = "pass"
---*/
with judged as (
    select
        *,
        if($window_calls > 0, latest_calls, calls) as judged_calls,
        if($window_calls > 0, latest_errors, errors) as judged_errors
    from access
)
select
    advertiser_id,
    channel,
    case when judged_calls > 0 and from_log
        then if(judged_errors / judged_calls < $max_error_share, 0, 2)
    end as level,
    judged_errors / nullif(judged_calls, 0) as value,
    judged_calls as n,
    judged_errors as affected,
    $as_of as as_of,
    last_call,
    case when from_log and judged_calls = 0 then 'silent' when $window_calls > 0 then 'latest' end as reason
from advertiser
left join judged on true;

with newest as (
    select *, row_number() over (order by call_time desc, is_success, file_id, line) as place
    from api_call
    where call_time <= $as_of
)
select advertiser_id, channel, call_time, http_status, error_code, error_subcode, path as file, line
from newest
join source_file using (file_id)
cross join (select advertiser_id, channel from advertiser where channel = 'crm')
where not is_success and if($window_calls > 0, place <= $window_calls, call_time > $as_of - 1296000)
order by advertiser_id, call_time desc, path, line
