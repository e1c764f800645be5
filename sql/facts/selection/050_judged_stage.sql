-- judged_stage: one row an advertiser: the stage that FUN006 and FUN007 find, or judge, in the channel that shows its
-- stages, with all that these two say of it and the limits they judge by; null where there is no such stage. At a supposed
-- coverage below 1 the rate is the one that would be seen: of leads without an event nobody learns that they convert.
create or replace temp table judged_stage as
with seen as (
    select
        * exclude (level, reason, value, rate_low, rate_high, converted, certain, leads_to_settle),
        value * $coverage as value,
        rate_low * $coverage as rate_low,
        rate_high * $coverage as rate_high,
        if($coverage = 1, converted, floor(converted * $coverage))::bigint as converted,
        if($coverage = 1, leads_to_settle, null) as leads_to_settle,
        level as level_at_full,
        reason as reason_at_full,
        certain as certain_at_full
    from row_fun006
), judged as (
    select
        *,
        if(
            $coverage = 1,
            level_at_full,
            rate_level(value, rate_low, rate_high, mature, converted, $min_rate, $max_rate, $min_units)
        ) as level
    from seen
), rated as (
    select
        *,
        if($coverage = 1, certain_at_full, if(level = 0, rate_low >= $min_rate and rate_high <= $max_rate, null)) as certain,
        case
            when $coverage = 1 then reason_at_full
            when level = 2 then if(value < $min_rate, 'too-rare', 'too-common')
            when level is null and mature > 0 then if(value >= $min_rate and value <= $max_rate, 'few', 'little')
            else reason_at_full
        end as reason
    from judged
)
select
    applicant.advertiser_id,
    stage_choice.judged_stage as subject,
    stage_choice.optimisation_stage,
    stage_choice.source,
    case
        when stage_choice.judged_stage is null then 'no-stage'
        when rated.subject is null then 'never-seen'
        else rated.reason
    end as rate_reason,
    case
        when stage_choice.judged_stage is null then 'no-stage'
        when row_fun007.subject is null then 'never-seen'
        else row_fun007.reason
    end as window_reason,
    if(rated.subject is null, 2, rated.level) as rate_level,
    if(row_fun007.subject is null, 2, row_fun007.level) as window_level,
    rated.value as rate,
    rated.rate_low,
    rated.rate_high,
    rated.n as cohort,
    rated.mature,
    rated.converted,
    rated.certain,
    rated.leads_to_settle,
    rated.first_closing,
    row_fun007.value as window_days,
    row_fun007.n as reached,
    row_fun007.affected as too_late,
    row_fun007.median_days,
    row_fun007.longest_days,
    row_fun007.within,
    $min_rate as min_rate,
    $max_rate as max_rate,
    $max_days as max_days
from applicant
join stage_choice
    on stage_choice.advertiser_id = applicant.advertiser_id
    and stage_choice.channel = applicant.stage_channel
left join rated
    on rated.advertiser_id = applicant.advertiser_id
    and rated.channel = applicant.stage_channel
    and rated.subject = stage_choice.judged_stage
left join row_fun007
    on row_fun007.advertiser_id = applicant.advertiser_id
    and row_fun007.channel = applicant.stage_channel
    and row_fun007.subject = stage_choice.judged_stage
where has_stages;
