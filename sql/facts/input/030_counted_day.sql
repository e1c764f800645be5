-- counted_day: one row an advertiser and day of its daily lead counts, up to the day of as_of in its time zone.
-- Rows of one file add up, as when it has one a form. Files repeat each other, as weekly exports do: the largest
-- file's sum is taken.
create or replace temp table counted_day as
with counted_in_file as (
    select advertiser_id, day, file_id, sum(leads) as leads
    from lead_count
    where advertiser_id is not null
    group by advertiser_id, day, file_id
)
select advertiser_id, day, max(leads)::bigint as leads
from counted_in_file
left join setting using (advertiser_id)
where day <= day_of($as_of, coalesce(time_zone, 'UTC'))
group by advertiser_id, day;
