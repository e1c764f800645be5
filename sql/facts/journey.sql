-- journey: one row an advertiser: the step that the data suggest, and the latest status of Events Manager up to as_of.
create or replace temp table journey as
with latest as (
    select advertiser_id, arg_max(step, date) as declared, arg_max(status, date) as status, max(date) as date
    from status_line
    where date <= $as_of
    group by advertiser_id
)
select inferred_step.advertiser_id, channel, inferred_step.step, declared, status, date
from inferred_step
left join latest using (advertiser_id);
