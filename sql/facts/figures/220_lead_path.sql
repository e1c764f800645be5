-- lead_path: one row an advertiser: leads beyond the raw stage, and those that have every earlier stage.
-- Negative stages are outside the funnel: they neither count as reached nor as missing.
create or replace temp table lead_path as
with step as (
    select
        advertiser_id,
        channel,
        event_name,
        row_number() over (partition by advertiser_id, channel order by stage_order) as step
    from stage
    where not is_negative
), deepest as (
    select advertiser_id, channel, lead_id, max(step) as deepest, count(*) as stages
    from lead_stage
    join step using (advertiser_id, channel, event_name)
    group by advertiser_id, channel, lead_id
)
select advertiser_id, channel, count(*) as leads, count(*) filter (stages = deepest) as complete
from deepest
where deepest > 1
group by advertiser_id, channel;
