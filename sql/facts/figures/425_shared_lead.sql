-- shared_lead: one row a lead of an advertiser that another advertiser has too, with all who have it.
create or replace temp table shared_lead as
with shared as (
    select channel, lead_id from claimed_lead group by channel, lead_id having count(*) > 1
), owned as (
    select channel, lead_id, list(advertiser_id order by advertiser_id) as owners
    from claimed_lead
    semi join shared using (channel, lead_id)
    group by channel, lead_id
)
select advertiser_id, channel, lead_id, owners
from claimed_lead
join owned using (channel, lead_id);
