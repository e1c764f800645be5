-- recent_source: one row an advertiser and CRM that its events of the latest weeks of sending name, spelt any way:
-- events, and how many of them a rule about the payload of an event finds at fault.
create or replace temp table recent_source as
with mask as (
    select coalesce(bit_or(1::bigint << bit), 0) as bits
    from event_rule
    where code in ('EVT001', 'EVT002', 'EVT003', 'EVT004', 'EVT005', 'EVT006', 'EVT007', 'EVT010')
), named as (
    -- names are folded afterwards: they are few
    select
        advertiser_no,
        source_no,
        count(*) as events,
        count(*) filter ((faulty & bits) <> 0) as faulty
    from coded_recent_event
    cross join mask
    group by advertiser_no, source_no
)
select
    advertiser_id,
    channel,
    nullif(folded(word), '') as source,
    arg_max(word, (events, word)) as spelling,
    count(*) as spellings,
    sum(events)::bigint as events,
    sum(faulty)::bigint as faulty
from named
join advertiser_number using (advertiser_no)
left join word_number on word_no = source_no
group by advertiser_id, channel, source;
