-- valid_day: one row an advertiser and calendar day (its zone) on which valid events lie.
create or replace temp table valid_day as
with counted as (
    select advertiser_no, day, count(*) as events, min(event_time) as first_time, max(event_time) as last_time
    from coded_valid_event
    join current_log using (advertiser_no)
    join quarter_day on quarter_day.zone_no = current_log.zone_no and quarter = event_time // 900
    group by advertiser_no, day
)
select advertiser_id, channel, counted.* exclude (advertiser_no)
from counted
join advertiser_number using (advertiser_no);
