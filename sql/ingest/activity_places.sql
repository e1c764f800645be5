-- Where each logged /activities request (judged_record.activity) has its parameters: activity_place. A body, an object of
-- parameters, the query of its address, or the record itself; odd_place lists those that are not written as they should.

-- A form body or query string in which every value is encoded, as valid UTF-8, so that & and = stand between fields only.
create or replace temp macro encoded() as
    '[a-z0-9+._~*-]|%[2-6][0-9a-f]|%7[0-9a-e]|%0[9ad]|%c[2-9a-f]%[89ab][0-9a-f]|%d[0-9a-f]%[89ab][0-9a-f]|%e0%[ab][0-9a-f]%[89ab][0-9a-f]|%e[1-9abcef](?:%[89ab][0-9a-f]){2}|%ed%[89][0-9a-f]%[89ab][0-9a-f]|%f0%[9ab][0-9a-f](?:%[89ab][0-9a-f]){2}|%f[123](?:%[89ab][0-9a-f]){3}|%f4%8[0-9a-f](?:%[89ab][0-9a-f]){2}';

create or replace temp macro is_encoded(text) as
    regexp_full_match(text, '(?i)(?:[&=]|%7f|' || encoded() || ')+') and contains(text, '=');

-- Most of them are so: one = in each field. All its fields are decoded at once, with a character for each quote that
-- stands in none of them.
create or replace temp macro is_even(text) as
    regexp_full_match(text, '(?i)(?:' || encoded() || ')*=(?:' || encoded() || '|&(?:' || encoded() || ')*=)*');

create or replace temp macro even_members(text) as
    replace(
        to_json(url_decode(replace(
            replace(replace(text, '+', ' '), '&', chr(127) || ',' || chr(127)), '=', chr(127) || ':' || chr(127)
        )))::varchar,
        chr(127),
        '"'
    );

create or replace temp macro encoded_members(text) as
    array_to_string(
        list_transform(
            list_filter(string_split(replace(text, '+', ' '), '&'), lambda field: contains(field, '=')),
            lambda field: to_json(url_decode(split_part(field, '=', 1))) || ':'
                || to_json(url_decode(substr(field, strpos(field, '=') + 1)))
        ),
        ','
    );

-- What DuckDB takes for JSON and a strict reader does not; rather too many are looked at than too few.
-- Each pattern begins with the one character that is looked for fast.
create or replace temp macro has_oddity(text) as
    regexp_matches(text, ',\s*(?:[\]}]|-?(?i:nan|inf))') or regexp_matches(text, ':\s*-?(?i:nan|inf)')
    or regexp_matches(text, '\[\s*-?(?i:nan|inf)');

-- A JSON object in a text, with nothing in it that only some readers take for JSON.
create or replace temp macro is_plain_object(text) as
    regexp_matches(text, '^\s*\{\s*"') and json_valid(text) and not has_oddity(text);

-- What a place or its text says as an object; null where it must be read otherwise.
create or replace temp macro object_of(place, text) as
    case
        when starts_with(place, '{') then place
        when is_even(text) then '{' || even_members(text) || '}'
        when is_encoded(text) then '{' || encoded_members(text) || '}'
        when is_plain_object(text) then trim(text, e' \t\r\n')
    end;

create or replace temp table activity_place as
with opened as (
    select
        record,
        part,
        from_json(activity, '{
            "url": "JSON", "query": "JSON", "params": "JSON", "body": "JSON", "form": "JSON", "data": "JSON",
            "request": "JSON", "headers": "JSON", "event": "JSON", "custom_events": "JSON"
        }') as r,
        activity
    from judged_record
    where activity is not null
), nested as (
    select
        *,
        case when starts_with(r.request::varchar, '{') then from_json(r.request, '{
            "url": "JSON", "query": "JSON", "params": "JSON", "body": "JSON", "form": "JSON", "json": "JSON",
            "data": "JSON", "headers": "JSON", "event": "JSON", "custom_events": "JSON",
            "postData": {"text": "JSON", "params": "JSON"}
        }') end as q
    from opened
), addressed as (
    select *, coalesce(string(q.url), string(r.url)) as url from nested
), placed as (
    select
        record,
        part,
        coalesce(present(r.headers), present(q.headers))::varchar as headers,
        coalesce(
            present(q.body), present(q.postData.text), present(q.json), present(q.data), present(q.form),
            present(q.postData.params), present(r.body), present(r.form), present(r.data),
            if(q is null, present(r.request), null)
        ) as body,
        coalesce(present(q.params), present(r.params)) as params,
        coalesce(
            present(q.query), present(r.query),
            case when contains(url, '?') then to_json(nullif(regexp_extract(url, '(?s)\?(.*)$', 1), '')) end
        ) as query,
        case
            when coalesce(q.event, q.custom_events) is not null then r.request
            when coalesce(r.event, r.custom_events) is not null then json(activity)
        end::varchar as own
    from addressed
), told as (
    select
        * replace (body::varchar as body, params::varchar as params, query::varchar as query),
        case when starts_with(body::varchar, '"') then body ->> '$' end as body_text,
        case when starts_with(params::varchar, '"') then params ->> '$' end as params_text,
        case when starts_with(query::varchar, '"') then query ->> '$' end as query_text
    from placed
), read as (
    select
        *,
        object_of(body, body_text) as body_object,
        object_of(params, params_text) as params_object,
        object_of(query, query_text) as query_object
    from told
)
select
    record,
    part,
    headers,
    own,
    body_object,
    params_object,
    query_object,
    if(starts_with(body, '{') or is_open(body_text, '{'), 'json', 'form') as body_transport,
    if(starts_with(params, '{') or is_open(params_text, '{'), 'json', 'form') as params_transport,
    case when body_object is null then coalesce(body_text, body) end as odd_body,
    case when params_object is null then coalesce(params_text, params) end as odd_params,
    case when query_object is null then coalesce(query_text, query) end as odd_query
from read;

create or replace temp table odd_place as
with odd as (
    select record, 'body' as slot, odd_body as text from activity_place where odd_body is not null
    union all
    select record, 'params', odd_params from activity_place where odd_params is not null
    union all
    select record, 'query', odd_query from activity_place where odd_query is not null
)
select *, sum(length(text)) over (order by record, slot rows unbounded preceding) // $portion as portion
from odd;
