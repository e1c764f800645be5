-- age_band: one row an advertiser, one a stage and one a CRM of it (kind; name): events of the latest weeks of sending,
-- valid or not, tests left out, whose own time and time of sending are known, by how long after it happened each was
-- sent. A time in the future is as good as none.
create or replace temp table age_band as
with counted as (
    select
        advertiser_no,
        stage_no,
        source_no,
        count(*) as events,
        count(*) filter (upload_time - event_time <= 3600) as within_hour,
        count(*) filter (upload_time - event_time <= 7200) as within_two_hours,
        count(*) filter (upload_time - event_time <= 86400) as within_day,
        count(*) filter (upload_time - event_time <= 432000) as within_five_days,
        count(*) filter (upload_time - event_time <= 604800) as within_seven_days
    from coded_recent_event
    where not is_test and upload_time is not null and event_time is not null
    group by advertiser_no, stage_no, source_no
)
select
    advertiser_id,
    channel,
    case grouping(event_name, word) when 1 then 'stage' when 2 then 'crm' else 'all' end as kind,
    coalesce(event_name, word) as name,
    sum(events)::bigint as events,
    sum(within_hour)::bigint as within_hour,
    sum(within_two_hours)::bigint as within_two_hours,
    sum(within_day)::bigint as within_day,
    sum(within_five_days)::bigint as within_five_days,
    sum(within_seven_days)::bigint as within_seven_days
from counted
join advertiser_number using (advertiser_no)
left join stage_number using (stage_no)
left join word_number on word_no = source_no
group by grouping sets (
    (advertiser_id, channel), (advertiser_id, channel, event_name), (advertiser_id, channel, word)
);
