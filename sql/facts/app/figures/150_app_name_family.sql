-- app_name_family: one row an advertiser and family of names of App Events that differ in nothing but digits: the name with
-- # in their place; the whole log.
create or replace temp table app_name_family as
select
    advertiser_id,
    regexp_replace(event_name, '[0-9]+', '#', 'g') as family,
    count(*) as names,
    row_number() over (partition by advertiser_id order by count(*) desc, family) as place,
    count(*) over (partition by advertiser_id) as several
from app_shown_name
where regexp_matches(event_name, '[0-9]')
group by advertiser_id, family
having count(*) > 1;
