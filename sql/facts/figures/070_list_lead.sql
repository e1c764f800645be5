-- coded_list_lead: one row a lead of an advertiser's list, in each channel that the advertiser has; a row without owner
-- counts for everybody whose events carry it, in the channel that they are of, and its test mark wherever it is listed.
create or replace temp table coded_list_lead as
with unowned as (
    select * from coded_listed_lead where owner_no is null
), owned as (
    select
        advertiser_no,
        lead_no,
        coded_listed_lead.created_time,
        coded_listed_lead.is_test or coalesce(unowned.is_test, false) as is_test
    from coded_listed_lead
    join advertiser using (owner_no)
    left join unowned using (lead_no)
), carried as (
    select advertiser_no, lead_no, any_value(unowned.created_time) as created_time, any_value(unowned.is_test) as is_test
    from unowned
    join coded_sent_event using (lead_no)
    group by advertiser_no, lead_no
)
select
    advertiser_no,
    lead_no,
    least(owned.created_time, carried.created_time) as created_time,
    owned.is_test or coalesce(carried.is_test, false) as is_test
from owned
left join carried using (advertiser_no, lead_no)
union all
from carried
anti join owned using (advertiser_no, lead_no);

-- list_lead: the same with the texts.
create or replace temp view list_lead as
select
    advertiser_id,
    channel,
    coalesce(lead_id, lead_no::varchar) as lead_id,
    created_time,
    is_test,
    advertiser_no,
    lead_no
from coded_list_lead
join advertiser_number using (advertiser_no)
left join odd_lead using (lead_no);
