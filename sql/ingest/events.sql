-- Records of a sent-event log (view record_text) as they will be kept: read_record, read_request, read_event.

-- An error, or null where it counts as absent.
create or replace temp macro fault(j) as
    case when present(j)::varchar <> 'false' then coalesce(decoded(j), j) end;

create or replace temp table judged_record as
with valid as (
    select record, part, line, text, case when json_valid(text) then is_open(text, '{') end as is_object
    from record_text
), parsed as (
    select
        *,
        case when is_object then from_json(text, '{
            "advertiser_id": "JSON", "advertiser": "JSON", "account_id": "JSON", "client_id": "JSON",
            "tenant": "JSON", "dataset_id": "JSON", "pixel_id": "JSON", "url": "JSON",
            "upload_time": "JSON", "sent_at": "JSON", "logged_at": "JSON", "timestamp": "JSON", "ts": "JSON",
            "http_status": "JSON", "status": "JSON", "response": "JSON", "error": "JSON",
            "event": "JSON", "request": "JSON", "body": "JSON", "params": "JSON", "form": "JSON", "data": "JSON",
            "test_event_code": "JSON", "event_name": "JSON", "event_time": "JSON", "user_data": "JSON",
            "custom_data": "JSON", "action_source": "JSON", "created_time": "JSON",
            "lead_id": "JSON", "event_source": "JSON", "lead_event_source": "JSON", "partner_agent": "JSON"
        }') end as r
    from valid
-- What a macro is given is planned at each mention of it, so that a step names what the next one hands over.
), found as (
    select
        *,
        coalesce(present(r.request), present(r.body), present(r.params), present(r.form)) as sent_body,
        decoded(r.event)::varchar as event,
        decoded(r.response) as response
    from parsed
), shaped as (
    select
        *,
        case
            when starts_with(event, '{') then 'enveloped event'
            -- a log of App Events is told by what is sent, else by where it is sent to
            when r.event_name is null and (
                word(r.event) in ('CUSTOM_APP_EVENTS', 'MOBILE_APP_INSTALL')
                -- looking for the word costs less than one more key of every record
                or case when is_object and contains(text, '"custom_events"')
                    then present(json_extract(text, '$.custom_events')) end is not null
                or r.url is not null and regexp_matches(r.url::varchar, '/activities/?(?:["?#]|$)')
                or r.url is null and sent_body is not null and (
                    contains(sent_body::varchar, 'CUSTOM_APP_EVENTS') or contains(sent_body::varchar, 'MOBILE_APP_INSTALL')
                    or regexp_matches(sent_body::varchar, '"url":"[^"]*/activities/?["?#]|[{&"]custom_events\\?["=]')
                )
            ) then 'activity'
            when sent_body is not null then 'exchange'
            when r.data is not null then 'request'
            when coalesce(r.event_name, r.event_time, r.user_data, r.custom_data, r.action_source) is not null
                then 'event'
        end as shape
    from found
), opened as (
    select
        *,
        case when shape = 'exchange' then decoded_body(sent_body) end as outer_body,
        coalesce(
            present(response -> 'body'), case when shape = 'activity' then present(response -> '$.content.text') end
        ) as answer_body
    from shaped
), looked_into as (
    select
        *,
        case when present(outer_body -> 'data') is null then coalesce(
            present(outer_body -> 'body'), present(outer_body -> 'params'), present(outer_body -> 'form'),
            present(outer_body -> 'json')
        ) end as inner_body
    from opened
), unwrapped as (
    select
        *,
        case
            when starts_with(outer_body::varchar, '[') then json_object('data', outer_body)
            else coalesce(decoded_body(inner_body), outer_body)
        end as body,
        coalesce(decoded(answer_body), response) as answer
    from looked_into
), given as (
    select
        *,
        case shape
            when 'enveloped event' then event
            -- the fields of an event may lie flat beside each other
            when 'event' then case
                when present(r.lead_id) is not null and present(r.user_data) is null then json_merge_patch(
                    text::json,
                    json_object(
                        'user_data', json_object('lead_id', r.lead_id),
                        'custom_data', coalesce(present(r.custom_data), json_object(
                            'event_source', r.event_source, 'lead_event_source', r.lead_event_source
                        ))
                    )
                )::varchar
                else json(text)::varchar
            end
            when 'request' then decoded(r.data)::varchar
            when 'exchange' then coalesce(
                decoded(body -> 'data'), case when (body -> 'event_name') is not null then body end
            )::varchar
        end as payload,
        -- its payload is no list of events, but the one
        shape in ('event', 'enveloped event') as is_single
    from unwrapped
), answered as (
    select
        *,
        coalesce(
            word(r.http_status), response ->> 'status', response ->> 'status_code', response ->> 'http_status'
        ) as named_status,
        word(r.status) as bare_status
    from given
), named as (
    select
        record,
        part,
        line,
        text,
        is_object,
        shape,
        is_single,
        case when not is_single and regexp_matches(payload, '^\{\s*"') then '[' || payload || ']' else payload end as data,
        coalesce(
            present(r.test_event_code), present(body -> 'test_event_code'), present(outer_body -> 'test_event_code')
        ) is not null as test_traffic,
        named_status,
        bare_status,
        try_cast(answer ->> 'events_received' as bigint) as events_received,
        case when shape = 'activity' then try_cast(coalesce(answer ->> 'success', answer ->> '$') as boolean) end as succeeded,
        present(answer -> 'messages')::varchar as messages,
        coalesce(fault(r.error), fault(answer -> 'error')) as error,
        -- of an error it stands inside the error
        coalesce(answer ->> 'fbtrace_id', answer ->> '$.error.fbtrace_id', r.error ->> 'fbtrace_id') as trace_id,
        case
            when r.url is not null then string(r.url)
            when shape = 'activity' then sent_body ->> 'url'
            else outer_body ->> 'url'
        end as url,
        -- of a bare event it is the event's own
        if(shape in ('request', 'exchange'), coalesce(
            word(r.partner_agent), word(body -> 'partner_agent'), word(outer_body -> 'partner_agent')
        ), null) as partner_agent,
        contains(text, 'access_token') as has_token,
        r.created_time is not null as has_created_time,
        nullif(trim(coalesce(
            -- of a device, where the fields of an App Event lie flat in the record
            case
                when shape = 'activity' and (
                    json_exists(text, '$.custom_events') or word(r.event) in ('CUSTOM_APP_EVENTS', 'MOBILE_APP_INSTALL')
                    or regexp_matches(r.advertiser_id::varchar, '[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}')
                ) then null
                else word(r.advertiser_id)
            end,
            word(r.advertiser), word(r.account_id), word(r.client_id), word(r.tenant)
        )), '') as advertiser,
        case
            when shape = 'activity' then nullif(regexp_extract(coalesce(
                nullif(regexp_extract(url, '/([0-9]+)/activities', 1), ''),
                text ->> 'app_id', sent_body ->> 'app_id', word(r.dataset_id)
            ), '^[0-9]+$'), '')
            else coalesce(
                word(r.dataset_id), word(r.pixel_id), nullif(regexp_extract(url, '/([0-9]+)/events', 1), '')
            )
        end as dataset_id,
        -- read here and judged below: a macro in a macro would be planned over and over
        [word(r.upload_time), word(r.sent_at), word(r.logged_at), word(r.timestamp), word(r.ts)] as times,
        coalesce(
            present(r.upload_time)::varchar, present(r.sent_at)::varchar, present(r.logged_at)::varchar,
            present(r.timestamp)::varchar, present(r.ts)::varchar
        ) as sending
    from answered
), owned as (
    select
        named.* exclude (advertiser, times),
        coalesce(
            advertiser, folder_owner, dataset_owner.advertiser_id, $owner, named.dataset_id, '(unnamed)'
        ) as advertiser_id,
        case when starts_with(sending, '"') then is_naive(string(sending::json)) end as has_naive_time,
        -- a name counts for the time of sending only where its value is a time
        list_filter(
            list_transform(times, lambda t: instant(t, $time_zone)), lambda seconds: seconds is not null
        )[1] as upload_time
    from named
    join part using (part)
    left join dataset_owner on dataset_owner.dataset_id = named.dataset_id
), judged as (
    select
        * exclude (has_created_time),
        case when is_object then md5_number(advertiser_id || chr(31) || json(text)::varchar) end as record_digest,
        case
            when is_object is null then 'this is not JSON'
            when not is_object then 'neither an event nor a request: a JSON ' || case json_type(text)
                when 'ARRAY' then 'list'
                when 'VARCHAR' then 'string'
                when 'BOOLEAN' then 'boolean'
                when 'NULL' then 'null'
                else 'number'
            end
            when shape = 'activity' and sending is not null and upload_time is null
                then 'the time of sending is neither Unix seconds nor ISO 8601: '
            when shape = 'activity' then null
            when shape is null and has_created_time
                then 'looks like a lead, not like a sent event; hand its file over with --leads'
            when shape is null
                then 'neither an event nor a request: none of the keys event_name, data, request, event'
            when data is null or not is_single and not starts_with(data, '[') then 'the request holds no readable list "data"'
            -- "and" would look into every row's data
            when case when shape = 'request' then data ->> '$[0].created_time' end is not null
                and data ->> '$[0].event_name' is null
                then 'looks like a list of leads, not like sent events; hand its file over with --leads'
            when sending is not null and upload_time is null
                then 'the time of sending is neither Unix seconds nor ISO 8601: '
        end as reason
    from owned
), cleaned as (
    select
        * exclude (text, sending),
        case when shape = 'activity' and reason is null then text end as activity,
        -- one lambda for all texts of a row: each mention of without_secrets costs as much planning as a small file
        case when coalesce(reason, messages, error::varchar) is not null or has_sign(partner_agent) then list_transform(
            [
                -- what is no event may be a person: its keys say what it is
                case
                    when reason is null then null
                    when is_object and (coalesce(shape, 'activity') = 'activity' or starts_with(reason, 'looks like'))
                        then 'keys: ' || array_to_string(json_keys(text), ', ')
                    -- nothing says where in an App Events request that is cut off a device or a person stands
                    when regexp_matches(text, '/activities|custom_events|APP_EVENTS|APP_INSTALL|_eventName|_tracking_enabled')
                        then form_of(text)
                    else text
                end,
                case when ends_with(reason, ': ') then sending end,
                messages,
                coalesce(error ->> 'error_user_title', error ->> 'message', left(error ->> '$', 200)),
                left(error ->> 'error_user_msg', 300),
                case when has_sign(partner_agent) then partner_agent end
            ],
            lambda said: without_secrets(if(reason is not null or shape = 'activity', without_devices(said), said))
        ) end as clean
    from judged
)
select
    * exclude (clean) replace (
        reason || coalesce(left(clean[2], 60), '') as reason,
        clean[3] as messages
    ),
    clean[4] as error_title,
    clean[5] as error_detail,
    left(coalesce(clean[6], partner_agent), 100) as clean_agent,
    left(clean[1], 2000) as raw
