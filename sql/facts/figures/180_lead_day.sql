-- lead_day: one row an advertiser and day of creation: leads due, with a valid event, with a valid raw event, with a raw
-- event sent, with one that Meta accepted, with one to which no response was logged, with a valid event of another stage.
create or replace temp table lead_day as
select
    advertiser_id,
    channel,
    day,
    count(*) as eligible,
    count(*) filter (is_covered) as covered,
    count(*) filter (has_raw) as raw_covered,
    count(*) filter (raw_sent) as raw_sent,
    count(*) filter (raw_accepted) as raw_accepted,
    count(*) filter (raw_sent and not raw_answered) as raw_unanswered,
    count(*) filter (has_later) as later
from due_lead
group by advertiser_id, channel, day;
