/*---
title = "The stage is reached within 28 days"
severity = "required"
source = "Partner guide, step 5: a conversion window of the optimisation stage of at most 28 days. That nine leads in ten must make it, and ten delays at least, are ours"
why = "Meta learns from conversions that follow within 28 days of the lead; later ones come too late."
fix = "Choose a stage nearer to the lead (send one between the raw lead and this one if there is none), or send the stage when it happens instead of weeks later."
acts = "advertiser"
unit = "days"
channel = ["crm", "history"]
subject = "optimisation stage"

[message]
pass = "Nine in ten of {n:count} leads that reach {subject} do so within {value:days} (half within {median_days:days}, the slowest in {longest_days:days}; {within:share} within 28 days)."
"fail.too-slow" = "It takes {value:days} until nine in ten of the {n:count} leads that reach {subject} are there (half are there after {median_days:days}, the slowest after {longest_days:days}; {within:share} within 28 days); at most {max_days:days} are allowed."
"fail.no-stage" = "No stage can be judged: nothing valid was sent but the raw stage and negative ones (see DAT002 and FUN002)."
"fail.never-seen" = "The configured optimisation stage {subject} was never sent with a valid event (see DAT002)."
"undecided.few" = "{n:count} of the {min_units:count} leads needed have reached {subject}, too few to tell how long it takes."
"undecided.young" = "Nine in ten of {n:count} leads that reached {subject} did so within {value:days}, but no lead has had its 28 days; the first has on {first_closing:date}."

[history]
wait = "Load a newer export of the history as the leads grow older; more data decides it."
"fail.no-stage" = "No stage can be judged: nothing valid is recorded but the raw stage and negative ones (see FUN002)."
"fail.never-seen" = "The configured optimisation stage {subject} is not recorded with a valid event."
fix = "Choose a stage nearer to the lead (record one between the raw lead and this one if there is none), or record the stage when it happens instead of weeks later."

[thresholds]
max_days = 28

[[case]]
name = "28 days to the second pass"
given.stage_rate = [{ cohort = 100, mature = 100, reached = 10, p90_seconds = 2419200 }]
status = "pass"

[[case]]
name = "one second more fails"
given.stage_rate = [{ cohort = 100, mature = 100, reached = 10, p90_seconds = 2419201 }]
status = "fail"

[[case]]
name = "nine delays are one too few"
given.stage_rate = [{ cohort = 100, mature = 100, reached = 9, p90_seconds = 2419201 }]
status = "undecided"

[[case]]
name = "too slow fails at any age of the log"
given.stage_rate = [{ cohort = 100, mature = 0, reached = 10, p90_seconds = 2419201 }]
status = "fail"

[[case]]
name = "fast, but no lead has had its 28 days"
given.stage_rate = [{ cohort = 100, mature = 0, reached = 10, p90_seconds = 86400 }]
status = "undecided"

[[case]]
name = "without any stage there is nothing to optimise for"
given.advertiser = [{ advertiser_id = "a" }]
status = "fail"
---*/
with levelled as (
    select
        *,
        if(event_name is null, 2, window_level(reached, p90_seconds, mature, $max_days, $min_units)) as level
    from advertiser
    left join stage_rate using (advertiser_id, channel)
)
select
    advertiser_id,
    channel,
    event_name as subject,
    level,
    p90_seconds / 86400 as value,
    coalesce(reached, 0) as n,
    coalesce(reached - within_window, 0) as affected,
    median_seconds / 86400 as median_days,
    longest_seconds / 86400 as longest_days,
    within_window / nullif(reached, 0) as within,
    first_created + 2419200 as first_closing,
    case
        when event_name is null then 'no-stage'
        when level = 2 then 'too-slow'
        when coalesce(reached, 0) < $min_units then 'few'
        when mature = 0 then 'young'
    end as reason
from levelled
