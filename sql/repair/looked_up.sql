-- looked_up: what the lists and the log say of each event that was put right (table mended_event), one row each.
create or replace temp table looked_up as
with owned as (
    select advertiser_id, lead_id, created_time, is_test from listed_lead where advertiser_id is not null
), unowned as (
    select lead_id, created_time, is_test from listed_lead where advertiser_id is null
), found as (
    select
        mended_event.*,
        least(owned.created_time, unowned.created_time) as lead_created,
        coalesce(owned.is_test, false) or coalesce(unowned.is_test, false) as is_test,
        exists (
            from listed_lead
            where listed_lead.advertiser_id is null or listed_lead.advertiser_id = mended_event.advertiser_id
        ) as has_list
    from mended_event
    left join owned using (advertiser_id, lead_id)
    left join unowned using (lead_id)
), listed_number as (
    select distinct advertiser_id, try_cast(lead_id as bigint) as number
    from listed_lead
    where regexp_full_match(lead_id, '[1-9][0-9]{14,16}')
), near as (
    -- a double keeps 53 bits of a number, a spreadsheet 15 digits
    select distinct place
    from (
        select place, advertiser_id, lead_id::bigint as number
        from found
        where lead_created is null and has_list and lead_id is not null
    ) as unlisted
    join listed_number on listed_number.advertiser_id is null or listed_number.advertiser_id = unlisted.advertiser_id
    where (unlisted.number > 9007199254740992 and abs(unlisted.number - listed_number.number) <= 50)
        or (
            length(unlisted.number::varchar) > 15
            and length(unlisted.number::varchar) = length(listed_number.number::varchar)
            and unlisted.number % power(10, length(unlisted.number::varchar) - 15)::bigint = 0
            and left(unlisted.number::varchar, 15) = left(listed_number.number::varchar, 15)
        )
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
    near.place is not null as is_rounded,
    sent.lead_id is not null as is_sent
from found
left join near on near.place = found.place
left join sent
    on sent.advertiser_id = found.advertiser_id
    and sent.lead_id = found.lead_id
    and sent.event_name = found.event_name
    and sent.event_time = found.event_time
