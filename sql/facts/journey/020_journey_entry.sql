-- journey_entry: one row an advertiser and step of the guide that it has entered, where it can be told when.
-- entered_by: 'data', 'status' (a line of Events Manager), 'earliest' (not before) or 'latest' (not after).
create or replace temp table journey_entry as
with line as (
    select
        advertiser_id,
        channel,
        min(date) as first_line,
        min(date) filter (six_step >= 4) as configured,
        min(date) filter (six_step >= 5) as analysed,
        min(date) filter (six_step = 6) as complete
    from journey_line
    where is_own
    group by advertiser_id, channel
), seventh as (
    select advertiser_id, channel, first_time
    from valid_day
    qualify row_number() over (partition by advertiser_id, channel order by day) = greatest($min_days, 1)
), stage_start as (
    select
        advertiser_id,
        channel,
        min(first_sent) as first_valid_sent,
        list_sort(list(first_sent))[2] as second_stage
    from trait
    where kind = 'stage'
    group by advertiser_id, channel
), told as (
    select
        inferred_step.advertiser_id,
        inferred_step.channel,
        inferred_step.six_step as reached,
        least(first_current, first_line) as first_sign,
        if(first_line < first_current or first_current is null, 'status', 'data') as first_by,
        first_valid_sent,
        configured,
        greatest(seventh.first_time, second_stage) as could_configure,
        analysed,
        complete
    from inferred_step
    join advertiser_window using (advertiser_id, channel)
    left join line using (advertiser_id, channel)
    left join seventh using (advertiser_id, channel)
    left join stage_start using (advertiser_id, channel)
), entry as (
    -- whoever is at step 1 has been there since its first record at the latest
    select advertiser_id, channel, reached, 1 as six_step, if(reached = 1, first_sign, null) as since, 'latest' as since_by from told
    union all
    select advertiser_id, channel, reached, 2, first_sign, first_by from told
    union all
    select advertiser_id, channel, reached, 3, first_valid_sent, 'data' from told
    union all
    -- when Meta was content with the data no log tells: not before there were enough days and two stages
    select advertiser_id, channel, reached, 4, coalesce(configured, could_configure),
        if(configured is null, 'earliest', 'status')
    from told
    union all
    select advertiser_id, channel, reached, 5, coalesce(analysed, configured), 'status' from told
    union all
    select advertiser_id, channel, reached, 6, complete, 'status' from told
)
select advertiser_id, channel, guide_step.step, min(since) as entered_at, arg_min(since_by, since) as entered_by
from entry
join guide_step using (six_step)
where six_step <= reached and since is not null
group by advertiser_id, channel, guide_step.step;
