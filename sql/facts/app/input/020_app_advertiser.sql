-- app_advertiser: one row an advertiser with App Events up to as_of: how far its log speaks (Unix seconds), and what the
-- configuration says of it. Without a word about servers the log answers: only a server's log holds X-Forwarded-For.
create or replace temp table app_advertiser as
with sent as (
    select
        advertiser_id,
        count(*) as requests,
        min(sent_at) as first_sent,
        max(sent_at) as latest_sent,
        max(upload_time) as latest_upload,
        -- at one instant the larger id as text, as a dataset is chosen
        arg_max(app_id, (coalesce(sent_at, 0), app_id)) as app_id,
        count(distinct app_id) as apps,
        bool_or(has_response) as has_response,
        bool_or(has_headers) as has_headers,
        bool_or(forwarded_form is not null) as has_forwarded
    from sent_activity
    group by advertiser_id
)
select
    sent.*,
    'app' as channel,
    coalesce(setting.time_zone, 'UTC') as time_zone,
    coalesce(latest_sent, $as_of) as horizon,
    latest_sent - $recent_days * 86400 as recent_since,
    coalesce(setting.server_to_server, has_forwarded) as is_server,
    setting.server_to_server,
    setting.auto_logging,
    coalesce(setting.anonymous_ids, false) as anonymous_ids
from sent
left join setting using (advertiser_id);
