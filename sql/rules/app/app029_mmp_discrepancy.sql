/*---
title = "Meta and the measurement partner attribute alike"
severity = "recommended"
source = "App Events guide, differences: what to check where Meta reports fewer or more installs than a mobile measurement partner"
why = "A gap that nobody can explain hides a broken SDK, a wrong app id or another attribution window, and makes everybody doubt both reports."
fix = "Go through the questions of the guide, listed with what the rows answer: funnelcheck compare-mmp shows them with every day and platform."
wait = "Load Meta's attributed installs (--attributions) and the measurement partner's export (--mmp) of the same days, and state the windows and the date of both in [advertiser.NAME.attribution]."
acts = "partner"
channel = ["app"]
unit = "gap"
origin = { max_gap = "ours" }

[thresholds]
max_gap = 0.1

[message]
pass = "From {first_day:day} to {last_day:day} Meta attributes {meta:count} installs and the measurement partner {mmp:count}: they differ by {apart:share}, and up to {max_gap:share} is usual."
warn = "From {first_day:day} to {last_day:day} Meta attributes {meta:count} installs and the measurement partner {mmp:count}, which differ by {apart:share}; but on {affected:count} of {n:count} days they differ by more than {max_gap:share}. {worst:told}"
"fail.fewer" = "From {first_day:day} to {last_day:day} Meta attributes {meta:count} installs and the measurement partner {mmp:count}: {apart:share} fewer at Meta, where up to {max_gap:share} is usual. {worst:told}"
"fail.more" = "From {first_day:day} to {last_day:day} Meta attributes {meta:count} installs and the measurement partner {mmp:count}: {apart:share} more at Meta, where up to {max_gap:share} is usual. {worst:told}"
"fail.none" = "From {first_day:day} to {last_day:day} Meta attributes {meta:count} installs and the measurement partner none to Meta. {worst:told}"
"fail.platform" = "From {first_day:day} to {last_day:day} Meta attributes {meta:count} installs and the measurement partner {mmp:count}, which differ by {apart:share} in all; but on one platform they differ by more than {max_gap:share}. {worst:told}"
"undecided" = "From {first_day:day} to {last_day:day} Meta attributes {meta:count} installs and the measurement partner {mmp:count}: below {min_units:count} a gap says nothing."
not_evaluable = "Neither installs that Meta attributes nor an export of a measurement partner are loaded: there is nothing to compare."
"not_evaluable.no_meta" = "An export of a measurement partner is loaded, but no table of the installs that Meta attributes."
"not_evaluable.no_mmp" = "Installs that Meta attributes are loaded, but no export of a measurement partner."
"not_evaluable.unstated" = "The comparison with the measurement partner needs the windows and the date of both sides; not stated are {lacks:told}."
"not_evaluable.undated" = "The installs are to be compared by the day of the click or view, and no row of one side tells it."
"not_evaluable.apart" = "The tables of Meta and of the measurement partner have no day with an install in common."

[[case]]
name = "ten per cent more is usual"
given.install_gap = [{ days = 1, meta = 110, mmp = 100, first_day = "2026-11-01", last_day = "2026-11-01" }]
given.compared_day = [{ day = "2026-11-01", meta = 110, mmp = 100, is_compared = true }]
status = "pass"
value = 0.1
affected = 0

[[case]]
name = "one more is beyond it"
given.install_gap = [{ days = 1, meta = 111, mmp = 100, first_day = "2026-11-01", last_day = "2026-11-01" }]
given.compared_day = [{ day = "2026-11-01", meta = 111, mmp = 100, is_compared = true }]
status = "warn"
value = 0.11
affected = 1

[[case]]
name = "ten per cent fewer is usual"
given.install_gap = [{ days = 1, meta = 90, mmp = 100, first_day = "2026-11-01", last_day = "2026-11-01" }]
given.compared_day = [{ day = "2026-11-01", meta = 90, mmp = 100, is_compared = true }]
status = "pass"
value = -0.1

[[case]]
name = "one fewer is beyond it"
given.install_gap = [{ days = 1, meta = 89, mmp = 100, first_day = "2026-11-01", last_day = "2026-11-01" }]
given.compared_day = [{ day = "2026-11-01", meta = 89, mmp = 100, is_compared = true }]
status = "warn"
value = -0.11

[[case]]
name = "days that make up for each other are told"
given.install_gap = [{ days = 2, meta = 200, mmp = 200, first_day = "2026-11-01", last_day = "2026-11-02" }]
given.compared_day = [
    { day = "2026-11-01", meta = 120, mmp = 100, is_compared = true },
    { day = "2026-11-02", meta = 80, mmp = 100, is_compared = true },
]
status = "warn"
value = 0.0
affected = 2

[[case]]
name = "platforms that make up for each other are told"
given.install_gap = [{ days = 1, meta = 200, mmp = 200, first_day = "2026-11-01", last_day = "2026-11-01" }]
given.compared_day = [
    { day = "2026-11-01", platform = "ios", meta = 120, mmp = 100, is_compared = true },
    { day = "2026-11-01", platform = "android", meta = 80, mmp = 100, is_compared = true },
]
status = "warn"
affected = 0

[[case]]
name = "a measurement partner without any of Meta's installs"
given.install_gap = [{ days = 1, meta = 10, mmp = 0, first_day = "2026-11-01", last_day = "2026-11-01" }]
given.compared_day = [{ day = "2026-11-01", meta = 10, mmp = 0, is_compared = true }]
status = "warn"

[[case]]
name = "ten installs decide"
given.install_gap = [{ days = 1, meta = 10, mmp = 10, first_day = "2026-11-01", last_day = "2026-11-01" }]
given.compared_day = [{ day = "2026-11-01", meta = 10, mmp = 10, is_compared = true }]
status = "pass"

[[case]]
name = "nine do not"
given.install_gap = [{ days = 1, meta = 9, mmp = 1, first_day = "2026-11-01", last_day = "2026-11-01" }]
given.compared_day = [{ day = "2026-11-01", meta = 9, mmp = 1, is_compared = true }]
status = "undecided"

[[case]]
name = "windows that are not stated"
given.install_gap = [{ reason = "unstated", lacks = "meta.date", days = 1, meta = 200, mmp = 100 }]
status = "not_evaluable"

[[case]]
name = "no rows of either side"
given = {}
status = "not_evaluable"
---*/
with compared as (
    select compared_day.*, meta - mmp as gap
    from compared_day
    semi join (from install_gap where reason is null) using (advertiser_id)
    where is_compared
), day_total as (
    select advertiser_id, day, sum(meta)::bigint as meta, sum(mmp)::bigint as mmp
    from compared
    group by advertiser_id, day
), day_beyond as (
    select advertiser_id, count(*) as days
    from day_total
    where greatest(meta, mmp) >= $min_units and coalesce(abs(meta - mmp) / nullif(mmp, 0) > $max_gap, true)
    group by advertiser_id
), platform_total as (
    select advertiser_id, platform, sum(meta)::bigint as meta, sum(mmp)::bigint as mmp
    from compared
    where platform is not null
    group by advertiser_id, platform
), platform_told as (
    select
        advertiser_id,
        bool_or(
            greatest(meta, mmp) >= $min_units and coalesce(abs(meta - mmp) / nullif(mmp, 0) > $max_gap, true)
        ) as is_beyond,
        joined(
            list(
                phrase(
                    '{platform} Meta {meta:count}, measurement partner {mmp:count}',
                    {'platform': if(platform = 'ios', 'iOS', 'Android'), 'meta': meta, 'mmp': mmp}
                ) order by platform
            ), '; '
        ) as platforms
    from platform_total
    group by advertiser_id
), worst_day as (
    select
        advertiser_id,
        joined(
            list(
                if(
                    platform is null,
                    phrase(
                        '{day:day} (Meta {meta:count}, measurement partner {mmp:count})',
                        {'day': day, 'meta': meta, 'mmp': mmp}
                    ),
                    phrase(
                        '{day:day} on {platform} (Meta {meta:count}, measurement partner {mmp:count})',
                        {'day': day, 'platform': if(platform = 'ios', 'iOS', 'Android'), 'meta': meta, 'mmp': mmp}
                    )
                ) order by abs(gap) desc, day, platform
            )[:3], '; '
        ) as days
    from compared
    where gap <> 0
    group by advertiser_id
), answer as (
    select
        advertiser_id,
        list(
            case state
                when 'cause' then phrase('Look here: {question:told} {answer:told}', {'question': question, 'answer': answer})
                when 'clear' then phrase('Checked: {question:told} {answer:told}', {'question': question, 'answer': answer})
                else phrase('For a person to answer: {question:told} {answer:told}', {'question': question, 'answer': answer})
            end order by position
        ) as answers
    from install_answer
    group by advertiser_id
), judged as (
    select
        app_advertiser.advertiser_id,
        install_gap.* exclude (advertiser_id),
        install_gap.advertiser_id is not null and reason is null as is_compared,
        abs(meta - mmp) / nullif(mmp, 0) as apart,
        coalesce(day_beyond.days, 0) as days_beyond,
        case
            when not is_compared or greatest(meta, mmp) < $min_units then null
            when mmp = 0 or apart > $max_gap or is_beyond then 2
            when days_beyond > 0 then 1
            else 0
        end as level,
        is_beyond,
        answers,
        worst_day.days as worst_days,
        platforms
    from app_advertiser
    left join install_gap using (advertiser_id)
    left join day_beyond using (advertiser_id)
    left join platform_told using (advertiser_id)
    left join worst_day using (advertiser_id)
    left join answer using (advertiser_id)
)
select
    advertiser_id,
    'app' as channel,
    level,
    if(is_compared, (meta - mmp) / nullif(mmp, 0), null) as value,
    if(is_compared, days, 0) as n,
    if(is_compared, days_beyond, 0) as affected,
    case
        when not is_compared then reason
        when level < 2 then null
        when mmp = 0 then 'none'
        when apart <= $max_gap then 'platform'
        when meta < mmp then 'fewer'
        else 'more'
    end as reason,
    lacks,
    first_day,
    last_day,
    meta,
    mmp,
    apart,
    if(
        platforms is null,
        phrase('Most apart: {days:told}.', {'days': worst_days}),
        phrase('Most apart: {days:told}. By platform: {platforms:told}.', {'days': worst_days, 'platforms': platforms})
    ) as worst,
    if(level > 0, answers, null) as observations
from judged
