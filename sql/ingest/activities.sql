-- Requests of activity_field, with what a lenient reading made of their events (lenient_events), as they will be kept:
-- read_activity and read_app_event.

-- A flag of tracking as it was sent.
create or replace temp macro flag(j) as
    case
        when present(j) is null then null
        when lower(j ->> '$') in ('0', '1', 'true', 'false') then lower(j ->> '$')
        else 'other'
    end;

create or replace temp macro is_uuid(text) as
    regexp_full_match(text, '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}');

create or replace temp macro is_ipv4(text) as
    regexp_full_match(text, '((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.|$)){4}') and not ends_with(text, '.');

create or replace temp macro is_ipv6(text) as
    regexp_full_match(
        text,
        '(?i)([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,7}:|([0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,5}(:[0-9a-f]{1,4}){1,2}|([0-9a-f]{1,4}:){1,4}(:[0-9a-f]{1,4}){1,3}|([0-9a-f]{1,4}:){1,3}(:[0-9a-f]{1,4}){1,4}|([0-9a-f]{1,4}:){1,2}(:[0-9a-f]{1,4}){1,5}|[0-9a-f]{1,4}:(:[0-9a-f]{1,4}){1,6}|:(:[0-9a-f]{1,4}){1,7}|::'
    );

-- Addresses that stand for nobody outside: RFC 1918, link-local, loopback, carriers' own, documentation, unique local.
create or replace temp macro is_private(text) as
    regexp_matches(
        text,
        '(?i)^(0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|2001:db8:|::1?$)'
    );

-- The level of one event's parameters that are no plain texts: words of parameter_marks.
create or replace temp macro is_whole(j) as regexp_full_match(j ->> '$', '-?[0-9]+');

create or replace temp macro is_flag(j) as (j ->> '$') in ('0', '1');

