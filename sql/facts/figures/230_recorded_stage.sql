-- recorded_pair: one row a lead and stage that the history of an advertiser who sends events holds with a valid event;
-- names that fold alike are one. `is_sent`: a valid event of the two was sent as well.
create or replace temp view recorded_pair as
with named as (
    select advertiser_id, channel, event_name, folded(event_name) as name, advertiser_no, stage_no
    from stage_seen
    where advertiser_id in (select advertiser_id from advertiser where channel = 'history')
        and advertiser_id in (select advertiser_id from advertiser where channel = 'crm')
), pair as (
    -- with the spelling that came first
    select
        advertiser_id,
        channel,
        lead_no,
        name,
        min({'time': stage_time, 'name': event_name}) as first_event
    from coded_lead_stage
    join named using (advertiser_no, stage_no)
    group by advertiser_id, channel, lead_no, name
)
select
    recorded.advertiser_id,
    coalesce(odd_lead.lead_id, recorded.lead_no::varchar) as lead_id,
    recorded.name,
    recorded.first_event.name as event_name,
    recorded.first_event.time as stage_time,
    sent.lead_no is not null as is_sent
from pair as recorded
left join pair as sent
    on sent.advertiser_id = recorded.advertiser_id
    and sent.lead_no = recorded.lead_no
    and sent.name = recorded.name
    and sent.channel = 'crm'
left join odd_lead on odd_lead.lead_no = recorded.lead_no
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
