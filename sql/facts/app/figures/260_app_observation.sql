-- app_observation: one row a sentence on what a rule about App Events saw besides; it stands behind the rule's message
-- and changes no status.
create or replace temp table app_observation as
with named as (
    select
        advertiser_id,
        event_name,
        sum(recent_events)::bigint as events,
        sum(recent_without_value)::bigint as without_value,
        sum(recent_automatic)::bigint as automatic
    from app_event_name
    group by advertiser_id, event_name
), logged as (
    select
        advertiser_id,
        sum(automatic)::bigint as automatic,
        coalesce(sum(events - automatic) filter (event_name = 'fb_mobile_activate_app'), 0)::bigint as by_hand
    from named
    group by advertiser_id
)
select
    advertiser_id,
    'app' as channel,
    'APP016' as code,
    phrase(
        '{without_value:count} of {events:count} events {name:quoted} have no _valueToSum, which is {meaning} here.',
        {'without_value': without_value, 'events': events, 'name': event_name, 'meaning': value_meaning}
    ) as sentence
from named
join standard_event using (event_name)
where value_meaning is not null and not is_optional and without_value > 0
union all
select
    advertiser_id,
    'app',
    'APP017',
    plural(
        automatic,
        'Meta''s SDK logged {n:count} event of itself, so automatic logging seems to be on: say so with auto_logging in the configuration.',
        'Meta''s SDK logged {n:count} events of itself, so automatic logging seems to be on: say so with auto_logging in the configuration.'
    )
from logged
join app_advertiser using (advertiser_id)
where auto_logging is null and by_hand > 0 and automatic > 0;