create or replace temp table read_activity as
with asked as (
    select
        activity_field.* exclude (fields, events_text, is_doubtful),
        fields,
        coalesce(lenient_events.text, if(is_doubtful, null, events_text)) as events,
        events_text,
        lenient_events.repairs as leniency,
        word(f.event) as event,
        word(f.advertiser_id) as device,
        word(f.attribution) as cookie,
        case
            when present(f.extinfo) is null then null
            when is_open(f.extinfo ->> '$', '[') and json_valid(f.extinfo ->> '$')
                then list_transform(json_extract(f.extinfo ->> '$', '$[*]'), lambda value: trim(coalesce(value ->> '$', '')))
            else list_transform(string_split(trim(f.extinfo ->> '$', '[] '), ','), lambda value: trim(value, ' "'))
        end as extinfo,
        -- one object, whether ud came as one or as ud[em]=…
        case
            when present(f.ud) is null and not contains(fields, '"ud[') then null
            else '{' || array_to_string(
                list_filter(
                    [case when json_valid(f.ud ->> '$') and is_open(f.ud ->> '$', '{') then (json(f.ud ->> '$')::varchar)[2:-2] end]
                        || list_transform(
                            list_filter(json_keys(fields), lambda name: starts_with(name, 'ud[')),
                            lambda name: to_json(regexp_extract(name, '^ud\[(\w*)\]', 1)) || ':'
                                || to_json(json_extract_string(fields, '/' || replace(replace(name, '~', '~0'), '/', '~1')))
                        ),
                    lambda members: members <> ''
                ), ','
            ) || '}'
        end as ud,
        case when headers is not null then trim(split_part(
            regexp_extract(headers, '(?i)x-forwarded-for(?:"\s*,\s*"value)?["''\s:\[]+([^"\]\r\n]*)', 1), ',', 1
        )) end as forwarded
    from activity_field
    left join lenient_events using (record)
), judged as (
    select
        *,
        case when is_open(events, '[') then json_extract(events, '$[*]') when is_open(events, '{') then [events::json] end as elements,
        case when ud is not null and ud <> '{}' then list_filter(
            list_zip(
                ['em', 'ph', 'fn', 'ln', 'db', 'ge', 'ct', 'st', 'zp', 'country', 'cn', 'external_id'],
                json_extract(ud, [
                    '$.em', '$.ph', '$.fn', '$.ln', '$.db', '$.ge', '$.ct', '$.st', '$.zp', '$.country', '$.cn',
                    '$.external_id'
                ])
            ),
            lambda pair: present(pair[2]) is not null
        ) end as people
    from asked
)
select
    record,
    part,
    transport,
    case
        when event = 'MOBILE_APP_INSTALL' then 'install'
        when event = 'CUSTOM_APP_EVENTS' then 'conversion'
        when event is not null then 'other'
        when events_text is not null then 'conversion'
    end as kind,
    left(nameless(event), 60) as event_kind,
    leniency,
    case when events_text is not null then coalesce(
        len(elements) > 0 and len(list_filter(elements, lambda one: not starts_with(decoded(one)::varchar, '{'))) = 0, false
    ) end as has_readable_events,
    elements,
    coalesce(word(f.sdk) in ('android', 'ios'), false) or coalesce(contains(events, '"_implicitlyLogged"'), false) as is_sdk,
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
    case when ud is not null then nullif(array_to_string(
        list_transform(people, lambda pair: pair[1] || ':' || digest_form(pair[2]) || ':' || short_digest($key, pair[2]::varchar))
            || list_transform(
                list_filter(json_keys(ud), lambda name: not regexp_full_match(name, 'em|ph|fn|ln|db|ge|ct|st|zp|country|cn|external_id')),
                lambda name: 'unknown:' || left(regexp_replace(nameless(name), '[\s:]', '_', 'g'), 30) || ':'
            ),
        ' '
    ), '') end as user_forms,
    case when len(people) > 0 then short_digest($key, coalesce(
        list_filter(people, lambda pair: pair[1] = 'em')[1][2], list_filter(people, lambda pair: pair[1] = 'ph')[1][2],
        list_filter(people, lambda pair: pair[1] = 'external_id')[1][2]
    ) ->> '$') end as user_digest,
    case
        when extinfo[1] = 'a2' then 'android'
        when extinfo[1] = 'i2' then 'ios'
        when word(f.sdk) in ('android', 'ios') then word(f.sdk)
    end as platform,
    left(nullif(extinfo[5], ''), 20) as os_version,
    len(extinfo) as extinfo_values,
    case when extinfo is not null then nullif(concat_ws(
        ' ',
        case
            when coalesce(extinfo[1], '') = '' then 'no_version'
            when extinfo[1] not in ('a2', 'i2') then 'version'
        end,
        case when coalesce(extinfo[5], '') = '' then 'no_os' end,
        case when extinfo[1] = 'a2' and regexp_matches(extinfo[6], '^(iPhone|iPad|iPod)') then 'model' end,
        -- a model of Apple's begins so; an Android build behind i2 is the other way round
        case when extinfo[1] = 'i2' and regexp_matches(extinfo[6], '(?i)^(SM-|Pixel|Redmi|Nokia|moto|ONEPLUS|Nexus)') then 'model' end,
        case when len(extinfo) = 16 then nullif(array_to_string(list_transform(
            list_filter([10, 11, 13, 14, 15], lambda i: extinfo[i] <> '' and not regexp_full_match(extinfo[i], '-?[0-9]+')),
            lambda i: 'number:' || (i - 1)
        ), ' '), '') end,
        case when greatest(try_cast(extinfo[14] as bigint), try_cast(extinfo[15] as bigint)) > 4096 then 'megabytes' end,
        case when try_cast(extinfo[15] as bigint) > try_cast(extinfo[14] as bigint) then 'free' end
    ), '') end as extinfo_marks,
    headers is not null as has_headers,
    case
        when coalesce(forwarded, '') = '' then null
        when not (is_ipv4(forwarded) or is_ipv6(forwarded)) then 'other'
        when is_private(forwarded) then 'private'
        when is_ipv4(forwarded) then 'ipv4'
        else 'ipv6'
    end as forwarded_form,
    case when forwarded <> '' then short_digest($key, lower(forwarded)) end as forwarded_digest,
    lower(device) as device
from judged;

