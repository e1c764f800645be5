-- early_stage: one row an advertiser and stage that was recorded or sent before its lead was created, in the channel that
-- shows its stages: events and leads, tests left out. Such an event is not valid, and counts for no figure.
create or replace temp table early_stage as
select
    applicant.advertiser_id,
    event_name,
    count(*) as events,
    count(distinct lead_id) as leads
from sent_event
join applicant
    on applicant.advertiser_id = sent_event.advertiser_id
    and applicant.stage_channel = sent_event.channel
where event_time < lead_created and not is_test
group by applicant.advertiser_id, event_name;
