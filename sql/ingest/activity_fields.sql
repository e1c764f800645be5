-- The parameters of each logged /activities request (judged_record.activity), wherever they stand and however they are
-- encoded: activity_field. What stands nearer to the body goes before what stands in the address.

-- A query string or form body as the members of a JSON object. A raw & or = inside a value breaks none: a field begins
-- where one of the names does that these requests have. A value that is JSON as it stands keeps its + and %.
create or replace temp macro form_value(v) as
    case
        when regexp_matches(v, '^\s*[\[{"]') and not regexp_matches(v, '%(22|7B|5B)') then v
        else try(url_decode(replace(if(regexp_matches(v, '^\s*([\[{"]|%5B|%7B|%22)'), v, split_part(v, '&', 1)), '+', ' ')))
    end;

create or replace temp macro form_members(text) as
    array_to_string(
        list_transform(
            list_filter(
                string_split(
                    regexp_replace(
                        text,
                        '(^|[&?\s]+)(event|custom_events(?:_file)?|advertiser_id|advertiser_tracking_enabled|application_tracking_enabled|attribution|anon_id|extinfo|ud(?:(?:\[|%5B)\w+(?:\]|%5D))?|format|sdk|app_user_id|application_package_name|bundle_id|bundle_version|bundle_short_version|url_schemes|installer_package|include_dwell_data|include_video_data|device_token|install_timestamp|vendor_id|data_processing_options(?:_country|_state)?|page_id|page_scoped_user_id|consider_views|limit_event_usage|campaign_ids|install_referrer|receipt_data|windows_attribution_id|user_id|fields|appsecret_proof|access_token)=',
                        chr(30) || '\2=', 'g'
                    ),
                    chr(30)
                ),
                lambda field: contains(field, '=')
            ),
            lambda field: to_json(url_decode(split_part(field, '=', 1))) || ':'
                || to_json(rtrim(
                    coalesce(form_value(regexp_replace(
                        substr(field, strpos(field, '=') + 1),
                        -- a field of another name begins where JSON has ended before it
                        '(?is)((?:[\]}]|%5D|%7D)["'']?)&[a-z_]\w*(?:\[\w*\])?=.*$', '\1'
                    )), ''),
                    e' &"\'\r\n\t'
                ))
        ),
        ','
    );

-- The parts of a multipart body as the members of a JSON object.
create or replace temp macro multipart_members(text) as
    array_to_string(
        list_transform(
            list_filter(
                string_split(text, regexp_extract(text, '^\s*(--[^\r\n]+)', 1)),
                lambda part: regexp_matches(part, '(?i)content-disposition:[^\r\n]*name="')
            ),
            lambda part: to_json(regexp_extract(part, '(?i)[ ;]name="([^"]+)"', 1)) || ':'
                || to_json(regexp_extract(part, '(?s)\r?\n\r?\n(.*?)\r?\n?$', 1))
        ),
        ','
    );

create or replace temp table activity_field as
with opened as (
    select
        record,
        part,
        from_json(activity, '{
            "url": "JSON", "query": "JSON", "params": "JSON", "body": "JSON", "form": "JSON", "request": "JSON",
            "headers": "JSON", "event": "JSON", "custom_events": "JSON"
        }') as r,
        activity
    from judged_record
    where activity is not null
), nested as (
    select
        *,
        case when starts_with(r.request::varchar, '{') then from_json(r.request, '{
            "url": "JSON", "query": "JSON", "params": "JSON", "body": "JSON", "form": "JSON", "json": "JSON",
            "data": "JSON", "headers": "JSON", "event": "JSON", "custom_events": "JSON"
        }') end as q
    from opened
), placed as (
    select
        record,
        part,
        coalesce(present(r.headers), present(q.headers))::varchar as headers,
        -- nearest to the body first
        [
            q.body, r.body, q.json, q.data, q.form, r.form, q.params, r.params, q.query, r.query,
            to_json(nullif(regexp_extract(coalesce(string(q.url), string(r.url)), '(?s)\?(.*)$', 1), '')),
            if(q is null or coalesce(q.event, q.custom_events) is not null, r.request, null),
            case when coalesce(r.event, r.custom_events) is not null then activity::json end
        ] as places
    from nested
), found as (
    select record, part, headers, unnest(places) as place, generate_subscripts(places, 1) as rank
    from placed
), told as (
    select
        record, part, headers, rank, place,
        case when starts_with(place::varchar, '"') then place ->> '$' end as text
    from found
    where present(place) is not null
), read as (
    select
        record,
        part,
        headers,
        rank,
        case
            when text is null then 'json'
            when is_open(text, '{') then 'json'
            when regexp_matches(text, '(?i)content-disposition: *form-data') then 'multipart'
            when rank in (9, 10, 11) then 'query'
            else 'form'
        end as transport,
        case transport
            when 'multipart' then multipart_members(text)
            when 'json' then case
                when text is null and starts_with(place::varchar, '{') then (place::varchar)[2:-2]
                when json_valid(text) then (json(text)::varchar)[2:-2]
            end
            else form_members(text)
        end as members
    from told
), merged as (
    select
        record,
        part,
        any_value(headers) as headers,
        array_to_string(list_sort(list_distinct(list(transport) filter (members <> ''))), ' ') as transport,
        '{' || string_agg(nullif(members, ''), ',' order by rank) || '}' as fields
    from read
    group by record, part
), opened_field as (
    select
        *,
        from_json(fields, '{
            "event": "JSON", "custom_events": "JSON", "custom_events_file": "JSON", "advertiser_id": "JSON",
            "advertiser_tracking_enabled": "JSON", "application_tracking_enabled": "JSON", "attribution": "JSON",
            "anon_id": "JSON", "extinfo": "JSON", "ud": "JSON", "sdk": "JSON"
        }') as f
    from merged
), told_events as (
    select
        *,
        coalesce(present(f.custom_events), present(f.custom_events_file)) ->> '$' as events_text
    from opened_field
)
select
    * replace (coalesce(nullif(transport, ''), 'json') as transport),
    -- what DuckDB takes for JSON and a strict reader does not
    coalesce(
        not json_valid(events_text)
        or regexp_matches(events_text, ',\s*[\]}]|[:,\[]\s*-?(NaN|nan|Inf|inf)'),
        false
    ) as is_doubtful
from told_events;
