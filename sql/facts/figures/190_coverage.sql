-- coverage: one row an advertiser: leads of four weeks, less the last day, and how many of them events speak of.
create or replace temp table coverage as
with counted as (
    select
        advertiser_id,
        channel,
        sum(eligible)::bigint as eligible,
        sum(covered)::bigint as covered,
        sum(raw_covered)::bigint as raw_covered
    from lead_day
    group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    has_list,
    is_stale,
    list_end,
    if(has_list, coalesce(eligible, 0), null) as eligible,
    if(has_list, coalesce(covered, 0), null) as covered,
    if(has_list, coalesce(raw_covered, 0), null) as raw_covered
from advertiser_window
left join counted using (advertiser_id, channel);
