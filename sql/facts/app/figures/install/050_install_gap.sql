-- install_gap: one row an advertiser with rows of either side: the installs of both on the days that both tables reach
-- (`days` with one), those on days that only one reaches, and `reason`, why there is nothing to compare: no_meta, no_mmp,
-- unstated (`lacks` names the keys of the configuration), undated (a side goes by touch, and none of its rows tells one),
-- apart (no day is in both).
create or replace temp table install_gap as
with advertiser as (
    select distinct advertiser_id from attributed
), total as (
    select
        advertiser_id,
        min(day) filter (is_compared) as first_day,
        max(day) filter (is_compared) as last_day,
        count(distinct day) filter (is_compared) as days,
        coalesce(sum(meta) filter (is_compared), 0)::bigint as meta,
        coalesce(sum(mmp) filter (is_compared), 0)::bigint as mmp,
        coalesce(sum(meta) filter (not is_compared), 0)::bigint as meta_alone,
        coalesce(sum(mmp) filter (not is_compared), 0)::bigint as mmp_alone
    from compared_day
    group by advertiser_id
), judged as (
    select
        advertiser.advertiser_id,
        concat_ws(
            ', ',
            if(meta_setting.click_days is null, 'meta.click_days', null),
            if(meta_setting.view_days is null, 'meta.view_days', null),
            if(meta_setting.date_basis is null, 'meta.date', null),
            if(mmp_setting.click_days is null, 'mmp.click_days', null),
            if(mmp_setting.view_days is null, 'mmp.view_days', null),
            if(mmp_setting.date_basis is null, 'mmp.date', null)
        ) as lacks,
        coalesce(meta_side.first_day is not null, false) as has_meta,
        coalesce(mmp_side.first_day is not null, false) as has_mmp,
        meta_setting.date_basis = 'touch' and meta_side.installs > 0 and meta_side.untouched = meta_side.installs
            as is_meta_undated,
        mmp_setting.date_basis = 'touch' and mmp_side.installs > 0 and mmp_side.untouched = mmp_side.installs
            as is_mmp_undated
    from advertiser
    left join attribution_setting as meta_setting
        on meta_setting.advertiser_id = advertiser.advertiser_id and meta_setting.side = 'meta'
    left join attribution_setting as mmp_setting
        on mmp_setting.advertiser_id = advertiser.advertiser_id and mmp_setting.side = 'mmp'
    left join install_side as meta_side on meta_side.advertiser_id = advertiser.advertiser_id and meta_side.side = 'meta'
    left join install_side as mmp_side on mmp_side.advertiser_id = advertiser.advertiser_id and mmp_side.side = 'mmp'
)
select
    judged.advertiser_id,
    case
        when not has_meta then 'no_meta'
        when not has_mmp then 'no_mmp'
        when lacks <> '' then 'unstated'
        when is_meta_undated or is_mmp_undated then 'undated'
        when coalesce(days, 0) = 0 then 'apart'
    end as reason,
    nullif(lacks, '') as lacks,
    case when is_meta_undated then 'meta' when is_mmp_undated then 'mmp' end as undated_side,
    first_day,
    last_day,
    coalesce(days, 0) as days,
    coalesce(meta, 0) as meta,
    coalesce(mmp, 0) as mmp,
    coalesce(meta_alone, 0) as meta_alone,
    coalesce(mmp_alone, 0) as mmp_alone
from judged
left join total using (advertiser_id);
