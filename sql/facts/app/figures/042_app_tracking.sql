-- app_tracking: one row an advertiser: what its requests of the latest weeks from iOS 14.5 or later, where every user is
-- asked, say of advertiser_tracking_enabled, and how many devices say a choice in the app and go back and forth in it.
-- Requests without an id, or with zeros, cannot be told apart and count as senders of their own.
create or replace temp table app_tracking as
with recent as (
    select
        sent_activity.*,
        try_cast(regexp_extract(os_version, '^[0-9]+') as integer) as major,
        coalesce(try_cast(regexp_extract(os_version, '^[0-9]+\.([0-9]+)', 1) as integer), 0) as minor
    from sent_activity
    join app_advertiser using (advertiser_id)
    where sent_at is null or recent_since is null or sent_at > recent_since
), counted as (
    select
        advertiser_id,
        count(*) filter (is_asked) as ios_requests,
        count(distinct device_digest) filter (is_asked and device_form <> 'zeros')
            + count(*) filter (is_asked and coalesce(device_form, 'zeros') = 'zeros') as ios_senders,
        count(*) filter (is_asked and advertiser_tracking in ('1', 'true')) as ios_allowed,
        count(distinct device_digest) filter (
            device_form <> 'zeros' and application_tracking in ('0', '1', 'true', 'false')
        ) as devices
    from (
        select
            *,
            platform = 'ios' and (major > 14 or (major = 14 and minor >= 5))
                and advertiser_tracking in ('0', '1', 'true', 'false') as is_asked
        from recent
    )
    group by advertiser_id
), flapped as (
    select advertiser_id, count(distinct device_digest) as flapping
    from flapping_device
    group by advertiser_id
)
select
    advertiser_id,
    coalesce(ios_requests, 0) as ios_requests,
    coalesce(ios_senders, 0) as ios_senders,
    coalesce(ios_allowed, 0) as ios_allowed,
    coalesce(devices, 0) as devices,
    coalesce(flapping, 0) as flapping
from app_advertiser
left join counted using (advertiser_id)
left join flapped using (advertiser_id);
