-- lead_day: one row an advertiser and day of creation: leads due, with a valid event, with a valid raw event.
create or replace temp table lead_day as
select
    advertiser_id,
    channel,
    day,
    count(*) as eligible,
    count(*) filter (is_covered) as covered,
    count(*) filter (has_raw) as raw_covered
from due_lead
group by advertiser_id, channel, day;
