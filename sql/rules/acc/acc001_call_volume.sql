/*---
title = "Enough calls for full access"
severity = "required"
source = "Partner guide, prerequisites: successful Marketing API calls within 15 days; Meta's changelog of May 2026 asks for 500"
why = "Meta opens full access to the Marketing API, without which a partner cannot work for its clients, to an app that has shown enough successful calls."
fix = "Make the calls that the integration needs anyway, such as sending events and reading leads, until the number is reached; then ask for access at once, since old calls stop counting after 15 days."
wait = "Export the log of the app's Marketing API calls with time and status, and load it with --calls: events sent are only a part of the calls that count."
acts = "partner"
unit = "calls"
needs = ["call log"]

[message]
pass = "Successful calls of the Marketing API in the 15 days up to {as_of:date}, by the call log: {value:count}; {min_calls:count} are needed."
"pass.requests" = "Successful calls of the Marketing API in the 15 days up to {as_of:date}: {value:count}, counting the requests of all advertisers' logs alone, for there is no call log; {min_calls:count} are needed."
fail = "Successful calls of the Marketing API in the 15 days up to {as_of:date}, by the call log: {value:count}; {min_calls:count} are needed. At this pace, {pace:count} a day, they are reached on {expected_at:date}."
"fail.slow" = "Successful calls of the Marketing API in the 15 days up to {as_of:date}, by the call log: {value:count}; {min_calls:count} are needed, and at this pace, {pace:count} a day, they are not reached."
"fail.silent" = "The call log holds no successful call of the 15 days up to {as_of:date} (it ends on {last_call:date}); {min_calls:count} are needed."
not_evaluable = "There is no call log, and no request whose outcome is known, so the app's calls cannot be counted."
"not_evaluable.requests" = "There is no call log, and the requests of all advertisers' logs alone are not the {min_calls:count} successful calls in 15 days that are needed: whether the app makes more calls cannot be told."

[history]
not_evaluable = "Nothing was sent: access is judged beside what is sent."

[thresholds]
min_calls = 1500

[guide."2026-05"]
min_calls = 500

[[case]]
name = "1,500 successes pass"
given.access = [{ from_log = true, calls = 1666, errors = 166, successes = 1500, pace = 100.0 }]
status = "pass"
value = 1500
n = 1666

[[case]]
name = "1,499 are one too few, and at this pace it stays so"
given.access = [{ from_log = true, calls = 1499, errors = 0, successes = 1499, pace = 99.93 }]
status = "fail"
affected = 1

[[case]]
name = "a young log shows when they will be enough"
given.access = [{ from_log = true, calls = 600, errors = 0, successes = 600, pace = 120.0, expected_at = 1700648000 }]
status = "fail"
message = "Successful calls of the Marketing API in the 15 days up to 2023-11-14, by the call log: 600; 1,500 are needed. At this pace, 120 a day, they are reached on 2023-11-22."

[[case]]
name = "a log without a success fails"
given.access = [{ from_log = true, calls = 0, errors = 0, successes = 0, last_call = 1690000000, pace = 0.0 }]
status = "fail"

[[case]]
name = "requests alone may be enough"
given.access = [{ from_log = false, calls = 1500, errors = 0, successes = 1500, pace = 100.0 }]
status = "pass"

[[case]]
name = "requests alone are never too few"
given.access = [{ from_log = false, calls = 1499, errors = 0, successes = 1499, pace = 99.9 }]
status = "not_evaluable"

[[case]]
name = "without any call it cannot be told"
given.advertiser = [{ advertiser_id = "a" }]
status = "not_evaluable"

[[case]]
name = "the newer guide asks for 500"
given.access = [{ from_log = true, calls = 500, errors = 0, successes = 500, pace = 33.3 }]
guide = "2026-05"
status = "pass"

[[case]]
name = "in the newer guide too 499 are one too few"
given.access = [{ from_log = true, calls = 499, errors = 0, successes = 499, pace = 33.3 }]
guide = "2026-05"
status = "fail"
---*/
select
    advertiser_id,
    channel,
    case when successes >= $min_calls then 0 when from_log then 2 end as level,
    successes as value,
    calls as n,
    greatest($min_calls - successes, 0) as affected,
    $as_of as as_of,
    errors,
    round(pace, if(pace < 10, 1, 0)) as pace,
    reached_at,
    expected_at,
    first_call,
    last_call,
    case
        when not from_log then 'requests'
        when successes >= $min_calls then null
        when successes = 0 then 'silent'
        when expected_at is null then 'slow'
    end as reason
from advertiser
left join access on true
