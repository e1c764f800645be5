-- recent_outcome: one row an advertiser and combination of outcomes of the event rules, in the latest weeks of sending.
create or replace temp table recent_outcome as
with counted as (
    select advertiser_no, judged, faulty, warned, count(*) as events
    from coded_recent_event
    group by advertiser_no, judged, faulty, warned
)
select advertiser_id, channel, counted.* exclude (advertiser_no)
from counted
join advertiser_number using (advertiser_no);
