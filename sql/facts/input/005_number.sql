-- The numbers that stand for texts in the facts about events and leads, which are many: numbers are joined, grouped and
-- kept in a fraction of the time and room. Facts that hold them are called coded_…; what people read is told with texts.

-- advertiser_number: one row an advertiser and channel that any record names: owner_no stands for the advertiser alone.
create or replace temp table advertiser_number as
with known as (
    select advertiser_id, channel from request where channel <> 'app'
    union
    select advertiser_id, 'crm' from lead where advertiser_id is not null
    union
    select advertiser_id, 'crm' from lead_count where advertiser_id is not null
)
select
    advertiser_id,
    channel,
    dense_rank() over (order by advertiser_id)::integer as owner_no,
    row_number() over (order by advertiser_id, channel)::integer as advertiser_no
from known;

-- stage_number: one row a name of a stage.
create or replace temp table stage_number as
select event_name, row_number() over (order by event_name)::integer as stage_no
from (select distinct event_name from event where event_name is not null);

-- word_number: one row a dataset, CRM, partner agent or action source that an event names.
create or replace temp table word_number as
with known as (
    select dataset_id as word from request where dataset_id is not null
    union
    select dataset_id from event where dataset_id is not null
    union
    select lead_event_source from event where lead_event_source is not null
    union
    select partner_agent from event where partner_agent is not null
    union
    select action_source from event where action_source is not null
)
select word, row_number() over (order by word)::integer as word_no
from known;

-- odd_lead: one row a lead_id that is not just the digits of a number: only these need one that stands for them.
create or replace temp table odd_lead as
with known as (
    select lead_id from event where is_plain_number(lead_id) is not true
    union
    select lead_id from lead where is_plain_number(lead_id) is not true
)
select lead_id, -row_number() over (order by lead_id) as lead_no
from known
where lead_id is not null;
