-- copy_count: one row an advertiser with a valid event of a lead: how often such events were sent, and how many differ.
create or replace temp table copy_count as
with stage_count as (
    select advertiser_id, channel, count(*) as lead_stages from lead_stage group by advertiser_id, channel
)
select
    advertiser_id,
    channel,
    sum(copies)::bigint as copies,
    count(*) as events,
    count(*) - any_value(lead_stages) as repeats  -- a stage of a lead again, at another time
from valid_event
join stage_count using (advertiser_id, channel)
where lead_id is not null
group by advertiser_id, channel;
