-- dataset_use: one row a dataset of an advertiser; the current one took its latest accepted upload.
create or replace temp table dataset_use as
with used as (
    select
        advertiser_no,
        dataset_no,
        min(sent_at) as first_sent,
        max(sent_at) as last_sent,
        min(sent_at) filter (accepted) as first_accepted,
        max(sent_at) filter (accepted) as last_accepted,
        sum(event_count) as events,
        coalesce(sum(event_count) filter (accepted), 0) as accepted_events,
        bool_or(accepted) as has_accepted
    from coded_request
    where dataset_no is not null and event_count > 0
    group by advertiser_no, dataset_no
), ranked as (
    select
        advertiser_number.advertiser_id,
        channel,
        word as dataset_id,
        used.* exclude (advertiser_no, dataset_no),
        ignored_dataset.dataset_id is not null as is_ignored,
        row_number() over (
            partition by advertiser_no
            order by
                ignored_dataset.dataset_id is not null,
                has_accepted desc,
                if(has_accepted, last_accepted, last_sent) desc nulls last,
                word desc
        ) as rank
    from used
    join advertiser_number using (advertiser_no)
    join word_number on word_no = dataset_no
    left join ignored_dataset
        on ignored_dataset.advertiser_id = advertiser_number.advertiser_id and ignored_dataset.dataset_id = word
)
select * exclude (rank, has_accepted), rank = 1 and not is_ignored as is_current
from ranked;
