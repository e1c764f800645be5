-- observation: one row a sentence on what a rule about events saw besides; it stands behind the rule's message and
-- changes no status.
create or replace temp table observation as
with crm_name as (
    select advertiser_id, channel, lead_event_source as name, folded(lead_event_source) as plain, sum(events)::bigint as events
    from observed_name
    where lead_event_source is not null
    group by advertiser_id, channel, lead_event_source
), crm as (
    select
        advertiser_id,
        channel,
        plain,
        count(*) as spellings,
        string_agg(shown(name), ', ' order by events desc, name) as names,
        sum(events)::bigint as events
    from crm_name
    where plain <> ''
    group by advertiser_id, channel, plain
), stage_name as (
    select advertiser_id, channel, event_name as name, sum(events)::bigint as events, bare_name(event_name) as bare
    from observed_name
    where regexp_matches(event_name, '[^\s\p{Z}]')
    group by advertiser_id, channel, event_name
), twin as (
    select advertiser_id, channel, string_agg(shown(name), ', ' order by events desc, name) as names
    from stage_name
    where bare <> ''
    group by advertiser_id, channel, bare
    having count(*) > 1
), marked as (
    select
        advertiser_id,
        channel,
        string_agg(shown(name), ', ' order by name) filter (regexp_matches(name, '^[\s\p{Z}]|[\s\p{Z}]$')) as blank,
        string_agg(shown(name), ', ' order by name) filter (regexp_matches(name, '\p{Cc}')) as control,
        string_agg(shown(name), ', ' order by name) filter (
            contains(name, '{{') or contains(name, '${')
            or folded(name) in ('null', 'undefined', 'none', 'nan')
        ) as template
    from stage_name
    group by advertiser_id, channel
), counted as (
    select
        advertiser_id, channel, sum(events)::bigint as events, sum(nearly_late)::bigint as nearly_late,
        sum(at_midnight)::bigint as at_midnight
    from observed_name
    group by advertiser_id, channel
), guessed as (
    select distinct field, value, left(sha256(key || written), 12) as digest
    from unnormalised_value
    cross join store_key
    -- as a text, and as a list of one
    cross join lateral (select unnest(['"' || sha256 || '"', '["' || sha256 || '"]']) as written)
), unnormalised as (
    select advertiser_id, channel, field, value, sum(events)::bigint as events
    from observed_digest
    join guessed using (field, digest)
    group by advertiser_id, channel, field, value
)
select
    advertiser_id, channel, 'EVT003' as code,
    'One CRM is spelt in ' || spellings || ' ways: ' || names || '; keep to one.' as sentence
from crm
where spellings > 1
union all
select
    advertiser_id, channel, 'EVT003',
    count(*) || ' CRMs are named (' || string_agg(names, ', ' order by events desc, plain)
        || '); that is right only if leads are kept in each of them.'
from crm
group by advertiser_id, channel
having count(*) > 1
union all
select
    advertiser_id, channel, 'EVT003',
    counted_as(events, 'event names', 'events name') || ' the CRM “crm”: that is the value of event_source; here the CRM''s own name is asked for.'
from crm
where plain = 'crm'
union all
select advertiser_id, channel, 'EVT004', 'Blanks stand before or behind the name in ' || blank || '.'
from marked
where blank is not null
union all
select advertiser_id, channel, 'EVT004', 'Control characters stand in the name ' || control || '.'
from marked
where control is not null
union all
select advertiser_id, channel, 'EVT004', 'A template or program left its own words in place of a stage: ' || template || '.'
from marked
where template is not null
union all
select advertiser_id, channel, 'EVT004', names || ' look like one stage spelt differently, and count as several.'
from twin
union all
select
    advertiser_id, channel, 'EVT005',
    format('{:,} of {:,} events lie exactly at midnight: ', at_midnight, events)
        || 'the CRM seems to give days, not times, and delays are off by up to a day.'
from counted
where at_midnight >= 10 and 2 * at_midnight >= events
union all
select
    advertiser_id, channel, 'EVT007',
    counted_as(ids_17, 'id has', 'ids have') || ' 17 digits; this guide speaks of 15 or 16, newer editions of 17 too.'
from lead_id_digits
where ids_17 > 0 and $EVT007_usual_digits < 17
union all
select
    advertiser_id, channel, 'EVT010',
    'The same ' || if(field = 'em', 'e-mail address (em)', 'phone number (ph)') || ' stands in the events of '
        || format('{:,}', leads) || ' leads: that is a placeholder.'
from observed_digest
join lead_id_digits using (advertiser_id, channel)
where field in ('em', 'ph') and leads > 5 and leads > 0.01 * ids
union all
select
    advertiser_id, channel, 'EVT010',
    field || ' is hashed before it is normalised: ' || string_agg(
        shown(value) || ' in ' || counted_as(events, 'event', 'events'), ', ' order by events desc, value
    ) || '.'
from unnormalised
group by advertiser_id, channel, field
union all
select
    advertiser_id, channel, 'TIM001',
    counted_as(nearly_late, 'event was', 'events were') || ' sent in the last 24 hours of the seven days: one failed night would have lost them.'
from counted
where nearly_late > 0;
