-- active_day: one row a day with a valid event of an advertiser whose stage order is configured; `place` 1 is the latest.
create or replace temp table active_day as
with quarter as (
    -- no time zone of today is off by less than a quarter of an hour
    select distinct advertiser_no, event_time // 900 * 900 as event_time
    from coded_valid_event
    semi join (select advertiser_no from advertiser semi join stage_setting using (advertiser_id)) using (advertiser_no)
), active as (
    select distinct advertiser_id, channel, day_of(event_time, time_zone) as day
    from quarter
    join advertiser using (advertiser_no)
)
select *, row_number() over (partition by advertiser_id, channel order by day desc) as place
from active;

-- declared_stage: one row a name of the configured stage order (names that fold alike are one) and channel: its valid
-- events and the last day of them.
create or replace temp table declared_stage as
with declared as (
    select advertiser_id, folded(name) as folded_name, arg_min(name, position) as name, min(position) as position
    from stage_setting
    group by advertiser_id, folded(name)
), seen as (
    select advertiser_id, channel, folded(event_name) as folded_name, sum(events)::bigint as events, max(last_time) as last_time
    from stage_seen
    group by advertiser_id, channel, folded(event_name)
)
select
    advertiser.advertiser_id,
    advertiser.channel,
    folded_name,
    name,
    position,
    coalesce(events, 0) as events,
    day_of(last_time, time_zone) as last_day
from declared
join advertiser using (advertiser_id)
left join seen using (advertiser_id, channel, folded_name);
