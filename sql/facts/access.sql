-- repeated_second: one row a second of the last 15 days with calls too soon after an answer that asks to stop.
create or replace temp table repeated_second as
with recent as (
    select call_time, calls, limit_errors from call_second where call_time > $as_of - 1296000
)
select recent.call_time, recent.calls, limited.call_time as limited_at
from recent
asof join (select call_time from recent where limit_errors > 0) as limited on recent.call_time > limited.call_time
where recent.call_time - limited.call_time <= $pause_seconds;

-- access: how far the app is on the way to full access at as_of; one row, or none where no call is known.
create or replace temp table access as
with known as (
    select bool_and(from_log) as from_log, min(call_time) as first_call, max(call_time) as last_call
    from call_second
    having count(*) > 0
), recent as (
    select
        coalesce(sum(calls), 0)::bigint as calls,
        coalesce(sum(errors), 0)::bigint as errors,
        coalesce(sum(calls - errors), 0)::bigint as successes,
        coalesce(sum(limit_errors), 0)::bigint as limit_errors
    from call_second
    where call_time > $as_of - 1296000
), newest as (
    select calls, errors, sum(calls) over (order by call_time desc) - calls as newer
    from call_second
    where $window_calls > 0
), latest as (
    -- of the second in which the latest calls begin, those that failed are taken first
    select
        sum(least(calls, $window_calls - newer))::bigint as latest_calls,
        sum(least(errors, $window_calls - newer))::bigint as latest_errors
    from newest
    where newer < $window_calls
), repeated as (
    select coalesce(sum(calls), 0)::bigint as repeated_calls from repeated_second
), counted as (
    select
        call_time,
        calls - errors as successes,
        sum(calls - errors) over (order by call_time rows unbounded preceding) as total
    from call_second
), rolling as (
    -- a sum over a moving frame of 15 days takes ten times as long as the difference of two running totals
    select counted.call_time, counted.successes, counted.total - coalesce(gone.total, 0) as in_window
    from counted
    asof left join counted as gone on counted.call_time - 1296000 >= gone.call_time
), risen as (
    -- when the successes of 15 days came to the number that is asked for, the last time that they did
    select max(call_time) as risen_at
    from rolling
    where in_window >= $min_calls and in_window - successes < $min_calls
), paced as (
    select
        *,
        -- a log of less than a day is taken as one of a day
        greatest(86400, least(1296000, $as_of - first_call)) as paced_seconds
    from known, recent, latest, repeated, risen
)
select
    from_log,
    first_call,
    last_call,
    calls,
    errors,
    successes,
    limit_errors,
    repeated_calls,
    latest_calls,
    latest_errors,
    successes >= $min_calls as is_enough,
    successes * 86400 / paced_seconds as pace,
    if(is_enough, risen_at, null) as reached_at,
    -- older calls leave the 15 days while new ones come: a pace too low for 15 days is too low for ever
    case when not is_enough and successes * 1296000 >= $min_calls * paced_seconds
        then $as_of + ceil(($min_calls - successes) * paced_seconds / successes)::bigint
    end as expected_at
from paced;
