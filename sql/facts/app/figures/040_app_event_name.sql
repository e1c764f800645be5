-- app_event_name: one row an app and name of an App Event over the whole log: how often, when, and with which parameters.
create or replace temp table app_event_name as
select
    advertiser_id,
    app_id,
    event_name,
    count(*) as events,
    count(*) filter (is_recent) as recent_events,
    count(*) filter (is_recent and value_form is null) as recent_without_value,
    count(*) filter (is_recent and is_automatic) as recent_automatic,
    min(sent_at) as first_sent,
    max(sent_at) as last_sent,
    count(*) filter (value is not null) as with_value,
    count(*) filter (event_id is not null) as with_event_id,
    list_sort(list_distinct(flatten(list(distinct parameters)))) as parameters
from (
    select app_event_input.*, sent_at is null or recent_since is null or sent_at > recent_since as is_recent
    from app_event_input
    join (select advertiser_id, recent_since from app_advertiser) using (advertiser_id)
)
where kind = 'conversion' and event_name is not null
group by advertiser_id, app_id, event_name;
