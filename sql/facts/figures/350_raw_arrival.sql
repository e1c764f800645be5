-- raw_arrival: one row a listed lead with a valid raw event: its creation, and when that event was first sent (without
-- a time of sending: when it happened).
create or replace temp table raw_arrival as
select
    advertiser_id,
    channel,
    lead_id,
    any_value(created_time) as created_time,
    coalesce(min(upload_time), min(event_time)) as arrived
from valid_copy
join raw_stage using (advertiser_id, channel, event_name)
join list_lead using (advertiser_id, channel, lead_id)
where channel = 'crm'
group by advertiser_id, channel, lead_id;
