-- converted_minute: one row a target, whole minute at which leads of the cohort reached it (ceil(delay)) and whole minute to
-- which they were followed (floor(follow-up)): how many that converted.
create or replace temp table converted_minute as
select target_id, (delay + 59) // 60 as event_minute, follow_up // 60 as follow_minute, count(*) as leads
from target_delay
where is_converted
group by target_id, (delay + 59) // 60, follow_up // 60;

-- cohort_minute: one row an advertiser and whole minute to which leads of the cohort were followed: how many.
create or replace temp table cohort_minute as
select advertiser_id, channel, follow_up // 60 as minute, count(*) as leads
from cohort_lead
group by advertiser_id, channel, follow_up // 60;

-- target_risk: one row a target and minute at which leads of the cohort reached it: how many, out of how many at risk.
-- A lead counts at ceil(delay) when it converted, else until floor(follow-up), both in whole minutes.
create or replace temp table target_risk as
with cohort as (
    select advertiser_id, channel, sum(leads) as leads from cohort_minute group by advertiser_id, channel
), event_at as (
    select
        target_id,
        event_minute as minute,
        sum(leads) as converted,
        sum(sum(leads)) over earlier - sum(leads) as converted_before
    from converted_minute
    group by target_id, event_minute
    window earlier as (partition by target_id order by event_minute)
), follow_up_end as (
    select
        advertiser_id,
        channel,
        minute,
        sum(leads) over (partition by advertiser_id, channel order by minute) as ended
    from cohort_minute
), converted_end as (
    select
        target_id,
        follow_minute as minute,
        sum(sum(leads)) over (partition by target_id order by follow_minute) as ended
    from converted_minute
    group by target_id, follow_minute
), owned as (
    select event_at.*, advertiser_id, channel, leads
    from event_at
    join target using (target_id)
    join cohort using (advertiser_id, channel)
), with_ended as (
    select owned.*, coalesce(follow_up_end.ended, 0) as ended
    from owned
    asof left join follow_up_end
        on owned.advertiser_id = follow_up_end.advertiser_id
        and owned.channel = follow_up_end.channel
        and owned.minute > follow_up_end.minute
)
select
    with_ended.target_id,
    with_ended.minute::bigint as minute,
    with_ended.converted::bigint as converted,
    (leads - converted_before - (with_ended.ended - coalesce(converted_end.ended, 0)))::bigint as at_risk
from with_ended
asof left join converted_end
    on with_ended.target_id = converted_end.target_id
    and with_ended.minute > converted_end.minute;
