-- app_install: one row an install that Meta accepted, over the whole log, of a device or user that is known: the how-manieth
-- of its device and of its user in this app it is. All zeros, or what is no advertising id, is nobody's device.
create or replace temp table app_install as
with known as (
    select
        request_id,
        advertiser_id,
        channel,
        app_id,
        sent_at,
        record_digest,
        if(device_form in ('lower', 'upper', 'mixed', 'digits'), device_digest, null) as device,
        user_digest
    from sent_activity
    where kind = 'install' and accepted
)
select
    request_id,
    advertiser_id,
    channel,
    app_id,
    sent_at,
    case when device is not null then row_number() over of_device end as of_device,
    case when user_digest is not null then row_number() over of_user end as of_user
from known
where device is not null or user_digest is not null
window
    of_device as (partition by advertiser_id, app_id, device order by sent_at nulls last, record_digest, request_id),
    of_user as (partition by advertiser_id, app_id, user_digest order by sent_at nulls last, record_digest, request_id);
