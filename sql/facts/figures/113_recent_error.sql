-- recent_error: one row an advertiser and way in which its recent requests went wrong: code and subcode, else the HTTP
-- status, else no answer; with Meta's own title and what is known of the code (known_error).
create or replace temp table recent_error as
with failed as (
    select
        *,
        -- a status says nothing more where there is a code
        if(error_code is null, http_status, null) as bare_status
    from recent_request
    where has_response and (not accepted or error_code is not null)
), titled as (
    select
        advertiser_id,
        channel,
        error_code,
        error_subcode,
        bare_status,
        error_title,
        count(*) as requests,
        sum(event_count)::bigint as events,
        min(sent_at) as first_sent,
        max(sent_at) as last_sent,
        max(error_detail) as detail,
        min(trace_id) as trace_id
    from failed
    group by advertiser_id, channel, error_code, error_subcode, bare_status, error_title
), seen as (
    select
        advertiser_id,
        channel,
        error_code,
        error_subcode,
        bare_status,
        sum(requests)::bigint as requests,
        sum(events)::bigint as events,
        min(first_sent) as first_sent,
        max(last_sent) as last_sent,
        list(error_title order by requests desc, error_title) filter (error_title is not null)[1] as title,
        list(detail order by requests desc, detail) filter (detail is not null)[1] as detail,
        min(trace_id) as trace_id
    from titled
    group by advertiser_id, channel, error_code, error_subcode, bare_status
)
select
    seen.*,
    -- what it is sorted by
    case
        when error_code is not null then concat_ws('/', 'error ' || error_code, error_subcode)
        when title is not null then concat_ws(' ', 'no code', bare_status)
        else concat('status ', bare_status)
    end as label,
    coalesce(exact.meaning, general.meaning) as meaning,
    coalesce(exact.advice, general.advice) as advice,
    if(exact.code is null, general.rule, exact.rule) as rule,
    coalesce(exact.sure, general.sure) as sure
from seen
left join known_error as exact on exact.code = error_code and exact.subcode = error_subcode
left join known_error as general on general.code = error_code and general.subcode is null;
