/*---
title = "A stage that 1 to 40 % of leads reach"
severity = "required"
source = "Partner guide, step 5: an optimisation stage with a conversion rate between 1 and 40 %, both ends included. How the rate is measured, and the ten conversions, are ours"
why = "A stage that nearly every lead reaches tells good leads from bad ones no better than the raw lead does; one that hardly any reaches gives too few examples to learn from."
fix = "Choose, or start sending, a stage that between 1 and 40 of 100 leads reach within 28 days."
acts = "advertiser"
origin = { most_leads = "ours" }
unit = "share"
channel = ["crm", "history"]
reports = ["min_rate", "max_rate"]
subject = "optimisation stage"

[message]
pass = "{value:share} of leads reach {subject} within 28 days (95 %: {rate_low:share} to {rate_high:share}; so far {converted:count} of {n:count}, of whom {mature:count} have had their 28 days)."
"fail.too-rare" = "Only {value:share} of leads reach {subject} within 28 days (95 %: {rate_low:share} to {rate_high:share}; so far {converted:count} of {n:count}); at least {min_rate:share} is needed."
"fail.too-common" = "{value:share} of leads reach {subject} within 28 days (95 %: {rate_low:share} to {rate_high:share}; so far {converted:count} of {n:count}); at most {max_rate:share} is allowed."
"fail.no-stage" = "No stage can be judged: nothing valid was sent but the raw stage and negative ones (see DAT002 and FUN002)."
"fail.never-seen" = "The configured optimisation stage {subject} was never sent with a valid event (see DAT002)."
"undecided.no-cohort" = "No lead can be followed to {subject} yet: none was created while the log speaks of it."
"undecided.on-course" = "{converted:count} of {n:count} leads have reached {subject} so far, which is on course, but none has had its 28 days; the first has on {first_closing:date}."
"undecided.young" = "{converted:count} of {n:count} leads have reached {subject} so far, but none has had its 28 days; the first has on {first_closing:date}."
"undecided.few" = "{converted:count} of {n:count} leads have reached {subject}, too few conversions to be sure (estimate {value:share}, 95 %: {rate_low:share} to {rate_high:share}); {min_units:count} are needed."
"undecided.unsettled" = "{converted:count} of {n:count} leads have reached {subject}, too few leads to be sure (estimate {value:share}, 95 %: {rate_low:share} to {rate_high:share}); about {leads_to_settle:count} more leads with their 28 days settle it."
"undecided.little" = "{converted:count} of {n:count} leads have reached {subject}, too little data to tell (estimate {value:share}, 95 %: {rate_low:share} to {rate_high:share})."

[history]
wait = "Load a newer export of the history as the leads grow older; more data decides it."
"fail.no-stage" = "No stage can be judged: nothing valid is recorded but the raw stage and negative ones (see FUN002)."
"fail.never-seen" = "The configured optimisation stage {subject} is not recorded with a valid event."
fix = "Choose, or start recording, a stage that between 1 and 40 of 100 leads reach within 28 days."

[thresholds]
min_rate = 0.01
max_rate = 0.4
most_leads = 100000

[[case]]
name = "exactly 1 % of mature leads passes"
given.stage_rate = [{ cohort = 2000, mature = 2000, converted = 20, rate = 0.01, rate_low = 0.0065, rate_high = 0.0154 }]
status = "pass"
certain = false

[[case]]
name = "9 of 1,000 may be chance"
given.stage_rate = [{ cohort = 1000, mature = 1000, converted = 9, rate = 0.009, rate_low = 0.0047, rate_high = 0.017 }]
status = "undecided"
leads_to_settle = 37031

[[case]]
name = "none of 1,000 fails"
given.stage_rate = [{ cohort = 1000, mature = 1000, converted = 0, rate = 0.0, rate_low = 0.0, rate_high = 0.00383 }]
status = "fail"

[[case]]
name = "exactly 40 % passes"
given.stage_rate = [{ cohort = 100, mature = 100, converted = 40, rate = 0.4, rate_low = 0.309, rate_high = 0.498 }]
status = "pass"
certain = false

[[case]]
name = "401 of 1,000 may be chance"
given.stage_rate = [{ cohort = 1000, mature = 1000, converted = 401, rate = 0.401, rate_low = 0.371, rate_high = 0.4317 }]
status = "undecided"

[[case]]
name = "half of 1,000 fails"
given.stage_rate = [{ cohort = 1000, mature = 1000, converted = 500, rate = 0.5, rate_low = 0.469, rate_high = 0.531 }]
status = "fail"

[[case]]
name = "a whole interval in range is certain"
given.stage_rate = [{ cohort = 1000, mature = 900, converted = 200, rate = 0.21, rate_low = 0.18, rate_high = 0.24 }]
status = "pass"
certain = true

[[case]]
name = "nine conversions are one too few"
given.stage_rate = [{ cohort = 60, mature = 60, converted = 9, rate = 0.15, rate_low = 0.081, rate_high = 0.41 }]
status = "undecided"

[[case]]
name = "ten conversions are enough"
given.stage_rate = [{ cohort = 60, mature = 60, converted = 10, rate = 0.16666666666666666, rate_low = 0.0934, rate_high = 0.41 }]
status = "pass"

[[case]]
name = "no mature lead: undecided, though the rate is in range"
given.stage_rate = [{ cohort = 400, mature = 0, converted = 80, rate = 0.2, rate_low = 0.16, rate_high = 0.24 }]
status = "undecided"

[[case]]
name = "no mature lead, but already too many converted"
given.stage_rate = [{ cohort = 400, mature = 0, converted = 300, rate = 0.75, rate_low = 0.7, rate_high = 0.8 }]
status = "fail"

[[case]]
name = "an empty cohort decides nothing"
given.stage_rate = [{ cohort = 0, mature = 0, converted = 0 }]
status = "undecided"

[[case]]
name = "without any stage there is nothing to optimise for"
given.advertiser = [{ advertiser_id = "a" }]
status = "fail"
---*/
with judged as (
    select
        *,
        rate >= $min_rate and rate <= $max_rate as is_in_range,
        if(
            event_name is null,
            2,
            rate_level(rate, rate_low, rate_high, mature, converted, $min_rate, $max_rate, $min_units)
        ) as level
    from advertiser
    left join stage_rate using (advertiser_id, channel)
), settled as (
    select
        *,
        case when level is null and mature > 0 and not is_in_range
            then leads_to_settle(rate, mature, if(rate < $min_rate, $min_rate, $max_rate))
        end as needed,
        if(needed <= $most_leads, needed, null)::bigint as to_settle
    from judged
)
select
    advertiser_id,
    channel,
    event_name as subject,
    level,
    rate as value,
    coalesce(cohort, 0) as n,
    0 as affected,
    if(level = 0, rate_low >= $min_rate and rate_high <= $max_rate, null) as certain,
    to_settle as leads_to_settle,
    rate_low,
    rate_high,
    mature,
    converted,
    deeper_rate,
    first_created + 2419200 as first_closing,
    case
        when event_name is null then 'no-stage'
        when level = 2 and rate < $min_rate then 'too-rare'
        when level = 2 then 'too-common'
        when coalesce(cohort, 0) = 0 then 'no-cohort'
        when mature = 0 and rate >= $min_rate and rate <= $max_rate then 'on-course'
        when mature = 0 then 'young'
        when is_in_range then 'few'
        when to_settle < 10 * cohort then 'unsettled'
        else 'little'
    end as reason
from settled
