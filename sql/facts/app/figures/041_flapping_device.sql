-- flapping_device: one row an app and device that refused tracking in the app, allowed it, and refused it again in the
-- latest weeks: when, and in which line it was allowed first. All zeros are nobody's id.
create or replace temp table flapping_device as
with told as (
    select
        sent_activity.advertiser_id,
        coalesce(sent_activity.app_id, '') as app_id,
        device_digest,
        application_tracking in ('1', 'true') as is_allowed,
        sent_at,
        file_id,
        line
    from sent_activity
    join app_advertiser using (advertiser_id)
    where sent_at > recent_since and device_form <> 'zeros' and application_tracking in ('0', '1', 'true', 'false')
), refused as (
    select advertiser_id, app_id, device_digest, min(sent_at) as first_refused, max(sent_at) as last_refused
    from told
    where not is_allowed
    group by advertiser_id, app_id, device_digest
    having min(sent_at) < max(sent_at)
), flapping as (
    select told.*, first_refused, last_refused
    from told
    join refused using (advertiser_id, app_id, device_digest)
    where is_allowed and sent_at > first_refused and sent_at < last_refused
    qualify row_number() over (
        partition by advertiser_id, app_id, device_digest order by sent_at, file_id, line
    ) = 1
)
select
    advertiser_id,
    nullif(app_id, '') as app_id,
    device_digest,
    first_refused,
    sent_at as allowed_at,
    last_refused,
    file_id,
    line
from flapping;
