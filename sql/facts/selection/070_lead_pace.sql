-- lead_pace: one row an advertiser and day with a lead of ads: how many days ago, counted in spans of 24 hours that end at
-- as_of (of daily counts in days, that of as_of left out, since it may not be over); and how many whole days there are
-- since its first lead.
create or replace temp table lead_pace as
with listed as (
    select advertiser_id, ($as_of - created_time) // 86400 as days_ago
    from applicant_lead
    where not is_test and not is_organic and is_of_meta
), counted as (
    select advertiser_id, day_of($as_of, time_zone) - day - 1 as days_ago, counted_day.leads
    from counted_day
    join applicant using (advertiser_id)
    where has_counts
), paced as (
    -- the span that holds the first lead begins before it
    select advertiser_id, days_ago, count(*) as leads, max(max(days_ago)) over (partition by advertiser_id) as days
    from listed
    group by advertiser_id, days_ago
    union all
    select advertiser_id, days_ago, leads, max(days_ago) over (partition by advertiser_id) + 1
    from counted
)
select advertiser_id, days_ago::bigint as days_ago, leads::bigint as leads, days::bigint as days
from paced
where days_ago >= 0;
