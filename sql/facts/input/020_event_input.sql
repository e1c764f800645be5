-- event_input: one row an event as sent, with what the lists say of its lead and the partner_agent that the
-- configuration expects; what the rules about one event see.
create or replace temp view event_input as
with coded as (
    select event.*, advertiser_no, owner_no, coalesce(odd_lead.lead_no, try_cast(lead_id as bigint)) as lead_no
    from event
    left join advertiser_number using (advertiser_id, channel)
    left join odd_lead using (lead_id)
), owned as (
    select owner_no, lead_no, created_time, is_test from coded_listed_lead where owner_no is not null
), unowned as (
    select lead_no, created_time, is_test from coded_listed_lead where owner_no is null
)
select
    coded.* exclude (owner_no),
    least(owned.created_time, unowned.created_time) as lead_created,
    coalesce(owned.is_test, false) or coalesce(unowned.is_test, false) as is_test_lead,
    trim(coalesce(setting.partner_agent, (select partner_agent from partner_setting))) as expected_agent
from coded
left join owned using (owner_no, lead_no)
left join unowned using (lead_no)
left join setting using (advertiser_id);
