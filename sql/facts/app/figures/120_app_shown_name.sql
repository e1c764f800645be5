-- app_shown_name: one row an advertiser and name of an App Event over the whole log, all its apps together, as a page lists
-- it; `place` goes by how often it came of late, `several` are the names of its kind.
create or replace temp table app_shown_name as
with named as (
    select
        advertiser_id,
        event_name,
        sum(events)::bigint as events,
        sum(recent_events)::bigint as recent_events,
        sum(recent_events - recent_without_value)::bigint as with_value,
        min(first_sent) as first_sent,
        max(last_sent) as last_sent,
        max(len(parameters)) as parameters
    from app_event_name
    group by advertiser_id, event_name
)
select
    named.*,
    standard_event.event_name is not null as is_standard,
    value_meaning,
    coalesce(is_optional, false) as is_optional,
    row_number() over (
        partition by advertiser_id, standard_event.event_name is not null
        order by recent_events desc, events desc, event_name
    ) as place,
    count(*) over (partition by advertiser_id, standard_event.event_name is not null) as several
from named
left join standard_event using (event_name);
