-- stage_volume: one row a stage that leads reached for the first time in the four weeks up to the horizon: how many.
create or replace temp table stage_volume as
with counted as (
    select advertiser_no, stage_no, count(*) as recent_leads
    from coded_lead_stage
    join advertiser_window using (advertiser_no)
    where stage_time > horizon - 2419200 and stage_time <= horizon
    group by advertiser_no, stage_no
)
select advertiser_id, channel, event_name, recent_leads
from counted
join stage_seen using (advertiser_no, stage_no);
