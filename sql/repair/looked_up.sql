-- looked_up: what the lists and the log say of each event that was put right (table mended_event), one row each.
create or replace temp table looked_up as
with owned as (
    select advertiser_id, lead_id, created_time, is_test from listed_lead where advertiser_id is not null
), unowned as (
    select lead_id, created_time, is_test from listed_lead where advertiser_id is null
), owner as (
    select distinct advertiser_id from listed_lead
), found as (
    select
        mended_event.*,
        least(owned.created_time, unowned.created_time) as lead_created,
        coalesce(owned.is_test, false) or coalesce(unowned.is_test, false) as is_test,
        advertiser_id in (select advertiser_id from owner where advertiser_id is not null)
            or exists (from owner where advertiser_id is null) as has_list
    from mended_event
    left join owned using (advertiser_id, lead_id)
    left join unowned using (lead_id)
), unlisted as (
    select place, advertiser_id, lead_id, lead_id::bigint as number
    from found
    where lead_created is null and has_list and lead_id is not null
), listed as (
    select distinct advertiser_id, lead_id, lead_id::bigint as number
    from listed_lead
    where regexp_full_match(lead_id, '[1-9][0-9]{14,16}')
), near as (
    -- a double keeps 53 bits of a number
    select unlisted.place, listed.advertiser_id, unlisted.advertiser_id as of_advertiser
    from unlisted
    join listed on listed.number between unlisted.number - 50 and unlisted.number + 50
    where unlisted.number > 9007199254740992
    union all
    -- a spreadsheet keeps 15 digits
    select unlisted.place, listed.advertiser_id, unlisted.advertiser_id
    from unlisted
    join listed
        on left(listed.lead_id, 15) = left(unlisted.lead_id, 15)
        and length(listed.lead_id) = length(unlisted.lead_id)
    where length(unlisted.lead_id) > 15 and trim(unlisted.lead_id[16:], '0') = ''
), rounded as (
    select distinct place
    from near
    where advertiser_id is null or advertiser_id = of_advertiser
), sent as (
    select distinct advertiser_id, lead_id, trim(event_name) as event_name, event_time
    from event_standing
    where standing = 'right' and lead_id is not null
)
select
    found.place,
    lead_created,
    is_test,
    has_list and lead_created is null and found.lead_id is not null as is_unlisted,
    rounded.place is not null as is_rounded,
    sent.lead_id is not null as is_sent
from found
left join rounded on rounded.place = found.place
left join sent
    on sent.advertiser_id = found.advertiser_id
    and sent.lead_id = found.lead_id
    and sent.event_name = found.event_name
    and sent.event_time = found.event_time
