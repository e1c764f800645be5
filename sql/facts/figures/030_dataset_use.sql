-- dataset_use: one row a dataset of an advertiser; the current one took its latest accepted upload.
create or replace temp table dataset_use as
with used as (
    select
        advertiser_id,
        channel,
        dataset_id,
        min(sent_at) as first_sent,
        max(sent_at) as last_sent,
        min(sent_at) filter (accepted) as first_accepted,
        max(sent_at) filter (accepted) as last_accepted,
        sum(event_count) as events,
        coalesce(sum(event_count) filter (accepted), 0) as accepted_events,
        bool_or(accepted) as has_accepted
    from sent_request
    where dataset_id is not null and event_count > 0
    group by advertiser_id, channel, dataset_id
), ranked as (
    select
        used.*,
        ignored_dataset.dataset_id is not null as is_ignored,
        row_number() over (
            partition by advertiser_id, channel
            order by
                ignored_dataset.dataset_id is not null,
                has_accepted desc,
                if(has_accepted, last_accepted, last_sent) desc nulls last,
                dataset_id desc
        ) as rank
    from used
    left join ignored_dataset using (advertiser_id, dataset_id)
)
select * exclude (rank, has_accepted), rank = 1 and not is_ignored as is_current
from ranked;
