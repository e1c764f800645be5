-- recent_count: one row an advertiser with an event in the latest weeks of sending: how many, and how many of a kind.
create or replace temp table recent_count as
with counted as (
    select
        advertiser_no,
        count(*) as events,
        count(event_id) as with_event_id,
        count(*) filter (lead_no is null) as without_lead,
        count(*) filter (lead_no is not null and lead_created is null) as of_unlisted_leads
    from coded_recent_event
    group by advertiser_no
)
select advertiser_id, channel, counted.* exclude (advertiser_no)
from counted
join advertiser_number using (advertiser_no);
