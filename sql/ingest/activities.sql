-- Requests of activity_field, with what a lenient reading made of their events and people (lenient_events), as they will
-- be kept: read_activity.

-- The text of any JSON value, as ->> '$' says it; few texts hold what must be parsed for that.
create or replace temp macro plain_text(j) as
    case when contains(j::varchar, '\') or j::varchar = 'null' then j ->> '$' else trim(j::varchar, '"') end;

-- A flag of tracking as it was sent.
create or replace temp macro flag(j) as
    case
        when present(j) is null then null
        when lower(plain_text(j)) in ('0', '1', 'true', 'false') then lower(plain_text(j))
        else 'other'
    end;

create or replace temp macro is_uuid(text) as
    regexp_full_match(text, '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}');

create or replace temp macro is_ipv4(text) as
    regexp_full_match(text, '(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])');

-- Groups of hexadecimal digits with colons between them, :: once for one group of zeros or more.
create or replace temp macro is_ipv6(text) as
    regexp_full_match(
        text,
        '(?i)([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,7}:|([0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,5}(:[0-9a-f]{1,4}){1,2}|([0-9a-f]{1,4}:){1,4}(:[0-9a-f]{1,4}){1,3}|([0-9a-f]{1,4}:){1,3}(:[0-9a-f]{1,4}){1,4}|([0-9a-f]{1,4}:){1,2}(:[0-9a-f]{1,4}){1,5}|[0-9a-f]{1,4}:(:[0-9a-f]{1,4}){1,6}|:(:[0-9a-f]{1,4}){1,7}|::'
    );

-- An IPv6 address that ends as an IPv4 address does, in groups; a zone behind % names an interface of the sender's own.
create or replace temp macro in_groups(text) as
    case
        when not contains(text, ':') then text
        when is_ipv4(regexp_extract(text, ':([0-9.]+)(?:%[^%]+)?$', 1)) then
            regexp_extract(text, '^(.*:)[0-9.]+', 1)
            || format('{:x}:{:x}',
                regexp_extract(text, ':([0-9]+)\.', 1)::integer * 256 + regexp_extract(text, '\.([0-9]+)\.[0-9]+\.', 1)::integer,
                regexp_extract(text, '\.([0-9]+)\.[0-9]+(?:%[^%]+)?$', 1)::integer * 256 + regexp_extract(text, '\.([0-9]+)(?:%[^%]+)?$', 1)::integer
            )
        else regexp_replace(text, '%[^%]+$', '')
    end;

-- An IPv6 address written out: eight groups of four digits.
create or replace temp macro written_out(text) as
    array_to_string(
        list_transform(
            list_filter(string_split(split_part(text, '::', 1), ':'), lambda g: g <> '')
                || if(contains(text, '::'), list_resize([]::varchar[], greatest(
                    8 - len(list_filter(string_split(replace(text, '::', ':'), ':'), lambda g: g <> '')), 0
                ), '0'), []::varchar[])
                || list_filter(string_split(split_part(text, '::', 2), ':'), lambda g: g <> ''),
            lambda g: lpad(lower(g), 4, '0')
        ),
        ':'
    );

-- Addresses of IANA's registries of special purposes that nobody has to whom Meta could deliver: RFC 1918, link-local,
-- loopback, carriers' own, documentation, tests, unique local, tunnels; groups of receivers (multicast) too.
create or replace temp macro is_private(address) as
    case
        when contains(address, ':') then regexp_matches(
            address,
            '^(?:0000:){7}000[01]$|^f[cdef]|^2001:0db8:|^2001:0000:|^2001:0002:0000:|^2001:001|^2002:|^3fff:0|^5f00:|^0064:ff9b:0001:|^0100:(?:0000:){3}'
        )
        else regexp_matches(
            address,
            '^(?:0|10|127|22[4-9]|23[0-9]|24[0-9]|25[0-5])\.|^169\.254\.|^192\.168\.|^172\.(?:1[6-9]|2[0-9]|3[01])\.|^100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|^192\.0\.2\.|^192\.0\.0\.(?:[0-8]|1[1-9]|[2-9][0-9]|1[0-9]{2}|2[0-9]{2})$|^198\.1[89]\.|^198\.51\.100\.|^203\.0\.113\.'
        )
    end;

-- Names without what may be somebody's: e-mail addresses, phone numbers, tokens, digests, devices' ids, IP addresses. What
-- stands in place of an id tells two of them apart.
create or replace temp macro may_name_somebody(text) as
    regexp_matches(text, '[@|+]|EAA|[0-9a-fA-F]{32}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|[0-9]\.[0-9]+\.[0-9]|[0-9a-fA-F]:[0-9a-fA-F]*:');

create or replace temp macro impersonal(key, text) as
    without_secrets(regexp_replace(regexp_replace(
        text,
        '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32,}|[0-9]{10,}\|[A-Za-z0-9_-]{16,}',
        'hidden-' || short_digest(key, lower(text)), 'g'
    ), '[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F]{1,4}:[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]*', '(address)', 'g'));

create or replace temp table read_activity as
with asked as (
    select
        activity_field.* exclude (events_text, is_odd),
        coalesce(of_events.text, if(is_odd, null, events_text)) as events,
        events_text is not null as has_events,
        case when place_repairs <> '' or of_events.repairs is not null then array_to_string(list_sort(list_distinct(string_split(
            concat_ws(' ', if(place_repairs = '', null, place_repairs), of_events.repairs), ' '
        ))), ' ') end as leniency,
        word(f.event) as event,
        word(f.advertiser_id) as device,
        word(f.attribution) as cookie,
        case when starts_with(f.extinfo::varchar, '"') then f.extinfo ->> '$' else present(f.extinfo)::varchar end
            as extinfo_text,
        coalesce(of_people.text, case
            when starts_with(f.ud::varchar, '{') then f.ud::varchar
            when is_open(f.ud ->> '$', '{') and json_valid(f.ud ->> '$') then (json(f.ud ->> '$'))::varchar
        end) as people_object,
        case when headers is not null then trim(split_part(coalesce(
            nullif(regexp_extract(
                headers, '(?i)x[-_]forwarded[-_]for(?:"(?::\[?|,"value":\[?|,)"|\s*:\s*)([^"\\\r\n]*)', 1
            ), ''),
            regexp_extract(headers, '(?i)"value":"([^"\\]*)","(?:name|key)":"x[-_]forwarded[-_]for"', 1)
        ), ',', 1)) end as forwarded
    from activity_field
    left join lenient_events as of_events on of_events.record = activity_field.record and of_events.slot = 'events'
    left join lenient_events as of_people on of_people.record = activity_field.record and of_people.slot = 'ud'
), opened as (
    select
        *,
        json_type(events, '$[*]') as types,
        case
            when extinfo_text is null or extinfo_text in ('', '[]') then null
            when is_open(extinfo_text, '[') and json_valid(extinfo_text) then
                -- null, or blanks around a value
                case
                    when contains(extinfo_text, 'null') or contains(extinfo_text, '" ')
                        or contains(replace(extinfo_text, ', "', ',"'), ' "')
                        then list_transform(from_json(extinfo_text, '["VARCHAR"]'), lambda value: trim(coalesce(value, '')))
                    else from_json(extinfo_text, '["VARCHAR"]')
                end
            when contains(extinfo_text, '"') then list_transform(
                regexp_extract_all(',' || trim(extinfo_text, '[] '), ',\s*("[^"]*"|[^,"]*)', 1),
                lambda value: trim(value, ' "')
            )
            else list_transform(string_split(trim(extinfo_text, '[] '), ','), lambda value: trim(value, ' '''))
        end as extinfo,
        -- one object, whether ud came as one or as ud[em]=…
        case
            when not case when contains(fields, 'ud[') then contains(fields, '"ud[') else false end
                then nullif(people_object, '{}')
            else '{' || array_to_string(
                list_filter(
                    [people_object[2:-2]] || list_transform(
                        list_filter(json_keys(fields), lambda name: starts_with(name, 'ud[')),
                        lambda name: to_json(regexp_extract(name, '^ud\[(\w*)\]', 1)) || ':'
                            || json_extract(fields, '/' || replace(replace(name, '~', '~0'), '/', '~1'))::varchar
                    ),
                    lambda members: members <> ''
                ), ','
            ) || '}'
        end as ud,
        in_groups(forwarded) as grouped
    from asked
), written as (
    select
        *,
        case when is_ipv4(grouped) then grouped when is_ipv6(grouped) then written_out(grouped) end as written
    from opened
), judged as (
    select
        *,
        -- an IPv4 address in an IPv6 one
        case
            when starts_with(written, '0000:0000:0000:0000:0000:ffff:') then format(
                '{}.{}.{}.{}', ('0x' || written[31:32])::integer, ('0x' || written[33:34])::integer,
                ('0x' || written[36:37])::integer, ('0x' || written[38:39])::integer
            )
            else written
        end as address,
        case when ud is not null then list_filter(
            list_zip(
                ['em', 'ph', 'fn', 'ln', 'db', 'ge', 'ct', 'st', 'zp', 'country', 'cn', 'external_id'],
                json_extract(ud, [
                    '$.em', '$.ph', '$.fn', '$.ln', '$.db', '$.ge', '$.ct', '$.st', '$.zp', '$.country', '$.cn',
                    '$.external_id'
                ])
            ),
            lambda pair: present(pair[2]) is not null
        ) end as people,
        case when ud is not null then list_filter(
            json_keys(ud),
            lambda name: not regexp_full_match(name, 'em|ph|fn|ln|db|ge|ct|st|zp|country|cn|external_id')
        ) end as strange,
    from written
), cleaned as (
    select
        *,
        -- one lambda for all texts of a row: each mention of without_secrets costs as much planning as a small file
        case when may_name_somebody(event) or len(strange) > 0 then list_transform(
            [event] || coalesce(strange, []), lambda said: if(may_name_somebody(said), impersonal($key, said), said)
        ) end as clean,
        list_transform(
            people, lambda pair: pair[1] || ':' || digest_form(pair[2]) || ':' || short_digest($key, pair[2]::varchar)
        ) as known
    from judged
), marked as (
    select
        *,
        array_to_string(
            known || coalesce(list_transform(
                clean[2:],
                lambda name: 'unknown:' || left(regexp_replace(name, '[\s:]', '_', 'g'), 30) || ':'
            ), []),
            ' '
        ) as user_forms,
        case when extinfo is not null then concat_ws(
            ' ',
            case
                when coalesce(extinfo[1], '') = '' then 'no_version'
                when extinfo[1] not in ('a2', 'i2') then 'version'
            end,
            case when coalesce(extinfo[5], '') = '' then 'no_os' end,
            case when extinfo[1] = 'a2' and regexp_matches(extinfo[6], '^(iPhone|iPad|iPod)') then 'model' end,
            -- a model of Apple's begins so; an Android build behind i2 is the other way round
            case when extinfo[1] = 'i2' and regexp_matches(extinfo[6], '(?i)^(SM-|Pixel|Redmi|Nokia|moto|ONEPLUS|Nexus)') then 'model' end,
            case
                when len(extinfo) <> 16 then null
                when regexp_full_match(
                    concat_ws(' ', extinfo[10], extinfo[11], extinfo[13], extinfo[14], extinfo[15]),
                    '(?:-?[0-9]+)?(?: (?:-?[0-9]+)?){4}'
                ) then ''
                else array_to_string(list_transform(
                    list_filter([10, 11, 13, 14, 15], lambda i: extinfo[i] <> '' and not regexp_full_match(extinfo[i], '-?[0-9]+')),
                    lambda i: 'number:' || (i - 1)
                ), ' ')
            end,
            case when len(extinfo) = 16 and greatest(try_cast(extinfo[14] as bigint), try_cast(extinfo[15] as bigint)) > 4096 then 'megabytes' end,
            case when len(extinfo) = 16 and try_cast(extinfo[15] as bigint) > try_cast(extinfo[14] as bigint) then 'free' end,
            -- a density like 2,75 makes two values of one
            case when len(extinfo) = 17 and regexp_full_match(extinfo[12], '[0-9]{1,2}')
                and regexp_full_match(extinfo[13], '[0-9]{1,3}') and regexp_full_match(extinfo[16], '[0-9]*')
                then 'decimal_comma' end
        ) end as extinfo_marks
    from cleaned
)
select
    record,
    part,
    transport,
    case
        when event = 'MOBILE_APP_INSTALL' then 'install'
        when event = 'CUSTOM_APP_EVENTS' then 'conversion'
        when event is not null then 'other'
        when has_events then 'conversion'
    end as kind,
    left(coalesce(clean[1], event), 60) as event_kind,
    leniency,
    case when has_events then coalesce(
        len(types) > 0 and len(list_filter(types, lambda type: type <> 'OBJECT')) = 0, false
    ) end as has_readable_events,
    events,
    fields,
    extinfo,
    ud,
    forwarded,
    coalesce(word(f.sdk) in ('android', 'ios'), false) or case when contains(events, 'Logged"') then contains(events, '"_implicitlyLogged"') else false end as is_sdk,
    flag(f.application_tracking_enabled) as application_tracking,
    flag(f.advertiser_tracking_enabled) as advertiser_tracking,
    case
        when device is null then null
        when not is_uuid(device) then 'other'
        when not regexp_matches(device, '[1-9a-fA-F]') then 'zeros'
        when not regexp_matches(device, '[a-fA-F]') then 'digits'
        when device = lower(device) then 'lower'
        when device = upper(device) then 'upper'
        else 'mixed'
    end as device_form,
    short_digest($key, lower(device)) as device_digest,
    case
        when cookie is null then null
        when regexp_full_match(cookie, '[A-Za-z0-9]{22}') then 'cookie'
        when is_uuid(cookie) then 'uuid'
        else 'other'
    end as attribution_form,
    present(f.anon_id) is not null as has_anon_id,
    nullif(user_forms, '') as user_forms,
    case when len(people) > 0 then short_digest($key, coalesce(
        list_filter(people, lambda pair: pair[1] = 'em')[1][2], list_filter(people, lambda pair: pair[1] = 'ph')[1][2],
        list_filter(people, lambda pair: pair[1] = 'external_id')[1][2]
    ) ->> '$') end as user_digest,
    case
        when extinfo[1] = 'a2' then 'android'
        when extinfo[1] = 'i2' then 'ios'
        when word(f.sdk) in ('android', 'ios') then word(f.sdk)
    end as platform,
    case
        when regexp_full_match(extinfo[5], '(?:[A-Za-z]{1,10} ?)?[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}[A-Za-z]?') then extinfo[5]
        else left(form_of(nullif(extinfo[5], '')), 20)
    end as os_version,
    len(extinfo) as extinfo_values,
    nullif(trim(extinfo_marks), '') as extinfo_marks,
    headers is not null as has_headers,
    case
        when coalesce(forwarded, '') = '' then null
        when address is null then 'other'
        when is_private(address) then 'private'
        when contains(address, ':') then 'ipv6'
        else 'ipv4'
    end as forwarded_form,
    case when forwarded <> '' then short_digest($key, coalesce(address, lower(forwarded))) end as forwarded_digest,
    lower(device) as device
from marked;
