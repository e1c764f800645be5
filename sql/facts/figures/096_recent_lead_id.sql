-- recent_lead_id: one row an advertiser and lead_id of the events of the latest weeks of sending, listed or not.
create or replace temp table recent_lead_id as
with sent as (
    select advertiser_id, channel, lead_id, count(*) as events
    from recent_event
    where lead_id is not null
    group by advertiser_id, channel, lead_id
)
select
    sent.*,
    list_lead.lead_id is not null as is_listed,
    -- text that holds nothing but digits, as a number; beyond 38 digits it is none
    case when regexp_full_match(lead_id, '[0-9]{1,38}') then lead_id::hugeint end as number
from sent
left join list_lead using (advertiser_id, channel, lead_id);
