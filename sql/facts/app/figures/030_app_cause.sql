-- app_cause: one row an advertiser and rule about App Events that found something: when first and last, an example, and
-- what caused it where the rule knows causes, the most frequent first.
create or replace temp table app_cause as
with found as (
    select advertiser_id, code, causes[bit + 1] as cause, sent_at, event_name
    from recent_app_event
    join app_rule on ((faulty | warned) >> bit) & 1 = 1
    where faulty | warned <> 0
), by_cause as (
    select
        advertiser_id,
        code,
        cause,
        count(*) as events,
        min(sent_at) as first_sent,
        max(sent_at) as last_sent,
        min(event_name) as example_event
    from found
    group by advertiser_id, code, cause
)
select
    advertiser_id,
    'app' as channel,
    code,
    min(first_sent) as first_seen,
    max(last_sent) as last_seen,
    arg_max(example_event, events) as example_event,
    list({'cause': cause, 'events': events} order by events desc, cause) filter (cause is not null) as causes
from by_cause
group by advertiser_id, code;
