-- target_window: one row a target of several stages that leads of the cohort reached: what stage_window says of a stage.
create or replace temp table target_window as
select
    target_id,
    count(*) as reached,
    count(*) filter (is_converted) as converted,
    nearest_rank(delay, 9) as p90_seconds
from target_delay
join target using (target_id)
where kind <> 'stage'
group by target_id;
