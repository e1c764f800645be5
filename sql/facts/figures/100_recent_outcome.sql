-- recent_outcome: one row an advertiser and combination of outcomes of the event rules, in the latest weeks of sending.
create or replace temp table recent_outcome as
select advertiser_id, channel, judged, faulty, warned, count(*) as events
from recent_event
group by advertiser_id, channel, judged, faulty, warned;
