-- What activities.sql has read as what the rules about App Events judge, without a store: every request is sent now
-- ($as_of) unless it says when, at no time where payloads at rest are judged, and stands as an advertiser of its own.
create or replace temp table request as
select
    record as request_id,
    0 as file_id,
    * exclude (record, part, shape, advertiser_id)
        replace (if($at_rest, null, coalesce(upload_time, $as_of)) as upload_time),
    record::varchar as advertiser_id
from read_request
where channel = 'app';

create or replace temp view activity as
select record as request_id, * exclude (record, part, device)
from read_activity;

create or replace temp view app_event as
select
    read_app_event.record as request_id,
    * exclude (record, part, advertiser_id, upload_time),
    request.advertiser_id,
    request.upload_time
from read_app_event
join (select request_id as record, advertiser_id, upload_time from request) as request using (record);

create or replace temp table setting as
select read_request.record::varchar as advertiser_id, app_setting.* exclude (advertiser_id)
from read_request
join app_setting using (advertiser_id)
where channel = 'app';
