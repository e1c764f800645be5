-- event_text: each event that was just kept, as it was sent; activity_text: what each request of App Events says besides
-- them; repeated_event counts those of records that another file had already brought. Only for who sends events again:
-- no store keeps them.
insert into event_text
select $first_request + record, position, element
from event_element
anti join dropped_record using (record)
semi join part using (part);

insert into event_text
with listed as (
    select
        record,
        part,
        unnest(json_extract(events, '$[*]')) as listed_event,
        unnest(range(json_array_length(events)::bigint))::integer as position
    from read_activity
    where kind is distinct from 'install' and is_open(events, '[')
), opened as (
    select record, part, position, decoded(listed_event)::varchar as element
    from listed
)
select $first_request + record, position, element
from (from opened where starts_with(element, '{')) as readable
anti join dropped_record using (record)
semi join part using (part);

insert into activity_text
select $first_request + record, fields, extinfo, ud, forwarded
from read_activity
anti join dropped_record using (record)
semi join part using (part);

insert into repeated_event
with repeated as (
    select 'crm' as channel, record, part from event_element
    union all
    select 'app', record, part from read_app_event
)
select channel, count(*)
from repeated
semi join dropped_record using (record)
semi join part using (part)
group by channel
