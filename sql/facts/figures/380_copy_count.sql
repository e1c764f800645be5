-- copy_count: one row an advertiser with a valid event of a lead: how often such events were sent, and how many differ.
create or replace temp table copy_count as
with copied as (
    select advertiser_no, sum(copies)::bigint as copies, count(*) as events
    from coded_valid_event
    where lead_no is not null
    group by advertiser_no
), reached as (
    select advertiser_no, count(*) as lead_stages
    from coded_lead_stage
    group by advertiser_no
)
select
    advertiser_id,
    channel,
    copies,
    events,
    events - lead_stages as repeats  -- a stage of a lead again, at another time
from copied
join reached using (advertiser_no)
join advertiser_number using (advertiser_no);
