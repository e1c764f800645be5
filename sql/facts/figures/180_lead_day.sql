-- lead_day: one row an advertiser and day of creation: leads due, with a valid event, with a valid raw event, with a raw
-- event sent, with one that Meta accepted, with one to which no response was logged, with a valid event of another stage.
create or replace temp table lead_day as
with counted as (
    select
        advertiser_no,
        day,
        count(*) as eligible,
        count(*) filter (is_covered) as covered,
        count(*) filter (has_raw) as raw_covered,
        count(*) filter (raw_sent) as raw_sent,
        count(*) filter (raw_accepted) as raw_accepted,
        count(*) filter (raw_sent and not raw_answered) as raw_unanswered,
        count(*) filter (has_later) as later
    from coded_due_lead
    join current_log using (advertiser_no)
    join quarter_day on quarter_day.zone_no = current_log.zone_no and quarter = created_time // 900
    group by advertiser_no, day
)
select advertiser_id, channel, counted.* exclude (advertiser_no)
from counted
join advertiser_number using (advertiser_no);
