-- stage_union: one row a union that may be optimised for: two to five stages in a row, each too rare alone, which
-- together pass FUN006 and FUN007. Of the unions within one run of rare stages the one of the fewest stages, then the
-- earliest, is offered.
create or replace temp table stage_union as
with rare as (
    select
        advertiser_id,
        channel,
        event_name,
        step,
        step - row_number() over (partition by advertiser_id, channel order by step) as run
    from stage_status
    join funnel_step using (advertiser_id, channel, event_name)
    where reason = 'too-rare' or (reason = 'undecided' and rate < $min_rate)
), made_of as (
    select
        target_id,
        any_value(run) as run,
        count(*) as stages,
        list(rare.event_name order by target_step.step) as names
    from target_step
    join rare using (advertiser_id, channel, event_name)
    group by target_id
), passing as (
    select target_rate.*, run, stages, names
    from target_rate
    join made_of using (target_id)
    where kind = 'union'
        and stages = last_step - first_step + 1
        and rate_level(rate, rate_low, rate_high, mature, converted, $min_rate, $max_rate, $min_units) = 0
        and window_level(reached, p90_seconds, mature, $max_days, $min_units) = 0
)
select advertiser_id, channel, first_step, names, cohort, converted, rate, rate_low, rate_high, p90_seconds
from passing
qualify row_number() over (partition by advertiser_id, channel, run order by stages, first_step) = 1;
