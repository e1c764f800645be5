-- Rows of a table of attributed installs (flat_row), Meta's or a measurement partner's, as they will be kept. Of an
-- advertising id nothing is, wherever it stands: only whether there is one.
-- What is short and has no such sign holds no id and no secret; most is, and looking through it costs.
create or replace temp macro without_devices(text) as
    case
        when length(text) < 20 and not has_sign(text) then text
        else regexp_replace(
            without_secrets(text), '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
            '(device)', 'g'
        )
    end;

create or replace temp macro is_device(text) as
    regexp_full_match(
        text,
        '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}'
    );

-- What exports write where there is nothing.
create or replace temp macro is_nothing_told(text) as
    lower(text) in ('null', 'none', 'nan', 'n/a', 'na', 'undefined', 'unknown', '(null)', '-');

-- An id in a cell: no word for nothing, and not all zeros.
create or replace temp macro names_device(text) as
    not is_nothing_told(text) and regexp_matches(text, '[1-9a-zA-Z]');

-- A span like 28, 7d, 24h or "1 day", in days.
create or replace temp macro days_of(text) as
    case when regexp_full_match(lower(text), '[0-9]{1,6}(\.[0-9]+)? ?(d|days?|h|hours?)?') then
        try_cast(regexp_extract(text, '^[0-9.]+') as double) / if(regexp_matches(lower(text), 'h'), 24, 1)
    end;

create or replace temp table judged_install as
with cell as (
    select
        * replace (
            if(is_nothing_told(touch_time), null, touch_time) as touch_time,
            if(is_nothing_told(click_time), null, click_time) as click_time,
            if(is_nothing_told(view_time), null, view_time) as view_time,
            if(is_nothing_told(attributed_to), null, attributed_to) as attributed_to
        )
    from flat_row
), read as (
    select
        record, part, line, is_left_out, content, digest_text,
        install_time as install_text,
        coalesce(touch_time, click_time, view_time) as touch_text,
        left(without_devices(app_id), 100) as app_id,
        left(without_devices(attributed_to), 100) as source,
        left(without_devices(campaign), 200) as campaign,
        left(without_devices(event_name), 100) as event,
        case when not is_device(advertiser) then advertiser end as advertiser,
        -- what some call advertiser_id is the device's
        case when is_device(advertiser) then advertiser end as stray_device,
        advertising_id,
        idfa,
        table_time(install_time, $time_zone, $day_first::boolean, $time_format::varchar) as install_time,
        table_time(coalesce(touch_time, click_time, view_time), $time_zone, $day_first::boolean, $time_format::varchar)
            as touch_time,
        case
            when lower(touch_type) in ('click', 'clicks', 'ctc', 'engaged_click', 'click-through', 'click_through') then 'click'
            when lower(touch_type) in ('view', 'impression', 'impressions', 'view-through', 'view_through', 'vta') then 'view'
            when touch_type is not null then null
            when lower(is_view_through) in ('true', '1', 'yes') then 'view'
            when lower(is_view_through) in ('false', '0', 'no') then 'click'
            when touch_time is null and click_time is null and view_time is not null then 'view'
            when touch_time is null and click_time is not null then 'click'
        end as touch_type,
        days_of(window_days) as window_days,
        case
            when regexp_matches(lower(platform), '^(ios|iphone|ipad|itunes|app ?store|apple)') then 'ios'
            when regexp_matches(lower(platform), '^(android|google)') then 'android'
            -- an App Store's own number
            when platform is null and regexp_full_match(lower(app_id), 'id[0-9]{6,12}') then 'ios'
        end as platform,
        case
            when broken is not null then broken
            when $has_join and not is_joined
                then 'no row of the joined table has the key ' || coalesce(left(without_devices(join_key), 60), '(empty)')
        end as broken
    from cell
), owned as (
    select
        read.* exclude (advertiser),
        coalesce(advertiser, folder_owner, dataset_owner.advertiser_id, $owner) as advertiser_id,
        case
            when stray_device is not null or $has_device_column then coalesce(
                names_device(stray_device), false
            ) or coalesce(names_device(advertising_id), false) or coalesce(names_device(idfa), false)
        end as has_device
    from read
    join part using (part)
    left join dataset_owner on dataset_owner.dataset_id = read.app_id
)
select
    *,
    -- with the store's key: a row's digest must not tell whose device it is
    md5_number(concat_ws(chr(31), $key, $side, advertiser_id, digest_text)) as record_digest,
    case
        when broken is not null then broken
        when install_text is null then 'the row says not when the app was installed'
        when install_time is null then 'this is no time of an install: ' || left(without_devices(install_text), 60)
        when touch_text is not null and touch_time is null
            then 'this is no time of a click or view: ' || left(without_devices(touch_text), 60)
    end as reason,
    case
        when reason is null or broken is not null then null
        when install_time is null then $install_column
        else $touch_column
    end as column_name,
    case
        when reason is null or broken is not null then null
        else left(without_devices(if(install_time is null, install_text, touch_text)), 200)
    end as value
from owned;

create or replace temp view read_record as
select
    record, part, line, record_digest, reason, column_name, value,
    -- a row may hold anything about a person: only what says which row it is stays
    case
        when reason is null then null
        when broken is not null then form_of(replace(content, chr(31), ' | '))
        else left(without_devices(concat_ws(
            ', ', 'installed ' || left(install_text, 60), 'touched ' || left(touch_text, 60), 'app ' || app_id,
            'source ' || source
        )), 2000)
    end as raw,
    false as is_repeat,
    is_naive(install_text) or coalesce(is_naive(touch_text), false) as has_naive_time,
    false as has_prefix
from judged_install
where not is_left_out;

create or replace temp table read_passed as
select part, count(*) as rows from judged_install where is_left_out group by part;

create or replace temp table read_install as
select
    record, part, line, record_digest, $side as side, advertiser_id, app_id, platform,
    case
        when event is null
            or regexp_full_match(lower(event), '(mobile[_ ]?)?(app[_ ]?)?installs?|fb_mobile_install|first_install') then 'install'
        else event
    end as event_name,
    install_time, touch_time, touch_type,
    if($side = 'meta', 'meta', source) as attributed_to,
    window_days, campaign, has_device
from judged_install
where reason is null and not is_left_out;