from cleaned;

create or replace temp view read_record as
select
    record, part, line, record_digest, reason, null::varchar as column_name, null::varchar as value, raw,
    false as is_repeat, coalesce(has_naive_time, false) as has_naive_time, false as has_prefix
from judged_record;

-- With its outcome; one called "status" counts only where every row of the file holds an HTTP status.
create or replace temp view answered_record as
with meaning as (
    select part, bool_and(regexp_full_match(bare_status, '[1-5][0-9]{2}')) as is_outcome
    from judged_record
    where bare_status is not null
    group by part
), outcome as (
    select
        judged_record.*,
        coalesce(named_status, case when is_outcome then bare_status end) as status,
        try_cast(regexp_extract(status, '^([1-5][0-9]{2})(?:[^0-9]|$)', 1) as integer) as http_status,
        -- a number that is no HTTP status, like 0, is what clients log when nothing came back
        http_status is null and regexp_full_match(status, '-?[0-9]+') as is_unanswered
    from judged_record
    left join meaning using (part)
    where reason is null
)
select
    *,
    case
        when is_unanswered then false
        when http_status is null and events_received is null and error is null and succeeded is null then null
        else coalesce(http_status between 200 and 299, true) and error is null and coalesce(succeeded, true)
    end as accepted
from outcome;

