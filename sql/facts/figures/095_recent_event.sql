-- recent_event: one row an event to the current dataset in the latest weeks of sending: what the event rules judge.
create or replace temp view recent_event as
select sent_event.*
from sent_event
join advertiser using (advertiser_id, channel)
join advertiser_window using (advertiser_id, channel)
where (sent_event.dataset_id is null or sent_event.dataset_id is not distinct from advertiser.dataset_id)
    and (sent_at is null or sent_at > recent_since);
