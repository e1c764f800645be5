-- stage_window: one row a stage that leads of the cohort reached: p90 by nearest rank and lower median of the delays.
create or replace temp table stage_window as
with ranked as (
    select
        *,
        row_number() over (partition by advertiser_id, channel, event_name order by delay) as rank,
        count(*) over (partition by advertiser_id, channel, event_name) as n
    from stage_delay
)
select
    advertiser_id,
    channel,
    event_name,
    any_value(n) as reached,
    count(*) filter (is_converted) as converted,
    max(delay) filter (rank = (9 * n + 9) // 10) as p90_seconds,
    max(delay) filter (rank = (n + 1) // 2) as median_seconds,
    max(delay) as longest_seconds,
    count(*) filter (delay <= 2419200) as within_window
from ranked
group by advertiser_id, channel, event_name;
