-- stage: one row a stage with a valid event, in the order of the funnel, with everything that is counted about it.
create or replace temp table stage as
with compared as (
    -- the most reached stages: a log that names every event differently must not compare all with all
    select advertiser_no, stage_no
    from stage_seen
    qualify row_number() over (partition by advertiser_no order by leads desc, event_name) <= 200
), ordered_stage as (
    select advertiser_no, stage_no, lead_no, stage_time
    from coded_lead_stage
    semi join compared using (advertiser_no, stage_no)
), pair as (
    select
        earlier.advertiser_no,
        earlier.stage_no,
        later.stage_no as other_no,
        sign(sum(sign(later.stage_time - earlier.stage_time))) as score
    from ordered_stage as earlier
    join ordered_stage as later
        on later.advertiser_no = earlier.advertiser_no
        and later.lead_no = earlier.lead_no
        and later.stage_no <> earlier.stage_no
    group by earlier.advertiser_no, earlier.stage_no, later.stage_no
), copeland as (
    select advertiser_no, stage_no, sum(score) as score
    from pair
    group by advertiser_no, stage_no
), configured as (
    select advertiser_id, folded(name) as name, min(position) as position
    from stage_setting
    group by advertiser_id, folded(name)
), cohort as (
    select advertiser_no, count(*) as cohort, count(*) filter (is_mature) as mature, min(created_time) as first_created
    from coded_cohort_lead
    group by advertiser_no
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
    longest_seconds,
    stage_seen.advertiser_no,
    stage_seen.stage_no
from stage_seen
left join raw_stage using (advertiser_id, channel)
left join copeland using (advertiser_no, stage_no)
left join configured
    on configured.advertiser_id = stage_seen.advertiser_id
    and configured.name = folded(stage_seen.event_name)
left join cohort using (advertiser_no)
left join stage_window
    on stage_window.advertiser_id = stage_seen.advertiser_id
    and stage_window.channel = stage_seen.channel
    and stage_window.event_name = stage_seen.event_name;
