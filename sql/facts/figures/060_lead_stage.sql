-- coded_lead_stage: one row a lead and stage: the first valid time of each stage of each lead, and the last.
create or replace temp table coded_lead_stage as
select advertiser_no, stage_no, lead_no, min(event_time) as stage_time, max(event_time) as last_time
from coded_valid_event
where lead_no is not null
group by advertiser_no, stage_no, lead_no;

-- lead_stage: the same with the texts.
create or replace temp view lead_stage as
select
    advertiser_id,
    channel,
    coalesce(lead_id, lead_no::varchar) as lead_id,
    event_name,
    stage_time,
    last_time,
    advertiser_no,
    stage_no,
    lead_no
from coded_lead_stage
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join odd_lead using (lead_no);
