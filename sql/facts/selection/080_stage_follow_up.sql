-- stage_follow_up: one row an advertiser and time: leads of the cohort that reached its judged stage after so many minutes,
-- rounded up, however late; and those that have not, by the whole hours that they have waited, in minutes.
create or replace temp table stage_follow_up as
select
    judged_stage.advertiser_id,
    delay is not null as has_reached,
    if(delay is null, (horizon - cohort_lead.created_time) // 3600 * 60, (delay + 59) // 60)::bigint as minutes,
    count(*) as leads
from judged_stage
join applicant using (advertiser_id)
join cohort_lead
    on cohort_lead.advertiser_id = applicant.advertiser_id
    and cohort_lead.channel = applicant.stage_channel
join advertiser_window
    on advertiser_window.advertiser_id = applicant.advertiser_id
    and advertiser_window.channel = applicant.stage_channel
left join stage_delay
    on stage_delay.advertiser_id = cohort_lead.advertiser_id
    and stage_delay.channel = cohort_lead.channel
    and stage_delay.lead_id = cohort_lead.lead_id
    and stage_delay.event_name = judged_stage.subject
where judged_stage.subject is not null
group by all;
