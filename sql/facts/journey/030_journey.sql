-- journey: one row an advertiser: the step that the data suggest, since when, what Events Manager showed up to as_of,
-- and the guide's figures for it. `status` is the latest line; the dates of lines are midnights UTC.
create or replace temp table journey as
with latest as (
    select advertiser_id, arg_max(step, date) as declared, arg_max(status, date) as status, max(date) as date
    from status_line
    where date <= $as_of
    group by advertiser_id
), line as (
    select
        advertiser_id,
        channel,
        max(step) filter (is_own) as furthest,
        min(date) filter (is_own and six_step >= 4) as configured,
        min(date) filter (is_own and six_step >= 5) as analysed,
        max(date) filter (not is_own and six_step >= 5) as formerly_done,
        -- learning that came to its end wipes out what changed before
        coalesce(max(date) filter (six_step = 6), min(date) filter (six_step >= 5)) as done
    from journey_line
    group by advertiser_id, channel
)
select
    inferred_step.advertiser_id,
    inferred_step.channel,
    inferred_step.step,
    inferred_step.six_step,
    guide_step.title,
    guide_step.limit_days,
    guide_step.learning_low,
    guide_step.learning_high,
    guide_step.restart_low,
    guide_step.restart_high,
    declared,
    status,
    latest.date,
    entered_at,
    entered_by,
    furthest,
    coalesce(analysed, configured) as learning_since,
    done,
    formerly_done,
    analysed as done_anew,
    dataset_change.dataset_id,
    former,
    changed_at
from inferred_step
join guide_step using (six_step)
left join latest using (advertiser_id)
left join line using (advertiser_id, channel)
left join journey_entry
    on journey_entry.advertiser_id = inferred_step.advertiser_id
    and journey_entry.channel = inferred_step.channel
    and journey_entry.step = inferred_step.step
left join dataset_change
    on dataset_change.advertiser_id = inferred_step.advertiser_id
    and dataset_change.channel = inferred_step.channel;
