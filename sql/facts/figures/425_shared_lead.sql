-- shared_lead: one row a lead of an advertiser that another advertiser has too, with all who have it.
create or replace temp table shared_lead as
with several as (
    -- of any channel
    select lead_no from coded_claimed_lead group by lead_no having count(*) > 1
), claimed as (
    select * from claimed_lead semi join several using (lead_no)
), owned as (
    select channel, lead_no, list(advertiser_id order by advertiser_id) as owners
    from claimed
    group by channel, lead_no
    having count(*) > 1
)
select advertiser_id, channel, lead_id, owners
from claimed
join owned using (channel, lead_no);
