-- funnel_lead: one row a lead that conversion is measured on: the list's, else those with a valid raw event.
create or replace temp view funnel_lead as
select advertiser_no, lead_no, created_time
from coded_list_lead
where not is_test
union all
select advertiser_no, lead_no, stage_time
from coded_lead_stage
join coded_raw_stage using (advertiser_no, stage_no)
join advertiser_window using (advertiser_no)
where not has_list;
