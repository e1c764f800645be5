-- lost_event: one row an event with a lead of a recent request that was not accepted, which no accepted request that was
-- sent later holds (same lead, stage and time).
create or replace temp table lost_event as
with refused as (
    select * from troubled_event where not accepted and lead_id is not null
), wanted as (
    select distinct advertiser_id, channel, lead_id, event_name, event_time from refused
), received as (
    select
        wanted.advertiser_id,
        wanted.channel,
        wanted.lead_id,
        wanted.event_name,
        wanted.event_time,
        max(recent_request.sent_at) as last_received
    from sent_event
    join wanted
        on wanted.lead_id = sent_event.lead_id
        and wanted.advertiser_id = sent_event.advertiser_id
        and wanted.channel = sent_event.channel
        -- a name or time that cannot be read is the same as another such
        and wanted.event_name is not distinct from sent_event.event_name
        and wanted.event_time is not distinct from sent_event.event_time
    join recent_request using (request_id)
    where recent_request.accepted
    group by all
)
select refused.*
from refused
left join received
    on received.advertiser_id = refused.advertiser_id
    and received.channel = refused.channel
    and received.lead_id = refused.lead_id
    and received.event_name is not distinct from refused.event_name
    and received.event_time is not distinct from refused.event_time
where not coalesce(last_received > request_sent, false);
