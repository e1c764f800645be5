-- attributed: one row a row of Meta's or a measurement partner's table up to as_of, with whose it is, whether Meta is
-- said to have brought it, and the day that its side puts it on. Who names no owner belongs to whom its app does.
create or replace temp table attributed as
with owned_app as (
    select dataset_id as app_id, advertiser_id
    from request
    where channel = 'app' and dataset_id is not null and coalesce(upload_time, $as_of) <= $as_of
    union
    select mmp_app_id, advertiser_id from app_setting
    union
    select meta_app_id, advertiser_id from app_setting
), app_owner as (
    select app_id, min(advertiser_id) as advertiser_id
    from owned_app
    group by app_id
    having count(distinct advertiser_id) = 1
), table_source as (
    -- a table that names no source at all holds Meta's installs alone
    select file_id, bool_or(attributed_to is not null) as names_sources
    from attributed_install
    group by file_id
), owned as (
    select
        attributed_install.* exclude (advertiser_id),
        coalesce(attributed_install.advertiser_id, app_owner.advertiser_id, '(unnamed)') as advertiser_id,
        names_sources
    from attributed_install
    join table_source using (file_id)
    left join app_owner using (app_id)
    where install_time <= $as_of
), named_source as (
    select advertiser_id, list(folded(name)) as names
    from source_setting
    group by advertiser_id
)
select
    owned.file_id,
    owned.line,
    owned.advertiser_id,
    owned.side,
    owned.app_id,
    coalesce(app_setting.meta_app_id, owned.app_id) as known_app_id,
    owned.platform,
    owned.event_name = 'install' as is_install,
    case
        when owned.side = 'meta' or not names_sources then true
        when attributed_to is null then false
        when names is not null then list_contains(names, folded(attributed_to))
        else regexp_matches(
            lower(attributed_to), '(^|[^\pL])(facebook|instagram)|(^|[^\pL])(meta|fb|messenger|audience.network)($|[^\pL])'
        )
    end as is_of_meta,
    attributed_to,
    install_time,
    touch_time,
    touch_type,
    has_device,
    day_of(
        if(date_basis = 'touch', coalesce(touch_time, install_time), install_time), coalesce(setting.time_zone, 'UTC')
    ) as day
from owned
left join attribution_setting using (advertiser_id, side)
left join setting using (advertiser_id)
left join named_source using (advertiser_id)
left join app_setting
    on owned.side = 'mmp' and app_setting.advertiser_id = owned.advertiser_id and app_setting.mmp_app_id = owned.app_id;
