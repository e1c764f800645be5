-- stage_window: one row a stage that leads of the cohort reached: p90 by nearest rank and lower median of the delays.
create or replace temp table stage_window as
with counted as (
    select
        advertiser_no,
        stage_no,
        count(*) as reached,
        count(*) filter (is_converted) as converted,
        nearest_rank(delay, 9) as p90_seconds,
        nearest_rank(delay, 5) as median_seconds,
        max(delay) as longest_seconds,
        count(*) filter (delay <= 2419200) as within_window
    from coded_stage_delay
    group by advertiser_no, stage_no
)
select advertiser_id, channel, event_name, counted.* exclude (advertiser_no, stage_no)
from counted
join stage_seen using (advertiser_no, stage_no);
