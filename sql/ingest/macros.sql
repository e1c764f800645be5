-- Words that the files of this folder share. A JSON value here is one that DuckDB has cut out of a document: without
-- blanks around it, so that its first character says what it is, which costs less than parsing it again.

-- Lines are long and trimming reads all of one: look at the first character before.
create or replace temp macro is_open(text, mark) as
    case when starts_with(text, mark) then true else starts_with(ltrim(text, e' \t'), mark) end;

create or replace temp macro is_blank(text) as
    case when starts_with(text, '{') then false else trim(text, e' \t') = '' end;

-- A JSON value, or null where it counts as absent.
create or replace temp macro present(j) as
    case when j::varchar in ('null', '""', '[]', '{}') then null else j end;

-- The text of a JSON string; null for anything else and for an empty one.
create or replace temp macro string(j) as
    case
        when not starts_with(j::varchar, '"') then null
        when contains(j::varchar, '\') then nullif(j ->> '$', '')
        else nullif((j::varchar)[2:-2], '')
    end;

-- The text of a JSON string or number; null for anything else.
create or replace temp macro word(j) as
    case when j::varchar < '-' then string(j) when j::varchar < ':' then j::varchar end;

-- A value that may be JSON, JSON in a string, or a form body.
create or replace temp macro form_field(body, name) as
    nullif(try(url_decode(replace(regexp_extract(body, '(?:^|&)' || name || '=([^&]*)', 1), '+', ' '))), '');

create or replace temp macro decoded(j) as
    case
        when not starts_with(j::varchar, '"') then j
        when json_valid(j ->> '$') then ltrim(j ->> '$', e' \t\r\n')::json
        when (j ->> '$') like '%data=%' then json_object(
            'data', form_field(j ->> '$', 'data'), 'test_event_code', form_field(j ->> '$', 'test_event_code')
        )
    end;

-- Text without access tokens, digests, e-mail addresses, phone numbers and the values of user_data, in plain,
-- escaped and form-encoded JSON; rather too little is left than too much.
create or replace temp macro without_secrets(raw) as
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        raw,
                        '(?i)((?:access|exchange|id|refresh)_token|client_secret|bearer)((?:["''\\:=\s+]|%[0-9A-F]{2})+)[^"''\\&\s,}%]+',
                        '\1\2(token)', 'g'
                    ),
                    '(?i)((?:["''\\]+|(?:%5C|%22)+)(?:em|ph|fn|ln|db|ge|ct|st|zp|country|external_id|client_ip_address|client_user_agent|email|phone|phone_number|full_name|first_name|last_name)(?:["''\\]+|(?:%5C|%22)+)(?:\s|\+|%20)*(?::|%3A)(?:\s|\+|%20)*)(\[[^\]]*|%5B(?:[^%]|%[^5]|%5[^D])*|[\\"'']+[^"''\\]*|(?:%5C|%22)+(?:[^%]|%[^52]|%5[^C]|%2[^2])*)',
                    '\1(hidden)', 'g'
                ),
                '[A-Za-z0-9_-]{40,}|[0-9a-fA-F]{32,}|\bEAA[A-Za-z0-9]{20,}', '(hidden)', 'g'
            ),
            '[\pL\pN._+-]+(@|%40|\\u0040)[\pL\pN.-]+\.\pL{2,}', '(e-mail)', 'g'
        ),
        '(?:\+|%2B)[0-9](?:[0-9 ()./+-]|%20|%28|%29){6,}[0-9]', '(hidden)', 'g'
    );

-- A raw row as the quarantine keeps it.
create or replace temp macro clean_raw(raw) as left(without_secrets(raw), 2000);
