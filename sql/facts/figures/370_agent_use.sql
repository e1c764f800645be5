-- agent_use: one row an advertiser and partner agent as spelt (null: none), in the latest weeks of sending: events whose
-- payload was read.
create or replace temp table agent_use as
with counted as (
    select advertiser_no, agent_no, count(*) as events
    from coded_recent_event
    where payload_marks is not null
    group by advertiser_no, agent_no
)
select
    advertiser_id,
    channel,
    word as partner_agent,
    regexp_replace(lower(trim(word)), '_[0-9]+_[0-9]+$', '') as normal_form,
    events
from counted
join advertiser_number using (advertiser_no)
left join word_number on word_no = agent_no;
