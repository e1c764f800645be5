-- coverage: one row an advertiser: leads of four weeks, less the last day, and how many of them events speak of; where
-- only daily counts tell of leads, how many they count, and how many of these at most have a raw event.
create or replace temp table coverage as
with listed as (
    select
        advertiser_id,
        channel,
        sum(eligible)::bigint as eligible,
        sum(covered)::bigint as covered,
        sum(raw_covered)::bigint as raw_covered
    from lead_day
    group by advertiser_id, channel
), counted as (
    select
        advertiser_id,
        channel,
        sum(counted)::bigint as counted,
        sum(least(raw_leads, counted))::bigint as counted_covered,
        count(*) filter (raw_leads > counted) as days_over
    from counted_lead_day
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
    if(has_list, coalesce(raw_covered, 0), null) as raw_covered,
    has_counts,
    if(has_counts, coalesce(counted, 0), null) as counted,
    if(has_counts, coalesce(counted_covered, 0), null) as counted_covered,
    if(has_counts, coalesce(days_over, 0), null) as days_over
from advertiser_window
left join listed using (advertiser_id, channel)
left join counted using (advertiser_id, channel);
