-- event_input as it would be with the stage names of stage_name: one row a name as it is, in any case, and the new one.
-- Two names that become one are one stage from here on.
drop view if exists event_as_sent;
alter view event_input rename to event_as_sent;
create or replace temp view event_input as
with renamed as (
    select folded(old_name) as folded_name, any_value(new_name) as new_name
    from stage_name
    group by folded(old_name)
)
select event_as_sent.* replace (coalesce(renamed.new_name, event_name) as event_name)
from event_as_sent
left join renamed on folded_name = folded(event_name);

-- stage_number: the new names have numbers too.
create or replace temp table stage_number as
with known as (
    select event_name from event where event_name is not null
    union
    select new_name from stage_name
)
select event_name, row_number() over (order by event_name)::integer as stage_no
from known;
