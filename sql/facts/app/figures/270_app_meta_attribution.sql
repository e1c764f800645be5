-- app_meta_attribution: one row an advertiser with installs or events that Meta's own export attributes, up to as_of.
create or replace temp table app_meta_attribution as
select
    app_advertiser.advertiser_id,
    channel,
    count(*) as attributed,
    count(campaign) as with_campaign,
    count(distinct campaign) as campaigns
from attributed_install
join app_advertiser
    on coalesce(
        attributed_install.advertiser_id = app_advertiser.advertiser_id,
        attributed_install.app_id = app_advertiser.app_id
    )
where side = 'meta' and install_time <= $as_of
group by app_advertiser.advertiser_id, channel;
