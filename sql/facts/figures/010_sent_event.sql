-- coded_sent_event: one row an event sent up to as_of, with what the rules about one event found (table coded_event).
-- Without a time of sending an event stands at its own time, where that can be read.
create or replace temp view coded_sent_event as
select
    * exclude (event_time, evt005, is_sent),
    if(evt005 = 2, null, event_time) as event_time,
    coalesce(upload_time, if(evt005 = 2, null, event_time)) as sent_at,
    test_traffic or is_test_lead as is_test
from coded_event
where is_sent;

-- sent_event: the same with the texts.
create or replace temp view sent_event as
select
    * exclude (event_time, evt005, is_sent),
    if(evt005 = 2, null, event_time) as event_time,
    coalesce(upload_time, if(evt005 = 2, null, event_time)) as sent_at,
    test_traffic or is_test_lead as is_test
from event_judged
where is_sent;
