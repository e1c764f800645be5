-- advertiser: one row an (advertiser, channel) with a record up to as_of; with a lead or a count alone, channel crm.
create or replace temp table advertiser as
with recorded as (
    select advertiser_id, channel
    from answering
    join advertiser_number using (advertiser_no)
), known as (
    from recorded
    union
    select advertiser_id, 'crm' as channel
    from (
        select advertiser_id
        from advertiser_number
        semi join coded_listed_lead using (owner_no)
        union all
        select advertiser_id from counted_day
    )
    anti join recorded using (advertiser_id)
)
select
    known.advertiser_id,
    known.channel,
    dataset_use.dataset_id,
    coalesce(setting.time_zone, 'UTC') as time_zone,
    setting.raw_stage as configured_raw_stage,
    setting.optimisation_stage as configured_optimisation_stage,
    setting.crm_dataset,
    owner_no,
    advertiser_no
from known
join advertiser_number using (advertiser_id, channel)
left join dataset_use
    on dataset_use.advertiser_id = known.advertiser_id
    and dataset_use.channel = known.channel
    and dataset_use.is_current
left join setting on setting.advertiser_id = known.advertiser_id;
