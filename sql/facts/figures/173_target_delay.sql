-- target_delay: one row a target and lead of the cohort that reached it up to as_of: the delay of the first of its
-- stages in seconds.
create or replace temp table target_delay as
select target_id, delay, follow_up, is_converted
from coded_stage_delay
join (select target_id, advertiser_no, stage_no from target where kind = 'stage') using (advertiser_no, stage_no)
union all
select target_id, min(delay), any_value(follow_up), min(delay) <= any_value(follow_up)
from coded_stage_delay
join target_step using (advertiser_no, stage_no)
group by target_id, lead_no;
