-- Words that the other SQL files share; temporary, so that a store can be opened read-only.

-- An instant as Unix seconds: seconds or milliseconds in digits, or ISO 8601; a naive time is read in `zone`.
create or replace temp macro instant(t, zone) as
    case
        when regexp_full_match(t, '[0-9]{9,11}(\.[0-9]*)?') then floor(t::double)::bigint
        -- of so many digits milliseconds are those between 2000 and 2100; 20260102101500 is none
        when regexp_full_match(t, '[0-9]{12,13}(\.[0-9]*)?')
            then if(t::double / 1000 between 946684800 and 4102444800, floor(t::double / 1000)::bigint, null)
        when regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+ ?(Z|z|UTC|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})')
            then floor(epoch(try_cast(regexp_replace(t, ' ?(z|UTC)$', 'Z') as timestamptz)))::bigint
        when regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?')
            then floor(epoch(timezone(zone, try_cast(t as timestamp))))::bigint
    end;

-- The calendar day of an instant in a time zone.
create or replace temp macro day_of(seconds, zone) as
    timezone(zone, to_timestamp(seconds))::date;

-- The level of a share of faults: fail above the allowed share, warn with any fault or warning.
create or replace temp macro fault_level(faulty, warned, judged, min_units, allowed, allowed_small) as
    case
        when judged = 0 then null
        when faulty >= min_units and faulty / judged > allowed then 2
        when faulty / judged > allowed_small then 2
        when faulty + warned > 0 then 1
        else 0
    end;

-- A phrase for people: a template of ours, a literal, with what stands in its places ({name}, {n:count} …), as a struct
-- that Python tells in the reader's language. SQL makes no sentence, and a text of a log in a place stays a text.
create or replace temp macro phrase
    (template) as {'one': template, 'many': null::varchar, 'n': null::bigint, 'named': null::json},
    (template, named) as {'one': template, 'many': null::varchar, 'n': null::bigint, 'named': to_json(named)};

-- The same in two forms, of which a figure decides; it stands in the place {n}.
create or replace temp macro plural
    (figure, singular, several) as
        if(figure is null, null, {'one': singular, 'many': several, 'n': figure::bigint, 'named': null::json}),
    (figure, singular, several, named) as
        if(figure is null, null, {'one': singular, 'many': several, 'n': figure::bigint, 'named': to_json(named)});

-- Phrases one behind the other, with a sign between ('and': the word); null where there is none.
create or replace temp macro joined(phrases, sign) as
    case when len(list_filter(phrases, lambda one: one is not null)) > 0 then
        {
            'one': sign, 'many': '', 'n': null::bigint,
            'named': to_json({'parts': list_filter(phrases, lambda one: one is not null)})
        }
    end;

-- A name as it is compared: trimmed and casefolded (lower case, and the letters that lower case keeps apart).
create or replace temp macro folded(name) as
    replace(replace(replace(
        lower(replace(nfc_normalize(regexp_replace(name, '^[\s\p{Z}]+|[\s\p{Z}]+$', '', 'g')), 'İ', 'i̇')),
        'ß', 'ss'), 'ς', 'σ'), 'ſ', 's');

-- The words of a stage name: split at anything but letters and at capitals ("ClosedLost", "MQLStage").
create or replace temp macro words_of(name) as
    regexp_split_to_array(
        lower(
            regexp_replace(
                regexp_replace(nfc_normalize(name), '([\p{Ll}])([\p{Lu}])', '\1 \2', 'g'),
                '([\p{Lu}])([\p{Lu}][\p{Ll}])', '\1 \2', 'g'
            )
        ),
        '[^\p{L}]+'
    );

-- Whether a text is the digits of a number and nothing else, so that the number stands for it.
create or replace temp macro is_plain_number(id) as try_cast(id as bigint)::varchar = id and not starts_with(id, '-');

-- What a decimal column or a spreadsheet makes of a long number: 1234567890123456.0, 1.23457E+15.
create or replace temp macro is_decimal(id) as regexp_full_match(id, '[0-9]+[.,][0-9]*');

create or replace temp macro is_exponent(id) as regexp_full_match(id, '[0-9]([.,][0-9]*)?[eE]\+?[0-9]+');

-- The kind of event that an action source other than a CRM's makes of it; null for any other word.
create or replace temp macro recipe_of(action_source) as
    case lower(action_source)
        when 'website' then phrase('a web event')
        when 'app' then phrase('an app event')
        when 'physical_store' then phrase('an offline event')
        when 'business_messaging' then phrase('a messaging event')
        when 'chat' then phrase('a messaging event')
        when 'email' then phrase('an e-mail')
        when 'phone_call' then phrase('a phone call')
        when 'other' then phrase('an event of another kind')
    end;

-- By which day one side of a comparison of attributed installs goes.
create or replace temp macro basis_of(date_basis) as
    if(date_basis = 'touch', phrase('the day of the click or view'), phrase('the day of the install'));

-- A span of seconds in words; whole hours up to 14 look like a time zone that was taken for UTC.
create or replace temp macro hours_apart(seconds) as
    case
        when seconds < 1800 then phrase('less than half an hour')
        when seconds < 52200
            then plural(greatest(round(seconds / 3600), 1)::bigint, 'about {n:count} hour', 'about {n:count} hours')
        when seconds <= 172800 then phrase('up to two days')
        else phrase('more than two days')
    end;

-- What an answer of Meta that tells of an error is called: its code, else its status, else nothing came.
create or replace temp macro named_error(error_code, error_subcode, title, status) as
    case
        when error_code is not null
            then phrase('error {code}', {'code': concat_ws('/', error_code, error_subcode)})
        when title is not null and status is null then phrase('an error without a code')
        when title is not null then phrase('an error without a code (HTTP {status})', {'status': status})
        when status is not null then phrase('HTTP {status}', {'status': status})
        else phrase('no answer')
    end;

-- The fields of event.digest_forms that were sent in one form: "em, ph"; null where none was.
create or replace temp macro fields_of(forms, form) as
    nullif(array_to_string(regexp_extract_all(forms, '([a-z]+):' || form || '(?::|\b)', 1), ', '), '');

-- The parameters of ud (activity.user_forms) that were sent in one form: "em, ph"; null where none was. A name that nobody
-- knows stands behind `unknown:`, whatever it is.
create or replace temp macro user_fields(forms, form) as
    nullif(
        array_to_string(
            regexp_extract_all(
                forms, '(?:^| )(em|ph|fn|ln|db|ge|ct|st|zp|country|cn|external_id):(?:' || form || '):', 1
            ),
            ', '
        ),
        ''
    );

-- A stage name without what tells spellings of one stage apart: case, blanks, _ and -.
create or replace temp macro bare_name(name) as regexp_replace(folded(name), '[\s\p{Z}_-]+', ' ', 'g');
