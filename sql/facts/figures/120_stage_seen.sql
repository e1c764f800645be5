-- stage_seen: one row a stage with a valid event, over the whole log of the current dataset.
create or replace temp table stage_seen as
select
    advertiser_id,
    channel,
    event_name,
    count(*) as events,
    count(distinct lead_id) as leads,
    min(event_time) as first_time,
    max(event_time) as last_time,
    list_has_any(words_of(event_name), (select list(word) from negative_word))
        or folded(event_name) in (select folded(name) from negative_setting where advertiser_id = valid_event.advertiser_id)
        as is_negative
from valid_event
group by advertiser_id, channel, event_name;
