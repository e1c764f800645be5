-- rounded_lead_id: one row an advertiser and lead_id that no list holds, but that a listed id is as a double: beyond
-- 2^53 not every whole number is one, and programs print the shortest digits that read as the same double.
create or replace temp table rounded_lead_id as
with listed as (
    select advertiser_no, lead_no, lead_no::double as rounded
    from coded_list_lead
    where lead_no >= 9007199254740992
    union all
    select advertiser_no, lead_no, lead_id::double
    from coded_list_lead
    join odd_lead using (lead_no)
    where regexp_full_match(lead_id, '[0-9]{16,38}') and lead_id::double >= 9007199254740992
), pair as (
    select advertiser_id, channel, recent_lead_id.lead_id, listed.lead_no
    from recent_lead_id
    join listed
        on listed.advertiser_no = recent_lead_id.advertiser_no
        and listed.rounded = recent_lead_id.number::double
    where not is_listed and number > 9007199254740992
)
select advertiser_id, channel, pair.lead_id, min(coalesce(odd_lead.lead_id, pair.lead_no::varchar)) as listed_lead_id
from pair
left join odd_lead using (lead_no)
group by advertiser_id, channel, pair.lead_id;