create or replace temp table read_request as
select
    record,
    part,
    line,
    record_digest,
    shape,
    if(shape = 'activity', 'app', 'crm') as channel,
    advertiser_id,
    dataset_id,
    upload_time,
    case when is_single then 1 else coalesce(json_array_length(data), 0) end as event_count,
    http_status,
    accepted,
    events_received,
    messages,
    try_cast(error ->> 'code' as bigint) as error_code,
    try_cast(error ->> 'error_subcode' as bigint) as error_subcode,
    error_title,
    if(shape = 'activity' and not regexp_full_match(trace_id, '[A-Za-z0-9_-]{1,30}'), null, trace_id) as trace_id,
    nullif(regexp_extract(url, '/(v[0-9]+\.[0-9]+)/', 1), '') as api_version,
    clean_agent as partner_agent,
    has_token,
    error_detail
from answered_record;

-- One row an event, with its text.
create or replace temp view event_element as
with listed as (
    select
        record, part, advertiser_id, dataset_id, upload_time, accepted, test_traffic, partner_agent as request_agent,
        case when is_single then [data] else json_extract(data, '$[*]')::varchar[] end as elements
    from answered_record
), listed_element as (
    select * exclude (elements), unnest(elements) as listed, generate_subscripts(elements, 1) - 1 as position
    from listed
)
-- the SDK lists each event as a text that holds JSON
select
    * exclude (listed),
    case when starts_with(listed, '"') then decoded(listed::json)::varchar else listed end as element
