-- agent_use: one row an advertiser and partner agent as spelt (null: none), in the latest weeks of sending: events whose
-- payload was read.
create or replace temp table agent_use as
select
    advertiser_id,
    channel,
    partner_agent,
    regexp_replace(lower(trim(partner_agent)), '_[0-9]+_[0-9]+$', '') as normal_form,
    count(*) as events
from recent_event
where payload_marks is not null
group by advertiser_id, channel, partner_agent;
