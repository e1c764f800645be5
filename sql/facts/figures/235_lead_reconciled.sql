-- known_lead: one row a lead of an advertiser who has a lead list and a history: which of them knows it. Test leads are
-- none; any event of the history counts, valid or not.
create or replace temp view known_lead as
with listed as (
    select advertiser_id, lead_id, min(created_time) as created_time, bool_or(is_test) as is_test
    from list_lead
    where advertiser_id in (select advertiser_id from advertiser where channel = 'history')
    group by advertiser_id, lead_id
), recorded as (
    select advertiser_id, lead_id, min(event_time) as first_time
    from sent_event
    where channel = 'history'
        and lead_id is not null
        and advertiser_id in (select advertiser_id from list_lead)
    group by advertiser_id, lead_id
)
select
    coalesce(listed.advertiser_id, recorded.advertiser_id) as advertiser_id,
    coalesce(listed.lead_id, recorded.lead_id) as lead_id,
    created_time,
    first_time,
    listed.lead_id is not null as is_listed,
    recorded.lead_id is not null as is_recorded
from listed
full join recorded using (advertiser_id, lead_id)
where is_test is not true;

-- lead_reconciled: one row such an advertiser: leads of either, and those that only one of them knows.
create or replace temp table lead_reconciled as
select
    advertiser_id,
    'crm' as channel,
    count(*) as leads,
    count(*) filter (not is_recorded) as unrecorded,
    count(*) filter (not is_listed) as unlisted
from known_lead
group by advertiser_id;