create or replace temp table read_app_event as
with request as (
    select record, part, advertiser_id, dataset_id as app_id, upload_time, accepted from read_request
    where channel = 'app'
), listed as (
    select
        record,
        part,
        device,
        kind,
        unnest(if(has_readable_events, elements, [null])) as element,
        unnest(range(if(has_readable_events, len(elements), 1)))::integer as position
    from read_activity
), parsed as (
    select
        * exclude (element),
        decoded(element)::varchar as text,
        from_json(text, '{
            "_eventName": "JSON", "event_id": "JSON", "_logTime": "JSON", "_valueToSum": "JSON", "fb_currency": "JSON",
            "fb_content": "JSON", "fb_content_id": "JSON", "fb_content_type": "JSON", "fb_num_items": "JSON",
            "fb_max_rating_value": "JSON", "fb_payment_info_available": "JSON", "fb_success": "JSON",
            "fb_level": "JSON", "fb_description": "JSON", "fb_registration_method": "JSON", "fb_search_string": "JSON",
            "_implicitlyLogged": "JSON"
        }') as e
    from listed
), opened as (
    select
        *,
        left(nameless(string(e._eventName)), 100) as event_name,
        present(e._logTime)::varchar as time_text,
        e._valueToSum ->> '$' as value_text,
        try_cast(value_text as double) as amount,
        case when present(e.fb_content) is null then null
            when json_valid(e.fb_content ->> '$') then (e.fb_content ->> '$')::json end as content
    from parsed
), timed as (
    select
        *,
        case
            when time_text is null then 'missing'
            when regexp_full_match(time_text, '-?[0-9]+') then 'integer'
            when regexp_full_match(time_text, '"[0-9]+"') then 'digits'
            when regexp_full_match(time_text, '-?[0-9.eE+-]+') then 'fraction'
            else 'text'
        end as time_form
    from opened
)
select
    record,
    part,
    position,
    advertiser_id,
    app_id,
    upload_time,
    accepted,
    case when kind = 'install' then 'install' when text is null then 'unreadable' else 'conversion' end as kind,
    event_name,
    case time_form
        when 'integer' then try_cast(time_text as bigint)
        when 'digits' then try_cast(trim(time_text, '"') as bigint)
        when 'fraction' then try_cast(trunc(try_cast(time_text as double)) as bigint)
    end as event_time,
    time_form as event_time_form,
    if(isfinite(amount), amount, null) as value,
    case
        when present(e._valueToSum) is null then null
        when amount is null or not isfinite(amount) then 'other'
        when starts_with(e._valueToSum::varchar, '"') then 'digits'
        else 'number'
    end as value_form,
    left(nameless(word(e.fb_currency)), 10) as currency,
    left(nameless(word(e.event_id)), 100) as event_id,
    case when text is not null then list_sort(list_transform(
        list_filter(json_keys(text), lambda name: not starts_with(name, '_') and name <> 'event_id'),
        lambda name: left(nameless(name), 100)
    )) end as parameters,
    nullif(concat_ws(
        ' ',
        case
            when present(e.fb_content) is null then null
            when content is null or not starts_with(content::varchar, '[') then 'fb_content:list'
            when len(list_filter(
                json_extract(content, '$[*]'),
                lambda one: (one ->> 'id') is null or (one ->> 'quantity') is null
            )) > 0 then 'fb_content:id_and_quantity'
        end,
        case when present(e.fb_content) is not null and json_valid(e.fb_content ->> '$')
            and regexp_matches(e.fb_content ->> '$', ',\s*[\]}]') then 'fb_content:trailing_comma' end,
        case when starts_with(e.fb_content_id::varchar, '{') then 'fb_content_id:text' end,
        case when present(e.fb_content_type) is not null
            and coalesce(string(e.fb_content_type), '') not in ('product', 'product_group') then 'fb_content_type:value' end,
        case when present(e.fb_num_items) is not null and not is_whole(e.fb_num_items) then 'fb_num_items:whole' end,
        case when present(e.fb_max_rating_value) is not null and not is_whole(e.fb_max_rating_value)
            then 'fb_max_rating_value:whole' end,
        case when present(e.fb_payment_info_available) is not null and not is_flag(e.fb_payment_info_available)
            then 'fb_payment_info_available:flag' end,
        case when present(e.fb_success) is not null and not is_flag(e.fb_success) then 'fb_success:flag' end,
        case when regexp_matches(e.fb_level::varchar, '^[\[{]') then 'fb_level:text' end,
        case when regexp_matches(e.fb_description::varchar, '^[\[{]') then 'fb_description:text' end,
        case when regexp_matches(e.fb_registration_method::varchar, '^[\[{]') then 'fb_registration_method:text' end,
        case when regexp_matches(e.fb_search_string::varchar, '^[\[{]') then 'fb_search_string:text' end,
        case when event_name = 'fb_mobile_rate'
            and (amount < 0 or amount > try_cast(e.fb_max_rating_value ->> '$' as double)) then 'rating:range' end
    ), '') as parameter_marks,
    short_digest($key, concat_ws(
        chr(31), coalesce(amount::varchar, ''), coalesce(e.fb_currency ->> '$', ''), coalesce(e.fb_content ->> '$', ''),
        coalesce(e.fb_content_id ->> '$', ''), coalesce(device, '')
    )) as content_digest,
    case when text is not null then coalesce(lower(e._implicitlyLogged ->> '$') in ('1', 'true'), false) end as is_automatic
from timed
join request using (record, part);

-- How many events a request holds is known only now.
update read_request
set event_count = counted.events
from (select record, count(*) filter (kind <> 'unreadable') as events from read_app_event group by record) as counted
where counted.record = read_request.record;
