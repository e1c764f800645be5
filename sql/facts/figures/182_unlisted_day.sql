-- unlisted_day: one row an advertiser with a list and day: leads that the list does not hold whose first valid event lies
-- on that day, within the four weeks, less the last day, that coverage looks at; and how many valid events they have.
create or replace temp table unlisted_day as
with unlisted as (
    select advertiser_id, channel, lead_id, min(event_time) as first_seen, count(*) as events
    from valid_event
    anti join list_lead using (advertiser_id, channel, lead_id)
    where lead_id is not null and event_time <= $as_of
    group by advertiser_id, channel, lead_id
)
select
    advertiser_id,
    channel,
    day_of(first_seen, time_zone) as day,
    count(*) as leads,
    sum(unlisted.events)::bigint as events
from unlisted
join advertiser_window using (advertiser_id, channel)
join advertiser using (advertiser_id, channel)
where has_list and first_seen > window_end - 2419200 and first_seen <= window_end - 86400
group by advertiser_id, channel, day_of(first_seen, time_zone);
