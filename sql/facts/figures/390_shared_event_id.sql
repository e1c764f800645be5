-- shared_event_id: one row an advertiser and event_id that stands for different leads or stages, in the latest weeks of
-- sending.
create or replace temp table shared_event_id as
select advertiser_id, channel, event_id, count(*) as events
from recent_event
where event_id is not null
group by advertiser_id, channel, event_id
having min(coalesce(lead_id, '')) <> max(coalesce(lead_id, ''))
    or min(coalesce(event_name, '')) <> max(coalesce(event_name, ''));
