-- judged_stage: one row an advertiser: the stage that FUN006 and FUN007 find, or judge, in the channel that shows its
-- stages, with all that these two say of it and the limits they judge by; null where there is no such stage.
create or replace temp table judged_stage as
select
    applicant.advertiser_id,
    stage_choice.judged_stage as subject,
    stage_choice.optimisation_stage,
    stage_choice.source,
    case
        when stage_choice.judged_stage is null then 'no-stage'
        when row_fun006.subject is null then 'never-seen'
        else row_fun006.reason
    end as rate_reason,
    case
        when stage_choice.judged_stage is null then 'no-stage'
        when row_fun007.subject is null then 'never-seen'
        else row_fun007.reason
    end as window_reason,
    if(row_fun006.subject is null, 2, row_fun006.level) as rate_level,
    if(row_fun007.subject is null, 2, row_fun007.level) as window_level,
    row_fun006.value as rate,
    row_fun006.rate_low,
    row_fun006.rate_high,
    row_fun006.n as cohort,
    row_fun006.mature,
    row_fun006.converted,
    row_fun006.certain,
    row_fun006.leads_to_settle,
    row_fun006.first_closing,
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
left join row_fun006
    on row_fun006.advertiser_id = applicant.advertiser_id
    and row_fun006.channel = applicant.stage_channel
    and row_fun006.subject = stage_choice.judged_stage
left join row_fun007
    on row_fun007.advertiser_id = applicant.advertiser_id
    and row_fun007.channel = applicant.stage_channel
    and row_fun007.subject = stage_choice.judged_stage
where has_stages;
