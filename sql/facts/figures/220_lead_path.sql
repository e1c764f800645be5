-- lead_walk: one row a lead with a valid event: how many steps of the funnel it has, the deepest of them, whether all
-- came at one time, and whether an event of a step came after one of a deeper step.
-- Negative stages are outside the funnel: they neither count as reached nor as missing.
create or replace temp view lead_walk as
with placed as (
    select
        advertiser_id,
        channel,
        lead_id,
        step,
        stage_time,
        last_time > min(stage_time) over (
            partition by advertiser_id, channel, lead_id
            order by step desc
            rows between unbounded preceding and 1 preceding
        ) as is_after_deeper
    from lead_stage
    join funnel_step using (advertiser_id, channel, event_name)
)
select
    advertiser_id,
    channel,
    lead_id,
    max(step) as deepest,
    count(*) as steps,
    count(*) > 1 and min(stage_time) = max(stage_time) as is_at_once,
    coalesce(bool_or(is_after_deeper), false) as goes_back
from placed
group by advertiser_id, channel, lead_id;

-- lead_path: one row an advertiser: leads beyond the first step, those that have every earlier one, and what else
-- their steps show: all at one time, jumps (a step left out, or all at one time), several steps, steps back.
create or replace temp table lead_path as
select
    advertiser_id,
    channel,
    count(*) as leads,
    count(*) filter (steps = deepest) as complete,
    count(*) filter (is_at_once) as at_once,
    count(*) filter (steps < deepest or is_at_once) as jumping,
    count(*) filter (steps > 1) as several,
    count(*) filter (goes_back) as going_back
from lead_walk
where deepest > 1
group by advertiser_id, channel;
