-- stage_rate: one row a stage: `stage` with its conversion rate at 28 days and the 95 % interval, as shares.
-- All leads mature: the plain quotient, and Wilson on the cohort. Else Kaplan-Meier, and Greenwood with the log-log
-- transform; at a rate of 0 or 1 Wilson on the mature leads alone, and [0, 1] where none is mature.
create or replace temp table stage_rate as
with final as (
    select advertiser_id, channel, event_name, share, variance from stage_curve where place = places
), rated as (
    select
        stage.*,
        case when cohort = 0 then null when mature = cohort then stage.converted / cohort else coalesce(share, 0) end
            as rate,
        variance,
        if(mature = cohort, cohort, mature) as wilson_leads
    from stage
    left join final using (advertiser_id, channel, event_name)
)
select
    * exclude (variance, wilson_leads),
    case
        when rate is null then null
        when mature < cohort and rate > 0 and rate < 1 then log_log_low(rate, variance)
        when mature = 0 then 0
        else wilson_low(rate, wilson_leads)
    end as rate_low,
    case
        when rate is null then null
        when mature < cohort and rate > 0 and rate < 1 then log_log_high(rate, variance)
        when mature = 0 then 1
        else wilson_high(rate, wilson_leads)
    end as rate_high
from rated;
