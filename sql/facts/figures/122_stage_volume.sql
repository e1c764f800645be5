-- stage_volume: one row a stage that leads reached for the first time in the four weeks up to the horizon: how many.
create or replace temp table stage_volume as
select advertiser_id, channel, event_name, count(*) as recent_leads
from lead_stage
join advertiser_window using (advertiser_id, channel)
where stage_time > horizon - 2419200 and stage_time <= horizon
group by advertiser_id, channel, event_name;
