-- list_lead: one row a lead of an advertiser's list; a row without owner counts for everybody whose events carry it.
create or replace temp table list_lead as
with unowned as (
    select * from listed_lead where advertiser_id is null
), carried as (
    select distinct sent_event.advertiser_id, unowned.lead_id, unowned.created_time, unowned.is_test
    from unowned
    join sent_event using (lead_id)
), rows_of_lead as (
    select advertiser_id, lead_id, created_time, is_test from listed_lead where advertiser_id is not null
    union all
    select advertiser_id, lead_id, created_time, is_test from carried
    union all
    -- a test mark without owner marks the lead wherever it is listed
    select listed_lead.advertiser_id, lead_id, listed_lead.created_time, unowned.is_test
    from listed_lead
    join unowned using (lead_id)
    where listed_lead.advertiser_id is not null and unowned.is_test
)
select advertiser_id, 'crm' as channel, lead_id, min(created_time) as created_time, bool_or(is_test) as is_test
from rows_of_lead
group by advertiser_id, lead_id;
