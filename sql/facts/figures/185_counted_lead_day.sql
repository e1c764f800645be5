-- counted_lead_day: one row an advertiser and day that its daily counts tell of: leads counted, and leads whose first
-- valid raw event lies on that day (no list says when they were created). Whole days within the four weeks up to
-- 24 h before the horizon, none of them before `start`.
create or replace temp table counted_lead_day as
with raw_day as (
    select advertiser_id, channel, day_of(stage_time, time_zone) as day, count(*) as leads
    from coded_lead_stage
    join coded_raw_stage using (advertiser_no, stage_no)
    join advertiser using (advertiser_no)
    -- where a list is, nothing else counts leads
    where stage_time <= $as_of and advertiser_id in (select advertiser_id from counted_day)
    group by advertiser_id, channel, day_of(stage_time, time_zone)
)
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    counted_day.day,
    counted_day.leads as counted,
    coalesce(raw_day.leads, 0) as raw_leads
from counted_day
join advertiser_window using (advertiser_id)
join advertiser using (advertiser_id, channel)
left join raw_day using (advertiser_id, channel, day)
where day > day_of(horizon - 2419200, time_zone)
    and day < day_of(horizon - 86400 + 1, time_zone)
    and (start is null or day > day_of(start - 1, time_zone));
