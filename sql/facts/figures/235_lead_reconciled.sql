-- known_lead: one row a lead of an advertiser who has a lead list and a history: which of them knows it. Test leads are
-- none; any event of the history counts, valid or not.
create or replace temp view known_lead as
with listed as (
    select owner_no, lead_no, min(created_time) as created_time, bool_or(is_test) as is_test
    from coded_list_lead
    join advertiser using (advertiser_no)
    where owner_no in (select owner_no from advertiser where channel = 'history')
    group by owner_no, lead_no
), recorded as (
    select owner_no, lead_no, min(event_time) as first_time
    from sent_event
    join advertiser using (advertiser_no)
    where advertiser.channel = 'history' and lead_no is not null and owner_no in (select owner_no from listed)
    group by owner_no, lead_no
)
select
    owner.advertiser_id,
    coalesce(odd_lead.lead_id, lead_no::varchar) as lead_id,
    created_time,
    first_time,
    listed.lead_no is not null as is_listed,
    recorded.lead_no is not null as is_recorded
from listed
full join recorded using (owner_no, lead_no)
join (select distinct owner_no, advertiser_id from advertiser) as owner using (owner_no)
left join odd_lead using (lead_no)
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
