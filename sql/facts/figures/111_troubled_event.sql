-- troubled_event: one row an event of a recent request that was not accepted, or that holds an event at fault among
-- others: what a fault costs. Where all is well it is empty, and costs one look at what the event rules found.
create or replace temp table troubled_event as
with mask as (
    -- the required rules for which Meta is known to refuse an event, and its request with it
    select coalesce(bit_or(1::bigint << bit), 0) as bits
    from event_rule
    where code in ('EVT001', 'EVT002', 'EVT003', 'EVT004', 'EVT005', 'EVT006', 'EVT007', 'EVT010', 'TIM001')
), holding as (
    select distinct request_id
    from sent_event
    cross join mask
    where (faulty & bits) <> 0
), troubled as (
    select request_id, shape, sent_at as request_sent, accepted
    from recent_request
    left join holding using (request_id)
    where not accepted or (shape in ('request', 'exchange') and holding.request_id is not null)
)
select
    request_id,
    position,
    advertiser_id,
    channel,
    shape,
    request_sent,
    troubled.accepted,
    lead_id,
    event_name,
    event_time,
    (faulty & bits) <> 0 as is_bad
from sent_event
join troubled using (request_id)
cross join mask;
