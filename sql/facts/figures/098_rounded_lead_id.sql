-- rounded_lead_id: one row an advertiser and lead_id that no list holds, but that a listed id is as a double: beyond
-- 2^53 not every whole number is one, and programs print the shortest digits that read as the same double.
create or replace temp table rounded_lead_id as
with listed as (
    select advertiser_id, channel, lead_id, lead_id::double as rounded
    from list_lead
    where regexp_full_match(lead_id, '[0-9]{16,38}') and lead_id::double >= 9007199254740992
)
select recent_lead_id.advertiser_id, recent_lead_id.channel, recent_lead_id.lead_id, min(listed.lead_id) as listed_lead_id
from recent_lead_id
join listed
    on listed.advertiser_id = recent_lead_id.advertiser_id
    and listed.channel = recent_lead_id.channel
    and listed.rounded = recent_lead_id.number::double
where not is_listed and number > 9007199254740992
group by recent_lead_id.advertiser_id, recent_lead_id.channel, recent_lead_id.lead_id;
