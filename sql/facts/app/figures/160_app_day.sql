-- app_day: one row an advertiser and calendar day of its zone on which it sent: installs and other App Events.
create or replace temp table app_day as
select
    advertiser_id,
    day_of(sent_at, time_zone)::varchar as day,
    count(*) filter (kind = 'install') as installs,
    count(*) filter (kind = 'conversion') as conversions
from app_event_judged
join (select advertiser_id, time_zone from app_advertiser) using (advertiser_id)
where sent_at is not null
group by advertiser_id, day
having installs + conversions > 0;
