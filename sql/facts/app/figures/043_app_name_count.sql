-- app_name_count: one row an app: how many names of events it uses over the whole log, and how many a parameter would
-- save where names differ by their digits alone, with the largest such family.
create or replace temp table app_name_count as
with family as (
    select
        advertiser_id,
        app_id,
        regexp_replace(event_name, '[0-9]+', '#', 'g') as family,
        count(*) as names,
        min(event_name) as first_name,
        max(event_name) as last_name
    from app_event_name
    group by advertiser_id, app_id, family
)
select
    advertiser_id,
    app_id,
    sum(names)::bigint as names,
    count(*) filter (names > 1) as families,
    coalesce(sum(names) filter (names > 1), 0)::bigint as family_names,
    sum(names - 1)::bigint as saved,
    arg_max({'first_name': first_name, 'last_name': last_name, 'names': names}, (names, family))
        filter (names > 1) as largest
from family
group by advertiser_id, app_id;
