-- lead_form: one row an advertiser and form, and one a campaign, that its list names (null: rows that name none): what
-- lead_day counts, of the leads of that form or campaign.
create or replace temp table lead_form as
with named as (
    select due_lead.advertiser_id, channel, due_lead.lead_id, min(form_id) as form_id, min(campaign_id) as campaign_id
    from due_lead
    join lead
        on lead.lead_id = due_lead.lead_id
        and coalesce(lead.advertiser_id, due_lead.advertiser_id) = due_lead.advertiser_id
    where lead.created_time <= $as_of
    group by due_lead.advertiser_id, channel, due_lead.lead_id
)
select
    advertiser_id,
    channel,
    if(grouping(form_id) = 0, 'form', 'campaign') as kind,
    if(grouping(form_id) = 0, form_id, campaign_id) as name,
    count(*) as eligible,
    count(*) filter (is_covered) as covered,
    count(*) filter (has_raw) as raw_covered,
    count(*) filter (raw_sent) as raw_sent,
    count(*) filter (raw_accepted) as raw_accepted,
    count(*) filter (raw_sent and not raw_answered) as raw_unanswered,
    count(*) filter (has_later) as later
from due_lead
left join named using (advertiser_id, channel, lead_id)
group by grouping sets ((advertiser_id, channel, form_id), (advertiser_id, channel, campaign_id));
