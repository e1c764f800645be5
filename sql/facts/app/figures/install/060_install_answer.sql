-- install_answer: one row an advertiser with both sides and question to ask of its gap: the guide's, and ours, with what
-- the rows answer. `state`: cause (the rows show it), clear (they rule it out), person (only a person can answer).
create or replace temp table install_answer as
with platform_gap as (
    select
        advertiser_id,
        coalesce(sum(meta - mmp) filter (platform = 'ios'), 0)::bigint as ios_gap,
        bool_or(platform is not null) as has_platform
    from compared_day
    where is_compared
    group by advertiser_id
), day_total as (
    select advertiser_id, day, sum(meta) as meta, sum(mmp) as mmp
    from compared_day
    where is_compared
    group by advertiser_id, day
), empty_day as (
    select
        advertiser_id,
        count(*) filter (meta = 0) as meta_days,
        min(day) filter (meta = 0) as meta_first,
        max(day) filter (meta = 0) as meta_last,
        count(*) filter (mmp = 0) as mmp_days,
        min(day) filter (mmp = 0) as mmp_first,
        max(day) filter (mmp = 0) as mmp_last
    from day_total
    group by advertiser_id
), pair as (
    select
        install_gap.*,
        meta_side as m,
        mmp_side as p,
        coalesce(setting.time_zone, 'UTC') as time_zone,
        ios_gap,
        has_platform,
        empty_day.* exclude (advertiser_id),
        logged_install.installs as logged_installs,
        install_gap.meta - install_gap.mmp as gap,
        list_filter(meta_side.app_ids, lambda id: not list_contains(mmp_side.app_ids, id)) as meta_apps,
        list_filter(mmp_side.app_ids, lambda id: not list_contains(meta_side.app_ids, id)) as mmp_apps,
        len(list_filter(meta_side.app_ids, lambda id: regexp_full_match(id, '[0-9]+'))) as meta_numbers,
        len(list_filter(mmp_side.app_ids, lambda id: regexp_full_match(id, '[0-9]+'))) as mmp_numbers
    from install_gap
    join install_side as meta_side on meta_side.advertiser_id = install_gap.advertiser_id and meta_side.side = 'meta'
    join install_side as mmp_side on mmp_side.advertiser_id = install_gap.advertiser_id and mmp_side.side = 'mmp'
    left join setting on setting.advertiser_id = install_gap.advertiser_id
    left join platform_gap on platform_gap.advertiser_id = install_gap.advertiser_id
    left join empty_day on empty_day.advertiser_id = install_gap.advertiser_id
    left join logged_install on logged_install.advertiser_id = install_gap.advertiser_id
), asked as (
    select
        advertiser_id,
        1 as position,
        'sdk' as key,
        gap < 0 as is_asked,
        if(meta_days > 0, 'cause', 'person') as state,
        phrase('Is Meta''s SDK built into the app correctly?') as question,
        case
            when meta_days > 0 then plural(
                meta_days,
                'Meta has no install on {n:count} of {days:count} days ({first:day}): ask the app''s developer what changed then.',
                'Meta has no install on {n:count} of {days:count} days ({first:day} to {last:day}): ask the app''s developer what changed then.',
                {'days': days, 'first': meta_first, 'last': meta_last}
            )
            when logged_installs > 0 then plural(
                logged_installs,
                'The log of App Events holds {n:count} report of an install; whether every version of the app has the SDK only its developer can tell.',
                'The log of App Events holds {n:count} reports of installs; whether every version of the app has the SDK only its developer can tell.'
            )
            else phrase('Only the app''s developer can tell; Events Manager shows which events of the app come in.')
        end as answer
    from pair
    union all
    select
        advertiser_id,
        2,
        'app_id',
        true,
        case
            when len(m.app_ids) = 0 or len(p.app_ids) = 0 then 'person'
            when len(meta_apps) = 0 and len(mmp_apps) = 0 then 'clear'
            when meta_numbers = len(m.app_ids) and mmp_numbers = 0 or meta_numbers = 0 and mmp_numbers = len(p.app_ids)
                then 'person'
            else 'cause'
        end as state,
        phrase('Does either side use a wrong app id?'),
        case
            when len(m.app_ids) = 0
                then phrase('Meta''s rows name no app id: compare the ids in the settings of both tools.')
            when len(p.app_ids) = 0
                then phrase('The measurement partner''s rows name no app id: compare the ids in the settings of both tools.')
            when state = 'clear' then phrase('Both sides name the same: {apps}.', {'apps': m.app_ids[:5]})
            when state = 'person' then phrase(
                'Meta''s rows name {meta}, the measurement partner''s {mmp}: ids of two kinds. Compare them in both tools, and write the pairs as apps into [advertiser.NAME.attribution].',
                {'meta': m.app_ids[:5], 'mmp': p.app_ids[:5]}
            )
            when len(meta_apps) > 0 and len(mmp_apps) > 0 then phrase(
                'Only Meta''s rows name {meta}, only the measurement partner''s {mmp}.', {'meta': meta_apps[:5], 'mmp': mmp_apps[:5]}
            )
            when len(meta_apps) > 0 then phrase('Only Meta''s rows name {meta}.', {'meta': meta_apps[:5]})
            else phrase('Only the measurement partner''s rows name {mmp}.', {'mmp': mmp_apps[:5]})
        end
    from pair
    union all
    select
        advertiser_id,
        3,
        'windows',
        true,
        case
            when m.click_days + m.view_days + p.click_days + p.view_days is null then 'person'
            when gap > 0 and (m.click_days > p.click_days or m.view_days > p.view_days) then 'cause'
            when gap < 0 and (m.click_days < p.click_days or m.view_days < p.view_days) then 'cause'
            else 'clear'
        end as state,
        phrase('Are the attribution windows the same?'),
        case
            when state = 'person' then phrase(
                'They are not stated: write {lacks:told} into [advertiser.NAME.attribution].',
                {'lacks': lacks}
            )
            when m.click_days = p.click_days and m.view_days = p.view_days then phrase(
                'Yes: {click:days} after a click, {view:days} after a view.', {'click': m.click_days, 'view': m.view_days}
            )
            else phrase(
                'No: Meta counts {meta_click:days} after a click and {meta_view:days} after a view, the measurement partner {mmp_click:days} and {mmp_view:days}. {beyond:told}',
                {
                    'meta_click': m.click_days, 'meta_view': m.view_days, 'mmp_click': p.click_days,
                    'mmp_view': p.view_days,
                    'beyond': case
                        when if(gap < 0, p.untouched = p.installs, m.untouched = m.installs)
                            then phrase('How many installs lie outside cannot be counted: no row tells the click or view.')
                        when gap < 0 then plural(
                            p.beyond_other,
                            '{n:count} of the measurement partner''s {installs:count} installs lies outside Meta''s window.',
                            '{n:count} of the measurement partner''s {installs:count} installs lie outside Meta''s window.',
                            {'installs': p.installs}
                        )
                        else plural(
                            m.beyond_other,
                            '{n:count} of Meta''s {installs:count} installs lies outside the measurement partner''s window.',
                            '{n:count} of Meta''s {installs:count} installs lie outside the measurement partner''s window.',
                            {'installs': m.installs}
                        )
                    end
                }
            )
        end
    from pair
    union all
    select
        advertiser_id,
        4,
        'dates',
        m.date_basis is not null and p.date_basis is not null,
        if(m.date_basis = p.date_basis, 'clear', 'cause'),
        phrase('Do both sides put an install on the same day?'),
        if(
            m.date_basis = p.date_basis,
            phrase(
                'Yes: both go by {basis:told}, in the time zone {zone}.',
                {'basis': basis_of(m.date_basis), 'zone': time_zone}
            ),
            phrase(
                'No: Meta goes by {meta:told}, the measurement partner by {mmp:told}. Single days are shifted against each other: look at the totals.',
                {'meta': basis_of(m.date_basis), 'mmp': basis_of(p.date_basis)}
            )
        )
    from pair
    union all
    select
        advertiser_id,
        5,
        'mmp_sdk',
        gap > 0,
        if(mmp_days > 0, 'cause', 'person'),
        phrase('Is the measurement partner''s SDK built into the app correctly?'),
        if(
            mmp_days > 0,
            plural(
                mmp_days,
                'The measurement partner has no install of Meta''s on {n:count} of {days:count} days ({first:day}): ask the app''s developer what changed then.',
                'The measurement partner has no install of Meta''s on {n:count} of {days:count} days ({first:day} to {last:day}): ask the app''s developer what changed then.',
                {'days': days, 'first': mmp_first, 'last': mmp_last}
            ),
            phrase('Only the app''s developer can tell; the measurement partner''s dashboard shows which versions report.')
        )
    from pair
    union all
    select
        advertiser_id,
        6,
        'ios',
        gap > 0,
        case when not coalesce(has_platform, false) then 'person' when ios_gap >= 0.9 * gap then 'cause' else 'clear' end
            as state,
        phrase('Does the gap stand on iOS alone?'),
        case
            when state = 'person'
                then phrase('The rows of one side name no platform: look at iOS alone in both tools.')
            when ios_gap <= 0 then phrase('No: on iOS Meta has no more installs than the measurement partner.')
            when ios_gap >= gap
                then phrase('Yes: on iOS Meta has {ios:count} more, on all platforms {gap:count}.', {'ios': ios_gap, 'gap': gap})
            else phrase(
                '{share:share} of it does: on iOS Meta has {ios:count} more, on all platforms {gap:count}.',
                {'share': ios_gap / nullif(gap, 0), 'ios': ios_gap, 'gap': gap}
            )
        end
    from pair
    union all
    select
        advertiser_id,
        7,
        'idfa',
        gap > 0,
        if(p.ios_without_device * 2 > p.ios_device_known, 'cause', 'person'),
        phrase('Does the measurement partner receive the IDFA, and does it pass it on to Meta?'),
        if(
            p.ios_device_known = 0,
            phrase('Its rows say nothing about the advertising ids of iOS devices: only the measurement partner can tell.'),
            phrase(
                '{without:count} of its {known:count} iOS installs ({share:share}) name no advertising id. Whether the others are passed on to Meta only the measurement partner can tell.',
                {
                    'without': p.ios_without_device, 'known': p.ios_device_known,
                    'share': p.ios_without_device / nullif(p.ios_device_known, 0)
                }
            )
        )
    from pair
    union all
    select
        advertiser_id,
        8,
        'device',
        gap < 0 and p.device_known > 0,
        if(p.without_device * 2 > p.device_known, 'cause', 'clear'),
        phrase('Do the devices name an advertising id that Meta can recognise?'),
        phrase(
            '{without:count} of the measurement partner''s {known:count} installs ({share:share}) name none.',
            {'without': p.without_device, 'known': p.device_known, 'share': p.without_device / nullif(p.device_known, 0)}
        )
    from pair
    union all
    select
        advertiser_id,
        9,
        'days',
        m.first_day is not null and p.first_day is not null,
        if(meta_alone + mmp_alone > 0, 'cause', 'clear') as state,
        phrase('Do both tables hold the same days?'),
        if(
            state = 'clear',
            phrase('Yes: every install lies on a day that both tables reach.'),
            phrase(
                'No: Meta''s table holds {meta_first:day} to {meta_last:day}, the measurement partner''s {mmp_first:day} to {mmp_last:day}. {meta_alone:count} and {mmp_alone:count} installs lie outside the days of both and are not compared.',
                {
                    'meta_first': m.first_day, 'meta_last': m.last_day, 'mmp_first': p.first_day, 'mmp_last': p.last_day,
                    'meta_alone': meta_alone, 'mmp_alone': mmp_alone
                }
            )
        )
    from pair
    union all
    select
        advertiser_id,
        10,
        'sources',
        p.restricted > 0 or p.installs = 0 and p.of_others > 0,
        if(p.installs = 0, 'cause', 'person'),
        phrase('Does the measurement partner call Meta by a name that is known here?'),
        if(
            p.installs = 0,
            plural(
                p.of_others,
                'Its {n:count} install does not name Meta as the source. Write what it calls Meta as sources into [advertiser.NAME.attribution].',
                'None of its {n:count} installs names Meta as the source. Write what it calls Meta as sources into [advertiser.NAME.attribution].'
            ),
            plural(
                p.restricted,
                '{n:count} more of its installs has the source restricted, which may be Meta''s: write it as sources into [advertiser.NAME.attribution] if it is.',
                '{n:count} more of its installs have the source restricted, which may be Meta''s: write it as sources into [advertiser.NAME.attribution] if it is.'
            )
        )
    from pair
)
select * exclude (is_asked)
from asked
where is_asked;
