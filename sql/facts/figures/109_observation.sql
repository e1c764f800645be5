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
        list(name order by events desc, name) as names,
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
    select advertiser_id, channel, list(name order by events desc, name) as names
    from stage_name
    where bare <> ''
    group by advertiser_id, channel, bare
    having count(*) > 1
), marked as (
    select
        advertiser_id,
        channel,
        list(name order by name) filter (regexp_matches(name, '^[\s\p{Z}]|[\s\p{Z}]$')) as blank,
        list(name order by name) filter (regexp_matches(name, '\p{Cc}')) as control,
        list(name order by name) filter (
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
    phrase(
        'One CRM is spelt in {spellings:count} ways: {names:quoted}; keep to one.',
        {'spellings': spellings, 'names': names}
    ) as sentence
from crm
where spellings > 1
union all
select
    advertiser_id, channel, 'EVT003',
    phrase(
        '{crms:count} CRMs are named ({names:quoted}); that is right only if leads are kept in each of them.',
        {'crms': count(*), 'names': flatten(list(names order by events desc, plain))}
    )
from crm
group by advertiser_id, channel
having count(*) > 1
union all
select
    advertiser_id, channel, 'EVT003',
    plural(
        events,
        '{n:count} event names the CRM “crm”: that is the value of event_source; here the CRM''s own name is asked for.',
        '{n:count} events name the CRM “crm”: that is the value of event_source; here the CRM''s own name is asked for.'
    )
from crm
where plain = 'crm'
union all
select
    advertiser_id, channel, 'EVT004',
    phrase('Blanks stand before or behind the name in {names:quoted}.', {'names': blank})
from marked
where blank is not null
union all
select
    advertiser_id, channel, 'EVT004', phrase('Control characters stand in the name {names:quoted}.', {'names': control})
from marked
where control is not null
union all
select
    advertiser_id, channel, 'EVT004',
    phrase('A template or program left its own words in place of a stage: {names:quoted}.', {'names': template})
from marked
where template is not null
union all
select
    advertiser_id, channel, 'EVT004',
    phrase('{names:quoted} look like one stage spelt differently, and count as several.', {'names': names})
from twin
union all
select
    advertiser_id, channel, 'EVT005',
    phrase(
        '{at_midnight:count} of {events:count} events lie exactly at midnight: the CRM seems to give days, not times, and delays are off by up to a day.',
        {'at_midnight': at_midnight, 'events': events}
    )
from counted
where at_midnight >= 10 and 2 * at_midnight >= events
union all
select
    advertiser_id, channel, 'EVT007',
    plural(
        ids_17,
        '{n:count} id has 17 digits; this guide speaks of 15 or 16, newer editions of 17 too.',
        '{n:count} ids have 17 digits; this guide speaks of 15 or 16, newer editions of 17 too.'
    )
from lead_id_digits
where ids_17 > 0 and $EVT007_usual_digits < 17
union all
select
    advertiser_id, channel, 'EVT010',
    if(
        field = 'em',
        phrase(
            'The same e-mail address (em) stands in the events of {leads:count} leads: that is a placeholder.',
            {'leads': leads}
        ),
        phrase(
            'The same phone number (ph) stands in the events of {leads:count} leads: that is a placeholder.',
            {'leads': leads}
        )
    )
from observed_digest
join lead_id_digits using (advertiser_id, channel)
where field in ('em', 'ph') and leads > 5 and leads > 0.01 * ids
union all
select
    advertiser_id, channel, 'EVT010',
    phrase(
        '{field} is hashed before it is normalised: {values:told}.',
        {
            'field': field,
            'values': list(
                plural(
                    events, '{value:quoted} in {n:count} event', '{value:quoted} in {n:count} events', {'value': value}
                )
                order by events desc, value
            )
        }
    )
from unnormalised
group by advertiser_id, channel, field
union all
select
    advertiser_id, channel, 'TIM001',
    plural(
        nearly_late,
        '{n:count} event was sent in the last 24 hours of the seven days: one failed night would have lost them.',
        '{n:count} events were sent in the last 24 hours of the seven days: one failed night would have lost them.'
    )
from counted
where nearly_late > 0;
