-- stage_delay: one row a lead of the cohort and stage that it reached up to as_of; the delay in seconds.
create or replace temp table stage_delay as
select
    advertiser_id,
    channel,
    event_name,
    lead_id,
    greatest(stage_time - created_time, 0) as delay,
    follow_up,
    greatest(stage_time - created_time, 0) <= follow_up as is_converted
from cohort_lead
join lead_stage using (advertiser_id, channel, lead_id)
where stage_time <= $as_of;
