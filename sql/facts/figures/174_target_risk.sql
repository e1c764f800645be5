-- converted_minute: one row a target, whole minute at which leads of the cohort reached it (ceil(delay)) and whole minute to
-- which they were followed (floor(follow-up)): how many that converted.
create or replace temp table converted_minute as
select target_id, (delay + 59) // 60 as event_minute, follow_up // 60 as follow_minute, count(*) as leads
from target_delay
where is_converted
group by target_id, (delay + 59) // 60, follow_up // 60;

-- cohort_minute: one row an advertiser and whole minute to which leads of the cohort were followed: how many.
create or replace temp table cohort_minute as
select advertiser_no, follow_up // 60 as minute, count(*) as leads
from coded_cohort_lead
group by advertiser_no, follow_up // 60;

-- target_risk: one row a target and minute at which leads of the cohort reached it: how many, out of how many at risk.
-- A lead counts at ceil(delay) when it converted, else until floor(follow-up), both in whole minutes. Those of 28 days
-- end after everything else.
create or replace temp table target_risk as
with cohort as (
    select advertiser_no, sum(leads) as leads from cohort_minute group by advertiser_no
), timeline as (
    -- what ends in a minute is at risk in it: its end comes behind
    select target_id, 2 * event_minute as place, sum(leads) as converted, 0 as ended
    from converted_minute
    group by target_id, event_minute
    union all
    select target_id, 2 * follow_minute + 1, 0, sum(leads)
    from converted_minute
    where follow_minute < 40320
    group by target_id, follow_minute
), running as (
    select
        target_id,
        place,
        converted,
        sum(converted) over so_far - converted as converted_before,
        sum(ended) over so_far as converted_ended
    from timeline
    window so_far as (partition by target_id order by place rows unbounded preceding)
), follow_up_end as (
    select advertiser_no, minute, sum(leads) over (partition by advertiser_no order by minute) as ended
    from cohort_minute
    where minute < 40320
), owned as (
    select target_id, place // 2 as minute, converted, converted_before, converted_ended, advertiser_no, leads
    from running
    join target using (target_id)
    join cohort using (advertiser_no)
    where converted > 0
)
select
    owned.target_id,
    owned.minute::bigint as minute,
    owned.converted::bigint as converted,
    (leads - converted_before - (coalesce(follow_up_end.ended, 0) - converted_ended))::bigint as at_risk
from owned
asof left join follow_up_end
    on owned.advertiser_no = follow_up_end.advertiser_no
    and owned.minute > follow_up_end.minute;
