-- target_rate: one row a target: its conversion rate at 28 days and the 95 % interval, as shares.
-- All leads mature: the plain quotient. Else Kaplan-Meier.
create or replace temp table target_rate as
with final as (
    select target_id, share, variance from target_curve where place = places
), counted as (
    select
        target.*,
        cohort,
        mature,
        if(kind = 'stage', stage.converted, coalesce(target_window.converted, 0)) as converted,
        if(kind = 'stage', stage.reached, coalesce(target_window.reached, 0)) as reached,
        if(kind = 'stage', stage.p90_seconds, target_window.p90_seconds) as p90_seconds
    from target
    join stage using (advertiser_id, channel, event_name)
    left join target_window using (target_id)
), rated as (
    select
        counted.*,
        case when cohort = 0 then null when mature = cohort then converted / cohort else coalesce(share, 0) end as rate,
        variance
    from counted
    left join final using (target_id)
)
select
    * exclude (variance),
    share_low(rate, variance, cohort, mature) as rate_low,
    share_high(rate, variance, cohort, mature) as rate_high
from rated;

-- stage_rate: one row a stage: `stage` with its conversion rate, and that of it together with all deeper stages.
create or replace temp table stage_rate as
select
    stage.*,
    target_rate.rate,
    target_rate.rate_low,
    target_rate.rate_high,
    deeper.rate as deeper_rate,
    deeper.rate_low as deeper_low,
    deeper.rate_high as deeper_high,
    deeper.converted as deeper_converted
from stage
join target_rate
    on target_rate.advertiser_id = stage.advertiser_id
    and target_rate.channel = stage.channel
    and target_rate.event_name = stage.event_name
    and target_rate.kind = 'stage'
left join target_rate as deeper
    on deeper.advertiser_id = stage.advertiser_id
    and deeper.channel = stage.channel
    and deeper.event_name = stage.event_name
    and deeper.kind = 'deeper';
