-- Words that the other SQL files share; temporary, so that a store can be opened read-only.

-- An instant as Unix seconds: seconds or milliseconds in digits, or ISO 8601; a naive time is read in `zone`.
create or replace temp macro instant(t, zone) as
    case
        when regexp_full_match(t, '[0-9]{9,11}(\.[0-9]*)?') then floor(t::double)::bigint
        when regexp_full_match(t, '[0-9]{12,14}(\.[0-9]*)?') then floor(t::double / 1000)::bigint
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
                regexp_replace(nfc_normalize(name), '(\p{Ll})(\p{Lu})', '\1 \2', 'g'),
                '(\p{Lu})(\p{Lu}\p{Ll})', '\1 \2', 'g'
            )
        ),
        '[^\p{L}]+'
    );
