-- event_input: one row an event as sent, with what the lists say of its lead and the partner_agent that the
-- configuration expects; what the rules about one event see.
create or replace temp view event_input as
with owned as (
    select advertiser_id, lead_id, created_time, is_test from listed_lead where advertiser_id is not null
), unowned as (
    select lead_id, created_time, is_test from listed_lead where advertiser_id is null
)
select
    event.*,
    least(owned.created_time, unowned.created_time) as lead_created,
    coalesce(owned.is_test, false) or coalesce(unowned.is_test, false) as is_test_lead,
    trim(coalesce(setting.partner_agent, (select partner_agent from partner_setting))) as expected_agent
from event
left join owned using (advertiser_id, lead_id)
left join unowned using (lead_id)
left join setting using (advertiser_id);
