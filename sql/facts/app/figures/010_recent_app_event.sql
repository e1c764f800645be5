-- recent_app_event: one row an App Event of the latest weeks of sending, with what the rules about one event found.
create or replace temp view recent_app_event as
select app_event_judged.*
from app_event_judged
join app_advertiser using (advertiser_id)
where sent_at is null or recent_since is null or sent_at > recent_since;
