-- recent_lead_id: one row an advertiser and lead_id of the events of the latest weeks of sending, listed or not.
create or replace temp table recent_lead_id as
with sent as (
    select advertiser_no, lead_no, count(*) as events
    from coded_recent_event
    where lead_no is not null
    group by advertiser_no, lead_no
)
select
    advertiser_id,
    channel,
    coalesce(odd_lead.lead_id, sent.lead_no::varchar) as lead_id,
    events,
    coded_list_lead.lead_no is not null as is_listed,
    -- text that holds nothing but digits, as a number; beyond 38 digits it is none
    case
        when sent.lead_no >= 0 then sent.lead_no
        when regexp_full_match(odd_lead.lead_id, '[0-9]{1,38}') then odd_lead.lead_id::hugeint
    end as number,
    advertiser_no,
    lead_no
from sent
join advertiser_number using (advertiser_no)
left join coded_list_lead using (advertiser_no, lead_no)
left join odd_lead using (lead_no);