from listed_element;

create or replace temp table read_event as
with parsed as (
    select
        * exclude (element),
        from_json(element, '{
            "event_name": "JSON", "event_time": "JSON", "action_source": "JSON", "user_data": "JSON",
            "custom_data": {"event_source": "JSON", "lead_event_source": "JSON", "value": "JSON", "currency": "JSON"},
            "custom_data:": "JSON", "test_event_code": "JSON", "event_id": "JSON", "partner_agent": "JSON",
            "event_source": "JSON", "lead_event_source": "JSON", "event_source_url": "JSON", "app_data": "JSON",
            "messaging_channel": "JSON"
        }') as e,
        -- most payloads hold neither sign, and looking for one costs little
        case when has_sign(element) then json_extract(element, '$.custom_data')::varchar end as custom_text,
        has_sign(element) or contains(element, '\u') or has_sign(request_agent) as has_mark
    from event_element
), opened as (
    select
        *,
        present(e.event_time)::varchar as time_text,
        case when starts_with(e.user_data::varchar, '{') then present(json_extract(e.user_data, '$.lead_id')) end
            as lead_id,
        -- most CRM events name the lead and nobody else
        case when starts_with(e.user_data::varchar, '{')
            and not regexp_full_match(e.user_data::varchar, '\{"lead_id":"?[0-9]+"?\}') then list_filter(json_extract(e.user_data, [
                '$.em', '$.ph', '$.fn', '$.ln', '$.db', '$.ge', '$.ct', '$.st', '$.zp', '$.country',
                '$.external_id', '$.client_ip_address', '$.client_user_agent', '$.fbc', '$.fbp', '$.subscription_id',
                '$.fb_login_id', '$.page_id', '$.page_scoped_user_id', '$.ctwa_clid', '$.ig_account_id', '$.ig_sid',
                '$.madid', '$.anon_id'
            ]), lambda j: present(j) is not null)
        end as others
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
        end as time_form,
        regexp_full_match(lead_id::varchar, '"?[0-9]+"?') as has_plain_id,
        [
            string(e.event_name), string(e.action_source), string(e.custom_data.event_source),
            string(e.custom_data.lead_event_source), word(e.event_id), coalesce(word(e.partner_agent), request_agent)
        ] as names,
        -- what few events hold
        case when coalesce(
            e.test_event_code, e.event_source_url, e.app_data, e.messaging_channel, e.event_source, e.lead_event_source,
            e.custom_data.value
        ) is not null then list_transform(
            [
                e.test_event_code, e.event_source_url, e.app_data, e.messaging_channel,  -- 1 to 4
                e.event_source, e.custom_data.event_source,  -- 5 and 6
                e.lead_event_source, e.custom_data.lead_event_source,  -- 7 and 8
                e.custom_data.value  -- 9
            ],
            lambda j: present(j) is not null
        ) end as has
    from opened
), cleaned as (
    select
        *,
        case when has_mark or not has_plain_id then list_transform(
            list_transform(names, lambda name: case when has_sign(name) then name end)
                || [case when not has_plain_id then lead_id ->> '$' end, custom_text],
            lambda said: without_secrets(said)
        ) end as clean
    from timed
)
select
    record,
    part,
    position,
    'crm' as channel,
    advertiser_id,
    dataset_id,
    upload_time,
    accepted,
    test_traffic or coalesce(has[1], false) as test_traffic,
    coalesce(clean[1], names[1]) as event_name,
    case time_form
        when 'integer' then try_cast(time_text as bigint)
        when 'digits' then try_cast(trim(time_text, '"') as bigint)
        when 'fraction' then try_cast(trunc(try_cast(time_text as double)) as bigint)
    end as event_time,
    time_form as event_time_form,
    if(has_plain_id, trim(lead_id::varchar, '"'), clean[7]) as lead_id,
    (lead_id is not null)::integer + coalesce(len(others), 0) as customer_parameters,
    case when len(others) > 0 then nullif(
        list_aggregate(
            list_transform(
                list_filter(
                    list_zip(
                        ['em', 'ph', 'fn', 'ln', 'db', 'ge', 'ct', 'st', 'zp', 'country'],
                        json_extract(e.user_data, [
                            '$.em', '$.ph', '$.fn', '$.ln', '$.db', '$.ge', '$.ct', '$.st', '$.zp', '$.country'
                        ])
                    ),
                    lambda pair: present(pair[2]) is not null
                ),
                lambda pair: pair[1] || ':' || digest_form(pair[2]) || ':' || short_digest($key, pair[2]::varchar)
            ),
            'string_agg', ' '
        ),
        ''
    ) end as digest_forms,
    case when lead_id is null then short_digest($key, left(sha256(e.user_data::varchar), 16)) end as person_digest,
    coalesce(clean[2], names[2]) as action_source,
    coalesce(clean[3], names[3]) as event_source,
    coalesce(clean[4], names[4]) as lead_event_source,
    null::varchar as payload_fields,
    case when $store_user_data then nullif(e.user_data::varchar, 'null') end as user_data,
    left(coalesce(clean[5], names[5]), 100) as event_id,
    left(coalesce(clean[6], names[6]), 100) as partner_agent,
    concat_ws(
        ' ',
        case when word(e.partner_agent) <> request_agent then 'agent:conflict' end,
        case when length(lead_id::varchar) >= 66 and regexp_matches(lead_id::varchar, '^\[?"[0-9a-fA-F]{64}"') then 'lead_id:digest' end,
        case when starts_with(lead_id::varchar, '"') then 'lead_id:string' when starts_with(lead_id::varchar, '[') then 'lead_id:list' end,
        case when has[2] then 'event_source_url' end,
        case when has[3] then 'app_data' end,
        case when has[4] then 'messaging_channel' end,
        case when e."custom_data:" is not null then 'custom_data:' end,
        case when has[5] and not has[6] then 'top:event_source' end,
        case when has[7] and not has[8] then 'top:lead_event_source' end,
        case when len(others) > 0 then user_marks(e.user_data, len(others)) end,
        case when clean[8] <> custom_text then 'custom:personal' end,
        case when has[9] then value_marks(e.custom_data.value, e.custom_data.currency) end
    ) as payload_marks
from cleaned;
