-- source_use: one row an advertiser, stage and action_source, in the latest weeks of sending.
create or replace temp table source_use as
select advertiser_id, channel, event_name, action_source, count(*) as events
from recent_event
group by advertiser_id, channel, event_name, action_source;
