-- lead_order: one row a lead with at least two stages that are not negative: do their times follow the funnel's order?
create or replace temp view lead_order as
select advertiser_id, channel, lead_id, is_in_order
from lead_walk
where steps > 1;
