-- unlisted_day: one row an advertiser with a list and day: leads that the list does not hold whose first valid event lies
-- on that day, within the four weeks, less the last day, that coverage looks at; and how many valid events they have.
create or replace temp table unlisted_day as
with unlisted as (
    select advertiser_no, lead_no, min(event_time) as first_seen, count(*) as events
    from coded_valid_event
    anti join coded_list_lead using (advertiser_no, lead_no)
    where lead_no is not null and event_time <= $as_of
    group by advertiser_no, lead_no
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    day_of(first_seen, time_zone) as day,
    count(*) as leads,
    sum(unlisted.events)::bigint as events
from unlisted
join advertiser_window using (advertiser_no)
join advertiser using (advertiser_no)
where has_list and first_seen > window_end - 2419200 and first_seen <= window_end - 86400
group by advertiser.advertiser_id, advertiser.channel, day_of(first_seen, time_zone);
