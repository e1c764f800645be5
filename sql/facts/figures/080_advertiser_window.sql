-- advertiser_window: one row an advertiser: how far its log and its list speak, in Unix seconds.
create or replace temp table advertiser_window as
with log as (
    select
        advertiser_id,
        channel,
        max(sent_event.event_time) filter (coalesce(sent_event.accepted, not has_response)) as latest_event,
        max(sent_event.event_time) as latest_time,
        count(*) as events
    from sent_event
    join (select distinct advertiser_id, channel, has_response from sent_request) using (advertiser_id, channel)
    group by advertiser_id, channel
), uploads as (
    select
        advertiser_id,
        channel,
        max(upload_time) as latest_upload,
        bool_or(has_response) as has_response,
        count(*) as requests
    from sent_request
    group by advertiser_id, channel
), current_upload as (
    select advertiser_id, channel, max(sent_at) as latest_current, min(sent_at) as first_current,
        max(upload_time) as latest_here
    from sent_request
    join advertiser using (advertiser_id, channel)
    where sent_request.dataset_id is null or sent_request.dataset_id is not distinct from advertiser.dataset_id
    group by advertiser_id, channel
), valid as (
    select advertiser_id, channel, min(event_time) as first_valid, count(*) as valid_events
    from valid_event
    group by advertiser_id, channel
), list as (
    select
        advertiser_id,
        channel,
        max(created_time) filter (not is_test) as list_end,
        count(*) filter (not is_test) as leads,
        count(*) filter (is_test) as test_leads
    from list_lead
    group by advertiser_id, channel
), spoken as (
    select
        advertiser.advertiser_id,
        advertiser.channel,
        coalesce(
            least(greatest(latest_event, latest_upload - 86400), latest_upload),
            latest_event,
            latest_time,
            $as_of
        ) as horizon,
        latest_upload,
        latest_current,
        first_current,
        latest_here,
        latest_current - $recent_days * 86400 as recent_since,
        coalesce(has_response, false) as has_response,
        coalesce(requests, 0) as requests,
        coalesce(events, 0) as events,
        coalesce(valid_events, 0) as valid_events,
        first_valid,
        first_valid - 86400 as start,
        list.advertiser_id is not null as has_list,
        -- daily counts speak only where no list does
        list.advertiser_id is null and advertiser.advertiser_id in (select advertiser_id from counted_day) as has_counts,
        list_end,
        coalesce(leads, 0) as leads,
        coalesce(test_leads, 0) as test_leads
    from advertiser
    left join log using (advertiser_id, channel)
    left join uploads using (advertiser_id, channel)
    left join current_upload using (advertiser_id, channel)
    left join valid using (advertiser_id, channel)
    left join list using (advertiser_id, channel)
), newer_unlisted as (
    -- leads that the list does not hold, seen for the first time after the list ends
    select seen.advertiser_id, seen.channel, count(*) as leads
    from (
        select advertiser_id, channel, lead_id, min(stage_time) as first_seen
        from lead_stage
        anti join list_lead using (advertiser_id, channel, lead_id)
        group by advertiser_id, channel, lead_id
    ) as seen
    join spoken using (advertiser_id, channel)
    where first_seen > list_end
    group by seen.advertiser_id, seen.channel
)
select
    spoken.*,
    coalesce(newer_unlisted.leads > 0 and horizon - list_end > $stale_list_days * 86400, false) as is_stale,
    if(
        coalesce(newer_unlisted.leads > 0 and horizon - list_end > $stale_list_days * 86400, false), list_end, horizon
    ) as window_end
from spoken
left join newer_unlisted using (advertiser_id, channel);
