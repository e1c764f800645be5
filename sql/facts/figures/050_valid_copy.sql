-- current_log: one row an advertiser: numbers of it, its current dataset and its time zone; whether its log holds responses.
create or replace temp table current_log as
select
    advertiser_no,
    advertiser.channel,
    word_no as current_no,
    has_response,
    time_zone,
    dense_rank() over (order by time_zone)::integer as zone_no
from advertiser
left join word_number on word = dataset_id
left join answering using (advertiser_no);

-- coded_valid_copy: one row a valid event of the current dataset, as often as it was sent.
create or replace temp view coded_valid_copy as
select coded_sent_event.*, channel, zone_no
from coded_sent_event
join current_log using (advertiser_no)
where not is_test
    and not is_faulty
    and coalesce(accepted, not has_response)
    and (dataset_no is null or dataset_no = current_no);

-- valid_copy: the same with the texts.
create or replace temp view valid_copy as
select sent_event.*, time_zone
from sent_event
join current_log using (advertiser_no)
where not is_test
    and not is_faulty
    and coalesce(accepted, not has_response)
    and (dataset_no is null or dataset_no = current_no);
