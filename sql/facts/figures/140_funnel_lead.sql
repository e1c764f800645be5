-- funnel_lead: one row a lead that conversion is measured on: the list's, else those with a valid raw event.
create or replace temp table funnel_lead as
select advertiser_id, channel, lead_id, created_time
from list_lead
where not is_test
union all
select lead_stage.advertiser_id, lead_stage.channel, lead_stage.lead_id, lead_stage.stage_time
from lead_stage
join raw_stage using (advertiser_id, channel, event_name)
join advertiser_window using (advertiser_id, channel)
where not has_list;
