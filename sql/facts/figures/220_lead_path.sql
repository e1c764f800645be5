-- coded_lead_walk: one row a lead with a valid event: how many steps of the funnel it has, the deepest of them, whether
-- all came at one time, whether an event of a step came after one of a deeper step, and whether the first times follow
-- the funnel's order. Negative stages are outside the funnel: they neither count as reached nor as missing.
create or replace temp table coded_lead_walk as
with placed as (
    select advertiser_no, lead_no, step, stage_time, last_time
    from coded_lead_stage
    join (select advertiser_no, stage_no, step from funnel_step) using (advertiser_no, stage_no)
), walk as (
    select advertiser_no, lead_no, max(step)::integer as deepest, count(*)::integer as steps
    from placed
    group by advertiser_no, lead_no
), compared as (
    select
        advertiser_no,
        lead_no,
        deepest,
        steps,
        stage_time,
        last_time,
        min(stage_time) over (
            partition by advertiser_no, lead_no
            order by step desc
            rows between unbounded preceding and 1 preceding
        ) as first_deeper
    from placed
    -- most leads have one step: what is sorted is few
    join (select * from walk where steps > 1) using (advertiser_no, lead_no)
)
select
    advertiser_no,
    lead_no,
    any_value(deepest) as deepest,
    any_value(steps) as steps,
    min(stage_time) = max(stage_time) as is_at_once,
    bool_or(last_time > first_deeper) as goes_back,
    bool_and(stage_time <= first_deeper) as is_in_order
from compared
group by advertiser_no, lead_no
union all
select advertiser_no, lead_no, deepest, steps, false, false, true
from walk
where steps = 1;

-- lead_walk: the same with the texts.
create or replace temp view lead_walk as
select
    advertiser_id,
    channel,
    coalesce(lead_id, lead_no::varchar) as lead_id,
    deepest,
    steps,
    is_at_once,
    goes_back,
    is_in_order,
    advertiser_no,
    lead_no
from coded_lead_walk
join advertiser_number using (advertiser_no)
left join odd_lead using (lead_no);

-- lead_path: one row an advertiser: leads beyond the first step, those that have every earlier one, and what else
-- their steps show: all at one time, jumps (a step left out, or all at one time), several steps, steps back.
create or replace temp table lead_path as
with counted as (
    select
        advertiser_no,
        count(*) as leads,
        count(*) filter (steps = deepest) as complete,
        count(*) filter (is_at_once) as at_once,
        count(*) filter (steps < deepest or is_at_once) as jumping,
        count(*) filter (steps > 1) as several,
        count(*) filter (goes_back) as going_back
    from coded_lead_walk
    where deepest > 1
    group by advertiser_no
)
select advertiser_id, channel, counted.* exclude (advertiser_no)
from counted
join advertiser_number using (advertiser_no);
