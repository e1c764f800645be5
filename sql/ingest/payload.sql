-- What events.sql has read as what the rules judge, without a store: every record is sent now ($as_of) unless it says
-- when, belongs to no list of leads, and stands as an advertiser of its own before the rules about requests.
create or replace temp table event as
select record as request_id, * exclude (record, part) replace (coalesce(upload_time, $as_of) as upload_time)
from read_event;

create or replace temp table listed_lead (
    advertiser_id varchar, lead_id varchar, created_time bigint, is_test boolean
);

create or replace temp table recent_request as
select
    * exclude (record, part, line, advertiser_id, accepted),
    record as request_id,
    record::varchar as advertiser_id,
    coalesce(upload_time, $as_of) as sent_at,
    coalesce(accepted, true) as accepted,
    accepted is not null as has_response,
    if(shape in ('request', 'exchange'), event_count, null) as events_sent
from read_request
where channel = 'crm' and (shape in ('request', 'exchange') or has_token or accepted is not null);

create or replace temp table advertiser as
select advertiser_id, channel
from recent_request;
