-- compared_day: one row an advertiser, day and platform with an install on either side. Where the rows of a side never
-- name a platform, the days hold all of them together (null). `is_compared`: the tables of both sides reach this day.
create or replace temp table compared_day as
with reach as (
    select
        advertiser_id,
        max(first_day) as first_day,
        min(last_day) as last_day,
        count(first_day) = 2 as has_both,
        bool_and(platformed > 0 or installs = 0) as by_platform
    from install_side
    group by advertiser_id
)
select
    install_day.advertiser_id,
    install_day.day,
    if(by_platform, platform, null) as platform,
    coalesce(sum(installs) filter (side = 'meta'), 0)::bigint as meta,
    coalesce(sum(installs) filter (side = 'mmp'), 0)::bigint as mmp,
    has_both and install_day.day between any_value(first_day) and any_value(last_day) as is_compared
from install_day
join reach using (advertiser_id)
group by install_day.advertiser_id, install_day.day, if(by_platform, platform, null), has_both;
