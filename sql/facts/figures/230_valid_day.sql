-- valid_day: one row an advertiser and calendar day (its zone) on which valid events lie.
create or replace temp table valid_day as
select
    advertiser_id,
    channel,
    day_of(event_time, time_zone) as day,
    count(*) as events,
    min(event_time) as first_time,
    max(event_time) as last_time
from valid_event
join advertiser using (advertiser_id, channel)
group by advertiser_id, channel, day;
