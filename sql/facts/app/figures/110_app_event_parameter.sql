-- app_event_parameter: one row an advertiser, standard event and parameter that its table lists: in how many App Events of
-- the latest weeks of sending it stands; fb_content does for fb_content_id.
create or replace temp table app_event_parameter as
with recent as (
    select advertiser_id, event_name, parameters, count(*) as events
    from app_event_input
    join (select advertiser_id, recent_since from app_advertiser) using (advertiser_id)
    where kind = 'conversion' and (sent_at is null or recent_since is null or sent_at > recent_since)
    group by advertiser_id, event_name, parameters
)
select
    advertiser_id,
    event_name,
    place,
    parameter,
    sum(events)::bigint as events,
    coalesce(sum(events) filter (
        list_contains(parameters, parameter)
        or (parameter = 'fb_content_id' and list_contains(parameters, 'fb_content'))
    ), 0)::bigint as present
from recent
join standard_parameter using (event_name)
group by advertiser_id, event_name, place, parameter;
