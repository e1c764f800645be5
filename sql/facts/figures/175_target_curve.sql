-- target_curve: one row a target and minute at which leads reached it: Kaplan-Meier's share so far, Greenwood's sum.
create or replace temp table target_curve as
select
    target_id,
    minute,
    -- a product of fractions that comes to 14/35 is 0.4 to the last digits that a double can hold
    round(1 - product((at_risk - converted) / at_risk) over so_far, 12) as share,
    sum(if(at_risk > converted, converted / (at_risk * (at_risk - converted)), 0)) over so_far as variance,
    row_number() over so_far as place,
    count(*) over (partition by target_id) as places
from target_risk
window so_far as (partition by target_id order by minute);

-- stage_curve: the curves of single stages, with the interval of each share; the last one is that of the rate.
create or replace temp view stage_curve as
select
    advertiser_id,
    channel,
    event_name,
    target_curve.* exclude (target_id),
    share_low(share, variance, cohort, mature) as share_low,
    share_high(share, variance, cohort, mature) as share_high
from target_curve
join target using (target_id)
join stage using (advertiser_id, channel, event_name)
where kind = 'stage';
