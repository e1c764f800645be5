-- lead_volume: one row an advertiser with leads or daily counts: leads of ads in the days up to as_of, and in as many
-- up to the end of its list, which may be older. Organic leads and tests are counted beside them, and leads of which
-- nothing tells that they are Meta's.
create or replace temp table lead_volume as
with listed as (
    select
        advertiser_id,
        min(created_time) as list_start,
        max(created_time) filter (not is_test) as list_end,
        max(created_time) as last_row
    from applicant_lead
    group by advertiser_id
), leads as (
    select
        advertiser_id,
        'list' as source,
        list_start,
        list_end,
        created_time > $as_of - $volume_days * 86400 as is_recent,
        created_time > list_end - $volume_days * 86400 as is_last,
        is_test,
        is_organic,
        is_unsaid,
        is_of_meta
    from applicant_lead
    join listed using (advertiser_id)
), counted as (
    select
        advertiser_id,
        counted_day.leads,
        day > day_of($as_of, time_zone) - $volume_days::integer as is_recent,
        day > max(day) over (partition by advertiser_id) - $volume_days::integer as is_last,
        epoch(timezone(time_zone, day::timestamp))::bigint as first_second
    from counted_day
    join applicant using (advertiser_id)
    where has_counts
)
select
    advertiser_id,
    source,
    list_start,
    list_end,
    count(*) filter (is_recent and not is_test and not is_organic and is_of_meta) as leads,
    count(*) filter (is_recent and not is_test and is_organic) as organic,
    count(*) filter (is_recent and not is_test and is_unsaid) as unsaid,
    count(*) filter (is_recent and is_test) as tests,
    count(*) filter (is_recent and not is_test and not is_organic and not is_of_meta) as others,
    count(*) filter (is_last and not is_test and not is_organic and is_of_meta) as leads_at_end
from leads
group by advertiser_id, source, list_start, list_end
union all
select
    advertiser_id,
    'counts',
    min(first_second),
    max(first_second) + 86399,
    coalesce(sum(leads) filter (is_recent), 0)::bigint,
    0,
    coalesce(sum(leads) filter (is_recent), 0)::bigint,
    0,
    0,
    sum(leads) filter (is_last)::bigint
from counted
group by advertiser_id;

-- lead_month: one row such an advertiser and full calendar month in its time zone, that is one which its list or its
-- counts cover from the first to the last day: leads of ads, and organic ones beside them.
create or replace temp table lead_month as
with span as (
    select
        advertiser_id,
        time_zone,
        source,
        -- the first month only where its first day has a lead
        (date_trunc('month', day_of(list_start, time_zone) - 1) + interval 1 month)::date as first_month,
        least(
            date_trunc('month', day_of(list_end, time_zone) + 1), date_trunc('month', day_of($as_of, time_zone))
        )::date as end_month
    from lead_volume
    join applicant using (advertiser_id)
), month as (
    select advertiser_id, time_zone, source, unnest(generate_series(first_month, end_month - 1, interval 1 month))::date as month
    from span
    where first_month < end_month
), of_list as (
    select
        advertiser_id,
        date_trunc('month', day_of(created_time, time_zone))::date as month,
        count(*) filter (not is_organic and is_of_meta) as leads,
        count(*) filter (is_organic) as organic
    from applicant_lead
    join applicant using (advertiser_id)
    where not is_test
    group by all
), of_counts as (
    select advertiser_id, date_trunc('month', day)::date as month, sum(counted_day.leads)::bigint as leads
    from counted_day
    group by all
)
select
    month.advertiser_id,
    strftime(month.month, '%Y-%m') as month,
    coalesce(if(source = 'list', of_list.leads, of_counts.leads), 0) as leads,
    coalesce(if(source = 'list', of_list.organic, 0), 0) as organic
from month
left join of_list using (advertiser_id, month)
left join of_counts using (advertiser_id, month);

-- month_volume: one row such an advertiser with a full month: how many there are, the weakest and the latest of them.
create or replace temp table month_volume as
select
    advertiser_id,
    count(*) as months,
    min(leads) as fewest,
    arg_min(month, (leads, month)) as weakest_month,
    arg_max(leads, month) as latest_leads,
    max(month) as latest_month
from lead_month
group by advertiser_id;
