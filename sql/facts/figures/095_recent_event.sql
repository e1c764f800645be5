-- coded_recent_event: one row an event to the current dataset in the latest weeks of sending: what the event rules judge.
create or replace temp view coded_recent_event as
select coded_sent_event.*, current_log.channel, time_zone
from coded_sent_event
join current_log using (advertiser_no)
join advertiser_window using (advertiser_no)
where (dataset_no is null or dataset_no = current_no) and (sent_at is null or sent_at > recent_since);

-- recent_event: the same with the texts.
create or replace temp view recent_event as
select sent_event.*
from sent_event
join current_log using (advertiser_no)
join advertiser_window using (advertiser_no)
where (dataset_no is null or dataset_no = current_no) and (sent_at is null or sent_at > recent_since);
