-- app_user_value: one row an advertiser, parameter of ud and hashed value (as the store knows it) of the latest weeks of
-- sending, where few values are possible at all: gender, state, country, date of birth. `written` is the spelling, or the
-- form of a date, that was hashed although it is not normalised; null where it was, or where that cannot be told.
create or replace temp table app_user_value as
with hashed as (
    select
        advertiser_id,
        channel,
        unnest(regexp_extract_all(user_forms, '(?:^| )((?:ge|st|country|cn|db):sha256:[0-9a-f]{12})', 1)) as form
    from recent_activity
    where user_forms is not null
), value as (
    select
        advertiser_id,
        channel,
        split_part(form, ':', 1) as field,
        split_part(form, ':', 3) as digest,
        count(*) as requests
    from hashed
    group by advertiser_id, channel, form
), birth_day as materialized (
    -- of a hundred years, and none where nobody sends a date
    select strftime(day, '%Y') as y, strftime(day, '%m') as m, strftime(day, '%d') as d
    from (
        select date '2020-12-31' - place::integer as day
        from (
            select unnest(range(
                case when (select count(*) from value where field = 'db') > 0 then 36525 else 0 end
            )) as place
        )
    )
), spelt as (
    select
        unnest([
            '1990-12-31', '1990/12/31', '1990.12.31', '31/12/1990', '31-12-1990', '31.12.1990', '31121990',
            '12/31/1990', '12-31-1990', '12311990'
        ]) as form,
        unnest([
            y || '-' || m || '-' || d, y || '/' || m || '/' || d, y || '.' || m || '.' || d, d || '/' || m || '/' || y,
            d || '-' || m || '-' || y, d || '.' || m || '.' || y, d || m || y, m || '/' || d || '/' || y,
            m || '-' || d || '-' || y, m || d || y
        ]) as spelling
    from birth_day
), guess as materialized (
    select unnest(if(field = 'country', ['country', 'cn'], [field])) as field, value as written, sha256
    from unnormalised_value
    union all
    select 'db', form, sha256(spelling) from spelt
), kept as (
    -- as a text, and as a list of one (dates are too many to try both)
    select field, left(sha256(key || '"' || sha256 || '"'), 12) as digest, written from guess cross join store_key
    union all
    select field, left(sha256(key || '["' || sha256 || '"]'), 12) as digest, written
    from guess
    cross join store_key
    where field <> 'db'
), guessed as (
    -- 05/05/1990 is read with the day first
    select field, digest, max(written) as written
    from kept
    semi join value using (field, digest)
    group by field, digest
)
select value.*, written
from value
left join guessed using (field, digest);
