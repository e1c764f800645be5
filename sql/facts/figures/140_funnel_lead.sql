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
