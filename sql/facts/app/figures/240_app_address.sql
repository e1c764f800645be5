-- app_address: one row an advertiser and address (its digest) in X-Forwarded-For in the latest weeks of sending: behind
-- how many of all its devices with an address it stands.
create or replace temp table app_address as
with sent as (
    select advertiser_id, channel, forwarded_digest, device_digest
    from recent_activity
    where forwarded_form in ('ipv4', 'ipv6', 'private') and device_form in ('lower', 'upper', 'mixed', 'digits')
), whole as (
    select advertiser_id, channel, count(distinct device_digest) as all_devices
    from sent
    group by advertiser_id, channel
)
select advertiser_id, channel, forwarded_digest, count(distinct device_digest) as devices, any_value(all_devices) as all_devices
from sent
join whole using (advertiser_id, channel)
group by advertiser_id, channel, forwarded_digest;
