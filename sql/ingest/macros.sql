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
        when not starts_with(j::varchar, '"') or j::varchar = '""' then null
        when contains(j::varchar, '\') then j ->> '$'
        else trim(j::varchar, '"')
    end;

-- The text of a JSON string or number; null for anything else. It is mentioned often, and planned at each mention.
create or replace temp macro word(j) as
    case
        when j::varchar >= ':' or j::varchar = '""' then null
        when contains(j::varchar, '\') then j ->> '$'
        else trim(j::varchar, '"')
    end;

-- A value that may be JSON, or JSON in a string.
create or replace temp macro decoded(j) as
    case
        when not starts_with(j::varchar, '"') then j
        when json_valid(j ->> '$') then ltrim(j ->> '$', e' \t\r\n')::json
    end;

-- The same of a body, which may be form-encoded too.
create or replace temp macro form_field(body, name) as
    nullif(try(url_decode(replace(regexp_extract(body, '(?:^|&)' || name || '=([^&]*)', 1), '+', ' '))), '');

create or replace temp macro decoded_body(j) as
    case
        when not starts_with(j::varchar, '"') then j
        when json_valid(j ->> '$') then ltrim(j ->> '$', e' \t\r\n')::json
        when (j ->> '$') like '%data=%' then json_object(
            'data', form_field(j ->> '$', 'data'),
            'test_event_code', form_field(j ->> '$', 'test_event_code'),
            'partner_agent', form_field(j ->> '$', 'partner_agent')
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
            '[\p{L}\p{N}._+-]+(@|%40|\\u0040)[\p{L}\p{N}.-]+\.[\p{L}]{2,}', '(e-mail)', 'g'
        ),
        '(?:\+|%2B)[0-9](?:[0-9 ()./+-]|%20|%28|%29){6,}[0-9]', '(hidden)', 'g'
    );

-- Text without UUIDs, which may be ids of devices, IP addresses and tokens of apps.
create or replace temp macro without_devices(raw) as
    regexp_replace(
        raw,
        '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9]{10,}\|[A-Za-z0-9_-]{16,}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F:.]*|[0-9a-fA-F]{1,4}::[0-9a-fA-F:.]*',
        '(hidden)', 'g'
    );

-- A digest that tells values apart within one store and cannot be looked up anywhere else.
create or replace temp macro short_digest(key, text) as left(sha256(key || text), 12);

-- Whether a text may hold an e-mail address or a phone number; most do not, and looking for the sign costs little.
create or replace temp macro has_sign(text) as contains(text, '@') or contains(text, '+');

-- Whether a time names no zone, so that the configured one was taken.
create or replace temp macro is_naive(t) as
    coalesce(
        regexp_matches(t, '[0-9][./-][0-9]+[./-][0-9]')
        and not regexp_matches(t, '[0-9]:[0-9]{2}([.,][0-9]+)? ?([AaPp][Mm])? ?([Zz]|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$'),
        false
    );

-- The parameters of user_data that must be hashed: the form in which each was sent.
create or replace temp macro is_nothing(digests) as
    contains(digests, sha256('')) or contains(digests, sha256('null')) or contains(digests, sha256('none'))
    or contains(digests, sha256('undefined')) or contains(digests, sha256('nan')) or contains(digests, sha256('None'))
    or contains(digests, sha256('NULL')) or contains(digests, sha256('NaN'));

create or replace temp macro digest_form(j) as
    case
        when is_nothing(lower(j::varchar)) then 'nothing'
        when regexp_full_match(j::varchar, '"[0-9a-f]{64}"|\[("[0-9a-f]{64}",?)+\]') then 'sha256'
        when regexp_full_match(j::varchar, '"[0-9a-fA-F]{64}"|\[("[0-9a-fA-F]{64}",?)+\]') then 'upper'
        when regexp_matches(j::varchar, '(\[|,)(null|"")(,|\])') then 'empty'
        when regexp_full_match(j::varchar, '"[0-9a-fA-F]{32}"|\[("[0-9a-fA-F]{32}",?)+\]') then 'md5'
        when regexp_full_match(j::varchar, '"[0-9a-fA-F]{40}"|\[("[0-9a-fA-F]{40}",?)+\]') then 'sha1'
        else 'plain'
    end;

-- What user_data shows besides the lead id: marks of payload_marks. `n`: how many customer parameters there are.
create or replace temp macro user_marks(user_data, n) as
    nullif(concat_ws(
        ' ',
        case
            when present(json_extract(user_data, '$.fbc')) is null then null
            when regexp_full_match(json_extract_string(user_data, '$.fbc'), 'fb\.[0-9]+\.[0-9]{13}\..+') then 'fbc'
            else 'fbc:malformed'
        end,
        -- a browser's cookie, address and name say too little about who somebody is
        case when n = len(list_filter(
            json_extract(user_data, ['$.fbp', '$.client_ip_address', '$.client_user_agent']), lambda j: present(j) is not null
        )) then 'user:browser_only' end
    ), '');

-- What a value of custom_data shows: marks of payload_marks.
create or replace temp macro value_marks(amount, currency) as
    concat_ws(
        ' ',
        'value',
        case when coalesce(try_cast(amount ->> '$' as double) > 0 and isfinite(try_cast(amount ->> '$' as double)), false)
            then null else 'value:not_positive' end,
        case when coalesce(regexp_full_match(currency ->> '$', '[A-Za-z]{3}'), false) then null else 'value:no_currency' end
    );

-- What a text looks like, without what it says: Ann, 12 -> Xxx, 99.
create or replace temp macro form_of(text) as
    left(regexp_replace(regexp_replace(regexp_replace(text, '[\p{Lu}]', 'X', 'g'), '[\p{L}]', 'x', 'g'), '[0-9]', '9', 'g'), 500);
