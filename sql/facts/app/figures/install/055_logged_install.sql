-- logged_install: one row an advertiser whose log of App Events holds installs up to as_of: how many.
create or replace temp table logged_install as
select request.advertiser_id, count(*) as installs
from app_event
join request using (request_id)
where kind = 'install' and coalesce(request.upload_time, $as_of) <= $as_of
group by request.advertiser_id;
