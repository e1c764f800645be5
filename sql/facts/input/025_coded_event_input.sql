-- coded_event_input: event_input with the numbers that stand for its texts.
create or replace temp view coded_event_input as
select
    event_input.*,
    stage_no,
    dataset.word_no as dataset_no,
    source.word_no as source_no,
    agent.word_no as agent_no,
    action.word_no as action_no
from event_input
left join stage_number using (event_name)
left join word_number as dataset on dataset.word = event_input.dataset_id
left join word_number as source on source.word = event_input.lead_event_source
left join word_number as agent on agent.word = event_input.partner_agent
left join word_number as action on action.word = event_input.action_source;
