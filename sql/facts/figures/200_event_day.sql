-- event_day: one row an advertiser: distinct days of valid events in 90 days, and of the requests that carried them.
create or replace temp table event_day as
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    count(distinct day_of(event_time, time_zone)) as days_with_events,
    count(distinct day_of(upload_time, time_zone)) as days_of_sending,
    bool_or(day_of(event_time, time_zone) = day_of($as_of, time_zone)) as has_event_today
from advertiser_window
left join valid_copy
    on valid_copy.advertiser_id = advertiser_window.advertiser_id
    and valid_copy.channel = advertiser_window.channel
    and valid_copy.event_time > horizon - $cohort_days * 86400
group by advertiser_window.advertiser_id, advertiser_window.channel;
