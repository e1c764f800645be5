-- Each event of the requests of read_activity as it will be kept: read_app_event; odd_content lists what fb_content holds
-- where it must be read leniently.

create or replace temp macro is_whole(j) as regexp_full_match(plain_text(j), '-?[0-9]+');

create or replace temp macro is_flag(j) as plain_text(j) in ('0', '1');

-- What is wrong with a list of contents: marks of parameter_marks.
create or replace temp macro content_marks(text) as
    case
        when text is null then 'fb_content:list'
        when len(list_filter(
            from_json(text, '[{"id": "VARCHAR", "quantity": "VARCHAR"}]'),
            lambda one: coalesce(one.id, '') = '' or coalesce(one.quantity, '') = ''
        )) > 0 then 'fb_content:id_and_quantity'
    end;

create or replace temp table read_app_event as
with request as (
    select record, advertiser_id, dataset_id as app_id, upload_time, accepted from read_request
    where channel = 'app'
), keyed as (
    -- an install is one, whatever its request says besides
    select record, part, device, kind, case when kind is distinct from 'install' then events end as events,
        json_keys(events, '$[*]') as names
    from read_activity
), chosen as (
    select
        * replace (if(len(names) > 0, events, null) as events),
        -- an element without a key may be no object
        case when len(list_filter(names, lambda keys: len(keys) = 0)) > 0 then json_type(events, '$[*]') end as types,
        -- a parameter that is null or empty is as one that is not there; few lists hold any
        case when regexp_matches(events, ':\s*(?:null|""|\[\s*\]|\{\s*\})') then json_extract(events, '$[*]') end as elements
    from keyed
), listed as (
    select
        record,
        part,
        device,
        kind as request_kind,
        unnest(if(events is not null, from_json(events, '[{
            "_eventName": "JSON", "event_id": "JSON", "_logTime": "JSON", "_valueToSum": "JSON", "fb_currency": "JSON",
            "fb_content": "JSON", "fb_content_id": "JSON", "fb_content_type": "JSON", "fb_num_items": "JSON",
            "fb_max_rating_value": "JSON", "fb_payment_info_available": "JSON", "fb_success": "JSON",
            "fb_level": "JSON", "fb_description": "JSON", "fb_registration_method": "JSON", "fb_search_string": "JSON",
            "_implicitlyLogged": "JSON"
        }]'), [null])) as e,
        unnest(if(events is not null, names, [null])) as names,
        unnest(if(events is not null, types, [null])) as type,
        unnest(if(events is not null, elements, [null])) as element,
        unnest(range(if(events is not null, len(names), 1)))::integer as position
    from chosen
), opened as (
    select
        *,
        e is not null and coalesce(type, 'OBJECT') = 'OBJECT' as is_event,
        string(e._eventName) as name,
        word(e.event_id) as id,
        present(e._logTime)::varchar as time_text,
        try_cast(plain_text(e._valueToSum) as double) as amount,
        plain_text(present(e.fb_content)) as content,
        list_filter(names, lambda name: not starts_with(name, '_') and name <> 'event_id') as parameters
    from listed
), parametered as (
    select
        * replace (case when is_event then list_sort(case when element is null then parameters else list_filter(
            parameters,
            lambda name: present(json_extract(element, '/' || replace(replace(name, '~', '~0'), '/', '~1'))) is not null
        ) end) end as parameters)
    from opened
), timed as (
    select
        *,
        content is not null and (not json_valid(content) or has_oddity(content)) as is_odd,
        case
            when time_text is null then 'missing'
            when regexp_full_match(time_text, '-?[0-9]+') then 'integer'
            when regexp_full_match(time_text, '"[0-9]+"') then 'digits'
            when regexp_full_match(time_text, '-?[0-9.eE+-]+') then 'fraction'
            else 'text'
        end as time_form,
        concat_ws(' ', name, array_to_string(parameters, ' ')) as said,
        case when may_name_somebody(said) then list_transform(
            [name] || coalesce(parameters, []),
            lambda one: if(may_name_somebody(one), impersonal($key, one), one)
        ) end as clean
    from parametered
), marked as (
    select
        *,
        concat_ws(
            ' ',
            case when content is not null and not is_odd then content_marks(if(is_open(content, '['), content, null)) end,
            case when starts_with(present(e.fb_content_id)::varchar, '{') then 'fb_content_id:text' end,
            case when present(e.fb_content_type) is not null
                and coalesce(string(e.fb_content_type), '') not in ('product', 'product_group') then 'fb_content_type:value' end,
            case when present(e.fb_num_items) is not null and not is_whole(e.fb_num_items) then 'fb_num_items:whole' end,
            case when present(e.fb_max_rating_value) is not null and not is_whole(e.fb_max_rating_value)
                then 'fb_max_rating_value:whole' end,
            case when present(e.fb_payment_info_available) is not null and not is_flag(e.fb_payment_info_available)
                then 'fb_payment_info_available:flag' end,
            case when present(e.fb_success) is not null and not is_flag(e.fb_success) then 'fb_success:flag' end,
            case when regexp_matches(present(e.fb_level)::varchar, '^[\[{]') then 'fb_level:text' end,
            case when regexp_matches(present(e.fb_description)::varchar, '^[\[{]') then 'fb_description:text' end,
            case when regexp_matches(present(e.fb_registration_method)::varchar, '^[\[{]') then 'fb_registration_method:text' end,
            case when regexp_matches(present(e.fb_search_string)::varchar, '^[\[{]') then 'fb_search_string:text' end,
            case when name = 'fb_mobile_rate'
                and (amount < 0 or amount > try_cast(plain_text(e.fb_max_rating_value) as double)) then 'rating:range' end
        ) as marks
    from timed
)
select
    record,
    part,
    position,
    advertiser_id,
    app_id,
    upload_time,
    accepted,
    case when request_kind = 'install' then 'install' when not is_event then 'unreadable' else 'conversion' end as kind,
    -- a name that is too long stays so
    left(coalesce(
        if(length(name) > 40, rpad(clean[1], greatest(41, length(clean[1]))::integer, '.'), clean[1]), name
    ), 100) as event_name,
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
    case
        when regexp_full_match(word(e.fb_currency), '[A-Za-z0-9]{1,3}|[A-Za-z]{1,10}') then word(e.fb_currency)
        else left(form_of(word(e.fb_currency)), 10)
    end as currency,
    -- of many senders a UUID, which is nobody's device
    case
        when regexp_matches(id, '[@|+]|EAA|[0-9a-fA-F]{64}|[0-9]\.[0-9]+\.[0-9]|[0-9a-fA-F]:[0-9a-fA-F]*:')
            or length(device) > 16 and contains(lower(id), device) then 'hidden ' || short_digest($key, lower(id))
        else left(id, 100)
    end as event_id,
    case
        when clean is null and length(said) <= 100 then parameters
        else list_transform(if(len(clean) > 1, clean[2:], parameters), lambda name: left(name, 100))
    end as parameters,
    nullif(marks, '') as parameter_marks,
    short_digest($key, concat_ws(
        chr(31), coalesce(amount::varchar, ''), coalesce(plain_text(e.fb_currency), ''), coalesce(content, ''),
        coalesce(plain_text(e.fb_content_id), ''), coalesce(device, '')
    )) as content_digest,
    case when is_event then coalesce(lower(plain_text(e._implicitlyLogged)) in ('1', 'true'), false) end as is_automatic,
    case when is_odd then content end as odd_content
from marked
join request using (record);

create or replace temp table odd_content as
select
    record, position, odd_content as text,
    sum(length(odd_content)) over (order by record, position rows unbounded preceding) // $portion as portion
from read_app_event
where odd_content is not null;

-- How many events a request holds is known only now.
update read_request
set event_count = counted.events
from (select record, count(*) filter (kind <> 'unreadable') as events from read_app_event group by record) as counted
where counted.record = read_request.record;
