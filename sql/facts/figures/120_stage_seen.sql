-- stage_seen: one row a stage with a valid event, over the whole log of the current dataset.
create or replace temp table stage_seen as
with counted as (
    select
        advertiser_no,
        stage_no,
        count(*) as events,
        min(event_time) as first_time,
        max(event_time) as last_time
    from coded_valid_event
    group by advertiser_no, stage_no
), reached as (
    select advertiser_no, stage_no, count(*) as leads
    from coded_lead_stage
    group by advertiser_no, stage_no
)
select
    advertiser_id,
    channel,
    event_name,
    events,
    coalesce(leads, 0) as leads,
    first_time,
    last_time,
    list_has_any(words_of(event_name), (select list(word) from negative_word))
        or folded(event_name) in (select folded(name) from negative_setting where advertiser_id = advertiser_number.advertiser_id)
        as is_negative,
    advertiser_no,
    stage_no
from counted
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join reached
    on reached.advertiser_no = counted.advertiser_no
    and reached.stage_no is not distinct from counted.stage_no;
