-- coded_cohort_lead: one row a lead of the cohort, with its follow-up in seconds, at most 28 days.
create or replace temp table coded_cohort_lead as
select
    advertiser_no,
    lead_no,
    created_time,
    least(horizon - created_time, 2419200) as follow_up,
    horizon - created_time >= 2419200 as is_mature
from funnel_lead
join advertiser_window using (advertiser_no)
where created_time >= coalesce(start, created_time)
    and created_time > window_end - 2419200 - $cohort_days * 86400
    and created_time <= window_end;

-- cohort_lead: the same with the texts.
create or replace temp view cohort_lead as
select
    advertiser_id,
    channel,
    coalesce(lead_id, lead_no::varchar) as lead_id,
    created_time,
    follow_up,
    is_mature,
    advertiser_no,
    lead_no
from coded_cohort_lead
join advertiser_number using (advertiser_no)
left join odd_lead using (lead_no);
