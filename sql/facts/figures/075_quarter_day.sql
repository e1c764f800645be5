-- quarter_day: one row a time zone and quarter of an hour in which something happened: its calendar day. All offsets of
-- time zones are whole quarters of an hour, so that of many instants few need their day worked out.
create or replace temp table quarter_day as
with seen as (
    select zone_no, event_time // 900 as quarter from coded_sent_event join current_log using (advertiser_no)
    union
    select zone_no, sent_at // 900 from coded_sent_event join current_log using (advertiser_no)
    union
    select zone_no, created_time // 900 from coded_list_lead join current_log using (advertiser_no)
), zone as (
    select distinct zone_no, time_zone from current_log
)
select zone_no, quarter, day_of(quarter * 900, time_zone) as day
from seen
join zone using (zone_no)
where quarter is not null;
