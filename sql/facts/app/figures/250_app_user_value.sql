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
), birth_day as (
    -- of a hundred years, and none where nobody sends a date
    select date '2020-12-31' - unnest(range(
        case when (select count(*) from value where field = 'db') > 0 then 36525 else 0 end
    ))::integer as day
), guess as (
    select unnest(if(field = 'country', ['country', 'cn'], [field])) as field, value as written, sha256
    from unnormalised_value
    union all
    select
        'db',
        form,
        sha256(replace(replace(replace(
            pattern, 'Y', strftime(day, '%Y')), 'M', strftime(day, '%m')), 'D', strftime(day, '%d')
        ))
    from birth_day
    cross join (values
        ('1990-12-31', 'Y-M-D'),
        ('1990/12/31', 'Y/M/D'),
        ('1990.12.31', 'Y.M.D'),
        ('31/12/1990', 'D/M/Y'),
        ('31-12-1990', 'D-M-Y'),
        ('31.12.1990', 'D.M.Y'),
        ('31121990', 'DMY'),
        ('12/31/1990', 'M/D/Y'),
        ('12-31-1990', 'M-D-Y'),
        ('12311990', 'MDY')
    ) as spelling (form, pattern)
), guessed as (
    -- 05/05/1990 is read with the day first
    select field, left(sha256(key || sign), 12) as digest, max(written) as written
    from guess
    cross join store_key
    -- as a text, and as a list of one
    cross join lateral (select unnest(['"' || sha256 || '"', '["' || sha256 || '"]']) as sign)
    group by field, digest
)
select value.*, written
from value
left join guessed using (field, digest);
