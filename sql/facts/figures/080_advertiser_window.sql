-- advertiser_window: one row an advertiser: how far its log and its list speak, in Unix seconds.
create or replace temp table advertiser_window as
with log as (
    select
        advertiser_no,
        max(event_time) filter (coalesce(accepted, not has_response)) as latest_event,
        max(event_time) as latest_time,
        count(*) as events
    from coded_sent_event
    join answering using (advertiser_no)
    group by advertiser_no
), uploads as (
    select
        advertiser_no,
        max(upload_time) as latest_upload,
        bool_or(has_response) as has_response,
        count(*) as requests
    from coded_request
    group by advertiser_no
), current_upload as (
    select advertiser_no, max(sent_at) as latest_current, min(sent_at) as first_current, max(upload_time) as latest_here
    from coded_request
    join current_log using (advertiser_no)
    where dataset_no is null or dataset_no = current_no
    group by advertiser_no
), valid as (
    select advertiser_no, min(event_time) as first_valid, count(*) as valid_events
    from coded_valid_event
    group by advertiser_no
), list as (
    select
        advertiser_no,
        max(created_time) filter (not is_test) as list_end,
        count(*) filter (not is_test) as leads,
        count(*) filter (is_test) as test_leads
    from coded_list_lead
    group by advertiser_no
), spoken as (
    select
        advertiser_id,
        channel,
        advertiser_no,
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
        list.advertiser_no is not null as has_list,
        -- daily counts speak only where no list does
        list.advertiser_no is null and advertiser_id in (select advertiser_id from counted_day) as has_counts,
        list_end,
        coalesce(leads, 0) as leads,
        coalesce(test_leads, 0) as test_leads
    from advertiser
    left join log using (advertiser_no)
    left join uploads using (advertiser_no)
    left join current_upload using (advertiser_no)
    left join valid using (advertiser_no)
    left join list using (advertiser_no)
), newer_unlisted as (
    -- leads that the list does not hold, seen for the first time after the list ends
    select advertiser_no, count(*) as leads
    from (
        select advertiser_no, lead_no, min(stage_time) as first_seen
        from coded_lead_stage
        anti join coded_list_lead using (advertiser_no, lead_no)
        group by advertiser_no, lead_no
    )
    join spoken using (advertiser_no)
    where first_seen > list_end
    group by advertiser_no
)
select
    spoken.*,
    coalesce(newer_unlisted.leads > 0 and horizon - list_end > $stale_list_days * 86400, false) as is_stale,
    if(
        coalesce(newer_unlisted.leads > 0 and horizon - list_end > $stale_list_days * 86400, false), list_end, horizon
    ) as window_end
from spoken
left join newer_unlisted using (advertiser_no);
