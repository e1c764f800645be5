-- claimed_lead: one row a lead of an advertiser, by a valid event of it or by the advertiser's own list.
create or replace temp table claimed_lead as
select advertiser_id, channel, lead_id
from lead_stage
union
select advertiser_id, channel, lead_id
from listed_lead
join advertiser using (advertiser_id)
semi join (select * from list_lead where not is_test) as list_lead using (advertiser_id, channel, lead_id);
