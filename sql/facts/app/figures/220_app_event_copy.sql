-- app_event_count: one row an advertiser that sent events of an app's use in the latest weeks: how many, and with an event_id.
create or replace temp table app_event_count as
select advertiser_id, channel, count(*) as events, count(event_id) as with_event_id
from recent_app_event
where kind = 'conversion'
group by advertiser_id, channel;

-- app_event_copy: one row an app, name of an event and event_id under which Meta accepted more than one App Event in the
-- same weeks: how many, when, and whether they say the same of value, content and device.
create or replace temp table app_event_copy as
select
    advertiser_id,
    channel,
    app_id,
    event_name,
    event_id,
    count(*) as copies,
    min(content_digest) is distinct from max(content_digest) as is_contradicting,
    min(sent_at) as first_sent,
    max(sent_at) as last_sent
from recent_app_event
where kind = 'conversion' and accepted and event_id is not null and event_name is not null
group by advertiser_id, channel, app_id, event_name, event_id
having count(*) > 1;
