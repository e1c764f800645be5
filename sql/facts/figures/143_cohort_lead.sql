-- cohort_lead: one row a lead of the cohort, with its follow-up in seconds, at most 28 days.
create or replace temp table cohort_lead as
select
    advertiser_id,
    channel,
    lead_id,
    created_time,
    least(horizon - created_time, 2419200) as follow_up,
    horizon - created_time >= 2419200 as is_mature
from funnel_lead
join advertiser_window using (advertiser_id, channel)
where created_time >= coalesce(start, created_time)
    and created_time > window_end - 2419200 - $cohort_days * 86400
    and created_time <= window_end;
