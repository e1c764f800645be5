-- recent_request: one row a request to the current dataset in the latest weeks of sending.
create or replace temp table recent_request as
select
    sent_request.*,
    -- the log of a single event does not say how many shared its request
    if(shape in ('request', 'exchange'), event_count, null) as events_sent
from sent_request
join advertiser using (advertiser_id, channel)
join advertiser_window using (advertiser_id, channel)
where (sent_request.dataset_id is null or sent_request.dataset_id is not distinct from advertiser.dataset_id)
    and (sent_at is null or sent_at > recent_since);
