-- stage_window: one row a stage that leads of the cohort reached: p90 by nearest rank and lower median of the delays.
create or replace temp table stage_window as
select
    advertiser_id,
    channel,
    event_name,
    count(*) as reached,
    count(*) filter (is_converted) as converted,
    nearest_rank(delay, 9) as p90_seconds,
    nearest_rank(delay, 5) as median_seconds,
    max(delay) as longest_seconds,
    count(*) filter (delay <= 2419200) as within_window
from stage_delay
group by advertiser_id, channel, event_name;
