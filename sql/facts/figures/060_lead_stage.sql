-- lead_stage: one row a lead and stage: the first valid time of each stage of each lead, and the last.
create or replace temp table lead_stage as
select advertiser_id, channel, lead_id, event_name, min(event_time) as stage_time, max(event_time) as last_time
from valid_event
where lead_id is not null
group by advertiser_id, channel, lead_id, event_name;
