-- recent_count: one row an advertiser with an event in the latest weeks of sending: how many, and how many of a kind.
create or replace temp table recent_count as
select
    advertiser_id,
    channel,
    count(*) as events,
    count(event_id) as with_event_id,
    count(*) filter (lead_id is null) as without_lead,
    count(*) filter (lead_id is not null and lead_created is null) as of_unlisted_leads
from recent_event
group by advertiser_id, channel;
