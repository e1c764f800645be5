-- newer_lead: one row an advertiser: leads of its list that are younger than its log.
create or replace temp table newer_lead as
select
    advertiser_window.advertiser_id,
    advertiser_window.channel,
    count(list_lead.lead_id) as leads
from advertiser_window
left join list_lead
    on list_lead.advertiser_id = advertiser_window.advertiser_id
    and list_lead.channel = advertiser_window.channel
    and not is_test
    and created_time > horizon + $max_silence_days * 86400
group by advertiser_window.advertiser_id, advertiser_window.channel;
