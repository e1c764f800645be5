-- install_side: one row an advertiser and side that has rows: what its table holds, and what is stated about it. Of a
-- measurement partner the days are those of all installs, so that a day without one of Meta's is one of none.
create or replace temp table install_side as
with other as (
    select advertiser_id, if(side = 'meta', 'mmp', 'meta') as side, click_days, view_days
    from attribution_setting
)
select
    attributed.advertiser_id,
    attributed.side,
    any_value(attribution_setting.click_days) as click_days,
    any_value(attribution_setting.view_days) as view_days,
    any_value(date_basis) as date_basis,
    count(*) as rows,
    count(*) filter (is_install and is_of_meta) as installs,
    count(*) filter (not is_install) as other_events,
    count(*) filter (is_install and not is_of_meta) as of_others,
    count(*) filter (is_install and not is_of_meta and lower(attributed_to) = 'restricted') as restricted,
    count(*) filter (is_install and is_of_meta and touch_time is null) as untouched,
    count(*) filter (is_install and is_of_meta and platform is not null) as platformed,
    count(*) filter (is_install and is_of_meta and has_device is not null) as device_known,
    count(*) filter (is_install and is_of_meta and not has_device) as without_device,
    count(*) filter (is_install and is_of_meta and platform = 'ios' and has_device is not null) as ios_device_known,
    count(*) filter (is_install and is_of_meta and platform = 'ios' and not has_device) as ios_without_device,
    -- attributed to a touch that the other side's window leaves out
    count(*) filter (
        is_install and is_of_meta
        and (
            install_time - touch_time > 86400 * if(touch_type = 'view', other.view_days, other.click_days)
            or touch_type = 'view' and other.view_days = 0
        )
    ) as beyond_other,
    min(day) filter (is_install) as first_day,
    max(day) filter (is_install) as last_day,
    list_sort(
        coalesce(list(distinct known_app_id) filter (is_install and is_of_meta and known_app_id is not null), [])
    ) as app_ids
from attributed
left join attribution_setting using (advertiser_id, side)
left join other using (advertiser_id, side)
group by attributed.advertiser_id, attributed.side;
