-- coded_raw_arrival: one row a listed lead with a valid raw event: its creation, and when that event was first sent
-- (without a time of sending: when it happened).
create or replace temp table coded_raw_arrival as
with arrival as (
    select advertiser_no, lead_no, coalesce(min(upload_time), min(event_time)) as arrived
    from coded_valid_copy
    join coded_raw_stage using (advertiser_no, stage_no)
    where channel = 'crm'
    group by advertiser_no, lead_no
)
select advertiser_no, lead_no, created_time, arrived
from arrival
join coded_list_lead using (advertiser_no, lead_no);

-- raw_arrival: the same with the texts.
create or replace temp view raw_arrival as
select advertiser_id, channel, coalesce(lead_id, lead_no::varchar) as lead_id, created_time, arrived
from coded_raw_arrival
join advertiser_number using (advertiser_no)
left join odd_lead using (lead_no);
