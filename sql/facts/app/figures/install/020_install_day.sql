-- install_day: one row an advertiser, app, platform, day and side: the installs that are Meta's.
create or replace temp table install_day as
select advertiser_id, app_id, platform, day, side, count(*) as installs
from attributed
where is_install and is_of_meta
group by advertiser_id, app_id, platform, day, side;
