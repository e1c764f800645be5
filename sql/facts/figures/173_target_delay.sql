-- target_delay: one row a target and lead of the cohort that reached it up to as_of: the delay of the first of its
-- stages in seconds.
create or replace temp table target_delay as
select target_id, delay, follow_up, is_converted
from stage_delay
join target using (advertiser_id, channel, event_name)
where kind = 'stage'
union all
select target_id, min(delay), any_value(follow_up), min(delay) <= any_value(follow_up)
from stage_delay
join target_step using (advertiser_id, channel, event_name)
group by target_id, lead_id;
