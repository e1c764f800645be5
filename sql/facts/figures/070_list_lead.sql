-- list_lead: one row a lead of an advertiser's list, in each channel that the advertiser has; a row without owner
-- counts for everybody whose events carry it, in the channel that they are of.
create or replace temp table list_lead as
with unowned as (
    select * from listed_lead where advertiser_id is null
), owned as (
    select advertiser_id, channel, lead_id, created_time, is_test
    from listed_lead
    join advertiser using (advertiser_id)
), carried as (
    select distinct sent_event.advertiser_id, channel, unowned.lead_id, unowned.created_time, unowned.is_test
    from unowned
    join sent_event using (lead_id)
), rows_of_lead as (
    from owned
    union all
    from carried
    union all
    -- a test mark without owner marks the lead wherever it is listed
    select owned.advertiser_id, channel, lead_id, owned.created_time, unowned.is_test
    from owned
    join unowned using (lead_id)
    where unowned.is_test
)
select advertiser_id, channel, lead_id, min(created_time) as created_time, bool_or(is_test) as is_test
from rows_of_lead
group by advertiser_id, channel, lead_id;
