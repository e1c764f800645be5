-- stage_risk: one row a stage and minute at which leads of the cohort reached it: how many, out of how many at risk.
-- A lead counts at ceil(delay) when it converted, else until floor(follow-up), both in whole minutes.
create or replace temp table stage_risk as
with converted as (
    select
        advertiser_id,
        channel,
        event_name,
        (delay + 59) // 60 as event_minute,
        follow_up // 60 as follow_minute
    from stage_delay
    where is_converted
), cohort as (
    select advertiser_id, channel, count(*) as leads from cohort_lead group by advertiser_id, channel
), event_at as (
    select
        advertiser_id,
        channel,
        event_name,
        event_minute as minute,
        count(*) as converted,
        sum(count(*)) over earlier - count(*) as converted_before
    from converted
    group by advertiser_id, channel, event_name, event_minute
    window earlier as (partition by advertiser_id, channel, event_name order by event_minute)
), follow_up_end as (
    select
        advertiser_id,
        channel,
        follow_up // 60 as minute,
        sum(count(*)) over (partition by advertiser_id, channel order by follow_up // 60) as ended
    from cohort_lead
    group by advertiser_id, channel, follow_up // 60
), converted_end as (
    select
        advertiser_id,
        channel,
        event_name,
        follow_minute as minute,
        sum(count(*)) over (partition by advertiser_id, channel, event_name order by follow_minute) as ended
    from converted
    group by advertiser_id, channel, event_name, follow_minute
), with_ended as (
    select event_at.*, coalesce(follow_up_end.ended, 0) as ended
    from event_at
    asof left join follow_up_end
        on event_at.advertiser_id = follow_up_end.advertiser_id
        and event_at.channel = follow_up_end.channel
        and event_at.minute > follow_up_end.minute
)
select
    with_ended.advertiser_id,
    with_ended.channel,
    with_ended.event_name,
    with_ended.minute::bigint as minute,
    with_ended.converted::bigint as converted,
    (cohort.leads - converted_before - (with_ended.ended - coalesce(converted_end.ended, 0)))::bigint as at_risk
from with_ended
join cohort using (advertiser_id, channel)
asof left join converted_end
    on with_ended.advertiser_id = converted_end.advertiser_id
    and with_ended.channel = converted_end.channel
    and with_ended.event_name = converted_end.event_name
    and with_ended.minute > converted_end.minute;
