-- newer_lead: one row an advertiser: leads of its list that are younger than its log.
create or replace temp table newer_lead as
with counted as (
    select advertiser_no, count(*) as leads
    from coded_list_lead
    join advertiser_window using (advertiser_no)
    where not is_test and created_time > horizon + $max_silence_days * 86400
    group by advertiser_no
)
select advertiser_id, channel, coalesce(counted.leads, 0) as leads
from advertiser
left join counted using (advertiser_no);
