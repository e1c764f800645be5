-- event_day: one row an advertiser: distinct days of valid events in 90 days, and of the requests that carried them.
create or replace temp table event_day as
with sending as (
    select advertiser_no, count(distinct day) as days_of_sending
    from coded_sending_day
    join advertiser_window using (advertiser_no)
    where is_logged and last_time > horizon - $cohort_days * 86400
    group by advertiser_no
)
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    count(day) as days_with_events,
    coalesce(any_value(days_of_sending), 0) as days_of_sending,
    bool_or(day = day_of($as_of, time_zone)) as has_event_today
from advertiser_window
join advertiser using (advertiser_no)
left join sending using (advertiser_no)
left join valid_day
    on valid_day.advertiser_id = advertiser_window.advertiser_id
    and valid_day.channel = advertiser_window.channel
    and valid_day.last_time > horizon - $cohort_days * 86400
group by advertiser_window.advertiser_id, advertiser_window.channel;
