-- valid_event: one row a distinct valid event; copies of one lead, stage and time count once, and are counted.
create or replace temp table valid_event as
select advertiser_id, channel, event_name, event_time, lead_id, count(*) as copies
from valid_copy
group by advertiser_id, channel, event_name, event_time, lead_id, if(lead_id is null, person_digest, null);
