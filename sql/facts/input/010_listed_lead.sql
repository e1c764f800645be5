-- listed_lead: one row a lead and owner as the lists say it, up to as_of; owner null where no list names one.
create or replace temp table listed_lead as
select
    advertiser_id,
    lead_id,
    min(created_time) as created_time,
    bool_or(is_test) as is_test
from lead
where created_time <= $as_of
group by advertiser_id, lead_id;
