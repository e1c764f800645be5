-- app_error: one row an advertiser and way in which its recent App Events requests went wrong: code and subcode, else the
-- HTTP status, else no answer; with Meta's own title and what is known of the code (known_error).
create or replace temp table app_error as
with failed as (
    select
        *,
        -- a status says nothing more where there is a code
        if(error_code is null, http_status, null) as bare_status
    from recent_activity
    where has_response and (not accepted or error_code is not null)
), seen as (
    select
        advertiser_id,
        channel,
        error_code,
        error_subcode,
        bare_status,
        count(*) as requests,
        min(sent_at) as first_sent,
        max(sent_at) as last_sent,
        mode(error_title order by error_title) as title
    from failed
    group by advertiser_id, channel, error_code, error_subcode, bare_status
)
select
    seen.*,
    coalesce(exact.meaning, general.meaning) as meaning,
    coalesce(exact.advice, general.advice) as advice,
    coalesce(exact.sure, general.sure) as sure
from seen
left join known_error as exact on exact.code = error_code and exact.subcode = error_subcode
left join known_error as general on general.code = error_code and general.subcode is null;
