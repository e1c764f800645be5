-- coded_stage_delay: one row a lead of the cohort and stage that it reached up to as_of; the delay in seconds.
create or replace temp table coded_stage_delay as
select
    advertiser_no,
    stage_no,
    lead_no,
    greatest(stage_time - created_time, 0) as delay,
    follow_up,
    greatest(stage_time - created_time, 0) <= follow_up as is_converted
from coded_cohort_lead
join coded_lead_stage using (advertiser_no, lead_no)
where stage_time <= $as_of;

-- stage_delay: the same with the texts.
create or replace temp view stage_delay as
select
    advertiser_id,
    channel,
    event_name,
    coalesce(lead_id, lead_no::varchar) as lead_id,
    delay,
    follow_up,
    is_converted,
    advertiser_no,
    stage_no,
    lead_no
from coded_stage_delay
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join odd_lead using (lead_no);
