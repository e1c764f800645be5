-- coded_claimed_lead: one row a lead of an advertiser, by a valid event of it or by the advertiser's own list.
create or replace temp table coded_claimed_lead as
with listed as (
    select advertiser_no, lead_no
    from coded_listed_lead
    join advertiser using (owner_no)
    semi join (select * from coded_list_lead where not is_test) using (advertiser_no, lead_no)
)
from listed
union all
select distinct advertiser_no, lead_no
from coded_lead_stage
anti join listed using (advertiser_no, lead_no);

-- claimed_lead: the same with the texts.
create or replace temp view claimed_lead as
select advertiser_id, channel, coalesce(lead_id, lead_no::varchar) as lead_id, advertiser_no, lead_no
from coded_claimed_lead
join advertiser_number using (advertiser_no)
left join odd_lead using (lead_no);
