-- coded_sending_day: one row an advertiser, stage, CRM, agent and calendar day (its zone) of sending: its valid events.
create or replace temp table coded_sending_day as
select
    advertiser_no,
    stage_no,
    source_no,
    agent_no,
    day,
    upload_time is not null as is_logged,
    count(*) as events,
    min(sent_at) as first_sent,
    max(sent_at) as last_sent,
    max(event_time) as last_time
from coded_valid_copy
join quarter_day on quarter_day.zone_no = coded_valid_copy.zone_no and quarter = sent_at // 900
group by advertiser_no, stage_no, source_no, agent_no, day, upload_time is not null;
