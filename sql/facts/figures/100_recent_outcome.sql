-- recent_outcome: one row an advertiser and combination of outcomes of the event rules, in the latest weeks of sending.
create or replace temp table recent_outcome as
select sent_event.advertiser_id, sent_event.channel, judged, faulty, warned, count(*) as events
from sent_event
join advertiser using (advertiser_id, channel)
join advertiser_window using (advertiser_id, channel)
where (sent_event.dataset_id is null or sent_event.dataset_id is not distinct from advertiser.dataset_id)
    and (sent_at is null or sent_at > latest_current - $recent_days * 86400)
group by sent_event.advertiser_id, sent_event.channel, judged, faulty, warned;
