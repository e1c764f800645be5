-- event_age: one row an advertiser, stage and CRM: how many seconds after it happened each valid event of the latest
-- weeks of sending was sent.
create or replace temp table event_age as
with aged as (
    select advertiser_no, stage_no, source_no, list(greatest(upload_time - event_time, 0)) as ages
    from coded_valid_copy
    join advertiser_window using (advertiser_no)
    where upload_time > recent_since and event_time is not null
    group by advertiser_no, stage_no, source_no
)
select advertiser_id, channel, event_name, word as lead_event_source, ages
from aged
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join word_number on word_no = source_no;
