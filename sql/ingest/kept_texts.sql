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
    select record, part, unnest(elements) as element, generate_subscripts(elements, 1) - 1 as position
    from read_activity
    where has_readable_events
)
select $first_request + record, position, decoded(element)::varchar
from listed
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
