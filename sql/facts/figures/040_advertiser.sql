-- advertiser: one row an (advertiser, channel) with a record or a lead up to as_of.
create or replace temp table advertiser as
with known as (
    select advertiser_id, channel from sent_request
    union
    select advertiser_id, 'crm' from listed_lead where advertiser_id is not null
)
select
    known.advertiser_id,
    known.channel,
    dataset_use.dataset_id,
    coalesce(setting.time_zone, 'UTC') as time_zone,
    setting.raw_stage as configured_raw_stage,
    setting.optimisation_stage as configured_optimisation_stage,
    setting.crm_dataset
from known
left join dataset_use
    on dataset_use.advertiser_id = known.advertiser_id
    and dataset_use.channel = known.channel
    and dataset_use.is_current
left join setting on setting.advertiser_id = known.advertiser_id;
