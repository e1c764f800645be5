-- lead_form: one row an advertiser and form, and one a campaign, that its list names (null: rows that name none): what
-- lead_day counts, of the leads of that form or campaign.
create or replace temp table lead_form as
with listed as (
    select
        advertiser_id,
        coalesce(odd_lead.lead_no, try_cast(lead_id as bigint)) as lead_no,
        form_id,
        campaign_id
    from lead
    left join odd_lead using (lead_id)
    where created_time <= $as_of
), named as (
    select advertiser_no, coded_due_lead.lead_no, min(form_id) as form_id, min(campaign_id) as campaign_id
    from coded_due_lead
    join advertiser using (advertiser_no)
    join listed
        on listed.lead_no = coded_due_lead.lead_no
        and coalesce(listed.advertiser_id, advertiser.advertiser_id) = advertiser.advertiser_id
    group by advertiser_no, coded_due_lead.lead_no
), counted as (
    select
        advertiser_no,
        form_id,
        campaign_id,
        count(*) as eligible,
        count(*) filter (is_covered) as covered,
        count(*) filter (has_raw) as raw_covered,
        count(*) filter (raw_sent) as raw_sent,
        count(*) filter (raw_accepted) as raw_accepted,
        count(*) filter (raw_sent and not raw_answered) as raw_unanswered,
        count(*) filter (has_later) as later
    from coded_due_lead
    left join named using (advertiser_no, lead_no)
    group by advertiser_no, form_id, campaign_id
)
select
    advertiser_id,
    channel,
    if(grouping(form_id) = 0, 'form', 'campaign') as kind,
    if(grouping(form_id) = 0, form_id, campaign_id) as name,
    sum(eligible)::bigint as eligible,
    sum(covered)::bigint as covered,
    sum(raw_covered)::bigint as raw_covered,
    sum(raw_sent)::bigint as raw_sent,
    sum(raw_accepted)::bigint as raw_accepted,
    sum(raw_unanswered)::bigint as raw_unanswered,
    sum(later)::bigint as later
from counted
join advertiser_number using (advertiser_no)
group by grouping sets ((advertiser_id, channel, form_id), (advertiser_id, channel, campaign_id));
