-- source_use: one row an advertiser, stage and action_source, in the latest weeks of sending.
create or replace temp table source_use as
with counted as (
    select advertiser_no, stage_no, action_no, count(*) as events
    from coded_recent_event
    group by advertiser_no, stage_no, action_no
)
select advertiser_id, channel, event_name, word as action_source, events
from counted
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join word_number on word_no = action_no;
