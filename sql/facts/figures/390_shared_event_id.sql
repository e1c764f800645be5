-- shared_event_id: one row an advertiser and event_id that stands for different leads or stages, in the latest weeks of
-- sending.
create or replace temp table shared_event_id as
with empty as (
    -- no text is the same as an empty one; where nobody sent such, numbers that stand for nothing do
    select
        coalesce(min(odd_lead.lead_no) filter (lead_id = ''), -9000000000000000000) as empty_lead,
        coalesce((select stage_no from stage_number where event_name = ''), 0) as empty_stage
    from odd_lead
), shared as (
    select advertiser_no, event_id, count(*) as events
    from coded_recent_event
    cross join empty
    where event_id is not null
    group by advertiser_no, event_id
    having min(coalesce(lead_no, empty_lead)) <> max(coalesce(lead_no, empty_lead))
        or min(coalesce(stage_no, empty_stage)) <> max(coalesce(stage_no, empty_stage))
)
select advertiser_id, channel, event_id, events
from shared
join advertiser_number using (advertiser_no);
