-- target: one row a target whose conversion is measured, each the steps from first_step to last_step: a stage; a stage
-- with all deeper ones ("deeper"); two to five steps in a row of which each seems too rare ("union"). The raw stage is
-- in neither of the last two, nor are steps beyond the fiftieth: nobody's funnel, but a log that names every event
-- differently. What seems too rare includes all that FUN006 can find so: no estimate lies below converted / cohort.
create or replace temp table target as
with early as (
    select *, max(step) over (partition by advertiser_id, channel) as last_step
    from funnel_step
    qualify step <= 50
), rare as (
    select
        advertiser_id,
        channel,
        event_name,
        early.advertiser_no,
        early.stage_no,
        step,
        step - row_number() over (partition by advertiser_id, channel order by step) as run
    from early
    join stage using (advertiser_id, channel, event_name)
    where not stage.is_raw and converted / nullif(cohort, 0) < $min_rate
), listed as (
    select advertiser_id, channel, 'stage' as kind, event_name, null as first_step, null as last_step, advertiser_no, stage_no
    from stage
    union all
    select advertiser_id, channel, 'deeper', event_name, step, last_step, advertiser_no, stage_no
    from early
    where not is_raw
    union all
    select
        rare.advertiser_id,
        rare.channel,
        'union',
        rare.event_name,
        rare.step,
        later.step,
        rare.advertiser_no,
        rare.stage_no
    from rare
    join rare as later
        on later.advertiser_id = rare.advertiser_id
        and later.channel = rare.channel
        and later.run = rare.run
        and later.step between rare.step + 1 and rare.step + 4
)
select row_number() over (order by advertiser_id, channel, kind, event_name, last_step)::integer as target_id, *
from listed;

-- target_step: one row a target of several steps and each of them.
create or replace temp table target_step as
with numbered as (
    select target_id, advertiser_no, unnest(range(first_step, last_step + 1)) as step
    from target
    where kind <> 'stage'
)
select target_id, advertiser_id, channel, step, event_name, advertiser_no, stage_no
from numbered
join funnel_step using (advertiser_no, step);
