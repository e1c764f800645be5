-- valid_copy: one row a valid event of the current dataset, as often as it was sent.
create or replace temp view valid_copy as
with answered as (
    select distinct advertiser_id, channel, has_response from sent_request
)
select sent_event.*, advertiser.time_zone
from sent_event
join answered using (advertiser_id, channel)
join advertiser using (advertiser_id, channel)
where is_clean
    and coalesce(accepted, not has_response)
    and (sent_event.dataset_id is null or sent_event.dataset_id is not distinct from advertiser.dataset_id);

-- valid_event: one row a distinct valid event; copies of one lead, stage and time count once.
create or replace temp table valid_event as
select advertiser_id, channel, event_name, event_time, lead_id, count(*) as copies
from valid_copy
group by advertiser_id, channel, event_name, event_time, lead_id, if(lead_id is null, person_digest, null);
