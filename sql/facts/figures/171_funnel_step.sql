-- funnel_step: one row a stage that is not negative: its place among these, from 1 in the order of the funnel.
create or replace temp table funnel_step as
select
    advertiser_id,
    channel,
    event_name,
    is_raw,
    row_number() over (partition by advertiser_id, channel order by stage_order) as step,
    advertiser_no,
    stage_no
from stage
where not is_negative;
