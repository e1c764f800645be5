-- trait: one row an advertiser and what must not change after completion: a stage, a CRM or an agent that its valid
-- events name (kind, name), when they were sent, and how many days with sending have passed since the last of them.
create or replace temp table trait as
with counted as (
    select
        advertiser_id,
        channel,
        event_name,
        source.word as lead_event_source,
        agent.word as partner_agent,
        day,
        sum(events) as events,
        min(first_sent) as first_sent,
        max(last_sent) as last_sent
    from coded_sending_day
    join advertiser_number using (advertiser_no)
    left join stage_number using (stage_no)
    left join word_number as source on source.word_no = source_no
    left join word_number as agent on agent.word_no = agent_no
    group by advertiser_id, channel, event_name, source.word, agent.word, day
), active as (
    select advertiser_id, channel, day, row_number() over (partition by advertiser_id, channel order by day) as place
    from (select distinct advertiser_id, channel, day from counted)
), last_active as (
    select advertiser_id, channel, max(place) as places from active group by advertiser_id, channel
), named as (
    select *, unnest(['stage', 'crm', 'agent']) as kind, unnest([event_name, lead_event_source, partner_agent]) as name
    from counted
)
select
    advertiser_id,
    channel,
    kind,
    name,
    sum(named.events)::bigint as events,
    min(named.first_sent) as first_sent,
    max(named.last_sent) as last_sent,
    max(place) - min(place) + 1 as active_days,
    any_value(places) - max(place) as quiet_days
from named
join active using (advertiser_id, channel, day)
join last_active using (advertiser_id, channel)
where name is not null
group by advertiser_id, channel, kind, name;
