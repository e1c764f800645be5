-- event_judged: coded_event, what the rules about one event found in each as sent, with the texts.
create or replace temp view event_judged as
select
    coded_event.*,
    advertiser_id,
    channel,
    dataset.word as dataset_id,
    event_name,
    coalesce(lead_id, lead_no::varchar) as lead_id,
    source.word as lead_event_source,
    agent.word as partner_agent,
    action.word as action_source
from coded_event
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join odd_lead using (lead_no)
left join word_number as dataset on dataset.word_no = dataset_no
left join word_number as source on source.word_no = source_no
left join word_number as agent on agent.word_no = agent_no
left join word_number as action on action.word_no = action_no;
