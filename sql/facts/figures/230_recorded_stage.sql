-- recorded_pair: one row a lead and stage that the history of an advertiser who sends events holds with a valid event;
-- names that fold alike are one. `is_sent`: a valid event of the two was sent as well.
create or replace temp view recorded_pair as
with named as (
    select advertiser_id, channel, event_name, folded(event_name) as name
    from stage_seen
    where advertiser_id in (select advertiser_id from advertiser where channel = 'history')
        and advertiser_id in (select advertiser_id from advertiser where channel = 'crm')
), pair as (
    -- with the spelling that came first
    select
        advertiser_id,
        channel,
        lead_id,
        name,
        min({'time': stage_time, 'name': event_name}) as first_event
    from lead_stage
    join named using (advertiser_id, channel, event_name)
    group by advertiser_id, channel, lead_id, name
)
select
    recorded.advertiser_id,
    recorded.lead_id,
    recorded.name,
    recorded.first_event.name as event_name,
    recorded.first_event.time as stage_time,
    sent.lead_id is not null as is_sent
from pair as recorded
left join pair as sent
    on sent.advertiser_id = recorded.advertiser_id
    and sent.lead_id = recorded.lead_id
    and sent.name = recorded.name
    and sent.channel = 'crm'
where recorded.channel = 'history';

-- recorded_stage: one row a stage of such a history: leads that reached it, and those that a valid event was sent for.
create or replace temp table recorded_stage as
select
    advertiser_id,
    'crm' as channel,
    min(event_name) as event_name,
    count(*) as recorded,
    count(*) filter (is_sent) as sent
from recorded_pair
group by advertiser_id, name;
