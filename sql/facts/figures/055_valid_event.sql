-- coded_valid_event: one row a distinct valid event; copies of one lead, stage and time count once, and are counted.
create or replace temp table coded_valid_event as
select advertiser_no, stage_no, lead_no, event_time, count(*) as copies
from coded_valid_copy
where lead_no is not null
group by advertiser_no, stage_no, lead_no, event_time
union all
select advertiser_no, stage_no, null, event_time, count(*)
from coded_valid_copy
where lead_no is null
group by advertiser_no, stage_no, event_time, person_digest;

-- valid_event: the same with the texts.
create or replace temp view valid_event as
select
    advertiser_id,
    channel,
    event_name,
    event_time,
    coalesce(lead_id, lead_no::varchar) as lead_id,
    copies,
    coded_valid_event.* exclude (event_time, copies)
from coded_valid_event
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join odd_lead using (lead_no);
