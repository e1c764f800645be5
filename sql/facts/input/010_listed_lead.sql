-- coded_listed_lead: one row a lead and owner as the lists say it, up to as_of; owner null where no list names one.
create or replace temp table coded_listed_lead as
with owner as (
    select distinct advertiser_id, owner_no from advertiser_number
)
select
    owner_no,
    coalesce(odd_lead.lead_no, try_cast(lead_id as bigint)) as lead_no,
    min(created_time) as created_time,
    bool_or(is_test) as is_test
from lead
left join owner using (advertiser_id)
left join odd_lead using (lead_id)
where created_time <= $as_of
group by owner_no, coalesce(odd_lead.lead_no, try_cast(lead_id as bigint));

-- listed_lead: the same with the texts.
create or replace temp view listed_lead as
with owner as (
    select distinct advertiser_id, owner_no from advertiser_number
)
select advertiser_id, coalesce(odd_lead.lead_id, lead_no::varchar) as lead_id, created_time, is_test
from coded_listed_lead
left join owner using (owner_no)
left join odd_lead using (lead_no);
