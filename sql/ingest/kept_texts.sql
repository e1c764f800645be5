-- event_text: each event that was just kept, as it was sent; repeated_event counts those of records that another file
-- had already brought. Only for who sends events again: no store keeps them.
insert into event_text
select $first_request + record, position, element
from event_element
anti join dropped_record using (record)
semi join part using (part);

insert into repeated_event
select count(*)
from event_element
semi join dropped_record using (record)
semi join part using (part)
