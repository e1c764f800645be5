-- valid_copy: one row a valid event of the current dataset, as often as it was sent.
create or replace temp view valid_copy as
with answered as (
    select distinct advertiser_id, channel, has_response from sent_request
)
select sent_event.*, advertiser.time_zone
from sent_event
join answered using (advertiser_id, channel)
join advertiser using (advertiser_id, channel)
where not is_test
    and not is_faulty
    and coalesce(accepted, not has_response)
    and (sent_event.dataset_id is null or sent_event.dataset_id is not distinct from advertiser.dataset_id);
