-- The parameters of each request of activity_place as one JSON object, with what a lenient reading made of what is not
-- written as it should be (lenient_place): activity_field. What stands nearer to the body goes before what stands in the
-- address. odd_events lists the custom_events and ud that need a lenient reading too.
create or replace temp table activity_field as
with joined as (
    select
        activity_place.record,
        part,
        headers,
        own,
        coalesce(body_object, of_body.object) as body,
        coalesce(params_object, of_params.object) as params,
        coalesce(query_object, of_query.object) as query,
        coalesce(of_body.transport, body_transport) as body_transport,
        coalesce(of_params.transport, params_transport) as params_transport,
        concat_ws(' ', of_body.repairs, of_params.repairs, of_query.repairs) as place_repairs
    from activity_place
    left join lenient_place as of_body on of_body.record = activity_place.record and of_body.slot = 'body'
    left join lenient_place as of_params on of_params.record = activity_place.record and of_params.slot = 'params'
    left join lenient_place as of_query on of_query.record = activity_place.record and of_query.slot = 'query'
), counted as (
    select
        *,
        (body is not null)::integer + (params is not null)::integer + (query is not null)::integer
            + (own is not null)::integer as places
    from joined
), merged as (
    select
        record,
        part,
        headers,
        place_repairs,
        -- most requests have their parameters in one place
        case
            when places = 1 then coalesce(body, params, query, own)
            else '{' || concat_ws(',', body[2:-2], params[2:-2], query[2:-2], own[2:-2]) || '}'
        end as fields,
        case
            when body is not null and places = 1 then body_transport
            when params is not null and places = 1 then params_transport
            when query is not null and places = 1 then 'query'
            when places > 1 then array_to_string(list_sort(list_distinct([
                if(body is not null, body_transport, null), if(params is not null, params_transport, null),
                if(query is not null, 'query', null), if(own is not null, 'json', null)
            ])), ' ')
            else 'json'
        end as transport
    from counted
), opened as (
    select
        *,
        from_json(fields, '{
            "event": "JSON", "custom_events": "JSON", "custom_events_file": "JSON", "advertiser_id": "JSON",
            "advertiser_tracking_enabled": "JSON", "application_tracking_enabled": "JSON", "attribution": "JSON",
            "anon_id": "JSON", "extinfo": "JSON", "ud": "JSON", "sdk": "JSON"
        }') as f
    from merged
), told as (
    select
        *,
        coalesce(present(f.custom_events), present(f.custom_events_file)) as given
    from opened
), read as (
    select
        *,
        case when starts_with(given::varchar, '"') then given ->> '$' else given::varchar end as events_text
    from told
)
select
    record,
    part,
    headers,
    place_repairs,
    fields,
    transport,
    events_text,
    -- the events are long, and are read from their text from here on
    struct_pack(
        event := f.event, advertiser_id := f.advertiser_id, attribution := f.attribution, anon_id := f.anon_id,
        advertiser_tracking_enabled := f.advertiser_tracking_enabled,
        application_tracking_enabled := f.application_tracking_enabled, extinfo := f.extinfo, ud := f.ud, sdk := f.sdk
    ) as f,
    -- a list may have something else in it than objects, like objects in quotes
    case
        when events_text is null then false
        when starts_with(given::varchar, '[{') then has_oddity(events_text) or contains(events_text, ',"{')
        when not regexp_matches(events_text, '^\s*\[\s*\{') then true
        when not json_valid(events_text) then true
        when has_oddity(events_text) then true
        else regexp_matches(events_text, ',\s*"\{')
    end as is_odd
from read;

create or replace temp table odd_events as
with odd as (
    select record, 'events' as slot, events_text as text from activity_field where is_odd
    union all
    select record, 'ud', f.ud ->> '$' as text
    from activity_field
    where starts_with(f.ud::varchar, '"') and not json_valid(f.ud ->> '$')
)
select *, sum(length(text)) over (order by record, slot rows unbounded preceding) // $portion as portion
from odd
where text <> '';
