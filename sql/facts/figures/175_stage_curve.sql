-- stage_curve: one row a stage and minute at which leads reached it: Kaplan-Meier's share so far, Greenwood's sum.
create or replace temp table stage_curve as
select
    advertiser_id,
    channel,
    event_name,
    minute,
    -- a product of fractions that comes to 14/35 is 0.4 to the last digits that a double can hold
    round(1 - product((at_risk - converted) / at_risk) over so_far, 12) as share,
    sum(if(at_risk > converted, converted / (at_risk * (at_risk - converted)), 0)) over so_far as variance,
    row_number() over so_far as place,
    count(*) over (partition by advertiser_id, channel, event_name) as places
from stage_risk
window so_far as (partition by advertiser_id, channel, event_name order by minute);
