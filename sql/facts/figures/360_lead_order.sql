-- lead_order: one row a lead with at least two stages that are not negative: do their times follow the funnel's order?
create or replace temp table lead_order as
with timed as (
    select advertiser_id, channel, lead_id, list(stage_time order by stage_order) as times
    from lead_stage
    join stage using (advertiser_id, channel, event_name)
    where not is_negative
    group by advertiser_id, channel, lead_id
    having count(*) > 1
)
select advertiser_id, channel, lead_id, times = list_sort(times) as is_in_order
from timed;
