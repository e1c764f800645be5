-- call_second: one row a second with calls of the partner's app up to as_of: by the call log, else by the requests.
create or replace temp table call_second as
with logged as (
    select call_time, is_success, error_code
    from api_call
    where call_time <= $as_of
), counted as (
    select *, true as from_log from logged
    union all
    select upload_time, accepted, error_code, false
    from request
    where channel = 'crm' and accepted is not null and upload_time <= $as_of and not exists (from logged)
)
select
    call_time,
    bool_and(from_log) as from_log,
    count(*)::integer as calls,
    count(*) filter (not is_success)::integer as errors,
    -- what Meta answers where an app, a user, an account or a business calls too often
    count(*) filter (error_code in (4, 17, 32, 341, 613) or error_code between 80000 and 80014)::integer as limit_errors
from counted
group by call_time;
