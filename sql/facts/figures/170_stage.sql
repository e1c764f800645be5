-- stage: one row a stage with a valid event, in the order of the funnel, with everything that is counted about it.
create or replace temp table stage as
with compared as (
    -- the most reached stages: a log that names every event differently must not compare all with all
    select advertiser_id, channel, event_name
    from stage_seen
    qualify row_number() over (partition by advertiser_id, channel order by leads desc, event_name) <= 200
), ordered_stage as (
    select lead_stage.* from lead_stage semi join compared using (advertiser_id, channel, event_name)
), pair as (
    select
        earlier.advertiser_id,
        earlier.channel,
        earlier.event_name,
        later.event_name as other_name,
        sign(sum(sign(later.stage_time - earlier.stage_time))) as score
    from ordered_stage as earlier
    join ordered_stage as later
        on later.advertiser_id = earlier.advertiser_id
        and later.channel = earlier.channel
        and later.lead_id = earlier.lead_id
        and later.event_name <> earlier.event_name
    group by earlier.advertiser_id, earlier.channel, earlier.event_name, later.event_name
), copeland as (
    select advertiser_id, channel, event_name, sum(score) as score
    from pair
    group by advertiser_id, channel, event_name
), configured as (
    select advertiser_id, folded(name) as name, min(position) as position
    from stage_setting
    group by advertiser_id, folded(name)
), cohort as (
    select advertiser_id, channel, count(*) as cohort, count(*) filter (is_mature) as mature, min(created_time) as first_created
    from cohort_lead
    group by advertiser_id, channel
)
select
    stage_seen.advertiser_id,
    stage_seen.channel,
    stage_seen.event_name,
    stage_seen.events,
    stage_seen.leads,
    stage_seen.is_negative,
    coalesce(stage_seen.event_name = raw_stage.event_name, false) as is_raw,
    row_number() over (
        partition by stage_seen.advertiser_id, stage_seen.channel
        order by
            coalesce(stage_seen.event_name = raw_stage.event_name, false) desc,
            configured.position nulls last,
            coalesce(copeland.score, 0) desc,
            median_seconds nulls last,
            stage_seen.leads desc,
            stage_seen.event_name
    ) as stage_order,
    stage_seen.leads < $min_units as is_order_uncertain,
    coalesce(cohort.cohort, 0) as cohort,
    coalesce(cohort.mature, 0) as mature,
    cohort.first_created,
    coalesce(stage_window.converted, 0) as converted,
    coalesce(stage_window.reached, 0) as reached,
    coalesce(stage_window.within_window, 0) as within_window,
    p90_seconds,
    median_seconds,
    longest_seconds
from stage_seen
left join raw_stage using (advertiser_id, channel)
left join copeland
    on copeland.advertiser_id = stage_seen.advertiser_id
    and copeland.channel = stage_seen.channel
    and copeland.event_name = stage_seen.event_name
left join configured
    on configured.advertiser_id = stage_seen.advertiser_id
    and configured.name = folded(stage_seen.event_name)
left join cohort using (advertiser_id, channel)
left join stage_window
    on stage_window.advertiser_id = stage_seen.advertiser_id
    and stage_window.channel = stage_seen.channel
    and stage_window.event_name = stage_seen.event_name;
